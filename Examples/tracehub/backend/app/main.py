"""TraceHub: where is my shipment?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response

from app import database, logs, shipments
from app.requests import RequestMiddleware
from app.settings import settings

logs.configure()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    # Tables are the migrations' business: a release starts, and is healthy, before they ran.
    yield
    await database.engine.dispose()


app = FastAPI(title="TraceHub", version=settings.release, lifespan=lifespan)
app.add_middleware(RequestMiddleware, release=settings.release)
app.include_router(shipments.router)


@app.get("/health", tags=["operations"])
async def health(response: Response) -> dict[str, str]:
    if await database.is_connected():
        return {"status": "healthy", "database": "connected"}
    response.status_code = 503
    return {"status": "unhealthy", "database": "disconnected"}


@app.get("/api/version", tags=["operations"])
async def version() -> dict[str, str]:
    return {"release": settings.release}
