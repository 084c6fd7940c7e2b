# SPDX-License-Identifier: Apache-2.0
"""Takes the migrations of public projects through a deployment and `migrate verify`, as docs/MIGRATIONS.md tells. Run it through script/histories."""

import collections
import json
import pathlib
import subprocess
import sys
import time

from stage import Stage

MANIFEST = """
project: app
services:
  web:
    build: {build}
    run: exec /usr/bin/python3 server.py
    health: {{ path: /health, interval: 50ms }}
    routes: [/]
accessories:
  db: {{ postgres: 15 }}
migrations: {migrations}
environments:
  production:
    branch: main
    approval: false
    ports: {{ db: 15850, web: 15800 }}
    stability: {{ window: 1s }}
"""

# What Prisma's projects have beside their migrations says nothing to OpsHub.
PRISMA = {"build": '["true"]', "migrations": "{ tool: prisma }"}

# The project's own code says what its models are; it wants to be found and configured.
ALEMBIC = {
    "build": '["/usr/bin/python3 -m venv .venv", ".venv/bin/pip install -q alembic sqlmodel pydantic-settings email-validator \'psycopg[binary]\'"]',
    "migrations": "{ tool: alembic }",
}
SETTINGS = """import os, sys
sys.path.insert(0, os.getcwd())
os.environ.update(SECRET_KEY="a-word", PROJECT_NAME="app", FIRST_SUPERUSER="ada@example.com", FIRST_SUPERUSER_PASSWORD="a-word")
"""

# Repository, commit, what of it, where that goes, manifest; how many migrations there are, and what is found how often.
HISTORIES = [
    ("documenso/documenso", "75330166c", "packages/prisma/migrations", "prisma/migrations", PRISMA, 163, {"note": 163}),
    ("umami-software/umami", "c0ea3aefb", "prisma/migrations", "prisma/migrations", PRISMA, 19, {"note": 19}),
    ("fastapi/full-stack-fastapi-template", "68adb40d", "backend", ".", ALEMBIC, 5, {"clean": 4, "mistake": 1}),
]


def take(name, commit, folder, place, clones, stage):
    """Puts a folder of a commit into the application's."""
    repository = pathlib.Path(clones) / name if clones else stage.root / "clone"
    if not clones:
        subprocess.run(["git", "clone", "-q", "--bare", f"https://github.com/{name}", repository], check=True)
    target = stage.app / place
    target.mkdir(parents=True, exist_ok=True)
    archive = subprocess.Popen(["git", "-C", repository, "archive", f"{commit}:{folder}"], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", target], stdin=archive.stdout, check=True)
    if archive.wait():
        raise SystemExit(f"{name} has no {commit}:{folder}")


def main(binary, clones):
    wrong = 0
    for name, commit, folder, place, manifest, count, wanted in HISTORIES:
        stage = Stage(binary)
        stage.manifest = MANIFEST.format(**manifest)
        with stage:
            take(name, commit, folder, place, clones, stage)
            environment = stage.app / "app/alembic/env.py"
            if environment.exists():
                environment.write_text(SETTINGS + environment.read_text())
                # Python before 3.14 looks annotations up at once.
                models = stage.app / "app/models.py"
                models.write_text(models.read_text().replace("list[Item]", 'list["Item"]'))
            begin = time.monotonic()
            stage.deploy(1)
            deployed = time.monotonic() - begin
            answer = stage.opshub("migrate", "verify", "-e", "production", "--json")
            if not answer.stdout:
                raise SystemExit(f"{name}: {answer.stderr}")
            report = json.loads(answer.stdout)
            found = collections.Counter(entry["state"] for entry in report["entries"])
            pending = json.loads(stage.opshub("migrate", "status", "-e", "production", "--json").stdout)["pending"]
            asExpected = len(report["entries"]) == count and found == wanted and not pending
            wrong += not asExpected
            print(f"{name} {commit}: {len(report['entries'])} migrations, deployed in {deployed:.1f} s, verified in {report['took']:.1f} s:",
                  ", ".join(f"{number} {state}" for state, number in sorted(found.items())),
                  "" if asExpected else f"OTHERWISE THAN EXPECTED: {count}, {wanted}", flush=True)
            for entry in report["entries"]:
                if entry["state"] == "mistake":
                    print(f"  {entry['revision']} {entry['title']}: {'; '.join(entry['findings'])}")
    raise SystemExit(1 if wrong else 0)


main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
