# SPDX-License-Identifier: Apache-2.0
"""An S3 store on loopback (moto), which can be told to fail as stores do.

store.py PORT FILE: FILE holds the name of the fault, and is read with each request; none while it is empty or not there.

    away       every request is answered 503
    hang       no request is answered for ten minutes
    shy        nobody is told whether a dump is there, but by lists
    deny       every request is refused
    stranger   the key is not known
    keep       nothing can be removed
    swallow    what is written is accepted and not kept
    clip       of what is written, half is kept
    flaky      every second request is answered 503
    flip       a byte of every dump that is read is another one
    cut        dumps are read half, and said to be no longer than that
"""
import io
import itertools
import sys
import time

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple

REFUSAL = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class Faulty:
    """The store, and between it and the world whatever goes wrong."""

    def __init__(self, store, fault_file):
        self.store = store
        self.fault_file = fault_file
        self.count = itertools.count()

    def fault(self):
        try:
            with open(self.fault_file, encoding="utf-8") as file:
                return file.read().strip()
        except FileNotFoundError:
            return ""

    def __call__(self, environ, start_response):
        fault, method = self.fault(), environ["REQUEST_METHOD"]
        if fault == "hang":
            time.sleep(600)
        if fault == "away" or (fault == "flaky" and next(self.count) % 2 == 0):
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        if fault == "shy" and method == "HEAD" and environ["PATH_INFO"].endswith("/dump"):
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        if fault == "stranger":
            body = REFUSAL.replace(b"AccessDenied", b"InvalidAccessKeyId")
            start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
            return [body if method != "HEAD" else b""]
        if fault == "deny" or (fault == "keep" and method == "DELETE"):
            start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(REFUSAL)))])
            return [REFUSAL if method != "HEAD" else b""]
        is_dump = environ["PATH_INFO"].endswith("/dump")
        if fault == "swallow" and method == "PUT" and is_dump:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start_response("200 OK", [("ETag", '"0"'), ("Content-Length", "0")])
            return [b""]
        if fault == "clip" and method == "PUT" and is_dump:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            body = body[:len(body) // 2]
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
            environ.pop("HTTP_CONTENT_MD5", None)
        if fault in ("flip", "cut") and method == "GET" and is_dump:
            return self.changed(fault, environ, start_response)
        return self.store(environ, start_response)

    def changed(self, fault, environ, start_response):
        environ.pop("HTTP_RANGE", None)
        answer = {}

        def note(status, headers, exc_info=None):
            answer["status"], answer["headers"] = status, headers

        body = bytearray(b"".join(self.store(environ, note)))
        if fault == "cut":
            del body[len(body) // 2:]
        elif body:
            body[len(body) // 2] ^= 1
        headers = [(name, value) for name, value in answer["headers"] if name.lower() != "content-length"]
        start_response(answer["status"], headers + [("Content-Length", str(len(body)))])
        return [bytes(body)]


class Quiet(WSGIRequestHandler):
    """Requests are nobody's business here."""

    def log_request(self, *args):
        pass


port, fault_file = int(sys.argv[1]), sys.argv[2]
store = Faulty(DomainDispatcherApplication(create_backend_app), fault_file)
run_simple("127.0.0.1", port, store, threaded=True, request_handler=Quiet)
