"""How Alembic reaches the database: through DATABASE_URL, one transaction per revision."""

from logging.config import fileConfig
from typing import Any

from alembic import context
from sqlalchemy import NullPool, create_engine

from app.models import Base
from app.settings import settings

if context.config.config_file_name is not None:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)

options: dict[str, Any] = {"target_metadata": Base.metadata, "transaction_per_migration": True}


def print_sql() -> None:
    """`alembic upgrade --sql`: shows the statements, needs no database."""
    context.configure(url=settings.database_url, literal_binds=True, **options)
    with context.begin_transaction():
        context.run_migrations()


def migrate() -> None:
    engine = create_engine(settings.database_url, poolclass=NullPool, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    print_sql()
else:
    migrate()
