from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Select
from sqlalchemy.exc import IntegrityError

from app import database
from app.main import app
from app.models import Shipment

VALID = {"reference": "TH-2026-001", "origin": "Lagos", "destination": "Hamburg"}


class Rows(list[Shipment]):
    def all(self) -> list[Shipment]:
        return self


class FakeSession:
    """Enough of a session for the routes: remembers one shipment, or fails to commit."""

    def __init__(self, *rows: Shipment, commit_error: Exception | None = None) -> None:
        self.rows = Rows(rows)
        self.commit_error = commit_error

    async def scalars(self, _: Select[Any]) -> Rows:
        return self.rows

    async def scalar(self, _: Select[Any]) -> Shipment | None:
        return self.rows[0] if self.rows else None

    def add(self, shipment: Shipment) -> None:
        self.rows.append(shipment)

    async def commit(self) -> None:
        if self.commit_error:
            raise self.commit_error
        for shipment in self.rows:
            shipment.created_at = datetime(2026, 1, 3, 14, 30, tzinfo=UTC)


@pytest.fixture
def given(client: TestClient) -> Callable[[FakeSession], TestClient]:
    def use(session: FakeSession) -> TestClient:
        app.dependency_overrides[database.session] = lambda: session
        return client

    return use


Given = Callable[[FakeSession], TestClient]


def test_lists_nothing_as_an_empty_list(given: Given) -> None:
    response = given(FakeSession()).get("/api/shipments")
    assert response.status_code == 200
    assert response.json() == []


def test_a_shipment_is_created_as_planned(given: Given) -> None:
    response = given(FakeSession()).post("/api/shipments", json=VALID)
    assert response.status_code == 201
    assert response.headers["Location"] == "/api/shipments/TH-2026-001"
    assert response.json().items() >= (VALID | {"status": "planned", "created_at": "2026-01-03T14:30:00Z"}).items()


def test_a_reference_is_used_once(given: Given) -> None:
    taken = FakeSession(commit_error=IntegrityError("insert", {}, Exception("duplicate key")))
    response = given(taken).post("/api/shipments", json=VALID)
    assert response.status_code == 409
    assert response.json() == {"detail": "shipment TH-2026-001 already exists"}


def test_an_unknown_reference_is_not_found(given: Given) -> None:
    response = given(FakeSession()).get("/api/shipments/TH-404")
    assert response.status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"reference": "x"},
        {"reference": "lower-case"},
        {"reference": "TH-1\n"},
        {"origin": "   "},
        {"destination": "x" * 81},
        {"destination": "Ham\x00burg"},
        {"status": "lost"},
        {"colour": "blue"},
    ],
    ids=repr,
)
def test_what_is_not_a_shipment_is_refused(given: Given, change: dict[str, str]) -> None:
    response = given(FakeSession()).post("/api/shipments", json=VALID | change)
    assert response.status_code == 422


@pytest.mark.parametrize("limit", ["0", "201", "many"])
def test_a_list_has_a_sensible_length(given: Given, limit: str) -> None:
    assert given(FakeSession()).get("/api/shipments", params={"limit": limit}).status_code == 422
