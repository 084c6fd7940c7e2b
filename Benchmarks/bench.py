# SPDX-License-Identifier: Apache-2.0
"""Measures what the README promises. Run it through script/bench."""

import statistics
import subprocess
import sys
import time
from datetime import datetime

import backup
import drift
import edge
import engine
from stage import APP, Load, Stage, wait_until

rows = []
lost_anything = False


def row(figure, value, must_be):
    rows.append((figure, value, must_be))
    print(f"{figure:<72} {value:>22}   {must_be}", flush=True)


def lost(figure, counts, events):
    global lost_anything
    requests, errors, bad = counts
    lost_anything = lost_anything or errors + bad > 0
    row(f"failed requests over {events} {figure}, 64 keep-alive clients, {requests} requests", str(errors + bad), "0")


def switches(binary):
    with Stage(binary) as stage:
        stage.deploy(0)
        load = Load(f"http://127.0.0.1:{APP}/")
        overheads = []
        for version in range(1, 21):
            stage.deploy(version)
            overheads.append(overhead(stage))
        lost("blue-green switches", load.stop(), 20)
        quiet = []
        for version in range(21, 26):
            stage.deploy(version)
            quiet.append(overhead(stage))
        row("deployment beyond build, boot and windows, median (nothing else running)",
            f"{statistics.median(quiet):.2f} s", "<= 2 s")
        row("the same while 64 clients take every core", f"{statistics.median(overheads):.2f} s", "")
        load = Load(f"http://127.0.0.1:{APP}/")
        loaded = [rollback(stage) for _ in range(10)]
        lost("rollbacks to a warm release", load.stop(), 10)
        row("rollback to a warm release, command to new requests on it, under that load",
            f"{statistics.median(loaded):.2f} s", "")
        row("rollback to a warm release, command to new requests on it, median",
            f"{statistics.median([rollback(stage) for _ in range(5)]):.2f} s", "<= 1 s")
    with Stage(binary, strategy="rolling", replicas=2) as stage:
        stage.deploy(0)
        load = Load(f"http://127.0.0.1:{APP}/")
        for version in range(1, 11):
            stage.deploy(version)
        lost("rolling deployments of 2 replicas", load.stop(), 10)


def overhead(stage):
    """Seconds of the newest deployment, from the order to the verdict, that are neither its boot nor its window."""
    newest = stage.api("deployments?limit=1")[0]["id"]
    lines = stage.api(f"deployments/{newest}/journal")
    begin, end = (datetime.fromisoformat(lines[index]["at"].replace("Z", "+00:00")) for index in (0, -1))
    boot = next(line["tookMilliseconds"] for line in lines if (line["kind"], line.get("step")) == ("finished", "health gate"))
    # `true` takes no time, so all of build is ours; the health gate waits for the boot, the stability gate for 1 s.
    return (end - begin).total_seconds() - boot / 1000 - 1.0


def rollback(stage):
    before = stage.version()
    releases = stage.api("projects/app/environments/production/releases")
    warm = next(release["id"] for release in releases if release["state"] == "warm")
    begin = time.monotonic()
    command = subprocess.Popen([stage.binary, "rollback", "-e", "production", "--to", warm], env=stage.environment,
                               stdout=subprocess.DEVNULL, cwd=stage.app)
    wait_until(lambda: stage.version() not in ("", before))
    took = time.monotonic() - begin
    if any(stage.version() == before for _ in range(50)):
        raise SystemExit("a request was answered by the release that had been left")
    command.wait()
    return took


def idle(binary):
    with Stage(binary) as stage:
        stage.deploy(0)
        time.sleep(5)
        before = cpu(stage.server.pid)
        time.sleep(60)
        used = cpu(stage.server.pid) - before
        with open(f"/proc/{stage.server.pid}/status") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        row("idle control plane, resident memory", f"{resident / 1024:.0f} MB", "<= 60 MB")
        row("idle control plane, processor over 60 s, of one core", f"{used / 60 * 100:.2f} %", "<= 1 %")


def cpu(process):
    with open(f"/proc/{process}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def commands(binary):
    with Stage(binary) as stage:
        stage.deploy(0)
        for arguments, limit in ((["--help"], 50), (["status"], 100)):
            times = []
            for _ in range(15):
                begin = time.monotonic()
                stage.opshub(*arguments)
                times.append((time.monotonic() - begin) * 1000)
            row(f"opshub {' '.join(arguments)}, median of 15", f"{statistics.median(times):.0f} ms", f"<= {limit} ms")


PARTS = {"switches": switches, "edge": lambda binary: edge.measure(binary, row), "idle": idle, "commands": commands,
         "engine": lambda binary: engine.measure(binary, row),
         "drift": lambda binary: drift.measure(binary, row),
         "backup": lambda binary: backup.measure(binary, row)}

if __name__ == "__main__":
    print(f"{'figure':<72} {'measured':>22}   must be")
    for name in sys.argv[2:] or PARTS:
        PARTS[name](sys.argv[1])
    sys.exit(1 if lost_anything else 0)
