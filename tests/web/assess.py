#!/usr/bin/env python3
"""Assessments of gridpost-web against those of the command: the same daemon, the same question.

usage: assess.py GRIDPOSTD GRIDPOST GRIDPOST_WEB SOURCE [STORY…]

XLSX2CSV names the program that reads workbooks.
"""
import datetime
import http.client
import json
import os
import signal
import socket
import sys
import threading
import urllib.parse

from stage import GRID, WAIT_S, Scene, check, main, until

AREA = "340705006"
ROW_OF_A_GRID = "340705006001%d,第%d网格,grid,1,\n"  # more of them than one answer of the daemon has room for
GRIDS = ["340705006001001", "340705006001002"]
# Mornings on which the drill's daemon is started anew: days, weeks and a month pass in no time.
MORNINGS = ["2026-06-16T10:00", "2026-06-19T09:00", "2026-06-24T08:30", "2026-07-03T09:00"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZONE = datetime.timezone(datetime.timedelta(hours=8))


class Weeks(Scene):
    """A city in whose journal some weeks have passed."""

    def __init__(self, *programs):
        super().__init__(*programs)
        self.xlsx2csv = os.environ["XLSX2CSV"]
        self.programs["xlsx2csv"] = self.xlsx2csv
        # The command's own Chinese, as it is in a build.
        locale = os.path.join(os.path.dirname(self.programs["gridpost"]), "locale")
        self.environment.update(GRIDPOST_LOCALEDIR=locale)
        for morning in MORNINGS:
            self.work_a_day()
            self.restart_daemon(morning + "+08:00")
        self.work_a_day()

    def make_city(self):
        super().make_city()
        with open(self.work + "/config/org/areas.csv", "a") as areas:
            for number in range(100, 520):
                areas.write(ROW_OF_A_GRID % (number, number))

    def work_a_day(self):
        first = [self.file(grid, category) for grid in GRIDS for category in ("n4", "u2")]
        self.run("gridpost", "finish", "--identity", self.work + "/bridge", "--as", "li", str(first[0]))

    def file(self, grid, category):
        out = self.run("gridpost", "report", "--identity", self.work + "/bridge", "--as", "li", "--grid", grid,
                       "--category", category, "井盖", "--json")
        return json.loads(out)["incident"]

    def restart_daemon(self, clock):
        self.daemon.terminate()
        check(self.daemon.wait(WAIT_S) == 0, "the daemon did not end well")
        self.clock = ("--drill", "--clock-start", clock)
        self.start_daemon()
        until(lambda: self.get("/readyz")[0] == 200, "the daemon behind the web server")

    def restart_web(self, *more, code=0):
        self.web.terminate()
        check(self.web.wait(WAIT_S) == code, "gridpost-web did not end well")
        self.start_web(*more)

    def command(self, **keys):
        """What `gridpost assess --json` says."""
        out = self.run("gridpost", "assess", *options(keys), "--json")
        return [json.loads(line) for line in out.splitlines()]

    def sheets(self, path):
        return self.run("xlsx2csv", "-a", path)

    def raw(self, user, path):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        link.request("GET", path, headers={"Cookie": user.cookie})
        answer = link.getresponse()
        return answer.status, answer.read(), answer

    def workbook(self, user, **keys):
        """The workbook's sheets as text, and its file's name."""
        status, body, answer = self.raw(user, call("assess.xlsx", keys))
        check(status == 200 and answer.getheader("content-type") == XLSX, status, body[:200])
        path = self.work + "/web.xlsx"
        with open(path, "wb") as file:
            file.write(body)
        return self.sheets(path), answer.getheader("content-disposition")


def options(keys):
    return [word for key, value in keys.items() for word in ("--" + key, value)]


def call(name, keys):
    return "/api/%s?%s" % (name, urllib.parse.urlencode(keys))


def period(start, end):
    return {"from": start, "to": end}


WHOLE = period("2026-06-15", "2026-07-04")

# ---------------------------------------------------------------- stories


def rows_are_the_commands(scene):
    desk = scene.user("desk")
    seen = 0
    for by in ("area", "department", "line", "post", "person"):
        for more in ({}, {"level": "grid"}) if by == "area" else ({},):
            keys = dict(WHOLE, by=by, area=AREA, **more)
            answer = desk.get(call("assess", keys))
            check(answer["rows"] == scene.command(**keys), by, answer["rows"])
            check(answer["by"] == by and answer["head"] > 0, answer)
            check(answer["level"] == (more.get("level", "community") if by == "area" else None), answer["level"])
            check(len(answer["rows"]) > 400 or not more, "one page is no test of pages", len(answer["rows"]))
            seen += sum(row["overdue"] + row["reported"] for row in answer["rows"])
    check(answer["from"] == "2026-06-15T00:00:00+08:00" and answer["to"] == "2026-07-04T00:00:00+08:00", answer)
    check(seen > 5 * 20, "little was counted", seen)
    exact = dict(period("2026-06-16T09:30+08:00", "2026-06-19T10:00+08:00"), by="post", area=AREA)
    check(desk.get(call("assess", exact))["rows"] == scene.command(**exact))


def a_series_is_cut_at_the_calendar(scene):
    desk = scene.user("desk")
    wanted = {
        "day": ["2026-06-14", "2026-06-15", "2026-06-16", "2026-06-17"],
        "week": ["2026-06-13", "2026-06-15", "2026-06-22", "2026-06-29", "2026-07-01"],
        "month": ["2026-05-20", "2026-06-01", "2026-07-01", "2026-07-04"],
    }
    for each, days in wanted.items():
        keys = dict(period(days[0], days[-1]), each=each, by="line", area=AREA)
        answer = desk.get(call("assess/series", keys))
        check(answer["each"] == each and answer["by"] == "line" and answer["level"] is None, answer)
        said = [(one["from"], one["to"]) for one in answer["periods"]]
        check(said == [(a + "T00:00:00+08:00", b + "T00:00:00+08:00") for a, b in zip(days, days[1:])], said)
        for one in answer["periods"]:
            same = scene.command(**{"from": one["from"], "to": one["to"], "by": "line", "area": AREA})
            check(one["rows"] == same, each, one)
        whole = scene.command(**dict(period(days[0], days[-1]), by="line", area=AREA))
        for row in whole:
            parts = [one["reported"] for part in answer["periods"] for one in part["rows"] if one["unit"] == row["unit"]]
            check(sum(parts) == row["reported"], row["unit"], parts)


def a_series_has_an_end(scene):
    desk = scene.user("desk")
    first = datetime.date(2026, 7, 4)
    keys = dict(each="day", by="department", area=AREA, to=first.isoformat())
    most = desk.get(call("assess/series", dict(keys, **{"from": (first - datetime.timedelta(53)).isoformat()})))
    check(len(most["periods"]) == 53, len(most["periods"]))
    refused = desk.get(call("assess/series", dict(keys, **{"from": (first - datetime.timedelta(54)).isoformat()})), 400)
    check(refused["error"] == "malformed" and refused["detail"].startswith("from"), refused)


def a_workbook_is_the_commands(scene):
    desk = scene.user("desk")
    names = {"en": ("summary", "overdue", "strikes"), "zh": ("汇总", "超期", "问责")}
    for lang, (summary, overdue, strikes) in names.items():
        for by in ("area", "person"):
            keys = dict(WHOLE, by=by, area=AREA)
            path = scene.work + "/command.xlsx"
            scene.environment["LANGUAGE"] = {"en": "C", "zh": "zh_CN"}[lang]
            scene.run("gridpost", "assess", *options(keys), "--xlsx", path)
            said, name = scene.workbook(desk, lang=lang, **keys)
            check(said == scene.sheets(path), lang, by, said)
            check(name == 'attachment; filename="assess-%s-2026-06-15.xlsx"' % by, name)
        for sheet, rows in ((summary, 1), (overdue, 4), (strikes, 1)):
            part = said.split(" - %s\n" % sheet)[1].split("--------")[0].strip().splitlines()
            check(len(part) > rows, "sheet", sheet, "has", part)
        check("有更多" not in said and "there are more" not in said)
    scene.environment["LANGUAGE"] = "C"
    plain, _ = scene.workbook(desk, **keys)
    check("汇总" in plain, "who says no language gets Chinese")


def what_is_asked_wrongly_is_said(scene):
    desk = scene.user("desk")
    good = dict(WHOLE, by="area", area=AREA)
    wrong = [("from", "soon"), ("from", ""), ("to", ""), ("to", "2026-06-15"), ("to", "2026-13-01"), ("by", ""),
             ("by", "street"), ("level", "house"), ("area", "34x")]
    for name in ("assess", "assess/series", "assess.xlsx"):
        for key, value in wrong:
            refused = desk.get(call(name, dict(good, each="day", lang="zh", **{key: value})), 400)
            check(refused["error"] == "malformed" and refused["detail"].startswith(key), name, key, value, refused)
    for each in ("", "year"):
        check(desk.get(call("assess/series", dict(good, each=each)), 400)["detail"] == "each")
    check(desk.get(call("assess.xlsx", dict(good, lang="de")), 400)["detail"] == "lang")
    for name in ("assess", "assess/series", "assess.xlsx"):
        check(scene.get(call(name, dict(good, each="day")))[0] == 401, "who is nobody")


def who_may_not_assess_is_refused(scene):
    desk = scene.user("desk")
    for name in ("assess", "assess/series", "assess.xlsx"):
        refused = desk.get(call(name, dict(WHOLE, by="area", each="week")), 403)
        check(refused["error"] == "no_right" and "area" in refused["detail"], refused)
        desk.get(call(name, dict(WHOLE, by="area", each="week", area="340705402")), 403)


def each_may_see_their_own(scene):
    """A department its own figures, somebody their own; nobody another's."""
    light, walker = scene.user("light"), scene.user("walker")
    for user, by, unit, other in ((light, "department", "SZ", "XF"), (walker, "person", "li", "zhang")):
        check(user.me["assess"] == {"area": None, "by": by, "unit": unit}, user.me["assess"])
        keys = dict(WHOLE, by=by, each="week")
        row = user.get(call("assess", dict(keys, unit=unit)))["rows"]
        whole = scene.command(**dict(WHOLE, by=by))
        check(row == [one for one in whole if one["unit"] == unit] and row[0]["overdue"] > 0, row)
        periods = user.get(call("assess/series", dict(keys, unit=unit)))["periods"]
        check(all([one["unit"] for one in period["rows"]] == [unit] for period in periods) and len(periods) > 2, periods)
        said, _ = scene.workbook(user, lang="en", **dict(WHOLE, by=by, unit=unit))
        check(row[0]["name"] in said, said)
        for name in ("assess", "assess/series", "assess.xlsx"):
            check(user.get(call(name, dict(keys, unit=other)), 403)["error"] == "no_right")
            user.get(call(name, keys), 403)
    check(scene.user("desk").me["assess"] == {"area": AREA, "by": None, "unit": None})


def many_ask_at_once(scene):
    """The daemon counts one for a device at a time; users know nothing of that."""
    desk = scene.user("desk")
    before = refusals(scene)
    keys = dict(WHOLE, by="person", area=AREA, each="day")
    paths = [call(name, keys) for name in ("assess", "assess/series", "assess.xlsx")] * 5
    answers = [None] * len(paths)

    def ask(i):
        answers[i] = scene.raw(desk, paths[i])[:2]

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(paths))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    check(all(answer is not None and answer[0] == 200 for answer in answers), [a and a[0] for a in answers])
    for kind in (0, 1):
        said = [json.loads(answers[i][1]) for i in range(kind, len(paths), 3)]
        check(all(one.get("rows") == said[0].get("rows") and one.get("periods") == said[0].get("periods") for one in said))
    check(refusals(scene) == before, "the daemon was asked for two at once")


def refusals(scene):
    """How often the daemon said `try again`."""
    text = scene.run("gridpost", "metrics")
    return [line for line in text.splitlines() if 'status="try_again"' in line]


def a_browser_leaves_in_between(scene):
    desk = scene.user("desk")
    for name in ("assess", "assess/series", "assess.xlsx") * 30:
        link = socket.create_connection(("127.0.0.1", scene.port), WAIT_S)
        path = call(name, dict(WHOLE, by="person", area=AREA, each="day"))
        link.sendall(("GET %s HTTP/1.1\r\nHost: x\r\nCookie: %s\r\n\r\n" % (path, desk.cookie)).encode())
        link.close()
    until(lambda: scene.get(call("assess", dict(WHOLE, by="area", area=AREA)), desk.cookie)[0] == 200, "room again")


def scores_follow_the_servers_weights(scene):
    keys = dict(WHOLE, by="area", area=AREA)
    weights = scene.work + "/assess.yaml"
    with open(scene.source + "/config/assess.yaml") as sample, open(weights, "w") as file:
        file.write(sample.read())
    scene.restart_web("--score", weights)
    desk = scene.user("desk")
    rows = desk.get(call("assess", keys))["rows"]
    scored = scene.run("gridpost", "assess", *options(keys), "--score", weights, "--json")
    check(rows == [json.loads(line) for line in scored.splitlines()], rows)
    check(rows[0]["rank"] == 1 and "veto" in rows[0], rows[0])
    said, _ = scene.workbook(desk, lang="en", **keys)
    path = scene.work + "/command.xlsx"
    scene.run("gridpost", "assess", *options(keys), "--score", weights, "--xlsx", path)
    check(said == scene.sheets(path) and ",grade,rank," in said, said)
    with open(weights, "w") as file:
        file.write("weights: none of these\n")
    scene.run("gridpost-web", "--listen", "127.0.0.1:0", "--config", scene.work + "/config", "--pages",
              scene.work + "/pages", "--score", weights, code=78)
    read_again = open(scene.work + "/log").read().count("config: read again")
    scene.web.send_signal(signal.SIGHUP)
    until(lambda: "score: %s" % weights in open(scene.work + "/log").read(), "word of the broken weights")
    until(lambda: open(scene.work + "/log").read().count("config: read again") > read_again, "all of it read again")
    check(desk.get(call("assess", keys))["rows"] == rows, "broken weights leave what was")
    scene.restart_web()
    check("rank" not in scene.user("desk").get(call("assess", keys))["rows"][0])


def who_may_count_may_not_always_read(scene):
    """The incidents' numbers were counted; what else they say is not this user's to see, nor are strikes."""
    desk = scene.user("desk")
    rights = scene.work + "/config/org/rights.csv"
    keys = dict(WHOLE, by="area", area=AREA, lang="en")
    with open(rights) as file:
        text = file.read()
    set_rights(scene, text.replace("dispatcher,query incident feed escalations assess,", "dispatcher,query assess,"))
    until(lambda: desk.scene.get("/api/escalations?area=" + AREA, desk.cookie)[0] == 403, "fewer rights")
    said, _ = scene.workbook(desk, **keys)
    check(said.count("--------") == 4 and "strikes\n" not in said, said)
    rows = said.split(" - overdue\n")[1].strip().splitlines()[1:]
    check(rows and all(row.rstrip(",").count(",") == 1 for row in rows), rows)
    set_rights(scene, text.replace("dispatcher,query incident feed escalations assess,", "dispatcher,query,"))
    until(lambda: desk.scene.get(call("assess", keys), desk.cookie)[0] == 403, "no right to assess")
    for name in ("assess", "assess/series", "assess.xlsx"):
        check(desk.get(call(name, dict(keys, each="week")), 403)["error"] == "no_right")


def set_rights(scene, text):
    path = scene.work + "/config/org/rights.csv"
    with open(path + ".new", "w") as file:
        file.write(text)
    os.replace(path + ".new", path)  # gridpost-web reads it when the daemon has
    scene.daemon.send_signal(signal.SIGHUP)


STORIES = [rows_are_the_commands, a_series_is_cut_at_the_calendar, a_series_has_an_end, a_workbook_is_the_commands,
           what_is_asked_wrongly_is_said, who_may_not_assess_is_refused, each_may_see_their_own, many_ask_at_once, a_browser_leaves_in_between,
           scores_follow_the_servers_weights, who_may_count_may_not_always_read]


if __name__ == "__main__":
    sys.exit(main(Weeks, STORIES))
