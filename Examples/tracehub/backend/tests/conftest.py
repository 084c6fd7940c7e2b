import os

# Set, not defaulted: the tests must never reach a database that is somebody's. Nothing listens on port 1.
os.environ["DATABASE_URL"] = "postgresql://tracehub:s3cret@127.0.0.1:1/tracehub"
os.environ["OPSHUB_RELEASE"] = "r42"

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.main import app


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client
    app.dependency_overrides.clear()
