#!/usr/bin/env python3
"""Open311 as its clients see it: the real daemon behind the real gridpost-web, over HTTP.

usage: open311.py GRIDPOSTD GRIDPOST GRIDPOST_WEB SOURCE [STORY…]
"""
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree as ET

import stage
from stage import GRID, WAIT_S, check, until

BASE = "/open311/v2/"
FORM = "application/x-www-form-urlencoded"
READS, POSTS, CALLS = 120, 120, 16  # api_open311.c


class City(stage.Scene):
    """The same with a user for Open311, and an app's key."""

    web_words = ("--behind-proxy", "--open311-user", "city", "--open311-jurisdiction", "tongguan", "--open311-contact",
                 "12345", "--open311-language", "en")
    rows = ("desk,wu,dispatcher,web\nchief,zhou,admin,web\nlight,chen,handler,web\nwalker,li,officer,web\n"
            "city,xu,dispatcher,web\n")

    def __init__(self, *programs):
        self.peers = 0
        super().__init__(*programs)
        self.new_peer()

    def enrol(self):
        super().enrol()
        self.key = self.secret("key", "市民通", "--for", "open311").strip()
        self.collector = self.secret("key", "prom", "chief", "--for", "metrics").strip()

    def make_city(self):
        super().make_city()
        self.write_users(self.rows)
        ring = [[117.80, 30.94], [117.82, 30.94], [117.82, 30.96], [117.80, 30.96], [117.80, 30.94]]
        with open(self.work + "/config/org/geometry.geojson", "w") as outlines:
            json.dump({"type": "FeatureCollection", "features": [
                {"type": "Feature", "properties": {"code": GRID}, "geometry": {"type": "Polygon", "coordinates": [ring]}}]},
                      outlines)

    def new_peer(self):
        """Each story comes from an address of its own, for addresses are counted."""
        self.peers += 1
        self.peer = "192.0.2.%d" % self.peers

    def ask(self, path, expected=200, peer=None, **query):
        status, text, answer = self.request("GET", BASE + path + "?" + urllib.parse.urlencode(query), None,
                                            {"X-Forwarded-For": peer or self.peer})
        check(status == expected, path, query, "gave", status, text)
        return text, answer

    def json(self, path, expected=200, **query):
        """JSON is what the answer says that it is, so the fixture has read it."""
        value, answer = self.ask(path + ".json", expected, **query)
        check(not isinstance(value, str), path, "is", answer.getheader("content-type"))
        return value

    def send(self, path, expected=200, key=None, peer=None, kind=FORM, **form):
        """A form; in names of attributes _ stands for what a name may not have here."""
        form = {("attribute[%s]" % name[5:] if name.startswith("attr_") else name): text for name, text in form.items()}
        if key is not False:
            form["api_key"] = key or self.key
        status, value, answer = self.request("POST", BASE + path, urllib.parse.urlencode(form),
                                             {"X-Forwarded-For": peer or self.peer, "Content-Type": kind})
        check(status == expected, path, form, "gave", status, value)
        return value, answer

    def take(self, **form):
        """The number of a report that was taken."""
        form.setdefault("service_code", "n4")
        form.setdefault("address_id", GRID)
        rows, _ = self.send("requests.json", **form)
        return int(rows[0]["service_request_id"])

    def under_way(self):
        _, text, _ = self.request("GET", "/metrics", None, {"Authorization": "Bearer " + self.collector})
        return int(text.split("\ngridpost_web_open311_under_way ")[1].split("\n")[0])

    def show(self, number):
        return json.loads(self.run("gridpost", "show", str(number), "--identity", self.work + "/bridge", "--as", "wu",
                                   "--json"))


# ---------------------------------------------------------------- stories


def who_comes_finds_what_is_here(city):
    text, answer = city.ask("discovery.xml")
    check(answer.getheader("content-type").startswith("text/xml"), answer.getheader("content-type"))
    root = ET.fromstring(text)
    check(root.findtext("contact") == "12345", text)
    url = root.findtext("endpoints/endpoint/url")
    check(url == city.origin() + "/open311/v2", url)
    check(root.findtext("endpoints/endpoint/type") == "production", text)
    check(city.ask("discovery")[0] == text, "without a format it is XML")
    services = city.json("services")
    check([row["service_name"] for row in services if row["service_code"] == "n4"] == ["n4"], services)
    check([row["service_name"] for row in city.json("services", locale="zh")
           if row["service_code"] == "n4"] == ["类别n4"])
    definition = city.json("services/c")
    check([value["key"] for value in definition["attributes"][0]["values"]] == ["broken", "missing"], definition)
    city.json("services/c", jurisdiction_id="tongguan")
    city.json("services/c", 404, jurisdiction_id="elsewhere")
    city.json("nothing", 404)
    city.json("services/%2e%2e%2fn4", 404)


def other_sites_may_read_and_nobody_is_known(city):
    _, answer = city.ask("services.json")
    check(answer.getheader("access-control-allow-origin") == "*")
    check(answer.getheader("set-cookie") is None and answer.getheader("access-control-allow-credentials") is None)
    check(answer.getheader("cache-control") == "no-store")
    _, answer = city.send("requests.json", service_code="n4", address_id=GRID)
    check(answer.getheader("access-control-allow-origin") is None, "reporting is not for other sites' pages")
    for path in ("/healthz", "/", "/api/me"):
        check(city.request("GET", path)[2].getheader("access-control-allow-origin") is None, path)
    status, text, answer = city.request("HEAD", BASE + "services.json", None, {"X-Forwarded-For": city.peer})
    check(status == 200 and text == "" and int(answer.getheader("content-length")) > 2)


def every_answer_is_as_the_schemas_say(city):
    number = city.take(description="第一盏灯 <b>", lat="30.9512345", long="117.81")
    city.run("gridpost", "accept", str(number), "--identity", city.work + "/bridge", "--as", "li")
    folder = city.work + "/answers"
    os.mkdir(folder)
    wanted = {"discovery": ("discovery", {}), "services": ("services", {}), "services-zh": ("services", {"locale": "zh"}),
              "definition-c": ("services/c", {}), "definition-n4": ("services/n4", {}), "requests": ("requests", {}),
              "requests-all": ("requests", {"extensions": "true"}), "request": ("requests/%d" % number, {}),
              "token": ("tokens/%d" % number, {}), "updates": ("servicerequestupdates", {}),
              "error": ("requests/999999", {})}
    for name, (path, query) in wanted.items():
        for kind in ("json", "xml"):
            value, _ = city.ask(path + "." + kind, 404 if name == "error" else 200, **query)
            with open("%s/%s.%s" % (folder, name, kind), "w") as file:
                file.write(value if kind == "xml" else json.dumps(value))
    for name, path, form in (("posted", "requests", {"service_code": "n8", "address_id": GRID}),
                             ("commented", "servicerequestupdates", {"service_request_id": number, "description": "x"})):
        with open("%s/%s.json" % (folder, name), "w") as file:
            json.dump(city.send(path + ".json", **form)[0], file)
        ET.fromstring(city.send(path + ".xml", **form)[0])
    try:
        import jsonschema  # noqa: F401: schema.py needs it
    except ImportError:
        print("schemas are not looked at: python3-jsonschema was not found")
        return
    done = subprocess.run([sys.executable, "-B", "-W", "ignore", city.source + "/tests/open311/schema.py", city.source,
                           folder], capture_output=True, text=True)
    check(done.returncode == 0, done.stdout, done.stderr)


def what_comes_in_is_an_incident_like_any_other(city):
    rows, _ = city.send("requests.json", service_code="c", attr_condition="missing", address_id=GRID,
                        description="井盖没了\r\n当心", lat="30.95", long="117.81", first_name="王", email="w@x.example",
                        phone="13800000000", address_string="长江路 1 号")
    number = int(rows[0]["service_request_id"])
    check("10:00" in rows[0]["service_notice"], "due in two hours", rows)
    seen = city.show(number)
    check(seen["state"] == "dispatched" and seen["category"] == "c" and seen["condition"] == "missing", seen)
    check(seen["area"] == GRID and seen["owner"].startswith("A-shizheng") and seen["reporter"] == "xu", seen)
    check(seen["text"].startswith("井盖没了\n当心") and "市民通" in seen["text"] and "w@x.example" in seen["text"], seen)
    check([step["step"] for step in seen["steps"]][:3] == ["dispatch", "unaccepted", "yellow"], seen["steps"])
    told = [json.loads(line) for line in
            city.run("gridpost", "watch", "--since", "0", "--no-follow", "--area", "340705006", "--identity", city.work + "/bridge", "--as", "wu",
                     "--json").splitlines()]
    told = [entry for entry in told if entry.get("incident") == number]
    check([entry["what"] for entry in told[:3]] == ["reported", "filed", "dispatched"], told)
    check(told[0]["actor"] == "xu" and told[0]["by_device"] == int(city.bridge), told[0])
    check(any(entry["what"] == "step" for entry in told), told)
    board = city.user("desk").get("/api/board?area=340705006")
    check(any(row["incident"] == number for row in board["rows"]))
    shown = city.json("requests/%d" % number)[0]
    check(shown["description"] == "井盖没了\n当心" and shown["status"] == "open", shown)
    check("13800000000" not in json.dumps(shown) and "w@x.example" not in json.dumps(shown), shown)


def a_position_finds_its_grid(city):
    rows, _ = city.send("requests.json", service_code="n4", lat="30.95", long="117.81")
    check(city.show(int(rows[0]["service_request_id"]))["area"] == GRID)
    rows, _ = city.send("requests.json", 400, service_code="n4", lat="30.95", long="117.83")
    check("in no grid" in rows[0]["description"], rows)
    city.send("requests.json", 400, service_code="n4", address_string="长江路 1 号")


def what_is_private_is_nowhere(city):
    number, public = city.report("不公开的", "p4"), city.report("公开的", "n2")
    check("p4" not in [row["service_code"] for row in city.json("services")])
    city.json("services/p4", 404)
    city.json("requests/%d" % number, 404)
    city.json("tokens/%d" % number, 404)
    rows = city.json("requests")
    check(str(public) in [row["service_request_id"] for row in rows], rows)
    check(str(number) not in [row["service_request_id"] for row in rows], rows)
    check(city.json("requests", service_request_id="%d,%d" % (number, public))[0]["service_request_id"] == str(public))
    check(str(number) not in [row["service_request_id"] for row in city.json("servicerequestupdates")])
    check("公开的" not in json.dumps(rows, ensure_ascii=False), "texts of staff are not shown")
    city.send("requests.json", 404, service_code="p4", address_id=GRID)
    city.send("servicerequestupdates.json", 404, service_request_id=number, description="x")


def instant(city):
    """The daemon's clock, to the second."""
    return json.loads(city.run("gridpost", "status", "--json"))["now"][:19] + "+08:00"


def next_second(city):
    now = instant(city)
    return until(lambda: instant(city) > now, "the next second") and instant(city)


def updates_are_polled_as_fixmystreet_does(city):
    begin = instant(city)
    number = city.take(description="灯", service_code="n2")
    city.run("gridpost", "accept", str(number), "--identity", city.work + "/bridge", "--as", "li")
    middle = next_second(city)
    next_second(city)  # an end counts as the whole of its second: nothing is to happen in that of the middle
    city.run("gridpost", "finish", str(number), "换了", "--identity", city.work + "/bridge", "--as", "li")
    city.send("servicerequestupdates.json", service_request_id=number, description="谢谢", status="CLOSED")
    late = "2026-06-16T08:00:00+08:00"

    def poll(start, end, **more):
        return [row for row in city.json("servicerequestupdates", start_date=start, end_date=end, **more)
                if row["service_request_id"] == str(number)]

    first, second, both = poll(begin, middle), poll(middle, late), poll(begin, late)
    check([row["status"] for row in first] == ["INVESTIGATING", "IN_PROGRESS"], first)
    check([row["external_status_code"] for row in second] == ["finished"], second)
    check(first + second == both, "spans that meet have each update once", first, second, both)
    ids = [int(row["update_id"]) for row in both]
    check(ids == sorted(set(ids)), ids)
    check("换了" not in json.dumps(both, ensure_ascii=False) and "谢谢" not in json.dumps(both, ensure_ascii=False), both)
    check(poll(begin, late, locale="zh")[0]["description"] != first[0]["description"])
    # As FixMyStreet's client writes them: the plus of the zone is not encoded.
    status, rows, _ = city.request("GET", "%sservicerequestupdates.json?start_date=%s&end_date=%s" % (BASE, begin, late),
                                   None, {"X-Forwarded-For": city.peer})
    check(status == 200 and [row for row in rows if row["service_request_id"] == str(number)] == both, rows)


def only_a_key_for_it_reports(city):
    form = {"service_code": "n4", "address_id": GRID}
    for key in (False, "0" * 64, "x", city.collector):
        rows, _ = city.send("requests.json", 403, key, **form)
        check(rows[0]["code"] == 403, rows)
    city.send("servicerequestupdates.json", 403, "0" * 64, service_request_id=1, description="x")
    other = city.secret("key", "map", "--for", "open311").strip()
    web = lambda: city.request("POST", BASE + "requests.json", urllib.parse.urlencode(dict(form, api_key=other)),
                               {"Content-Type": FORM, "X-Forwarded-For": city.peer})[0]
    until(lambda: web() == 200, "the new key")
    check("map\tkey open311\n" in city.secret("list"))
    city.secret("remove-key", "map")
    city.new_peer()
    until(lambda: web() == 403, "the end of the key")
    city.send("requests.json", **form)


def mistakes_are_told_of_in_its_own_way(city):
    rows, _ = city.send("requests.json", 400, attr_condition="x")
    check(rows[0]["code"] == 400 and "service_code" in rows[0]["description"], rows)
    text, _ = city.send("requests.xml", 415, kind="application/json", service_code="n4")
    check(ET.fromstring(text).findtext("error/code") == "415", text)
    city.send("services.json", 400)
    city.json("requests", 400, start_date="2026-06-15T08:00:00")
    city.json("requests", 400, page="0")
    big, _ = city.send("requests.json", 413, service_code="n4", description="x" * 70000)
    check(big["error"] == "too_large", big)


def who_asks_too_much_must_wait(city):
    for _ in range(READS):
        city.ask("services/n4", peer="198.51.100.1")
    for _ in range(50 * READS):  # one comes free each half second
        status, text, answer = city.request("GET", BASE + "services/n4", None, {"X-Forwarded-For": "198.51.100.1"})
        if status != 200:
            break
    check(status == 429 and int(answer.getheader("retry-after")) >= 1, status, text)
    check(ET.fromstring(text).findtext("error/code") == "429", text)
    city.ask("services/n4", peer="198.51.100.2")
    city.send("requests.json", 429, service_code="none", peer="198.51.100.1")


def a_key_reports_no_faster_than_it_may(city):
    fast = city.secret("key", "fast", "--for", "open311").strip()
    city.web.send_signal(signal.SIGHUP)
    wait = 0
    for _ in range(50 * POSTS):  # one comes free each fifth of a second
        status, _, answer = city.request(
            "POST", BASE + "requests.json", urllib.parse.urlencode({"api_key": fast, "service_code": "none"}),
            {"Content-Type": FORM, "X-Forwarded-For": "203.0.113.1"})
        if status == 429:
            wait = int(answer.getheader("retry-after"))
            break
        check(status in (404, 403), status)
    check(wait >= 1, "a key may report without end")
    city.send("requests.json", 404, service_code="none", peer="203.0.113.1")


def the_boards_go_on_while_it_is_busy(city):
    desk = city.user("desk")
    number = city.take()
    city.daemon.send_signal(signal.SIGSTOP)
    try:
        links = []
        for i in range(CALLS):
            link = socket.create_connection(("127.0.0.1", city.port), WAIT_S)
            link.sendall(("GET %srequests/%d.json HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.%d\r\n"
                          "Connection: close\r\n\r\n" % (BASE, number, 10 + i)).encode())
            links.append(link)

        def busy():
            status, _, answer = city.request("GET", BASE + "services.json", None, {"X-Forwarded-For": city.peer})
            return status == 503 and answer.getheader("retry-after") == "2"

        until(busy, "word that it is busy")
        desk.get("/api/me")
        links.pop().close()
        until(lambda: city.under_way() == CALLS - 1, "the place of one who has left")
    finally:
        city.daemon.send_signal(signal.SIGCONT)
    for link in links:
        with link, link.makefile("rb") as answer:
            check(b" 200 " in answer.readline())
    city.new_peer()
    city.json("services")


def it_lives_and_ends_with_its_user(city):
    city.write_users(city.rows.replace("city,xu,dispatcher,web\n", ""))
    city.daemon.send_signal(signal.SIGHUP)
    city.new_peer()
    until(lambda: city.request("GET", BASE + "services.json", None, {"X-Forwarded-For": city.peer})[0] == 503,
          "the end of Open311")
    check("city is no user" in open(city.work + "/log").read())
    city.write_users(city.rows)
    city.daemon.send_signal(signal.SIGHUP)
    city.new_peer()
    until(lambda: city.request("GET", BASE + "services.json", None, {"X-Forwarded-For": city.peer})[0] == 200,
          "Open311 again")


STORIES = [who_comes_finds_what_is_here, other_sites_may_read_and_nobody_is_known, every_answer_is_as_the_schemas_say,
           what_comes_in_is_an_incident_like_any_other, a_position_finds_its_grid, what_is_private_is_nowhere,
           updates_are_polled_as_fixmystreet_does, only_a_key_for_it_reports, mistakes_are_told_of_in_its_own_way,
           who_asks_too_much_must_wait, a_key_reports_no_faster_than_it_may, the_boards_go_on_while_it_is_busy,
           it_lives_and_ends_with_its_user]


def from_an_address_of_its_own(story):
    def told(city):
        city.new_peer()
        story(city)

    told.__name__ = story.__name__
    return told


if __name__ == "__main__":
    sys.exit(stage.main(City, [from_an_address_of_its_own(story) for story in STORIES]))
