#!/usr/bin/env python3
"""The npm package `open311` against the real gridpost-web and daemon: tests/open311/client has what it does.
Exits 77 where node or npm is missing (tools/packages.txt has them).

usage: open311_client.py GRIDPOSTD GRIDPOST GRIDPOST_WEB SOURCE, with GP_CLIENT_BUILD for its packages
"""
import filecmp
import os
import shutil
import subprocess
import sys

import stage
from open311 import BASE, City
from stage import GRID, check

INSTALL_S = 300


def install(source, build):
    """As the lock file says. What two of the packages need is not to be had any more, and stands in from here."""
    lock = source + "/package-lock.json"
    installed = build + "/installed.json"
    shutil.copytree(source, build, dirs_exist_ok=True)
    if os.path.exists(installed) and filecmp.cmp(lock, installed, shallow=False):
        return
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=build, capture_output=True,
                          text=True, timeout=INSTALL_S)
    check(done.returncode == 0, "npm ci:", done.stdout, done.stderr)
    shutil.copy(lock, installed)


def the_client_works_unchanged(city):
    build = os.environ["GP_CLIENT_BUILD"]
    install(city.source + "/tests/open311/client", build)
    done = subprocess.run(["node", "--no-deprecation", "--test", "client.test.mjs"], cwd=build, capture_output=True, text=True,
                          timeout=INSTALL_S, env=dict(os.environ, GP_DISCOVERY=city.origin() + BASE + "discovery",
                                                      GP_KEY=city.key, GP_GRID=GRID))
    check(done.returncode == 0, done.stdout[-6000:], done.stderr)
    check("# pass 8\n" in done.stdout, done.stdout)


if __name__ == "__main__":
    missing = [program for program in ("node", "npm") if shutil.which(program) is None]
    if missing:
        print("skipped: the client cannot be tried without", *missing)
        sys.exit(77)
    sys.exit(stage.main(City, [the_client_works_unchanged]))
