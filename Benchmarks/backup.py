# SPDX-License-Identifier: Apache-2.0
"""A backup of a database of 730 MiB and its proof, beside the programs that would do the same by hand."""

import csv
import io
import json
import pathlib
import shutil
import signal
import statistics
import subprocess
import tempfile
import threading
import time

from stage import APP, ROOT, Stage

# So many of each figure, and their median: what else the machine has to do shows most in the slowest of many queries.
ROUNDS, LATENCY_ROUNDS, PROGRAMS = 5, 5, "/usr/lib/postgresql/15/bin"

MANIFEST = """
project: app
services:
  web: {{ build: ["true"], run: exec /usr/bin/python3 application.py, health: {{ path: /health, interval: 50ms }}, routes: [/] }}
accessories:
  db: {{ postgres: 15 }}
environments:
  production:
    branch: main
    approval: false
    ports: {{ db: {port}, web: 15800 }}
    stability: {{ window: 1s }}
"""

# Seeded, so that every run has the same rows; half of a row is random and the other half repeats, as rows do.
ROWS = """
SELECT setseed(0.42);
CREATE TABLE events AS SELECT n AS id, now() AS at, md5(random()::text) || md5(random()::text) AS token,
    repeat('paid in full; ', 8) AS note, n % 97 AS kind FROM generate_series(1, 1500000) n;
CREATE TABLE details AS SELECT id, token || md5(token) AS body, note FROM events;
ALTER TABLE events ADD PRIMARY KEY (id);
ANALYZE;
"""


def measure(binary, row):
    stage = Stage(binary)
    stage.manifest = MANIFEST.format(port=15850)
    with stage:
        shutil.copy(ROOT / "Benchmarks/application.py", stage.app)
        stage.deploy(1)
        folder = stage.home / "projects/app/production/accessories/db"
        url = f"postgresql://app:{(folder / 'password').read_text()}@127.0.0.1:15850/app"
        subprocess.run([f"{PROGRAMS}/psql", "-q", "-d", url], input=ROWS, text=True, check=True, capture_output=True)
        size = int(query(url, "SELECT pg_database_size('app')"))
        rest = resident(stage)
        peer, ours, drills, restores, memory = [], [], [], [], []
        # Once for nothing: the first finds nothing in memory, and makes what later drills have a copy of.
        backup(stage), plain_restore(stage, folder, url)
        for _ in range(ROUNDS):
            took, by_hand = timed(lambda: dump_by_hand(stage, url))
            peer.append(took)
            dump, drill, grown = backup(stage)
            ours.append(dump)
            drills.append(drill)
            memory.append(grown)
            restores.append(plain_restore(stage, folder, url))
        # One after another in each round: what else the machine has to do changes from minute to minute.
        work = {"calm": lambda: time.sleep(8), "ours": lambda: backup(stage), "peer": lambda: dump_by_hand(stage, url)}
        answers, waits = ({name: [] for name in work} for _ in range(2))
        for _ in range(LATENCY_ROUNDS):
            for name, one in work.items():
                answers[name].append(answer(one))
                waits[name].append(latency(stage, url, one))
        calm, meanwhile, by_peer = (statistics.median(waits[name]) for name in work)
        app_calm, app_meanwhile, app_by_peer = (statistics.median(answers[name]) for name in work)
        stored = json.loads(stage.opshub("backup", "list", "-e", "production", "--json").stdout)[0]["size"]
        mib = size / 2**20
        row(f"backup of a database of {mib:.0f} MiB: encrypted, hashed, counted; against pg_dump -Z0 | zstd -3",
            f"{statistics.median(p / o for p, o in zip(peer, ours)):.2f} ({statistics.median(ours):.1f} s)", ">= 0.95")
        row("its size against that of the same", f"{stored / by_hand:.3f}", "<= 1.02")
        row("restore drill, compared table by table, against a plain pg_restore",
            f"{statistics.median(d / r for d, r in zip(drills, restores)):.2f} ({statistics.median(drills):.1f} s)", "<= 1.1")
        row("P99 of an application's requests while a backup is made and proven, against the same without",
            f"{app_meanwhile / app_calm:.2f} ({app_meanwhile:.1f} ms, {app_calm:.1f} ms without)", "<= 1.5")
        print("  each:", {name: [round(one, 1) for one in found] for name, found in answers.items()}, flush=True)
        row("the same while pg_dump -Z0 | zstd -3 runs, which proves nothing", f"{app_by_peer / app_calm:.2f} ({app_by_peer:.1f} ms)", "")
        row("P99 of its queries by key alone meanwhile; without; while pg_dump | zstd runs",
            f"{meanwhile:.1f} ms, {calm:.1f} ms, {by_peer:.1f} ms", "")
        print("  each:", {name: [round(one, 1) for one in found] for name, found in waits.items()}, flush=True)
        row("memory of the control plane above rest meanwhile", f"{max(memory):.0f} MiB", "<= 64 MiB")
        # It must not depend on the size.
        subprocess.run([f"{PROGRAMS}/psql", "-q", "-d", url, "-c", "CREATE TABLE more AS SELECT d.* FROM details d, generate_series(1, 3)"], check=True)
        size = int(query(url, "SELECT pg_database_size('app')"))
        row(f"the same with a database of {size / 2**20:.0f} MiB", f"{resident(stage) + backup(stage)[2] - rest:.0f} MiB", "<= 64 MiB")


def answer(work):
    """Milliseconds that 99 of 100 requests take, 100 a second from 4 clients through the edge, while something is done."""
    steal = Steal()
    load = subprocess.Popen(
        ["hey", "-z", "120s", "-c", "4", "-q", "25", "-o", "csv", f"http://127.0.0.1:{APP}/note"], stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    start = time.time()
    time.sleep(2)
    begin = time.time()
    work()
    end = time.time()
    load.send_signal(signal.SIGINT)
    found = []
    for line in csv.DictReader(io.StringIO(load.communicate()[0])):
        at, took = start + float(line["offset"]), float(line["response-time"])
        if line["status-code"] != "200":
            raise SystemExit(f"the application answered {line['status-code']}")
        if begin <= at and at + took <= end:
            found.append((at + took, took * 1000))
    return slowest(found, steal)


def latency(stage, url, work):
    """Milliseconds that 99 of 100 queries by key take, 200 a second from 4 sessions, while something is done."""
    steal = Steal()
    script = stage.root / "select.sql"
    script.write_text("\\set id random(1, 1500000)\nSELECT note FROM events WHERE id = :id;\n")
    folder = pathlib.Path(tempfile.mkdtemp(dir=stage.root))
    load = subprocess.Popen(
        [f"{PROGRAMS}/pgbench", "-n", "-c", "4", "-j", "1", "-R", "200", "-T", "120", "-l", "-f", script, url], cwd=folder,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        # Whoever is started in the background of a shell ignores it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    time.sleep(2)
    begin = time.time()
    work()
    end = time.time()
    load.send_signal(signal.SIGINT)
    load.wait()
    found = []
    for file in folder.iterdir():
        for line in file.read_text().splitlines():
            fields = line.split()
            # client, transaction, microseconds, script, second and microsecond of its end, lag behind the schedule
            at = int(fields[4]) + int(fields[5]) / 1e6 if len(fields) >= 6 else 0
            if begin <= at <= end:
                found.append((at, int(fields[2]) / 1000))
    return slowest(found, steal)


def slowest(found, steal):
    """What 99 of 100 take at most, of those that end at a time and took so many milliseconds."""
    undisturbed = [took for at, took in found if not steal.was_between(at - took / 1000, at)]
    # Where the hypervisor takes the processor away all the time, that is what there is.
    counted = sorted(undisturbed if len(undisturbed) >= 300 else [took for _, took in found])
    if len(counted) < 300:
        raise SystemExit(f"only {len(counted)} were counted")
    return counted[len(counted) * 99 // 100]


class Steal:
    """When a hypervisor took the processor away, to a quarter of a second: nothing that is measured here can do anything about it."""

    def __init__(self):
        self.moments, self.over = [], threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        before = self.ticks()
        while not self.over.wait(0.25):
            now = self.ticks()
            if now > before:
                self.moments.append(time.time())
            before = now

    @staticmethod
    def ticks():
        return int(pathlib.Path("/proc/stat").read_text().split()[8])

    def was_between(self, begin, end):
        self.over.set()
        return any(begin <= moment and moment - 0.25 <= end for moment in self.moments)


def timed(work):
    begin = time.monotonic()
    result = work()
    return time.monotonic() - begin, result


def dump_by_hand(stage, url):
    path = stage.root / "by-hand.zst"
    dump = subprocess.Popen([f"{PROGRAMS}/pg_dump", "-Fc", "-Z0", "-d", url], stdout=subprocess.PIPE)
    subprocess.run(["zstd", "-3", "-q", "-f", "-o", path], stdin=dump.stdout, check=True)
    if dump.wait():
        raise SystemExit("pg_dump failed")
    subprocess.run(["sync", path], check=True)
    return path.stat().st_size


def backup(stage):
    """Seconds until the dump was written, seconds of its proof, and MiB that the control plane grew by."""
    rest, most, over = resident(stage), [0.0], threading.Event()

    def watch():
        while not over.wait(0.1):
            most[0] = max(most[0], resident(stage))

    watcher = threading.Thread(target=watch)
    watcher.start()
    begin = time.time()
    command = subprocess.run(
        [stage.binary, "backup", "create", "-e", "production"], env=stage.environment, cwd=stage.app, capture_output=True, text=True,
    )
    end = time.time()
    over.set()
    watcher.join()
    if command.returncode:
        raise SystemExit(f"a backup of the benchmark failed: {command.stderr}")
    newest = stage.api("projects/app/environments/production/backups")[0]["id"]
    # It got its name once every byte was on the disk. Whoever asks meanwhile takes the processor from what is measured.
    written = (stage.home / "projects/app/production/backups" / newest / "dump").stat().st_ctime
    return written - begin, end - written, most[0] - rest


def plain_restore(stage, folder, url):
    """Into a database of the same server, as its superuser."""
    dump = stage.root / "plain.dump"
    if not dump.exists():
        with open(dump, "wb") as file:
            subprocess.run([f"{PROGRAMS}/pg_dump", "-Fc", "-Z0", "-d", url], stdout=file, check=True)
        dump.chmod(0o644)
    account = json.loads((folder / "accessory.json").read_text())
    superuser = ["chpst", "-u", account["account"], "env", f"PGHOST={account['socketFolder']}", f"PGPORT={account['port']}",
                 "PGUSER=opshub_server"]
    subprocess.run([*superuser, f"{PROGRAMS}/createdb", "-T", "template0", "by_hand"], check=True)
    took, _ = timed(lambda: subprocess.run([*superuser, f"{PROGRAMS}/pg_restore", "-d", "by_hand", dump], check=True))
    subprocess.run([*superuser, f"{PROGRAMS}/dropdb", "by_hand"], check=True)
    return took


def resident(stage):
    text = pathlib.Path(f"/proc/{stage.server.pid}/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS")) / 1024


def query(url, text):
    return subprocess.run([f"{PROGRAMS}/psql", "-At", "-d", url, "-c", text], capture_output=True, text=True, check=True).stdout
