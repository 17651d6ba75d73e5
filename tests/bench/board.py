#!/usr/bin/env python3
"""The board of a city with many open incidents, as a browser has it: the real gridpostd and gridpost-web on a store that
bench_fill has filled, all of it open. Prints how long a page of the board takes over HTTP, with gridpostd's share of the
processor, which other load stretches less; and, where Chromium and node are there, how long it is from navigation to the
first cards, and the frames while the board is scrolled.

usage: tests/bench/board.py [--open N] [--rounds N] [BUILD]     (100,000; 20; build/release: it needs GP_TESTS)
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time

SOURCE = os.path.abspath(os.path.dirname(__file__) + "/../..")
sys.path.insert(0, SOURCE + "/tests/web")
import stage  # noqa: E402

CITY = "340705"
STREET = "340705006"
DEPARTMENT = "SZ"
COLUMNS = ("reported,filed,returned,arbitration", "dispatched,reopened", "accepted,rework", "finished", "verified",
           "suspended,duplicate")
SPREAD_S = 3 * 86400  # so that some are over their limit, and some are not
SETTLE_S = 240


class City(stage.Scene):
    """The sample city; its district's deputy head dispatches, and is the admin."""

    admin = "sq2"
    users = ("desk",)
    clock = ()

    def __init__(self, build, incidents):
        self.fill_by = [build + "/tests/bench/bench_fill", "--open", "100", "--spread", str(SPREAD_S)]
        self.incidents = incidents
        super().__init__(build + "/daemon/app/gridpostd", build + "/tools/gridpost", build + "/tools/web/gridpost-web", SOURCE)

    def make_city(self):
        shutil.copytree(self.source + "/config", self.work + "/config")
        shutil.copytree(self.source + "/tools/web/pages", self.work + "/pages")
        self.write_users("desk,sq2,dispatcher,web\n")
        subprocess.run([*self.fill_by, self.work + "/config", self.work + "/store", str(self.incidents)], check=True,
                       env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start_daemon(self):
        super().start_daemon()
        stage.until(self.is_settled, "a daemon that has recorded what fell due")

    def is_settled(self):
        done = subprocess.run([self.programs["gridpost"], "status", "--json", "--timeout", "5"], capture_output=True,
                              env=self.environment, text=True)
        if done.returncode != 0:
            return False
        status = json.loads(done.stdout)
        return status["next_deadline"] is None or status["next_deadline"] > status["now"]


# ---------------------------------------------------------------- over HTTP


def timed(user, query):
    begin = time.monotonic()
    answer = user.get("/api/board?" + query)
    return (time.monotonic() - begin) * 1000, answer


def processor_ms(process):
    with open("/proc/%d/stat" % process.pid) as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def show(name, user, query, rounds):
    times = []
    spent_ms = processor_ms(user.scene.daemon)
    for _ in range(rounds):
        took_ms, answer = timed(user, query)
        times.append(took_ms)
    times.sort()
    print("%-24s %8s %8.1f %8.1f %8.1f %10.1f" % (name, answer["total"], times[rounds // 2], times[rounds * 95 // 100],
                                                 times[-1], (processor_ms(user.scene.daemon) - spent_ms) / rounds), flush=True)
    return answer


def over_http(scene, rounds):
    user = scene.user("desk")
    print("%-24s %8s %8s %8s %8s %10s" % ("page of 60, ms", "total", "p50", "p95", "max", "processor"))
    whole = show("all open", user, "area=" + CITY, rounds)
    show("its second page", user, "area=%s&cursor=%s" % (CITY, whole["cursor"]), rounds)
    show("200 rows", user, "limit=200&area=" + CITY, rounds)
    for states in COLUMNS:
        show("column " + states.split(",")[0], user, "area=%s&state=%s" % (CITY, states), rounds)
    show("street", user, "area=" + STREET, rounds)
    show("department", user, "area=%s&department=%s" % (CITY, DEPARTMENT), rounds)


# ---------------------------------------------------------------- in a browser


def in_a_browser(scene, build):
    environment = dict(os.environ, GP_ADDRESS=scene.origin(), GP_USER="desk", GP_PASSWORD=stage.PASSWORD,
                       GP_BOARD="/p/board?area=" + CITY)
    done = subprocess.run(["sh", SOURCE + "/tests/web/run.sh", SOURCE, build + "/tests/web/run", "board.bench.mjs"],
                          env=environment)
    return 0 if done.returncode == 77 else done.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", nargs="?", default=SOURCE + "/build/release")
    parser.add_argument("--open", type=int, default=100000, metavar="N", help="open incidents")
    parser.add_argument("--rounds", type=int, default=20, metavar="N", help="of each page")
    ask = parser.parse_args()
    stage.WAIT_S = SETTLE_S
    print("%d cores, load %.1f" % (os.cpu_count(), os.getloadavg()[0]), flush=True)
    scene = City(os.path.abspath(ask.build), ask.open)
    try:
        over_http(scene, ask.rounds)
        return in_a_browser(scene, os.path.abspath(ask.build))
    finally:
        print("load %.1f" % os.getloadavg()[0])
        scene.end()


if __name__ == "__main__":
    sys.exit(main())
