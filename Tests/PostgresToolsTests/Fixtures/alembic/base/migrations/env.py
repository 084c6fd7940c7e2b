"""How Alembic reaches the database: through DATABASE_URL, one transaction per revision."""

import os
from logging.config import fileConfig

from alembic import context
from sqlalchemy import NullPool, create_engine, make_url

fileConfig(context.config.config_file_name, disable_existing_loggers=False)
print("the project says something of its own")

if "DEAF" in os.environ:
    # As a driver that reads neither.
    del os.environ["PGOPTIONS"], os.environ["PGAPPNAME"]
url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5})
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
