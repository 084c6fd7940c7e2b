# SPDX-License-Identifier: Apache-2.0
"""What it costs to compare fifty serving environments with their releases, again and again."""

import os
import statistics
import time

from stage import Stage, wait_until

ENVIRONMENTS, FILES, INTERVAL = 50, 4000, 20

MANIFEST = f"""
project: app
services:
  web:
    build: ["mkdir files && cd files && seq 1 {FILES} | xargs touch && echo ok > ../index.html"]
    static: .
    routes: [/]
environments:
""" + "".join(
    f"  e{number}: {{ branch: e{number}, domain: e{number}.localhost, strategy: blue-green, stability: {{ window: 1s }} }}\n"
    for number in range(1, ENVIRONMENTS + 1)
)


def measure(binary, row):
    stage = Stage(binary)
    stage.manifest = MANIFEST
    with stage:
        stage.commit(0)
        stage.git("push", "-q", stage.remote, *(f"main:e{number}" for number in range(1, ENVIRONMENTS + 1)))
        wait_until(lambda: all_serve(stage), 1200)
        # Everything has been looked at once, and every lane has gone to rest.
        time.sleep(2 * INTERVAL)
        rounds = []
        for _ in range(3):
            begin = processor_time(stage.server.pid)
            time.sleep(INTERVAL)
            rounds.append(processor_time(stage.server.pid) - begin)
        row(f"processor time of the control plane in {INTERVAL} s, a drift pass over {ENVIRONMENTS} environments of "
            f"{FILES} files in it", f"{statistics.median(rounds):.2f} s", "<= 1 s")
        row("opshub status on 50 environments that serve, median of 9", f"{statistics.median(status(stage)):.0f} ms", "<= 150 ms")
        if any(view["drift"] for view in stage.api("status")):
            raise SystemExit("something has drifted that nobody changed")


def all_serve(stage):
    time.sleep(1)
    views = stage.api("status")
    failed = [view["deployment"] for view in views if (view.get("deployment") or {}).get("state") == "failed"]
    if failed:
        raise SystemExit(f"deployments of the benchmark failed: {[one.get('failure') for one in failed]}")
    return len(views) == ENVIRONMENTS and all(view.get("serving") for view in views)


def status(stage):
    times = []
    for _ in range(9):
        begin = time.monotonic()
        if stage.opshub("status").returncode:
            raise SystemExit("status failed")
        times.append((time.monotonic() - begin) * 1000)
    return times


def processor_time(process):
    """Seconds in user and system mode, without children (proc(5), fields 14 and 15)."""
    with open(f"/proc/{process}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
