"""A web application that behaves, or misbehaves, exactly as `behaviour.json` beside it says. See README.md."""

import base64
import hashlib
import json
import os
import select
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Behaviour:
    version: str = "unversioned"
    # starting
    boot_delay_ms: int = 0
    exit_at_start: int | None = None
    never_listen: bool = False
    memory_mb: int = 0
    leak_secret_env: str | None = None
    # health
    health_path: str = "/health"
    health_status: int = 200
    health_body: str | dict[str, object] | None = None
    health_ok_after_ms: int = 0
    unhealthy_after_ms: int | None = None
    # every other request
    latency_ms: int = 0
    fail_status: int = 500
    fail_after_requests: int | None = None
    fail_after_ms: int | None = None
    # ending
    exit_after_ms: int | None = None
    ignore_sigterm: bool = False

    @classmethod
    def read(cls) -> "Behaviour":
        """An unknown key is an error: a misspelt one would be a test that tests nothing."""
        path = Path(__file__).with_name("behaviour.json")
        return cls(**json.loads(path.read_text())) if path.exists() else cls()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # `drain` waits instead, and not for idle connections
    request_queue_size = 1024

    def __init__(self, port: int, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.counted = 0
        self.in_flight = 0
        self.draining = False
        self.changed = threading.Condition()
        super().__init__(("127.0.0.1", port), Handler)
        self.started = time.monotonic()

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # not HTTPServer's, which asks a name server who we are

    def handle_error(self, *_: object) -> None:
        pass  # a client that hung up

    def elapsed_ms(self) -> float:
        return (time.monotonic() - self.started) * 1000

    def drain(self, seconds: float) -> None:
        """Takes no new connection, lets every request that has arrived end, up to a deadline."""
        self.draining = True
        self.shutdown()
        enough = time.monotonic() + 0.1
        while time.monotonic() < enough and select.select([self], [], [], 0)[0]:
            self.handle_request()  # the kernel had accepted it for us
        self.server_close()
        time.sleep(0.1)  # a request may be between its first byte and `route`
        with self.changed:
            self.changed.wait_for(lambda: self.in_flight == 0, seconds)


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one packet

    def log_message(self, *_: object) -> None:
        pass

    # one request

    def route(self) -> None:
        with self.server.changed:
            self.server.in_flight += 1
        try:
            self.body = self.read_body()
            self.url = urlsplit(self.path)
            if self.url.path == self.server.behaviour.health_path:
                self.health()
            elif not self.misbehave():
                self.answer()
            self.wfile.flush()
        finally:
            with self.server.changed:
                self.server.in_flight -= 1
                self.server.changed.notify_all()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = route

    def read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return body

    def send(self, body: str | bytes | dict[str, object], status: int = 200) -> None:
        if isinstance(body, dict):
            content, body = "application/json", json.dumps(body, separators=(",", ":"))
        else:
            content = "text/plain; charset=utf-8"
        data = body.encode() if isinstance(body, str) else body
        self.begin(status, {"Content-Type": content, "Content-Length": str(len(data))})
        if self.command != "HEAD":
            self.wfile.write(data)

    def begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        self.send_header("X-Version", self.server.behaviour.version)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.server.draining:
            self.send_header("Connection", "close")
        self.end_headers()

    # what is asked

    def health(self) -> None:
        says, ms, database = self.server.behaviour, self.server.elapsed_ms(), database_state()
        late = says.unhealthy_after_ms is not None and ms >= says.unhealthy_after_ms
        well = ms >= says.health_ok_after_ms and not late and database != "disconnected"
        status = says.health_status if well else 503
        if well and says.health_body is not None:
            return self.send(says.health_body, status)
        self.send({"status": "healthy" if status < 400 else "unhealthy", "database": database}, status)

    def misbehave(self) -> bool:
        """Is slow, then fails, as told. True when it answered."""
        says, server = self.server.behaviour, self.server
        with server.changed:
            server.counted += 1
            number = server.counted
        if says.latency_ms:
            time.sleep(says.latency_ms / 1000)
        worn_out = says.fail_after_requests is not None and number > says.fail_after_requests
        expired = says.fail_after_ms is not None and server.elapsed_ms() >= says.fail_after_ms
        if worn_out or expired:
            self.send(f"failing as told, request {number}\n", says.fail_status)
        return worn_out or expired

    def answer(self) -> None:
        match self.url.path.split("/")[1:]:
            case ["version"]:
                self.send(self.server.behaviour.version)
            case ["env", name]:
                self.send("set" if name in os.environ else "unset")
            case ["echo"]:
                self.send(self.body)
            case ["headers"]:
                self.send(dict(self.headers.items()))
            case ["slow"]:
                time.sleep(int(parse_qs(self.url.query).get("ms", ["1000"])[0]) / 1000)
                self.send("slow\n")
            case ["stream"]:
                self.stream()
            case ["ws"]:
                self.web_socket()
            case ["health"]:  # `health_path` is elsewhere
                self.send("not here\n", 404)
            case _:
                self.send(f"ok {self.server.behaviour.version}\n")

    def stream(self) -> None:
        self.begin(200, {"Content-Type": "text/plain", "Transfer-Encoding": "chunked"})
        for number in range(1, 6):
            chunk = f"chunk {number}\n"
            self.wfile.write(f"{len(chunk):x}\r\n{chunk}\r\n".encode())
            self.wfile.flush()
            time.sleep(0.1)
        self.wfile.write(b"0\r\n\r\n")

    def web_socket(self) -> None:
        """RFC 6455, unfragmented frames up to 64 KiB: echoes text, answers ping and close."""
        key = self.headers.get("Sec-WebSocket-Key", "")
        if self.headers.get("Upgrade", "").lower() != "websocket" or not key:
            return self.send("a WebSocket handshake is needed\n", 426)
        accept = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
        handshake = {"Upgrade": "websocket", "Connection": "Upgrade"}
        self.begin(101, handshake | {"Sec-WebSocket-Accept": base64.b64encode(accept).decode()})
        self.wfile.flush()
        self.close_connection = True
        text, close, ping, pong = 0x1, 0x8, 0x9, 0xA
        while frame := self.read_frame():
            kind, payload = frame
            if kind in (text, close, ping):
                self.write_frame(pong if kind == ping else kind, payload)
            if kind == close:
                return

    def read_frame(self) -> tuple[int, bytes] | None:
        head = self.rfile.read(2)
        if len(head) < 2:
            return None
        size = head[1] & 0x7F
        if size == 126:
            size = int.from_bytes(self.rfile.read(2))
        elif size == 127:
            return None
        mask = self.rfile.read(4)
        return head[0] & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(self.rfile.read(size)))

    def write_frame(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        head = bytes([size]) if size < 126 else bytes([126]) + size.to_bytes(2)
        self.wfile.write(bytes([0x80 | kind]) + head + payload)
        self.wfile.flush()


def database_state() -> str:
    url = os.environ.get("DATABASE_URL")
    if not url:
        return "none"
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname or "127.0.0.1", address.port or 5432), timeout=1).close()
    except OSError:
        return "disconnected"
    return "connected"


def main() -> None:
    says = Behaviour.read()
    # One thread for every connection, also an idle one: stacks of 8 MiB would soon pass the limit of its memory.
    threading.stack_size(512 << 10)
    if says.leak_secret_env:
        print(f"starting with {says.leak_secret_env}={os.environ.get(says.leak_secret_env, '')}", flush=True)
    ballast = bytearray(b"x") * (says.memory_mb << 20)  # written, so that it is resident
    time.sleep(says.boot_delay_ms / 1000)
    if says.exit_at_start is not None:
        print('Traceback (most recent call last):\n  File "server.py", line 1, in <module>', file=sys.stderr)
        print("RuntimeError: exiting at start, as told", file=sys.stderr)
        sys.exit(says.exit_at_start)
    stopping = {signal.SIGTERM, signal.SIGINT}
    if says.ignore_sigterm:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stopping.remove(signal.SIGTERM)
    if says.never_listen:
        signal.pause()

    # Blocked in every thread and awaited in this one: a signal never interrupts a request.
    signal.pthread_sigmask(signal.SIG_BLOCK, stopping)
    server = Server(int(os.environ["PORT"]), says)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    print(f"listening on 127.0.0.1:{server.server_address[1]}, version {says.version}", flush=True)

    if says.exit_after_ms is None:
        signal.sigwait(stopping)
    elif signal.sigtimedwait(stopping, says.exit_after_ms / 1000) is None:
        print("exiting while running, as told", file=sys.stderr, flush=True)
        os._exit(1)
    server.drain(seconds=1.5)
    del ballast
    os._exit(0)  # without waiting for threads that hold idle connections


if __name__ == "__main__":
    main()
