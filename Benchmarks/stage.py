# SPDX-License-Identifier: Apache-2.0
"""A control plane in a home of its own, with a scriptable application to deploy."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
API, EDGE, APP = 15400, 15480, 15800

MANIFEST = """
project: app
services:
  web:
    build: ["true"]
    run: exec /usr/bin/python3 server.py
    health: {{ path: /health, interval: 50ms }}
    routes: [/]
    replicas: {replicas}
environments:
  production:
    branch: main
    domain: app.localhost
    strategy: {strategy}
    approval: false
    ports: {{ web: {port} }}
    smoke: [{{ get: /version }}]
    stability: {{ window: {window} }}
    keep_warm: 30m
"""


class Stage:
    """Use as a context: everything that was started is ended at the end."""

    def __init__(self, binary, strategy="blue-green", replicas=1, window="1s", options=()):
        self.binary, self.window, self.options = binary, window, options
        self.manifest = MANIFEST.format(strategy=strategy, replicas=replicas, window=window, port=APP)

    def __enter__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="opshub-bench.", dir="/var/tmp"))
        self.root.chmod(0o755)
        self.home, self.app = self.root / "home", self.root / "app"
        self.environment = {**os.environ, "OPSHUB_HOME": str(self.home)}
        self.environment.pop("OPSHUB_SERVER", None)
        self.start()
        self.app.mkdir()
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Ada")
        self.git("config", "user.email", "ada@example.com")
        self.git("config", "credential.helper", f"!{self.binary} git-credential --home {self.home}")
        shutil.copy(ROOT / "Tests/Fixtures/scriptable/server.py", self.app)
        (self.app / "opshub.yml").write_text(self.manifest)
        return self

    def start(self):
        self.server = subprocess.Popen(
            [self.binary, "serve", "--home", self.home, "--port", str(API), "--public", f"127.0.0.1:{EDGE}",
             "--instance-ports", "15900-15999", *self.options],
            stderr=open(self.root / "serve.log", "a"),
        )
        wait_until(lambda: fetch(f"http://127.0.0.1:{API}/healthz"))

    def __exit__(self, *_):
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(10)
        for pipe in self.root.glob("home/**/supervise/control"):
            if "/log/supervise/" not in str(pipe):
                subprocess.run(["sv", "-w", "5", "force-shutdown", pipe.parent.parent], capture_output=True)
        shutil.rmtree(self.root, ignore_errors=True)

    def git(self, *arguments):
        subprocess.run(["git", *arguments], cwd=self.app, check=True, env=self.environment)

    remote = f"http://127.0.0.1:{API}/git/app.git"

    def commit(self, version):
        (self.app / "behaviour.json").write_text(json.dumps({"version": str(version)}))
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", f"version {version}")

    def deploy(self, version):
        """Pushes a release and waits for its verdict."""
        self.commit(version)
        push = subprocess.run(
            ["git", "push", "-q", "-o", "wait", self.remote, "main"],
            cwd=self.app, env=self.environment, capture_output=True, text=True,
        )
        if push.returncode:
            raise SystemExit(f"a deployment of the benchmark failed:\n{push.stderr}")

    def opshub(self, *arguments):
        return subprocess.run([self.binary, *arguments], env=self.environment, capture_output=True, text=True, cwd=self.app)

    def api(self, path):
        token = (self.home / "keys/token").read_text().strip()
        request = urllib.request.Request(
            f"http://127.0.0.1:{API}/api/v1/{path}", headers={"Authorization": f"Bearer {token}"}
        )
        return json.load(urllib.request.urlopen(request, timeout=10))

    def version(self):
        return (fetch(f"http://127.0.0.1:{APP}/version") or b"").decode().strip()


def fetch(url):
    """The body, or None when nobody answers."""
    try:
        return urllib.request.urlopen(url, timeout=5).read()
    except OSError:
        return None


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("gave up waiting")
        time.sleep(0.005)


class Load:
    """64 keep-alive clients at full speed, counted by wrk, until stopped."""

    def __init__(self, url, connections=64, threads=1):
        self.process = subprocess.Popen(
            ["wrk", f"-t{threads}", f"-c{connections}", "-d600s", "--timeout", "10s", url],
            stdout=subprocess.PIPE, text=True,
        )

    def stop(self):
        """(requests, socket errors, answers that are not 2xx)"""
        self.process.send_signal(signal.SIGINT)
        return parse(self.process.communicate()[0])


def parse(text):
    numbers = lambda line: [int(word) for word in "".join(c if c.isdigit() else " " for c in line).split()]
    requests = errors = bad = 0
    for line in text.splitlines():
        if "requests in" in line:
            requests = numbers(line)[0]
        if "Socket errors" in line:
            errors = sum(numbers(line))
        if "Non-2xx" in line:
            bad = numbers(line)[-1]
    return requests, errors, bad


def rate(text):
    """wrk's own requests per second."""
    return float(next(line for line in text.splitlines() if "Requests/sec" in line).split()[1])
