# SPDX-License-Identifier: Apache-2.0
"""The engine by itself: its writes, many deployments at once, a long history, a restart in the middle."""

import signal
import sqlite3
import statistics
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path

from stage import Stage, wait_until

HISTORY, ENVIRONMENTS = 1000, 50


def measure(binary, row):
    tool = Path(binary).parent / "opshub-measure"
    if not tool.exists():
        raise SystemExit(f"there is no {tool}; build it: swift build -c release --product opshub-measure")
    persist(tool, row)
    concurrent(tool, row)
    with Stage(binary, window="4s") as stage:
        stage.deploy(0)
        stop(stage)
        subprocess.run([tool, "fill", stage.home / "opshub.db", "--environments", str(ENVIRONMENTS),
                        "--deployments", str(HISTORY)], check=True)
        stage.start()
        status(stage, row)
        resume(stage, row)


def persist(tool, row):
    with tempfile.TemporaryDirectory(prefix="opshub-bench.", dir="/var/tmp") as folder:
        own = float(subprocess.run([tool, "persist", folder], check=True, capture_output=True, text=True).stdout)
        limit = bare_commit(folder)
    row("applying an event and persisting it, median of 1000", f"{own:.2f} ms", "<= 2 ms")
    row("a bare SQLite commit of as much, on the same disk, median", f"{limit:.2f} ms", "")


def bare_commit(folder):
    """What the disk and SQLite take for one durable row of 4 KiB."""
    database = sqlite3.connect(f"{folder}/bare.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, value BLOB)")
    times = []
    for number in range(500):
        begin = time.monotonic()
        database.execute("INSERT INTO t VALUES (?, ?)", (number, b"x" * 4096))
        times.append((time.monotonic() - begin) * 1000)
    return statistics.median(times)


def concurrent(tool, row):
    output = subprocess.run([tool, "concurrent"], capture_output=True, text=True)
    if output.returncode:
        raise SystemExit(f"200 deployments at once did not finish:\n{output.stdout}{output.stderr}")
    rounds = [tuple(map(float, line.split())) for line in output.stdout.splitlines()]
    times, memory = zip(*rounds)
    row("200 deployments of different environments at once, in memory, median", f"{statistics.median(times):.1f} s",
        "they finish")
    row("the same, resident memory after the first and the last of five rounds",
        f"{memory[0]:.0f}, {memory[-1]:.0f} MiB", "flat")


def stop(stage):
    stage.server.send_signal(signal.SIGTERM)
    stage.server.wait(20)


def status(stage, row):
    times = []
    for _ in range(15):
        begin = time.monotonic()
        if stage.opshub("status").returncode:
            raise SystemExit("status failed")
        times.append((time.monotonic() - begin) * 1000)
    row(f"opshub status on {ENVIRONMENTS} environments, median of 15", f"{statistics.median(times):.0f} ms", "<= 150 ms")


def resume(stage, row):
    times = []
    for version in range(1, 6):
        stage.commit(version)
        push = subprocess.Popen(["git", "push", "-q", stage.remote, "main"], cwd=stage.app, env=stage.environment,
                                stderr=subprocess.DEVNULL)
        wait_until(lambda: newest(stage).get("step") == "stability gate" and not newest(stage)["isOver"])
        stage.server.kill()
        stage.server.wait()
        push.wait()
        begin = time.time()
        stage.start()
        deployment = newest(stage)["id"]
        wait_until(lambda: following(stage, deployment))
        step = following(stage, deployment)
        times.append(datetime.fromisoformat(step["at"].replace("Z", "+00:00")).timestamp() - begin)
        wait_until(lambda: newest(stage)["isOver"])
    row(f"start after kill -9 to the step that goes on, {HISTORY} deployments in history, median of 5",
        f"{statistics.median(times):.2f} s", "<= 1 s")


def following(stage, deployment):
    """The first line after the deployment was resumed; None until there is one."""
    lines = stage.api(f"deployments/{deployment}/journal")
    kinds = [line["kind"] for line in lines]
    return next(iter(lines[kinds.index("resumed") + 1:]), None) if "resumed" in kinds else None


def newest(stage):
    return stage.api("deployments?project=app&limit=1")[0]
