#!/usr/bin/env python3
"""/metrics of the real gridpost-web before the real daemon: who may read it, and that it is true.

usage: metrics.py GRIDPOSTD GRIDPOST GRIDPOST_WEB SOURCE [STORY…], promtool in PATH
"""
import re
import shutil
import signal
import subprocess
import sys

import stage
from open311 import City
from stage import GRID, WAIT_S, check, until

SAMPLE = re.compile(r"^(\w+(?:\{.*\})?) (\S+)$")


class Watched(City):
    def enrol(self):
        super().enrol()
        self.weak = self.secret("key", "weak", "walker", "--for", "metrics").strip()

    def metrics(self, expected=200, key=None, scheme="Bearer "):
        headers = {} if key is False else {"Authorization": scheme + (key or self.collector)}
        status, text, answer = self.request("GET", "/metrics", None, headers)
        check(status == expected, status, text)
        return text, answer

    def figures(self):
        found = {}
        for line in self.metrics()[0].splitlines():
            if not line.startswith("#"):
                name, value = SAMPLE.match(line).groups()
                found[name] = float(value)
        return found


def only_a_key_for_it_reads(city):
    _, answer = city.metrics(401, False)
    check(answer.getheader("www-authenticate") == "Bearer")
    for key in ("0" * 64, city.key, "", city.collector + "0"):
        city.metrics(401, key or " ")
    city.metrics(401, scheme="Basic ")
    city.metrics(scheme="bearer ")
    check("gridpost" not in city.metrics(403, city.weak)[0])
    user = city.user("light")
    check(city.get("/metrics", user.cookie)[0] == 401, "a session is no key")


def it_is_what_prometheus_reads(city):
    text, answer = city.metrics()
    check(answer.getheader("content-type") == "text/plain; version=0.0.4; charset=utf-8")
    promtool = shutil.which("promtool")
    if promtool is None:
        print("promtool was not found, and has not looked at it")
        return
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True)
    check(done.returncode == 0 and not done.stderr, done.stdout, done.stderr)


def it_counts_what_was_done(city):
    before = city.figures()
    live = city.user("desk").stream("area=340705006")
    live.until("head")
    city.send("requests.json", service_code="n4", address_id=GRID)
    city.json("services/none", 404)
    city.json("services")
    after = city.figures()
    live.close()

    def grown(name, by):
        check(after[name] - before[name] == by, name, before[name], after[name], by)

    grown('gridpost_commands_total{verb="report"}', 1)
    grown('gridpost_web_open311_calls_total{method="post"}', 1)
    grown('gridpost_web_open311_calls_total{method="get"}', 2)
    grown('gridpost_web_answers_total{status="404"}', 1)
    check(after['gridpost_web_answers_total{status="200"}'] > before['gridpost_web_answers_total{status="200"}'])
    grown("gridpost_web_sessions", 1)
    grown("gridpost_web_streams", 1)
    check(after["gridpost_web_open311_under_way"] == 0 and after["gridpost_up"] == 1)
    check(after["gridpost_web_daemon_silent_seconds"] < WAIT_S, after)
    until(lambda: city.figures()["gridpost_web_streams"] == 0, "the end of the stream")


def who_is_held_back_is_counted(city):
    name = 'gridpost_web_open311_held_back_total{reason="limited"}'
    check(city.figures()[name] == 0)
    for _ in range(10000):
        if city.request("GET", "/open311/v2/services/n4", None, {"X-Forwarded-For": "198.51.100.9"})[0] == 429:
            break
    check(city.figures()[name] == 1)


def a_daemon_that_is_away_is_a_figure(city):
    city.daemon.terminate()
    check(city.daemon.wait(WAIT_S) == 0)
    until(lambda: city.figures()["gridpost_up"] == 0, "word of it")
    until(lambda: city.figures()["gridpost_web_daemon_silent_seconds"] > 2.5, "its silence")
    check("gridpost_commands_total" not in city.metrics()[0])
    check(city.ask("services.json", 503)[1].getheader("retry-after") == "2")
    check(city.figures()['gridpost_web_open311_held_back_total{reason="busy"}'] == 1)
    city.start_daemon()
    until(lambda: city.figures()["gridpost_up"] == 1, "the daemon again")


def a_key_ends_with_its_user(city):
    city.write_users(city.rows.replace("chief,zhou,admin,web\n", ""))
    city.daemon.send_signal(signal.SIGHUP)
    until(lambda: city.request("GET", "/metrics", None, {"Authorization": "Bearer " + city.collector})[0] == 401,
          "the end of the key")


STORIES = [only_a_key_for_it_reads, it_is_what_prometheus_reads, it_counts_what_was_done, who_is_held_back_is_counted,
           a_daemon_that_is_away_is_a_figure, a_key_ends_with_its_user]

if __name__ == "__main__":
    sys.exit(stage.main(Watched, STORIES))
