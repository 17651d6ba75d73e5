#!/usr/bin/env python3
"""Real figures, all the way: a gridpostd at work, the /metrics of a gridpost-web, a Prometheus that
scrapes it as config/monitoring/scrape.yaml says, and every query of the dashboard asked there.
Before that promtool reads what `gridpost metrics` prints, the counters must say what was done, and
none may fall.

  board.py GRIDPOST GRIDPOSTD GRIDPOST_WEB PROMTOOL PROMETHEUS SOURCE_DIR
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

GRIDPOST, GRIDPOSTD, GRIDPOST_WEB, PROMTOOL, PROMETHEUS, SOURCE = sys.argv[1:7]
PATIENCE_S = 150  # for whatever is waited for, on a slow machine
GRID, REPORTS, REFUSALS = "340705006001001", 7, 3
SAMPLE = re.compile(r"^(\w+)(\{.*\})? (\S+)$")


def fail(text):
    raise SystemExit("FAILED: " + text)


def wait_for(what, look):
    """Asks until the answer is true, and returns it."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    fail("waited in vain for " + what)


class Daemon:
    """A drill, so that steps fire while we look: a day in a second. A life before that, at the pace
    of a clock, has the web's device enrolled, since an invitation is over after 15 minutes."""

    def __init__(self, work):
        self.socket = f"ipc://{work}/intake"
        shutil.copytree(f"{SOURCE}/tests/golden/config", f"{work}/config")
        with open(f"{work}/config/org/people.csv", "a", encoding="utf-8") as people:
            people.write("web,web,,\nmonitor,monitor,,\n")
        with open(f"{work}/config/org/users.csv", "w", encoding="utf-8") as users:
            users.write("user,person,role,via\nmonitor,monitor,auditor,web\n"
                        "city,xu,dispatcher,web\n")
        os.mkdir(f"{work}/backup")
        self.words = [GRIDPOSTD, "--drill", "--clock-start", "2026-09-28T08:00+08:00", "--config",
                      f"{work}/config", "--store", f"{work}/store", "--keys", f"{work}/keys",
                      "--backup", f"{work}/backup", "--socket", self.socket, "--hint",
                      f"ipc://{work}/hint", "--edge", f"ipc://{work}/edge", "--insecure-local"]
        self.log = open(f"{work}/log", "ab")
        self.start()
        self.enrol(work)
        self.stop()
        self.start("--clock-rate", "86400")

    def start(self, *more):
        self.process = subprocess.Popen([*self.words, *more], stdout=self.log, stderr=self.log)
        wait_for("gridpostd", lambda: self.run("status").returncode == 0)

    def enrol(self, work):
        asked = json.loads(self.must("enrol", "web", "--role", "bridge", "--json", "--as", "zhou"))
        joined = json.loads(self.must("join", asked["invitation"], "--identity", f"{work}/bridge",
                                      "--socket", self.socket, "--label", "web", "--no-wait",
                                      "--json"))
        self.must("devices", "confirm", str(joined["device"]), "--digits", joined["digits"],
                  "--as", "zhou")

    def run(self, *words, program=GRIDPOST):
        environment = dict(os.environ, GRIDPOST_SOCKET=self.socket, LANGUAGE="C", LC_ALL="C.UTF-8")
        return subprocess.run([program, *words], env=environment, capture_output=True, text=True)

    def must(self, *words, program=GRIDPOST):
        done = self.run(*words, program=program)
        if done.returncode != 0:
            fail(f"gridpost {' '.join(words)}: {done.returncode} {done.stdout} {done.stderr}")
        return done.stdout

    def report(self, category="u2"):
        self.must("report", "--as", "li", "--grid", GRID, "--category", category, "lamp")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait() != 0:
            fail("gridpostd did not end in order")


# ---------------------------------------------------------------- the text


def samples(text):
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = SAMPLE.match(line)
        if not match:
            fail("not a sample: " + line)
        found[match[1] + (match[2] or "")] = float(match[3])
    return found


def check_by_promtool(text):
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True)
    if done.returncode != 0 or done.stderr:
        fail("promtool check metrics: " + done.stdout + done.stderr)


def no_counter_falls(before, after):
    kinds = ("_total", "_bucket", "_count", "_sum")
    for name, value in before.items():
        if not name.split("{")[0].endswith(kinds):
            continue
        if after.get(name, -1) < value:
            fail(f"{name} fell from {value} to {after.get(name)}")


def check_what_was_done(daemon):
    """Of a daemon that has just been started."""
    before = samples(daemon.must("metrics"))
    for _ in range(REPORTS):
        daemon.report()
    for _ in range(REFUSALS):
        if daemon.run("accept", "4711", "--as", "li").returncode == 0:
            fail("incident 4711 was accepted")
    text = daemon.must("metrics")
    after = samples(text)
    check_by_promtool(text)
    no_counter_falls(before, after)
    for name, expected in {
        'gridpost_commands_total{verb="report"}': REPORTS,
        'gridpost_commands_total{verb="accept"}': 0,
        'gridpost_refusals_total{reason="unknown_incident"}': REFUSALS,
        'gridpost_answers_total{status="refused"}': REFUSALS,
        'gridpost_answer_seconds_count': REPORTS + REFUSALS,
        'gridpost_requests_total{kind="command"}': REPORTS + REFUSALS,
        'gridpost_requests_total{kind="figures"}': 2,
        'gridpost_up': 1,
    }.items():
        if after.get(name) != expected:
            fail(f"{name} is {after.get(name)}, not {expected}")
    # What is counted in the store may be two seconds old.
    wait_for("the incidents to be counted",
             lambda: samples(daemon.must("metrics"))["gridpost_incidents_total"] == REPORTS)


def check_down(work):
    """What a collector gets of a daemon that is not there."""
    done = subprocess.run([GRIDPOST, "metrics", "--socket", f"ipc://{work}/nobody"],
                          capture_output=True, text=True)
    if done.returncode == 0 or samples(done.stdout) != {"gridpost_up": 0}:
        fail("a daemon that is not there: " + done.stdout)
    check_by_promtool(done.stdout)


# ---------------------------------------------------------------- served and scraped


class Web:
    """A gridpost-web, and some work before it over and over, so that something is to be seen."""

    def __init__(self, daemon, work):
        self.daemon, self.over, self.error = daemon, False, None
        secrets = ["--secrets", f"{work}/secrets"]
        with open(f"{work}/key", "w", encoding="utf-8") as file:
            file.write(daemon.must(*secrets, "key", "prometheus", "monitor", "--for", "metrics",
                                   program=GRIDPOST_WEB))
        self.process = subprocess.Popen(
            [GRIDPOST_WEB, *secrets, "--listen", "127.0.0.1:0", "--socket", daemon.socket,
             "--identity", f"{work}/bridge", "--config", f"{work}/config", "--pages",
             f"{SOURCE}/tools/web/pages", "--ready-file", f"{work}/ready", "--open311-user", "city"],
            stdout=daemon.log, stderr=daemon.log)
        wait_for("gridpost-web", lambda: self.listens(work))
        self.text = wait_for("its figures", lambda: self.scrape(work))
        self.work = work
        self.thread = threading.Thread(target=self.keep_at_it)
        self.thread.start()

    def listens(self, work):
        if self.process.poll() is not None:
            fail("gridpost-web ended")
        try:
            with open(f"{work}/ready", encoding="utf-8") as file:
                self.port = int(file.read().strip() or 0)
        except FileNotFoundError:
            return False
        return self.port != 0

    def fetch(self, path, **headers):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.read().decode()

    def scrape(self, work):
        with open(f"{work}/key", encoding="utf-8") as file:
            text = self.fetch("/metrics", Authorization="Bearer " + file.read().strip())
        return text if "gridpost_up 1" in text else None

    def keep_at_it(self):
        try:
            last = samples(self.text)
            while not self.over:
                self.daemon.report()
                self.daemon.run("accept", "4711", "--as", "li")
                self.daemon.must("watch", "--since", "0", "--count", "1", "--as", "li")
                try:
                    self.fetch("/open311/v2/services/n4")
                except urllib.error.HTTPError:
                    pass  # too fast, as a figure will say
                text = self.scrape(self.work)
                if text is None:
                    fail("the daemon was away")
                now = samples(text)
                no_counter_falls(last, now)
                last, self.text = now, text
        except BaseException as error:  # told by whoever looks next
            self.error = error

    def stop(self):
        self.over = True
        self.thread.join()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait()
        if self.error is not None:
            raise self.error
        if code != 0:
            fail(f"gridpost-web ended with {code}")


def scrape_config(work, port):
    """The sample that is installed, with our server in the place of the city's."""
    with open(f"{SOURCE}/config/monitoring/scrape.yaml", encoding="utf-8") as file:
        text = file.read()
    for theirs, ours in (("https", "http"), ("board.example.gov.cn", f"127.0.0.1:{port}"),
                         ("/etc/prometheus/gridpost.key", f"{work}/key")):
        if theirs not in text:
            fail(f"scrape.yaml has no {theirs}")
        text = text.replace(theirs, ours)
    return "global: {scrape_interval: 1s, scrape_timeout: 1s}\n" + text


class Prometheus:
    def __init__(self, work, target):
        with open(f"{work}/prometheus.yml", "w", encoding="utf-8") as file:
            file.write(scrape_config(work, target))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = open(f"{work}/prometheus.log", "wb")
        self.process = subprocess.Popen(
            [PROMETHEUS, f"--config.file={work}/prometheus.yml",
             f"--storage.tsdb.path={work}/data", f"--web.listen-address=127.0.0.1:{self.port}"],
            stdout=self.log, stderr=self.log)

    def get(self, path, **words):
        query = "?" + urllib.parse.urlencode(words) if words else ""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}{query}",
                                        timeout=PATIENCE_S) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            body = error.read()
            return body if error.code < 500 else b""  # it is not ready yet
        except OSError:
            if self.process.poll() is not None:
                fail("prometheus ended")
            return b""

    def ask(self, expression):
        answer = json.loads(self.get("/api/v1/query", query=expression) or b'{"status": "none"}')
        if answer["status"] == "error":
            fail(f"{expression}: {answer['error']}")
        return answer.get("data", {}).get("result", [])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.log.close()


# ---------------------------------------------------------------- the dashboard


def expressions():
    with open(f"{SOURCE}/config/monitoring/dashboard.json", encoding="utf-8") as file:
        board = json.load(file)
    ids = [panel["id"] for panel in board["panels"]]
    if len(set(ids)) != len(ids):
        fail("two panels have one id")
    found = [(panel["title"], target["expr"]) for panel in board["panels"]
             for target in panel.get("targets", [])]
    if len(found) < 40:
        fail("the dashboard lost its queries")
    return found, [note["expr"] for note in board["annotations"]["list"]]


def filled_in(expression):
    """As Grafana does."""
    return expression.replace("$__rate_interval", "30s").replace("$instance", ".*")


def has_data(prometheus, expression):
    return any(sample["value"][1] != "NaN" for sample in prometheus.ask(filled_in(expression)))


def check_dashboard(prometheus, server):
    wait_for("Prometheus", lambda: prometheus.get("/-/ready"))
    panels, notes = expressions()

    def look(expression):
        if server.error is not None:
            raise server.error
        return has_data(prometheus, expression)

    for title, expression in panels:
        wait_for(f"data of {title}: {expression}", lambda e=expression: look(e))
    for expression in notes:
        prometheus.ask(filled_in(expression))
    print(f"{len(panels)} queries have data")


def unnamed(text):
    """Series that no panel and no alert looks at."""
    with open(f"{SOURCE}/config/monitoring/alerts.yaml", encoding="utf-8") as file:
        used = file.read() + "".join(expression for _, expression in expressions()[0])
    names = re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE)
    return [name for name in names if name not in used]


def main(work):
    check_down(work)
    daemon = Daemon(work)
    check_what_was_done(daemon)
    daemon.must("backup")
    wait_for("an overdue incident",
             lambda: 'overdue_incidents{department="SZ"} 0' not in daemon.must("metrics"))
    server = Web(daemon, work)
    prometheus = Prometheus(work, server.port)
    try:
        check_dashboard(prometheus, server)
        left = set(unnamed(server.text)) - {"gridpost_info", "gridpost_counted_timestamp_seconds",
                                            "gridpost_counted_partially",
                                            "gridpost_steps_coalesced_total"}
        if left:
            fail("nobody looks at " + ", ".join(sorted(left)))
    finally:
        prometheus.stop()
        server.stop()
    daemon.stop()


with tempfile.TemporaryDirectory(prefix="gridpost-", dir="/tmp") as folder:
    try:
        main(folder)
    except BaseException:
        for name in ("log", "prometheus.log"):
            path = os.path.join(folder, name)
            if os.path.exists(path):
                with open(path, "rb") as log:
                    sys.stderr.write(log.read().decode(errors="replace")[-4000:])
        raise
