#!/usr/bin/env python3
"""Real figures, all the way: a gridpostd at work, `gridpost metrics` served on a local port, a
Prometheus that scrapes it, and every query of the dashboard asked there. Before that promtool reads
the same text, the counters must say what was done, and none may fall.

  board.py GRIDPOST GRIDPOSTD PROMTOOL PROMETHEUS SOURCE_DIR
"""

import http.server
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

GRIDPOST, GRIDPOSTD, PROMTOOL, PROMETHEUS, SOURCE = sys.argv[1:6]
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
    """A drill, so that steps fire while we look: a day in a second."""

    def __init__(self, work):
        self.socket = f"ipc://{work}/intake"
        shutil.copytree(f"{SOURCE}/tests/golden/config", f"{work}/config")
        os.mkdir(f"{work}/backup")
        words = [GRIDPOSTD, "--drill", "--clock-rate", "86400", "--clock-start",
                 "2026-09-28T08:00+08:00", "--config", f"{work}/config", "--store", f"{work}/store",
                 "--keys", f"{work}/keys", "--backup", f"{work}/backup", "--socket", self.socket,
                 "--hint", f"ipc://{work}/hint", "--edge", f"ipc://{work}/edge",
                 "--insecure-local"]
        self.log = open(f"{work}/log", "wb")
        self.process = subprocess.Popen(words, stdout=self.log, stderr=self.log)

    def run(self, *words):
        environment = dict(os.environ, GRIDPOST_SOCKET=self.socket, LANGUAGE="C", LC_ALL="C.UTF-8")
        return subprocess.run([GRIDPOST, *words], env=environment, capture_output=True, text=True)

    def must(self, *words):
        done = self.run(*words)
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


class Server:
    """Serves the newest output of `gridpost metrics`, which it has run over and over, with some
    work before each so that something is to be seen."""

    def __init__(self, daemon):
        self.daemon, self.text, self.over = daemon, daemon.must("metrics"), False
        self.error = None
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = server.text.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        self.threads = [threading.Thread(target=self.http.serve_forever),
                        threading.Thread(target=self.refresh)]
        for thread in self.threads:
            thread.start()

    def refresh(self):
        try:
            last = samples(self.text)
            while not self.over:
                self.daemon.report()
                self.daemon.run("accept", "4711", "--as", "li")
                self.daemon.must("watch", "--since", "0", "--count", "1", "--as", "li")
                text = self.daemon.must("metrics")
                now = samples(text)
                no_counter_falls(last, now)
                last, self.text = now, text
        except BaseException as error:  # told by whoever looks next
            self.error = error

    def stop(self):
        self.over = True
        self.http.shutdown()
        for thread in self.threads:
            thread.join()
        self.http.server_close()
        if self.error is not None:
            raise self.error


class Prometheus:
    def __init__(self, work, target):
        with open(f"{work}/prometheus.yml", "w", encoding="utf-8") as file:
            file.write("global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
                       "scrape_configs:\n"
                       "  - job_name: gridpost\n"
                       f"    static_configs: [{{targets: ['127.0.0.1:{target}']}}]\n")
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
    wait_for("gridpostd", lambda: daemon.run("status").returncode == 0)
    check_what_was_done(daemon)
    daemon.must("backup")
    wait_for("an overdue incident",
             lambda: 'overdue_incidents{department="SZ"} 0' not in daemon.must("metrics"))
    server = Server(daemon)
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
