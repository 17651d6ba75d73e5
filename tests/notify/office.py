"""An office for stories: a real gridpostd in a drill, whose clock runs fast, and a gridpost-notify
that is enrolled with it as a bridge, in a folder of their own."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PROGRAMS = {name: os.environ[name] for name in ("GRIDPOST", "GRIDPOSTD", "NOTIFY", "SOURCE")}
PATIENCE_S = 60


def check(true, what):
    if not true:
        raise AssertionError(what)


class Office:
    def __init__(self, rate=3600):
        self.folder = tempfile.mkdtemp(prefix="gp-ntf-", dir="/tmp")  # an ipc address must be short
        self.config = os.path.join(self.folder, "config")
        self.state = os.path.join(self.folder, "state")
        self.settings = os.path.join(self.folder, "notify.yaml")
        self.log = os.path.join(self.folder, "log")
        self.rate = rate
        self.daemon = self.notify = None
        self.environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "Asia/Shanghai",
                            "GRIDPOST_SOCKET": self.ipc("intake"),
                            "GRIDPOST_IDENTITY": self.path("admin")}
        for name in ("ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "GCOV_PREFIX"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        shutil.copytree(os.path.join(PROGRAMS["SOURCE"], "tests/golden/config"), self.config)
        with open(os.path.join(self.config, "org/people.csv"), "a", encoding="utf-8") as people:
            people.write("notifier,通知程序,,\n")
        os.mkdir(self.state, 0o700)

    # ---- paths and programs

    def path(self, name):
        return os.path.join(self.folder, name)

    def ipc(self, name):
        return "ipc://" + self.path(name)

    def run(self, program, *words, code=0):
        done = subprocess.run([PROGRAMS[program], *words], env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=PATIENCE_S)
        check(code is None or done.returncode == code, "%s %s ended with %d: %s%s" %
              (program, " ".join(words), done.returncode, done.stdout, done.stderr))
        return done.stdout

    def gridpost(self, *words, **options):
        return self.run("GRIDPOST", *words, **options)

    # ---- the daemon

    def start_daemon(self, start="2026-06-22T09:00+08:00", rate=None):
        words = [PROGRAMS["GRIDPOSTD"], "--drill", "--insecure-local", "--clock-start", start,
                 "--clock-rate", str(rate or self.rate), "--config", self.config,
                 "--store", self.path("store"), "--keys", self.path("keys"),
                 "--socket", self.ipc("intake"), "--edge", self.ipc("edge"), "--hint", ""]
        with open(self.log, "a", encoding="utf-8") as log:
            self.daemon = subprocess.Popen(words, env=self.environment, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE_S
        while subprocess.run([PROGRAMS["GRIDPOST"], "status", "--timeout", "5"],
                             env=self.environment, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL).returncode != 0:
            check(time.monotonic() < until and self.daemon.poll() is None, "no daemon came up")

    def stop_daemon(self):
        self.daemon.terminate()
        code = self.daemon.wait(PATIENCE_S)
        self.daemon = None
        check(code == 0, "gridpostd ended with %d" % code)

    def open(self):
        """Keys, an admin, a daemon, and the notifier's device. An invitation lives for 15 minutes of
        the drill's clock, so that clock has to be slow at first."""
        self.gridpost("init", "--config", self.config, "--keys", self.path("keys"), "--as", "zhou",
                      "--label", "desk")
        self.start_daemon("2026-06-22T08:30+08:00", rate=1)
        invitation = json.loads(self.gridpost("enrol", "notifier", "--role", "bridge", "--json"))
        said = json.loads(self.gridpost("join", invitation["invitation"], "--identity",
                                        self.path("identity"), "--socket", self.ipc("intake"),
                                        "--label", "notify", "--no-wait", "--json"))
        self.gridpost("devices", "confirm", str(said["device"]), "--digits", said["digits"])
        self.stop_daemon()
        self.start_daemon()
        return self

    def set_right(self, action, scope):
        """Gives the role bridge one right in a row of its own, and waits until that is in force."""
        path = os.path.join(self.config, "org/rights.csv")
        with open(path, encoding="utf-8") as rights:
            rows = [row.split(",") for row in rights.read().splitlines()]
        for row in rows:
            if row[0] == "bridge":
                row[1] = " ".join(word for word in row[1].split() if word != action)
        rows = [row for row in rows if row[1]] + [["bridge", action, scope]]
        with open(path, "w", encoding="utf-8") as rights:
            rights.write("\n".join(",".join(row) for row in rows) + "\n")
        seen = self.logged().count("reload:")
        self.daemon.send_signal(signal.SIGHUP)
        self.wait_logged("(?s)" + "reload:.*" * (seen + 1))

    def report(self, category="u2", grid="340705006001001", text="secret words 13800138000",
               by="li"):
        """Reports and returns the incident's number."""
        said = json.loads(self.gridpost("report", "--identity", "", "--as", by, "--grid", grid,
                                        "--category", category, "--json", text))
        return said["incident"]

    def entries(self):
        """The whole journal."""
        lines = self.gridpost("watch", "--since", "0", "--no-follow", "--json").splitlines()
        return [json.loads(line) for line in lines]

    def wait_for(self, enough, what):
        """Until enough(entries) of the journal."""
        until = time.monotonic() + PATIENCE_S
        while True:
            entries = self.entries()
            if enough(entries):
                return entries
            check(time.monotonic() < until, "the journal never had " + what)

    # ---- the notifier

    def configure(self, text):
        """Writes the settings; what every story needs stands before the text."""
        with open(self.settings, "w", encoding="utf-8") as settings:
            settings.write("socket: %s\nidentity: %s\nstate: %s\ndirectory: %s\n" %
                           (self.ipc("intake"), self.path("identity"), self.state, self.config))
            settings.write(text)

    def secret(self, name, text):
        path = self.path(name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                  encoding="utf-8") as secret:
            secret.write(text)
        return path

    def notifier(self, *words, **options):
        return self.run("NOTIFY", *words, "--config", self.settings, **options)

    def start_notifier(self, *words, since=0):
        since = ["--since", str(since)] if since is not None else []
        with open(self.log, "a", encoding="utf-8") as log:
            self.notify = subprocess.Popen(
                [PROGRAMS["NOTIFY"], "run", "--config", self.settings, *since, *words],
                env=self.environment, stdout=log, stderr=log)

    def kill_notifier(self):
        self.notify.send_signal(signal.SIGKILL)
        self.notify.wait(PATIENCE_S)
        self.notify = None

    def stop_notifier(self, code=0):
        self.notify.terminate()
        got = self.notify.wait(PATIENCE_S)
        self.notify = None
        check(got == code, "gridpost-notify ended with %d" % got)

    def logged(self):
        with open(self.log, encoding="utf-8") as log:
            return log.read()

    def wait_logged(self, pattern):
        until = time.monotonic() + PATIENCE_S
        while not re.search(pattern, self.logged()):
            check(time.monotonic() < until, "the log never had " + pattern)
            time.sleep(0.01)

    def close(self, failed=False):
        for process in (self.notify, self.daemon):
            if process and process.poll() is None:
                process.kill()
                process.wait()
        if failed:
            sys.stderr.write(self.logged())
        shutil.rmtree(self.folder)
