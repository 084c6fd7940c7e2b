# SPDX-License-Identifier: Apache-2.0
"""Throughput of the edge as OpsHub configures it, against bare HAProxy and Caddy, in turns within one run."""

import json
import pathlib
import re
import socket
import statistics
import subprocess
import tempfile
import time

from stage import EDGE, Stage, fetch, rate, wait_until

ORIGIN, BARE, CADDY = 15890, 15891, 15892
ROUNDS, SECONDS = 15, 2

DEFAULTS = """
defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
"""

# Each in a process of its own: an origin that is no bottleneck, and the least that a reverse proxy can do.
ORIGIN_CONFIGURATION = f"""
global
    nbthread 1
{DEFAULTS}
frontend origin
    bind 127.0.0.1:{ORIGIN}
    http-request return status 200 content-type text/plain string "ok"
"""
BARE_CONFIGURATION = f"""{DEFAULTS}
frontend bare
    bind 127.0.0.1:{BARE}
    default_backend origin
backend origin
    server one 127.0.0.1:{ORIGIN}
"""


def caddy_configuration(folder):
    return json.dumps({
        "admin": {"disabled": True},
        "logging": {"logs": {
            "default": {"level": "ERROR"},
            "access": {"writer": {"output": "file", "filename": f"{folder}/caddy.log"},
                       "encoder": {"format": "json"}, "include": ["http.log.access"]},
        }},
        "apps": {"http": {"servers": {"s": {
            "listen": [f"127.0.0.1:{CADDY}"], "logs": {}, "automatic_https": {"disable": True},
            "routes": [{"handle": [{"handler": "reverse_proxy", "upstreams": [{"dial": f"127.0.0.1:{ORIGIN}"}]}]}],
        }}}},
    })


def start(*command):
    """In a session of its own, as the edge is: the kernel shares a busy machine among sessions first."""
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)


def end(process):
    process.terminate()
    process.wait(10)


def wrk(port, host=None):
    """Requests per second."""
    return rate(run_wrk(port, host))


def requests():
    """How many the edge has answered at full speed."""
    return int(re.search(r"(\d+) requests in", run_wrk(EDGE, "app.localhost"))[1])


def run_wrk(port, host):
    headers = ["-H", f"Host: {host}"] if host else []
    command = ["wrk", "-t2", "-c64", f"-d{SECONDS}s", *headers, f"http://127.0.0.1:{port}/"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"requests of the benchmark failed at port {port}:\n{text}")
    return text


class Peer:
    """A proxy that is not OpsHub's; every round has a new process of it."""

    def __init__(self, port, *command):
        self.port, self.command = port, command

    def round(self):
        process = start(*self.command)
        try:
            wait_until(lambda: fetch(f"http://127.0.0.1:{self.port}/"))
            return wrk(self.port)
        finally:
            end(process)


class Edge:
    """OpsHub's, likewise restarted by its supervisor for every round."""

    def __init__(self, stage):
        self.stage = stage

    def round(self):
        service = next(self.stage.home.glob("edge/**/supervise/control")).parent.parent
        subprocess.run(["sv", "-w", "10", "restart", service], check=True, capture_output=True)
        point_edge_at_origin(self.stage)
        return wrk(EDGE, "app.localhost")


def measure(binary, row):
    with tempfile.TemporaryDirectory(prefix="opshub-edge.") as folder:
        path = pathlib.Path(folder)
        (path / "origin.cfg").write_text(ORIGIN_CONFIGURATION)
        (path / "bare.cfg").write_text(BARE_CONFIGURATION)
        (path / "caddy.json").write_text(caddy_configuration(folder))
        origin = start("haproxy", "-db", "-f", path / "origin.cfg")
        try:
            bare = Peer(BARE, "haproxy", "-db", "-f", path / "bare.cfg")
            compare(binary, row, bare, Peer(CADDY, "caddy", "run", "--config", path / "caddy.json"))
        finally:
            end(origin)


def compare(binary, row, bare, caddy):
    with Stage(binary) as stage:
        stage.deploy(0)
        lines = logged(stage)
        row("lines in the access log for each request, every request logged", lines, "1")
        bares, own, caddies = take_turns(bare, Edge(stage), caddy)
        row("bare HAProxy, requests per second, median", f"{statistics.median(bares):.0f}", "")
        row("OpsHub's edge, every request logged as JSON", f"{statistics.median(own):.0f}", "")
        row("Caddy, every request logged as JSON", f"{statistics.median(caddies):.0f}", "")
        row("OpsHub's edge against bare HAProxy, every request logged", ratio(own, bares), ">= 0.7")
        row("OpsHub's edge against Caddy, JSON access log on in both", ratio(own, caddies), ">= 3")
    with Stage(binary, options=["--access-log-sample", "100"]) as stage:
        stage.deploy(0)
        row("lines in the access log for each request, one in 100 logged", logged(stage), "0.01")
        bares, own = take_turns(bare, Edge(stage))
        row("OpsHub's edge against bare HAProxy, one request in 100 logged", ratio(own, bares), ">= 0.9")


def take_turns(*contestants):
    """The rates of each, round by round: what disturbs one within a round disturbs all.

    Processes of one program differ by several percent for as long as they live, so every round has new ones.
    """
    return list(zip(*[[contestant.round() for contestant in contestants] for _ in range(ROUNDS)]))


def ratio(rates, others):
    return f"{statistics.median(rate / other for rate, other in zip(rates, others)):.2f}"


def logged(stage):
    """Lines for each request of one run at full speed: what the pipe to the log's writer can't hold is lost."""
    point_edge_at_origin(stage)
    count = requests()
    time.sleep(0.5)
    files = (stage.home / "edge/log").glob("[@c]*[st]")
    return f"{sum(file.read_bytes().count(b'app.production') for file in files) / count:.4f}"


def point_edge_at_origin(stage):
    """The application is slower than any proxy: the edge is measured on an origin that is not."""
    command = f"set server app.production.blue.web/blue-1 addr 127.0.0.1 port {ORIGIN}\n".encode()
    wait_until(lambda: told(stage.home / "edge/admin.sock", command))


def told(path, command):
    with socket.socket(socket.AF_UNIX) as runtime:
        try:
            runtime.connect(str(path))
        except OSError:
            return False
        runtime.sendall(command)
        return b"changed" in runtime.recv(4096)
