import socket

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.ext.asyncio import create_async_engine

from app import database

UNHEALTHY = {"status": "unhealthy", "database": "disconnected"}


def test_is_healthy_while_the_database_answers(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def answers() -> bool:
        return True

    monkeypatch.setattr(database, "_ping", answers)
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json() == {"status": "healthy", "database": "connected"}


def test_is_unhealthy_and_discreet_when_the_database_refuses(client: TestClient) -> None:
    response = client.get("/health")
    assert response.status_code == 503
    assert response.json() == UNHEALTHY


def test_does_not_wait_for_a_database_that_never_answers(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+psycopg://127.0.0.1:{silent.getsockname()[1]}/tracehub"
        monkeypatch.setattr(database, "engine", create_async_engine(url))
        monkeypatch.setattr(database, "HEALTH_DEADLINE_SECONDS", 0.2)
        response = client.get("/health")
    assert response.status_code == 503
    assert response.json() == UNHEALTHY
