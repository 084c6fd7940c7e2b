#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cuts files below a folder back to what was on the disk, as witness.c saw it; prints what was lost.

    power_cut.py FOLDER WITNESS CUT

A file that was synced holds what it held then; one that nobody synced is empty. What was never asked for may be on the disk all
the same: cut 0 takes it all, every other number takes it from another half of the files. Names are all there: file systems with
a journal keep those in order. What other programs write and sync as they see fit stays: PostgreSQL's data and locks, logs,
supervisors' notes.
"""
import os
import re
import stat
import sys
import zlib

OTHERS = re.compile(r"/supervise/|/log/|/accessories/[^/]+/(data|run)/")


def cut(path, witness, synced):
    facts = os.lstat(path)
    if not stat.S_ISREG(facts.st_mode) or facts.st_mtime_ns <= synced:
        return
    try:
        copy = os.getxattr(path, "user.witness").decode()
    except OSError:
        content = b""
    else:
        with open(os.path.join(witness, copy), "rb") as file:
            content = file.read()
    with open(path, "rb+") as file:
        before = file.read()
        if before != content:
            print(f"{path}: {len(before)} bytes, now {len(content)}")
            file.seek(0)
            file.write(content)
            file.truncate()


def main(folder, witness, number):
    try:
        synced = os.stat(os.path.join(witness, "syncfs")).st_mtime_ns
    except FileNotFoundError:
        synced = 0
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            seed = f"{number} {os.path.relpath(path, folder)}".encode()
            if not OTHERS.search(path) and (number == "0" or zlib.crc32(seed) & 1):
                cut(path, witness, synced)


main(*sys.argv[1:])
