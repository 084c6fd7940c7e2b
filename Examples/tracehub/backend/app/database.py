"""The connection pool, and the one honest question a health check asks of it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from app.settings import settings

log = logging.getLogger(__name__)

HEALTH_DEADLINE_SECONDS = 2.0

engine = create_async_engine(
    settings.database_url,
    pool_pre_ping=True,
    pool_size=10,
    max_overflow=0,
    pool_timeout=5,
    hide_parameters=True,  # keeps what people typed out of the logs
    connect_args={"connect_timeout": 2, "application_name": f"tracehub {settings.release}"},
)
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(session)]


async def is_connected() -> bool:
    """Asks the database for one value. Never raises, never takes longer than the deadline."""
    ping = asyncio.create_task(_ping())
    # Not `asyncio.timeout`: cancelling waits for the server, and a frozen server never answers.
    await asyncio.wait({ping}, timeout=HEALTH_DEADLINE_SECONDS)
    if ping.done():
        return ping.result()
    ping.cancel()
    log.warning("database did not answer in time")
    return False


async def _ping() -> bool:
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception as error:
        log.warning("database unreachable", extra={"fields": {"reason": type(error).__name__}})
        return False
    return True
