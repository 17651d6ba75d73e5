#!/usr/bin/env python3
"""The district's counts and map, and the search, of the real gridpost-web in front of the real daemon.

usage: calls.py GRIDPOSTD GRIDPOST GRIDPOST_WEB SOURCE [STORY…]
"""
import json
import lzma
import os
import signal
import sys
import urllib.parse

import stage
from stage import GRID, WAIT_S, check, new_id, until

STREET, COMMUNITY, OTHER = "340705006", "340705006001", "340705402"
SECOND = "340705006001002"
MANY = 450  # more than two of the daemon's pages


class Scene(stage.Scene):
    """Two communities, somebody of each, and real outlines under their codes."""

    def make_city(self):
        super().make_city()
        with open(self.work + "/config/org/people.csv", "a") as people:
            people.write("hotline,热线,,\n")
        with lzma.open(self.source + "/tests/data/manhattan.geojson.xz", "rt") as file:
            self.real = {feature["properties"]["BoroCD"]: feature["geometry"]
                         for feature in json.load(file)["features"]}
        self.put_outlines({STREET: 101, COMMUNITY: 102, OTHER: 105, GRID: 103, SECOND: 106})

    def write_users(self, rows):
        super().write_users(rows + "far,kong,dispatcher,web\nboss,qin,auditor,web\n")

    def enrol(self):
        super().enrol()
        self.enrol_bridge("hotline", "hotline")  # has no users, and reports for everybody
        for user in ("far", "boss"):
            self.secret("password", user, text=stage.PASSWORD + "\n")

    def put_outlines(self, districts):
        features = [{"type": "Feature", "properties": {"code": code}, "geometry": self.real[district]}
                    for code, district in districts.items()]
        self.put_geometry(json.dumps({"type": "FeatureCollection", "features": features}))

    def put_geometry(self, text):
        path = self.work + "/config/org/geometry.geojson"
        with open(path + ".new", "w") as file:
            file.write(text)
        os.rename(path + ".new", path)

    def report_as(self, person, grid, category, text):
        out = self.run("gridpost", "report", "--identity", self.work + "/hotline", "--as", person, "--grid", grid,
                       "--category", category, text, "--json")
        return json.loads(out)["incident"]


def found(user, expected=200, **keys):
    """All numbers that are found, page by page."""
    numbers, cursor = [], ""
    while cursor is not None:
        value = user.get("/api/search?" + urllib.parse.urlencode(dict(keys, cursor=cursor)), expected)
        if expected != 200:
            return value
        check(len(value["rows"]) <= keys.get("limit", 60), "a page has more than its limit")
        numbers += [row["incident"] for row in value["rows"]]
        cursor = value["cursor"]
        check(numbers == sorted(set(numbers), reverse=True), "the newest first, each once", numbers)
    return numbers


# ---------------------------------------------------------------- counts


def counts_of(value, area):
    return next(row for row in value["rows"] if row["area"] == area)


def check_sums(value):
    for row in [value["area"], *value["rows"], *value["departments"]]:
        check(row["open"] == row["running"] + row["yellow"] + row["overdue"] + row["still"], row)
        check(row["soon"] <= row["running"] + row["yellow"], row)


def the_district_is_counted(scene):
    boss, desk = scene.user("boss"), scene.user("desk")
    before = boss.get("/api/summary")
    scene.report()
    scene.report_as("he", OTHER + "001001", "f2", "烟")
    waits = scene.report_as("li", GRID, "m4", "等受理")

    def counted():
        now = boss.get("/api/summary")
        return now["area"]["open"] == before["area"]["open"] + 3 and now

    whole = until(counted, "a census with the reports")
    check_sums(whole)
    check(whole["area"]["area"] is None and [row["area"] for row in whole["rows"]] == ["340705"], whole)
    check(whole["head"] > before["head"] and whole["now"].startswith("2026-06-15") and not whole["partial"], whole)
    district = boss.get("/api/summary?area=340705")
    check([row["area"] for row in district["rows"]] == [STREET, OTHER], district["rows"])
    check(district["area"]["area"] == "340705" and district["area"]["open"] == whole["area"]["open"])
    check(sum(row["open"] for row in district["rows"]) == whole["area"]["open"], district)
    check({row["department"]: row["open"] for row in district["departments"]}["XF"] == 1, district["departments"])
    fire = boss.get("/api/summary?area=340705&department=XF")
    check(fire["area"]["open"] == 1 and fire["area"]["department"] == "XF", fire)
    check(counts_of(fire, STREET)["open"] == 0 and counts_of(fire, OTHER)["open"] == 1, "none is told as none", fire)
    community = desk.get("/api/summary?area=" + COMMUNITY)
    check([row["area"] for row in community["rows"]] == [GRID, SECOND], community["rows"])
    check(counts_of(community, GRID)["still"] >= 1, "what waits to be filed", waits, community)
    check(desk.get("/api/summary?area=" + GRID)["rows"] == [], "a grid has nothing below")


def the_district_keeps_what_is_private(scene):
    desk = scene.user("desk")
    before = desk.get("/api/summary?area=" + COMMUNITY)
    scene.report_as("zhao", SECOND, "p4", "私事")

    def counted():
        now = desk.get("/api/summary?area=" + COMMUNITY)
        return now["area"]["open"] == before["area"]["open"] + 1 and now

    after = until(counted, "the private one in its community")
    check([row["open"] for row in after["rows"]] == [row["open"] for row in before["rows"]], "but in no grid", after)


def nobody_counts_what_is_not_theirs(scene):
    far, walker, desk = scene.user("far"), scene.user("walker"), scene.user("desk")
    check(far.get("/api/summary?area=" + STREET, 403)["error"] == "no_right")
    check(far.get("/api/summary", 403)["error"] == "no_right")
    check(far.get("/api/summary?area=" + OTHER)["area"]["area"] == OTHER)
    check(walker.get("/api/summary?area=" + COMMUNITY, 403)["error"] == "no_right")
    walker.get("/api/summary?area=" + GRID)
    check(desk.get("/api/summary?area=x", 400) == {"error": "malformed", "detail": "area", "retry_ms": None})
    check(desk.get("/api/summary?area=%s&department=%s" % (STREET, "x" * 65), 400)["detail"] == "department")
    check(scene.get("/api/summary")[0] == 401)


# ---------------------------------------------------------------- the map


def areas_of(value):
    check(value["type"] == "FeatureCollection", value)
    return [feature["properties"]["area"] for feature in value["features"]]


def outlines(scene):
    boss = scene.user("boss")
    check(areas_of(boss.get("/api/geo")) == [], "the district has none")
    check(areas_of(boss.get("/api/geo?area=340705")) == [STREET, OTHER])
    value = boss.get("/api/geo?area=" + COMMUNITY)
    check(areas_of(value) == [COMMUNITY, GRID, SECOND], areas_of(value))
    ring = value["features"][1]["geometry"]["coordinates"][0][0]
    check(ring[0] == ring[-1] and len(ring) > 20, ring)
    check(all(-74.1 < lon < -73.8 and 40.6 < lat < 40.9 for lon, lat in ring), ring)
    boss.get("/api/geo?area=1x", 400)
    check(scene.get("/api/geo")[0] == 401)


def a_map_is_sent_once(scene):
    boss = scene.user("boss")
    status, _, answer = scene.request("GET", "/api/geo?area=340705", cookie=boss.cookie)
    tag = answer.getheader("etag")
    check(status == 200 and tag and answer.getheader("cache-control") == "private, no-cache", tag)
    status, text, answer = scene.request("GET", "/api/geo?area=340705", None, {"If-None-Match": tag}, boss.cookie)
    check(status == 304 and text == "", status, text)
    status, _, answer = scene.request("GET", "/api/geo?area=" + STREET, None, {"If-None-Match": tag}, boss.cookie)
    check(status == 200 and answer.getheader("etag") != tag, status)


def outlines_change_while_it_serves(scene):
    boss = scene.user("boss")
    shown = lambda: areas_of(boss.get("/api/geo?area=340705"))
    scene.put_outlines({OTHER: 111})
    until(lambda: shown() == [OTHER], "the file that is new")
    scene.put_geometry('{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"code": "9"}}]}')
    until(lambda: "features[0] 9: no such area" in open(scene.work + "/log").read(), "word of the mistake")
    check(shown() == [OTHER], "what was stays")
    os.unlink(scene.work + "/config/org/geometry.geojson")
    until(lambda: shown() == [], "no outlines at all")
    scene.put_outlines({STREET: 101, OTHER: 105})
    scene.web.send_signal(signal.SIGHUP)
    until(lambda: shown() == [STREET, OTHER], "outlines again")


# ---------------------------------------------------------------- search


def words_find_what_they_are_in(scene):
    desk = scene.user("desk")
    lamp = scene.report_as("li", GRID, "n2", "Broken LAMP 路灯不亮, 50% off")
    lid = scene.report_as("zhao", SECOND, "n8", "井盖丢失 at the corner")
    both = lambda **keys: found(desk, area=STREET, **keys)
    check(both(q="broken lamp") == [lamp] and both(q="LAMP 路灯") == [lamp], both(q="broken lamp"))
    check(both(q="井盖\u3000Corner") == [lid], "wide blanks are blanks")
    check(both(q="lamp corner") == [], "all words, not any")
    check(lamp in both(q="类别n2") and lid not in both(q="类别n2"), "the category's name")
    check(lid in both(q="N8") and lamp not in both(q="n8"), "its code")
    check(both(q="shizheng-340705006001") == [] and lid not in both(q="类别n8x"), "a code is a whole one")
    check({lamp, lid} <= set(both(q="李某")), "whoever answers for the post")
    check(lid in both(q="赵某") and lamp not in both(q="赵某"), "who reported it")
    check({lamp, lid} <= set(both(q="a-shizheng-340705006001")), "the post")
    check({lamp, lid} <= set(both(q="临湖社区 市政工程")), "the area above, and the department")
    check(lid in both(q=SECOND) and lamp not in both(q=SECOND), "the code of a grid")
    check(both(q="34070500600") == [], "a code is a whole one")
    check({lamp, lid} <= set(both(q=STREET)), "a street's code is no incident's number")
    check(both(q="50%") == [lamp] and both(q="50_") == [] and both(q=".*") == [], "words are no patterns")
    check(both(q=str(lamp)) == [lamp] and both(q="#%d" % lid) == [lid], "by number")
    check(both(q="999999999") == [] and both(q="#999999999") == [], "no such number")


def filters_narrow_a_search(scene):
    desk = scene.user("desk")
    one = scene.report_as("li", GRID, "n4", "过滤甲")
    two = scene.report_as("li", SECOND, "n4", "过滤乙")
    desk.act(two, "void", text="误报")
    check(found(desk, area=STREET, q="过滤") == [two, one], "closed ones too")
    check(found(desk, area=GRID, q="过滤") == [one])
    check(found(desk, area=STREET, q="过滤", state="void") == [two])
    check(found(desk, area=STREET, q="过滤", department="SZ") == [two, one])
    check(found(desk, area=STREET, q="过滤", department="XF") == [])
    check(set(found(desk, area=STREET, state="void")) >= {two}, "without words")
    check(found(desk, area=STREET, q="过滤", **{"from": "2026-06-15", "to": "2026-06-16"}) == [two, one])
    check(found(desk, area=STREET, q="过滤", to="2026-06-15") == [])
    check(found(desk, area=STREET, q="过滤", **{"from": "2026-06-16"}) == [])
    for keys in ({"state": "open"}, {"from": "soon"}, {"limit": 0}, {"limit": 201}, {"area": "x"}, {"q": "a " * 9},
                 {"q": "x" * 257}):
        check(found(desk, 400, **dict({"area": STREET}, **keys))["error"] == "malformed", keys)
    for cursor in ("x", "00", "0.5", "zz.1", "00.", "00." + "-1", "00" * 25 + ".1", "ffff.7"):
        value = desk.get("/api/search?area=%s&cursor=%s" % (STREET, cursor), 400)
        check(value["error"] == "malformed", cursor, value)


def a_search_finds_no_more_than_is_shown(scene):
    desk, walker, far = scene.user("desk"), scene.user("walker"), scene.user("far")
    secret = scene.report_as("zhao", SECOND, "p4", "机密事项 secret")
    check(found(walker, area=COMMUNITY, q="机密", expected=403)["error"] == "no_right")
    seen = walker.get("/api/incidents/%d" % secret)
    check("机密" in seen["incident"]["text"], "the owner's officer sees it", seen["incident"])
    check(found(walker, area=SECOND, q="机密") == [secret], "and finds it")
    check(secret in found(desk, area=STREET, q="p4"), "that there is one is shown")
    row = next(row for row in desk.get("/api/search?area=%s&q=p4" % STREET)["rows"] if row["incident"] == secret)
    check(not row["text"] and row["area"] == COMMUNITY, row)
    for word in ("机密", "secret", "赵某", "zhao", "第2网格", SECOND):
        check(secret not in found(desk, area=STREET, q=word), word, "would tell what is masked")
    check(secret not in found(desk, area=SECOND, q="p4"), "nor does its grid")
    check(found(far, area=STREET, q="p4", expected=403)["error"] == "no_right")
    check(found(far, area=OTHER, q=str(secret)) == [] and found(far, area=OTHER, q="p4") == [])
    check(found(far, q="p4", expected=403)["error"] == "no_right")
    check(scene.get("/api/search?q=p4")[0] == 401)


def who_sees_the_own_only_searches_that(scene):
    walker = scene.user("walker")
    own = scene.report_as("li", GRID, "n4", "自己岗位的一件")
    others = scene.report_as("he", OTHER + "001001", "f2", "别人岗位的一件")
    check(found(walker, q="岗位的一件", expected=403)["error"] == "no_right")
    check(found(walker, q="岗位的一件", person="zheng", expected=403)["error"] == "no_right")
    check(found(walker, q="岗位的一件", person="li") == [own], "not", others)
    check(found(scene.user("desk"), area=STREET, q="岗位的一件", person="li") == [own])
    check(found(scene.user("desk"), area=STREET, q="岗位的一件", person="zheng") == [])


def hostile_texts_are_texts(scene):
    desk = scene.user("desk")
    text = "<script>alert(1)</script> \\ \" ' %00 %s%n ￿ 👍"
    number = scene.report_as("li", GRID, "n4", text)
    for word in ("<script>alert(1)</script>", "%s%n", "\\", "\"", "👍", "%00"):
        check(found(desk, area=STREET, q=word)[:1] == [number], word)
    row = desk.get("/api/search?area=%s&q=%s" % (STREET, urllib.parse.quote("👍")))["rows"][0]
    check(row["text"] == text, row)
    desk.get("/api/search?area=%s&q=%%ff%%fe" % STREET, 400)


def pages_neither_repeat_nor_skip(scene):
    desk = scene.user("desk")
    for n in range(MANY):
        desk.post("/api/incidents", {"id": new_id(), "grid": GRID, "category": "n8", "text": "很多 %s" % "甲乙丙"[n % 3]})
    all_of_them = found(desk, area=STREET, q="很多", limit=200)
    check(len(all_of_them) == MANY, len(all_of_them))
    third = [number for at, number in enumerate(all_of_them) if (MANY - 1 - at) % 3 == 1]
    for limit in (7, 60):
        check(found(desk, area=STREET, q="很多 乙", limit=limit) == third, limit)
    check(found(desk, area=STREET, limit=200)[:MANY] == all_of_them, "without words")
    first = desk.get("/api/search?area=%s&q=%s&limit=7" % (STREET, urllib.parse.quote("乙")))
    desk.post("/api/incidents", {"id": new_id(), "grid": GRID, "category": "n8", "text": "很多 乙"})
    keys = urllib.parse.urlencode({"area": STREET, "q": "乙", "limit": 7, "cursor": first["cursor"]})
    numbers = [row["incident"] for row in desk.get("/api/search?" + keys)["rows"]]
    check(numbers == third[7:14], "what comes in meanwhile moves nothing", numbers)


# ---------------------------------------------------------------- without a daemon


def without_a_daemon_it_is_said_at_once(scene):
    desk = scene.user("desk")
    scene.daemon.terminate()
    check(scene.daemon.wait(WAIT_S) == 0)
    until(lambda: scene.get("/readyz")[0] == 503, "word of it")
    for path in ("/api/summary", "/api/search?q=x", "/api/board", "/api/incidents/1"):
        value = desk.get(path, 503)
        check(value["error"] == "unavailable" and value["detail"] == "the daemon is not there" and value["retry_ms"] > 0,
              path, value)
    value = desk.act(1, "note", 503, text="x")
    check(value["error"] == "unavailable", value)
    check(desk.get("/api/geo?area=340705")["features"], "outlines are the web server's own")
    scene.start_daemon()
    until(lambda: scene.get("/readyz")[0] == 200, "the daemon again")
    desk.get("/api/summary?area=" + STREET)


STORIES = [the_district_is_counted, the_district_keeps_what_is_private, nobody_counts_what_is_not_theirs, outlines,
           a_map_is_sent_once, outlines_change_while_it_serves, words_find_what_they_are_in, filters_narrow_a_search,
           a_search_finds_no_more_than_is_shown, who_sees_the_own_only_searches_that, hostile_texts_are_texts,
           pages_neither_repeat_nor_skip,
           without_a_daemon_it_is_said_at_once]

if __name__ == "__main__":
    sys.exit(stage.main(Scene, STORIES))
