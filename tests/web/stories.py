#!/usr/bin/env python3
"""gridpost-web as a browser sees it: the real daemon, the real bridge device, HTTP by hand.

usage: stories.py GRIDPOSTD GRIDPOST GRIDPOST_WEB SOURCE [STORY…]
"""
import json
import os
import signal
import subprocess
import sys

from stage import check, GRID, main, new_id, PASSWORD, Scene, until, WAIT_S


def pages_and_health(scene):
    status, text, answer = scene.request("GET", "/")
    check(status == 200 and "<title>gridpost</title>" in text)
    check("script-src 'self'" in answer.getheader("content-security-policy"))
    check(scene.get("/p/incident/7?x=1")[1] == text, "a route of the pages is the pages'")
    check(scene.get("/static/app.js") == (200, "export {};"))
    check(scene.get("/static/none.js")[0] == 404)
    check(scene.get("/static/../index.html")[0] == 404)
    check(scene.get("/healthz") == (200, "ok\n"))
    check(scene.get("/api/nothing")[0] == 404)
    check(scene.get("/open311/v2/services.json")[0] == 404, "no user was named for Open311")


def who_is_nobody_sees_nothing(scene):
    for path in ("/api/me", "/api/board", "/api/directory", "/api/incidents/1", "/api/stream", "/api/escalations"):
        status, value = scene.get(path)
        check(status == 401 and value["error"] == "signed_out", path, status, value)
    status, value, _ = scene.request("POST", "/api/incidents/1/accept", {"id": new_id()}, {"Origin": scene.origin()})
    check(status == 401, value)
    check(scene.get("/api/me", "gridpost=" + "0" * 64)[0] == 401)


def signing_in(scene):
    status, me, answer = scene.sign_in("desk")
    check(status == 200 and me["person"] == "wu" and me["role"] == "dispatcher", me)
    check("SK-340705006" in me["posts"] and "340705006" in me["areas"], me)
    check("file" in me["actions"] and "revoke" not in me["actions"], me)
    cookie = answer.getheader("set-cookie")
    check("HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie, cookie)
    for user, password in (("desk", "wrong password"), ("nobody", PASSWORD), ("desk", "")):
        status, value, _ = scene.sign_in(user, password)
        check(status == 401 and value["error"] == "wrong", user, status, value)
    status, value, _ = scene.request("POST", "/api/sign-in", {"user": "desk", "password": PASSWORD},
                                     {"Origin": "http://evil.example"})
    check(status == 403 and value["error"] == "origin", value)
    check(scene.request("POST", "/api/sign-in", "{", {"Origin": scene.origin()})[0] == 400)
    user = scene.user("desk")
    user.get("/api/me")
    user.post("/api/sign-out", {})
    user.get("/api/me", 401)


def an_admin_needs_a_second_factor(scene):
    status, value, _ = scene.sign_in("chief")
    check(status == 401 and value["error"] == "totp", value)
    status, value, _ = scene.sign_in("chief", totp="000000")
    check(status == 401 and value["error"] == "totp", "without a secret no code is right", value)
    uri = scene.secret("totp", "chief")
    key = uri.split("secret=")[1].split("&")[0]

    def code():
        done = subprocess.run(["oathtool", "--totp", "-b", key], capture_output=True, text=True)
        return done.stdout.strip()

    # Trying until the secret is there would be too many tries in vain, and then nobody comes in.
    scene.web.send_signal(signal.SIGHUP)
    until(lambda: "config: read again" in open(scene.work + "/log").read(), "the secret read anew")
    status, me, _ = scene.sign_in("chief", totp=code())
    check(status == 200, me)
    check(me["role"] == "admin", me)
    status, value, _ = scene.sign_in("chief", totp=code())
    check(status == 401 and value["error"] in ("totp", "wrong"), "a code counts once", value)


def who_tries_too_often_must_wait(scene):
    for _ in range(5):
        check(scene.sign_in("walker", "in vain, in vain")[0] == 401)
    status, value, _ = scene.sign_in("walker")
    check(status == 429 and value["error"] == "limited" and value["retry_ms"] > 0, value)
    check(scene.sign_in("desk")[0] == 200, "somebody else of the same office comes in")


def names(scene):
    user = scene.user("desk")
    status, value, answer = scene.request("GET", "/api/directory", cookie=user.cookie)
    check(status == 200 and any(area["code"] == GRID for area in value["areas"]))
    codes = [area["code"] for area in value["areas"]]
    for area in value["areas"]:
        check(area["parent"] is None or codes.index(area["parent"]) < codes.index(area["code"]), area)
    check({"id": "li", "name": "李某"} in value["people"])
    check("phone" not in json.dumps(value))
    etag = answer.getheader("etag")
    status, _, _ = scene.request("GET", "/api/directory", headers={"If-None-Match": etag}, cookie=user.cookie)
    check(status == 304)


def people(scene):
    desk = scene.user("desk")
    scene.run("gridpost", "leave", "--identity", scene.work + "/bridge", "--as", "li", "--from", "2026-06-17", "--to",
              "2026-06-18")
    value = desk.get("/api/people?area=340705006")
    check({"post": "A-xiaofang-340705006001", "person": "wang", "path": "superior"} in value["vacant"], value["vacant"])
    check(all(row["area"].startswith("340705006") for row in value["duty"]), value["duty"])
    leave = next(row for row in value["leave"] if row["person"] == "li")
    check(leave["state"] == "requested" and leave["from"].startswith("2026-06-17T00:00"), leave)
    check(isinstance(value["holes"], list) and value["at"].startswith("2026-06-15"), value)
    later = desk.get("/api/people?at=2026-07-20")
    check(later["at"].startswith("2026-07-20T00:00") and not later["leave"], later["leave"])
    desk.get("/api/people?at=soon", 400)


def leaves_that_one_may_see(scene):
    """Of the department's people; of nobody else's it is not said that there are none."""
    for person in ("chu", "jiang", "zhang"):
        scene.run("gridpost", "leave", person, "--from", "2026-06-20", "--to", "2026-06-21")
    value = scene.user("light").get("/api/people")
    check(value["leave_partial"] and [row["person"] for row in value["leave"]] == ["chu", "jiang"], value["leave"])
    value = scene.user("walker").get("/api/people")
    check(value["leave_partial"] and {row["person"] for row in value["leave"]} <= {"li"}, value["leave"])
    value = scene.user("desk").get("/api/people")
    check(not value["leave_partial"] and {"chu", "jiang", "zhang"} <= {row["person"] for row in value["leave"]}, value)


def an_incident_from_report_to_close(scene):
    desk, handler = scene.user("desk"), scene.user("walker")
    number = scene.report("<img src=x onerror=alert(1)> 灯")
    board = desk.get("/api/board?area=340705006")
    row = next(row for row in board["rows"] if row["incident"] == number)
    check(row["state"] == "dispatched" and row["text"].startswith("<img"), row)
    check(row["due"].startswith("2026-06-15T14:00:") and 0 <= row["used_bp"] < 500, row)
    check(row["warn"] is not None and row["warn_bp"] == 8000, row)
    seen = desk.get("/api/incidents/%d" % number)
    check([entry["what"] for entry in seen["timeline"]][:1] == ["reported"], seen["timeline"])
    check(any(notice["name"] == "dispatch" for notice in seen["notices"]), seen["notices"])
    check([step["step"] for step in seen["ahead"]][:2] == ["unaccepted", "yellow"], seen["ahead"])
    check(all(step["recipients"] for step in seen["ahead"]), seen["ahead"])
    owner = seen["row"]["owner_person"]
    mine = handler.get("/api/incidents/%d" % number)
    check(("accept" in mine["actions"]) == (owner == "li"), mine["actions"], owner)
    check("verify" not in mine["actions"], mine["actions"])
    refused = desk.act(number, "verify", 409, result="pass")
    check(refused["error"] in ("state", "not_allowed"), refused)
    again = {"id": new_id(), "text": "在查"}
    first = desk.post("/api/incidents/%d/note" % number, again)
    second = desk.post("/api/incidents/%d/note" % number, again)
    check(not first["repeated"] and second["repeated"] and second["seq"] == first["seq"], first, second)
    check(desk.act(number, "note", 409, text="alt", version=1)["error"] == "version")
    check(desk.act(number, "extend", 400)["error"] == "malformed", "hours are needed")
    check(desk.act(number, "fly", 404)["error"] == "not_found")
    check(desk.act(number, "note", 400, wings="two")["error"] == "malformed")
    desk.get("/api/incidents/999999", 404)


def changes_need_the_page(scene):
    desk = scene.user("desk")
    number = scene.report()
    path = "/api/incidents/%d/note" % number
    check(desk.post(path, {"id": new_id(), "text": "x"}, 403, {"X-CSRF": "0" * 64})["error"] == "csrf")
    check(desk.post(path, {"id": new_id(), "text": "x"}, 403, {"Origin": "http://evil.example"})["error"] == "origin")
    check(desk.post(path, {"id": new_id(), "text": "x"}, 403, {"Origin": "null"})["error"] == "origin")
    desk.post(path, {"id": new_id(), "text": "x"})


def a_stream_tells_what_happens(scene):
    desk = scene.user("desk")
    live = desk.stream("area=340705006")
    check(live.status == 200)
    head = live.until("head")[2]["head"]
    number = scene.report()
    event, seq, entry = live.until("entry", incident=number, what="reported")
    check(seq == entry["seq"] and seq > head)
    live.until("entry", incident=number, what="step", step="dispatch")
    live.close()
    desk.act(number, "note", text="while the browser was away")
    again = desk.stream("area=340705006", last=seq)
    missed = [again.until("entry", incident=number, what=what)[1] for what in ("dispatched", "step", "noted")]
    check(missed == sorted(missed) and missed[0] > seq)
    again.close()
    other = desk.stream("area=340705006", last=10 ** 9)
    check(other.until("reset")[2]["head"] >= missed[-1])
    other.close()
    tail = desk.stream("escalations=1&area=340705006")
    tail.until("head")
    tail.close()


def a_user_who_is_removed_is_out(scene):
    desk = scene.user("light")
    live = desk.stream("department=SZ")
    live.until("head")
    scene.write_users("desk,wu,dispatcher,web\nchief,zhou,admin,web\nwalker,li,officer,web\n")
    scene.daemon.send_signal(signal.SIGHUP)
    end = live.until("end")
    check(end[2]["error"] in ("signed_out", "no_right"), end)
    check(live.next() is None, "the stream is over")
    live.close()
    until(lambda: scene.get("/api/me", desk.cookie)[0] == 401, "the session's end")
    check(scene.sign_in("light")[0] == 401)


def a_person_who_has_left_is_out(scene):
    """Whoever's row goes from people.csv, too: session and open streams end, and the password opens nothing."""
    def rewrite(guest):
        for name, row in (("people", "gast,客某,,\n"), ("users", "guest,gast,auditor,web\n")):
            path = scene.work + "/config/org/%s.csv" % name
            with open(path) as file:
                text = file.read().replace(row, "")
            with open(path, "w") as file:
                file.write(text + row * guest)
        scene.daemon.send_signal(signal.SIGHUP)

    desk = scene.user("desk")
    scene.secret("password", "guest", text=PASSWORD + "\n")
    rewrite(True)
    until(lambda: "gast" in json.dumps(desk.get("/api/directory")["people"]), "the guest")
    guest = scene.user("guest")
    live = guest.stream()
    live.until("head")
    rewrite(False)
    check(live.until("end")[2]["error"] in ("signed_out", "no_right") and live.next() is None)
    live.close()
    until(lambda: scene.get("/api/me", guest.cookie)[0] == 401, "the session's end")
    check(scene.sign_in("guest")[0] == 401)


def the_tail_backwards(scene):
    desk = scene.user("desk")
    number = scene.report()
    page = desk.get("/api/escalations?area=340705006&limit=1")
    check(len(page["entries"]) <= 1 and page["head"] > 0, page)
    check(isinstance(number, int))


def a_role_reaches_no_farther_in_the_web(scene):
    walker = scene.user("walker")
    check(walker.get("/api/board", 403)["error"] == "no_right", "an officer's board is confined")
    walker.get("/api/board?area=" + GRID)
    number = scene.report()
    check(walker.act(number, "void", 409, text="no")["error"] == "no_right")


def pages_open_with_what_one_may_see(scene):
    everywhere = {"area": None, "department": None, "person": None}
    for name, part in (("desk", {"area": "340705006"}), ("light", {"department": "SZ"}), ("walker", {"person": "li"})):
        user = scene.user(name)
        home = user.me["home"]
        check(home == dict(everywhere, **part), name, home)
        query = "&".join("%s=%s" % (key, value) for key, value in home.items() if value is not None)
        number = scene.report()
        check(number in [row["incident"] for row in user.get("/api/board?limit=200&" + query)["rows"]], name)
        user.get("/api/escalations?" + query)
        live = user.stream(query + "&after=0")
        live.until("entry", incident=number)
        live.close()
        for other in ("", "area=340705402"):
            live = user.stream(other)
            end = live.next()
            check(end is not None and end[0] == "end" and end[2]["error"] == "no_right", name, other, end)
            live.close()


def the_daemon_may_go_and_come(scene):
    desk = scene.user("desk")
    live = desk.stream("area=340705006")
    head = live.until("head")[2]["head"]
    scene.daemon.terminate()
    check(scene.daemon.wait(WAIT_S) == 0)
    live.until("away")
    late = desk.stream("area=340705006", last=head)
    late.until("away")
    until(lambda: scene.get("/readyz")[0] == 503, "word of it")
    scene.start_daemon()
    live.until("head")  # by itself: nothing has happened yet
    until(lambda: scene.get("/readyz")[0] == 200, "the daemon again")
    number = scene.report()
    for stream in (live, late):
        stream.until("entry", incident=number, what="reported")
        stream.close()
    check(desk.get("/api/board?area=340705006")["rows"])


def a_device_without_an_address_calls_the_usual_socket(scene):
    with open(scene.work + "/bridge") as bridge, open(scene.work + "/local", "w") as local:
        local.writelines(line for line in bridge if not line.startswith("address "))
    os.chmod(scene.work + "/local", 0o600)
    ready = scene.work + "/ready-local"
    web = subprocess.Popen(
        [scene.programs["gridpost-web"], "--listen", "127.0.0.1:0", "--identity", scene.work + "/local", "--config",
         scene.work + "/config", "--secrets", scene.work + "/secrets", "--pages", scene.work + "/pages", "--ready-file",
         ready], stderr=open(scene.work + "/local.log", "w"))
    try:
        until(lambda: os.path.exists(ready) or web.poll() is not None, "the server")
        check(web.poll() is None, "ended with", web.returncode)
        until(lambda: "daemon: no answer" in open(scene.work + "/local.log").read(), "word that nobody answers there")
    finally:
        web.terminate()
        web.wait(WAIT_S)


def a_revoked_server_reads_nothing(scene):
    """The last one: nobody can do anything by its device any more."""
    desk = scene.user("desk")
    live = desk.stream("area=340705006")
    live.until("head")
    scene.run("gridpost", "revoke", scene.bridge, "--text", "lost")
    live.until("away")
    refused = desk.get("/api/board?area=340705006", 503)
    check(refused["error"] == "unavailable" and "revoked" in refused["detail"], refused)
    until(lambda: scene.get("/readyz")[0] == 503, "word of it")
    live.close()


STORIES = [pages_and_health, who_is_nobody_sees_nothing, signing_in, pages_open_with_what_one_may_see, names, people, leaves_that_one_may_see, an_incident_from_report_to_close,
           changes_need_the_page, a_role_reaches_no_farther_in_the_web, a_stream_tells_what_happens,
           the_tail_backwards, the_daemon_may_go_and_come, an_admin_needs_a_second_factor,
           a_device_without_an_address_calls_the_usual_socket, a_user_who_is_removed_is_out, a_person_who_has_left_is_out,
           who_tries_too_often_must_wait, a_revoked_server_reads_nothing]


if __name__ == "__main__":
    sys.exit(main(Scene, STORIES))
