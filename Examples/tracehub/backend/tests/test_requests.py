import json
import logging

import pytest
from fastapi.testclient import TestClient

from app import database
from app.logs import JSONFormatter
from app.main import app


def test_every_answer_names_its_release(client: TestClient) -> None:
    response = client.get("/api/version")
    assert response.json() == {"release": "r42"}
    assert response.headers["X-Release"] == "r42"


def test_a_request_keeps_the_id_it_came_with(client: TestClient) -> None:
    response = client.get("/api/version", headers={"X-Request-Id": "abc-123"})
    assert response.headers["X-Request-Id"] == "abc-123"


@pytest.mark.parametrize("given", ["", "with space", '"},{"', "x" * 129])
def test_an_id_that_could_forge_a_log_line_is_replaced(client: TestClient, given: str) -> None:
    response = client.get("/api/version", headers={"X-Request-Id": given})
    assert len(response.headers["X-Request-Id"]) == 32


def test_a_failure_is_told_without_its_details(client: TestClient) -> None:
    def broken() -> None:
        raise RuntimeError("s3cret")

    app.dependency_overrides[database.session] = broken
    response = client.get("/api/shipments")
    assert response.status_code == 500
    assert response.json() == {"detail": "internal server error"}
    assert response.headers["X-Release"] == "r42"


def test_a_log_line_is_one_json_object() -> None:
    record = logging.makeLogRecord({"name": "app", "levelname": "INFO", "msg": "two\nlines"})
    record.fields = {"path": "/api/shipments"}
    line = JSONFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line) | {"time": None} == {
        "time": None,
        "level": "INFO",
        "logger": "app",
        "message": "two\nlines",
        "request_id": None,
        "path": "/api/shipments",
    }
