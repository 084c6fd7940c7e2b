# SPDX-License-Identifier: Apache-2.0
"""Throughput of the edge as OpsHub configures it, against bare HAProxy and Caddy, in turns within one run."""

import json
import pathlib
import socket
import statistics
import subprocess
import tempfile

from stage import EDGE, Stage, fetch, rate, wait_until

ORIGIN, BARE, CADDY = 15890, 15891, 15892
ROUNDS, SECONDS = 5, 5

# An origin that is no bottleneck, and the least that a reverse proxy can do.
PEERS = f"""
global
    nbthread 2
defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
frontend origin
    bind 127.0.0.1:{ORIGIN}
    http-request return status 200 content-type text/plain string "ok"
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


def wrk(port, host=None):
    headers = ["-H", f"Host: {host}"] if host else []
    command = ["wrk", "-t2", "-c64", f"-d{SECONDS}s", *headers, f"http://127.0.0.1:{port}/"]
    return rate(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measure(binary, row):
    with tempfile.TemporaryDirectory(prefix="opshub-edge.") as folder, Stage(binary) as stage:
        stage.deploy(0)
        point_edge_at_origin(stage)
        path = pathlib.Path(folder)
        (path / "peers.cfg").write_text(PEERS)
        (path / "caddy.json").write_text(caddy_configuration(folder))
        peers = [
            subprocess.Popen(["haproxy", "-db", "-f", path / "peers.cfg"]),
            subprocess.Popen(["caddy", "run", "--config", path / "caddy.json"], stderr=subprocess.DEVNULL),
        ]
        try:
            for port in (BARE, CADDY):
                wait_until(lambda: fetch(f"http://127.0.0.1:{port}/"))
            compare(row)
        finally:
            for peer in peers:
                peer.terminate()
                peer.wait(10)


def compare(row):
    bare, caddy, own = [], [], []
    for _ in range(ROUNDS):
        bare.append(wrk(BARE))
        own.append(wrk(EDGE, "app.localhost"))
        caddy.append(wrk(CADDY))
    ratio = lambda over: statistics.median(o / x for o, x in zip(own, over))
    row("bare HAProxy, requests per second, median", f"{statistics.median(bare):.0f}", "")
    row("OpsHub's edge, every request logged as JSON", f"{statistics.median(own):.0f}", "")
    row("Caddy, every request logged as JSON", f"{statistics.median(caddy):.0f}", "")
    row("OpsHub's edge against bare HAProxy, every request logged", f"{ratio(bare):.2f}", ">= 0.7")
    row("OpsHub's edge against Caddy, JSON access log on in both", f"{ratio(caddy):.2f}", ">= 3")


def point_edge_at_origin(stage):
    """The application is slower than any proxy: the edge is measured on an origin that is not."""
    with socket.socket(socket.AF_UNIX) as runtime:
        runtime.connect(str(stage.home / "edge/admin.sock"))
        runtime.sendall(f"set server app.production.blue.web/blue-1 addr 127.0.0.1 port {ORIGIN}\n".encode())
        runtime.recv(4096)
