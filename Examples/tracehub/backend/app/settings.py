"""What the application is told by its environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: URL  # masks its password when printed
    release: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        return cls(
            database_url=_database_url(environment.get("DATABASE_URL", "")),
            release=environment.get("OPSHUB_RELEASE", "dev"),
        )


def _database_url(text: str) -> URL:
    """Reads `postgresql://…` in any spelling and selects the psycopg 3 driver."""
    try:
        url = make_url(text)
    except ArgumentError:
        # Without the cause: a malformed address may contain a password.
        raise ValueError("DATABASE_URL must look like postgresql://user:password@host:5432/name") from None
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise ValueError("DATABASE_URL must name a PostgreSQL database")
    return url.set(drivername="postgresql+psycopg")


settings = Settings.from_environment()
