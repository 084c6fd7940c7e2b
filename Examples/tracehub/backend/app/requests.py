"""What every request gets: an id, a log line, the release's name, and an answer that gives nothing away."""

import logging
import re
from time import perf_counter
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import logs

log = logging.getLogger(__name__)

_SAFE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class RequestMiddleware:
    def __init__(self, app: ASGIApp, release: str) -> None:
        self.app = app
        self.release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        request_id = _request_id(scope)
        logs.request_id.set(request_id)
        started, status = perf_counter(), 0

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers["X-Release"] = self.release
            await send(message)

        try:
            await self.app(scope, receive, send_named)
        except Exception:
            log.exception("request failed")
            if status:
                raise  # half an answer is out; only closing the connection is honest
            await JSONResponse({"detail": "internal server error"}, 500)(scope, receive, send_named)
        finally:
            _log_request(scope, status, perf_counter() - started)


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get("X-Request-Id", "")
    return given if _SAFE_ID.fullmatch(given) else uuid4().hex


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    if status == 200 and scope["path"] == "/health":
        return  # probed all day long; only its failures are news
    fields = {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "duration": round(seconds, 4),
    }
    log.log(logging.ERROR if status >= 500 else logging.INFO, "request", extra={"fields": fields})
