import pytest

from app.settings import Settings


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_any_spelling_of_a_postgresql_address_selects_psycopg(scheme: str) -> None:
    url = Settings.from_environment({"DATABASE_URL": f"{scheme}://ada:p%40ss@db:5433/tracehub"}).database_url
    assert url.drivername == "postgresql+psycopg"
    assert (url.username, url.password, url.host, url.port, url.database) == ("ada", "p@ss", "db", 5433, "tracehub")


@pytest.mark.parametrize("address", ["", "s3cret", "mysql://ada:s3cret@db/tracehub"])
def test_any_other_address_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL must") as refusal:
        Settings.from_environment({"DATABASE_URL": address})
    assert "s3cret" not in str(refusal.value)


def test_a_printed_setting_hides_the_password() -> None:
    assert "s3cret" not in repr(Settings.from_environment({"DATABASE_URL": "postgresql://ada:s3cret@db/tracehub"}))
