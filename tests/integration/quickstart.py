#!/usr/bin/env python3
"""tools/quickstart.sh opens a board that is signed in and shows the drill, and leaves nothing behind.

usage: quickstart.py SOURCE BUILD
"""
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

WAIT_S = 100


class Failed(Exception):
    pass


def check(condition, *what):
    if not condition:
        raise Failed(" ".join(str(part) for part in what))


class Run:
    """One quickstart in a terminal of its own, on a desktop that only notes what it is asked to open."""

    def __init__(self, source, build, *options):
        self.work = tempfile.mkdtemp(prefix="gp-qs-")
        self.opened = self.work + "/opened"
        os.makedirs(self.work + "/bin")
        os.makedirs(self.work + "/tmp")
        with open(self.work + "/bin/xdg-open", "w") as desktop:
            desktop.write('#!/bin/sh\nprintf "%%s\\n" "$1" >"%s"\n' % self.opened)
        os.chmod(self.work + "/bin/xdg-open", 0o755)
        environment = dict(os.environ, DISPLAY=":0", TMPDIR=self.work + "/tmp",
                           PATH=self.work + "/bin:" + os.environ["PATH"])
        with open(self.work + "/said", "w") as said:
            self.process = subprocess.Popen([source + "/tools/quickstart.sh", "--build", build, *options],
                                            env=environment, stdout=said, stderr=said, start_new_session=True)

    def said(self):
        with open(self.work + "/said") as said:
            return said.read()

    def link(self):
        """Also waits for what is said behind it."""
        until_s = time.monotonic() + WAIT_S
        while "look at:" not in self.said():
            check(self.process.poll() is None and time.monotonic() < until_s, "no link in:", self.said())
            time.sleep(0.05)
        return next(line.strip() for line in self.said().splitlines() if "/demo?key=" in line)

    def interrupt(self):
        """As Ctrl-C does: all that is in the foreground."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(WAIT_S)
        check(self.process.returncode != 0 and "should not be" not in self.said(), self.process.returncode, self.said())
        check(os.listdir(self.work + "/tmp") == [], "left behind:", os.listdir(self.work + "/tmp"))

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
            self.process.wait(WAIT_S)
        shutil.rmtree(self.work)


def get(host, path, cookie=None):
    link = http.client.HTTPConnection(host, timeout=WAIT_S)
    link.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = link.getresponse()
    text = answer.read().decode()
    link.close()
    return answer, text


def look_at_the_board(link):
    host, _, path = link.removeprefix("http://").partition("/")
    answer, _ = get(host, "/" + path)
    check(answer.status == 303, "the link gave", answer.status)
    cookie = answer.getheader("set-cookie").split(";")[0]
    answer, text = get(host, answer.getheader("location"), cookie)
    check(answer.status == 200 and "<title>" in text and "/static/js/" in text, "no page:", answer.status, text[:200])
    answer, text = get(host, "/api/me", cookie)
    me = json.loads(text)
    check(answer.status == 200 and (me["user"], me["name"], me["drill"]) == ("demo", "Demo dispatcher", True), text)
    until_s = time.monotonic() + WAIT_S
    rows = []
    while not rows:  # the drill's reports come one by one
        check(time.monotonic() < until_s, "the board stays empty:", text)
        answer, text = get(host, "/api/board?area=900001", cookie)
        check(answer.status == 200, answer.status, text)
        rows = json.loads(text)["rows"]
    check(rows[0]["state"] == "dispatched" and rows[0]["due"].startswith("2015-06-"), rows[0])
    return host


def main():
    source, build = sys.argv[1:3]
    shown = Run(source, build)
    hidden = Run(source, build, "--no-browser")
    try:
        link = shown.link()
        host = look_at_the_board(link)
        hidden.link()
        for run in (shown, hidden):
            run.interrupt()
        check(open(shown.opened).read().strip() == link, "the desktop was not asked to open the link")
        check(not os.path.exists(hidden.opened), "--no-browser opened one")
        try:
            get(host, "/healthz")
        except OSError:
            return 0
        raise Failed("the board goes on")
    except (Failed, OSError, http.client.HTTPException, subprocess.SubprocessError) as problem:
        print("FAILED", repr(problem), shown.said())
        for folder in os.listdir(shown.work + "/tmp"):
            for log in ("web.log", "daemon.log"):
                print(log, open(os.path.join(shown.work, "tmp", folder, log)).read())
        return 1
    finally:
        shown.end()
        hidden.end()


if __name__ == "__main__":
    sys.exit(main())
