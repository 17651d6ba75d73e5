"""stories.py [NAME…]: gridpost-notify between a real gridpostd and servers that behave well or badly.
Without names all of them are told."""

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time
import traceback
import urllib.parse

from office import Office, check
from receivers import Hook, MailServer

STORIES = []


def story(function):
    STORIES.append(function)
    return function


def told(entries, steps=None):
    """(seq, person) of every notice of the escalations."""
    return {(entry["seq"], to["person"]) for entry in entries for to in entry["recipients"]
            if entry["what"] in ("step", "vacant", "handover", "strike") and
            entry["step"] != "dispatch" and (steps is None or entry["step"] in steps)}


def delivered(entries, text="delivered"):
    """(seq, person) of what the journal says of notices, in order."""
    return [(entry["ref_seqs"][0], entry["subject"]) for entry in entries
            if entry["what"] == "delivered" and entry["text"] == text]


def until_step(office, incident, step):
    return office.wait_for(lambda entries: any(
        entry["incident"] == incident and entry["step"] == step for entry in entries), step)


# ---------------------------------------------------------------- every kind of channel


@story
def every_channel_carries_a_notice(office):
    hook, robots = Hook(), Hook((200, {}, b'{"errcode":0,"errmsg":"ok"}'))
    mail = MailServer(("grid", "pass word"))
    office.configure(f"""
channels:
  - {{name: hook, kind: webhook, url: "{hook.url}/hook", secret_file: {office.secret("s1", "k1")}}}
  - {{name: robot, kind: wecom, url: "{robots.url}/wecom", secret_file: {office.secret("s2", "k&2")}}}
  - {{name: ding, kind: dingtalk, url: "{robots.url}/ding", secret_file: {office.secret("s3", "t3" + chr(10) + "SEC3")}}}
  - {{name: mail, kind: smtp, url: "{mail.url}", from: grid@example.cn, from_name: 网格督办, secret_file: {office.secret("s4", "grid" + chr(10) + "pass word" + chr(10))}}}
recipients:
  - {{person: "*", channel: hook}}
  - {{department: SZ, channel: robot}}
  - {{person: wang, channel: ding, language: en}}
  - {{post: A-shizheng-340705006001, name: 李, channel: mail, address: li@example.cn}}
""")
    incident = office.report()
    office.start_notifier()
    entries = until_step(office, incident, "red")
    entries = office.wait_for(lambda all: told(all, ("unaccepted", "yellow", "red")) <=
                              set(delivered(all)), "all deliveries")
    office.stop_notifier()
    check(len(delivered(entries)) == len(set(delivered(entries))), "a delivery stands twice")

    by_seq = {entry["seq"]: entry for entry in entries}
    for came in hook.came:
        body = json.loads(came.body)
        seq = int(came.id.split("-")[0])
        check(came.id == f"{seq}-everybody" and body["id"] == came.id, "id " + came.id)
        text = came.headers["Gridpost-Time"].encode() + b"." + came.body
        check(came.headers["Gridpost-Signature"] ==
              "v1=" + hmac.new(b"k1", text, hashlib.sha256).hexdigest(), "signature")
        check(abs(int(came.headers["Gridpost-Time"]) - time.time()) < 120, "time")
        check(body["entry"]["step"] == by_seq[seq]["step"], "step")
        check([to["person"] for to in body["persons"]] ==
              [to["person"] for to in by_seq[seq]["recipients"]], "persons")
        check(body["names"]["category"] == "类别u2", "the category's name")
    check(len(hook.came) == len({came.id for came in hook.came}), "a notice came twice")

    wecom = [came for came in robots.came if came.path.startswith("/wecom")]
    check(wecom and all(came.path == "/wecom?key=k%262" for came in wecom), "the robot's key")
    check("红色超期" in json.loads(wecom[0].body)["text"]["content"], "the step in Chinese")
    ding = [came for came in robots.came if came.path.startswith("/ding")]
    for came in ding:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(came.path).query)
        text = query["timestamp"][0] + "\nSEC3"
        sign = base64.b64encode(hmac.new(b"SEC3", text.encode(), hashlib.sha256).digest()).decode()
        check(query["sign"] == [sign] and query["access_token"] == ["t3"], "the robot's sign")
        check("Told: 王某" in json.loads(came.body)["text"]["content"], "who is told")
    check(ding, "nothing came to the second robot")

    check(mail.came, "no mail came")
    one = mail.came[0]
    check(one.sender == "grid@example.cn" and one.to == "li@example.cn", "envelope")
    check(one.user == [b"grid", b"pass word"], "user")
    check(one.message["Gridpost-Notice"].endswith("-%E6%9D%8E"), "id of " + str(one.message))
    check(one.message["From"].addresses[0].display_name == "网格督办", "from")
    subjects = [each.message["Subject"] for each in mail.came]
    check(any(subject == "【演练】黄色预警 案卷1 类别u2 临湖第1网格" for subject in subjects),
          "subjects: %s" % subjects)
    check("地点：临湖第1网格" in one.text, "text: " + one.text)
    check(any("通知：李某" in each.text for each in mail.came), "who is told stands in no mail")
    everything = str([came.body for came in hook.came + robots.came]) + str(
        [mail.data for mail in mail.came]) + "".join(m.text for m in mail.came) + office.logged()
    check("13800138000" not in everything, "the report's text went out")
    for secret in ("k&2", "k%262", "SEC3", "t3&", "pass word"):
        check(secret not in office.logged(), "a secret stands in the log")
    for server in (hook, robots, mail):
        server.close()


# ---------------------------------------------------------------- bad servers


@story
def bad_servers_hold_up_nobody(office):
    hook = Hook()
    robots = Hook((200, {}, b'{"errcode":0}'))
    mail = MailServer()
    hook.plan = {"stall": ["stall"], "fails": [500, 503, "close", "half", "garbage", 200],
                 "slow": [(429, {"Retry-After": "3"}, b""), 200]}
    robots.plan = {"wecom": [(200, {}, b'{"errcode":45009,"errmsg":"k2 is too fast"}'),
                             (200, {}, b"<html>"), (200, {}, b'{"errcode":0}')]}
    mail.refuse = {"li@example.cn": ["451 later", "close"]}
    office.configure(f"""
retry_first: 1s
retry_max: 1s
timeout: 30s
channels:
  - {{name: stall, kind: webhook, url: "{hook.url}/stall"}}
  - {{name: fails, kind: webhook, url: "{hook.url}/fails"}}
  - {{name: slow, kind: webhook, url: "{hook.url}/slow"}}
  - {{name: good, kind: webhook, url: "{hook.url}/good"}}
  - {{name: mail, kind: smtp, url: "{mail.url}", from: grid@example.cn}}
recipients:
  - {{person: "*", name: a, channel: stall}}
  - {{person: "*", name: b, channel: fails}}
  - {{person: "*", name: c, channel: slow}}
  - {{person: "*", name: d, channel: good}}
  - {{person: "*", name: e, channel: mail, address: li@example.cn}}
""")
    incident = office.report()
    until_step(office, incident, "red")
    office.start_notifier()

    def by(name, came):
        return [c for c in came if c.path == "/" + name]

    entries = office.entries()
    wanted = {seq for seq, _ in told(entries, ("unaccepted", "yellow", "red"))}
    came = hook.wait(lambda came: wanted <= {int(c.id.split("-")[0]) for c in by("good", came)} and
                     wanted <= {int(c.id.split("-")[0]) for c in by("fails", came)
                                if c.act in (200, hook.usual)} and
                     len(by("slow", came)) >= 2, "everything but what stalls")
    check(len(by("stall", came)) == 1, "what stalls was asked again")
    first, second = by("slow", came)[:2]
    check(second.at - first.at >= 3, "Retry-After was %.1f s" % (second.at - first.at))
    fails = by("fails", came)
    check(len({c.id for c in fails[:3]}) >= 2, "one letter that fails is in front of all others")
    mails = mail.wait(lambda came: wanted <= {int(id.split("-")[0]) for mail in came for id in
                                              mail.message["Gridpost-Notice"].split(", ")},
                      "mails after a refusal")
    check(all(mail.to == "li@example.cn" for mail in mails), "another address")
    check("HTTP 500; trying again" in office.logged(), "the failure is not in the log")
    hook.let_go.set()
    office.stop_notifier()
    for server in (hook, robots, mail):
        server.close()


@story
def a_robots_answer_counts_and_not_its_status(office):
    robots = Hook((200, {}, b'{"errcode":0}'))
    robots.plan = {"wecom": [(200, {}, b"<html>"), (200, {}, b'{"errcode":93000,"errmsg":"k2"}')]}
    office.configure(f"""
retry_first: 1s
retry_max: 1s
channels:
  - {{name: robot, kind: wecom, url: "{robots.url}/wecom", secret_file: {office.secret("s2", "k2")}}}
recipients:
  - {{person: li, channel: robot}}
""")
    incident = office.report()
    until_step(office, incident, "yellow")
    office.start_notifier()
    robots.wait(lambda came: len(came) >= 3, "a third try")
    office.wait_for(lambda all: delivered(all), "a delivery")
    office.stop_notifier()
    check("errcode 93000" in office.logged() and "k2" not in office.logged(), "the log's words")
    robots.close()


@story
def tls_is_verified(office):
    key, cert = office.path("key.pem"), office.path("cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
                    "-out", cert, "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=DNS:localhost", "-days", "2"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    hook = Hook(tls=(cert, key))
    office.configure(f"""
channels:
  - {{name: stranger, kind: webhook, url: "{hook.url}/stranger"}}
  - {{name: known, kind: webhook, url: "{hook.url}/known", ca_file: {cert}}}
  - {{name: other, kind: webhook, url: "https://127.0.0.1:{hook.port}/other", ca_file: {cert}}}
recipients: []
""")
    office.notifier("test", "stranger", code=1)
    office.notifier("test", "other", code=1)
    office.notifier("test", "known")
    check([c.path for c in hook.came] == ["/known"], "who was not known got the message")
    hook.close()


# ---------------------------------------------------------------- killed


@story
def nothing_is_lost_when_it_is_killed(office):
    hook = Hook()
    office.configure(f"""
retry_first: 1s
retry_max: 1s
follow: everything
channels:
  - {{name: hook, kind: webhook, url: "{hook.url}/hook"}}
recipients:
  - {{person: "*", channel: hook}}
""")
    office.set_right("feed", "all")
    for grid in ("340705006001001", "340705006001002"):
        for _ in range(3):
            office.report(grid=grid)
    office.start_notifier()
    for kill in range(6):
        count = len(hook.came)
        if kill % 2 == 0:  # after so many requests, wherever it is then
            hook.wait(lambda came: len(came) > count + kill, "more notices")
        office.kill_notifier()
        office.report()
        office.start_notifier(since=None)
    entries = until_step(office, 6, "blue")
    wanted = {(entry["seq"], to["person"]) for entry in entries for to in entry["recipients"]}
    entries = office.wait_for(lambda all: wanted <= set(delivered(all)), "all deliveries")
    office.stop_notifier()
    came = {}
    for one in hook.came:
        came.setdefault(one.id, []).append(json.loads(one.body))
    check({seq for seq, _ in wanted} <= {int(id.split("-")[0]) for id in came}, "one is lost")
    for id, bodies in came.items():
        check(all(body == bodies[0] for body in bodies), "another notice has the id " + id)
    said = delivered(entries)
    check(len(said) == len(set(said)), "a delivery stands twice in the journal")
    check(not delivered(entries, "failed"), "one failed")
    hook.close()


@story
def a_delivery_stands_once_however_often_it_is_said(office):
    hook = Hook()
    office.configure(f"""
channels:
  - {{name: hook, kind: webhook, url: "{hook.url}/hook"}}
recipients:
  - {{person: "*", channel: hook}}
""")
    incident = office.report()
    until_step(office, incident, "red")
    office.start_notifier()
    wanted = told(office.entries(), ("unaccepted", "yellow", "red"))
    office.wait_for(lambda all: wanted <= set(delivered(all)), "the deliveries")
    office.kill_notifier()

    def said():
        with open(os.path.join(office.state, "outbox"), encoding="utf-8") as outbox:
            return [line for line in outbox if '"k":"said"' in line]

    with open(os.path.join(office.state, "outbox"), encoding="utf-8") as outbox:
        lines = outbox.readlines()
    with open(os.path.join(office.state, "outbox"), "w", encoding="utf-8") as outbox:
        outbox.writelines(line for line in lines if '"k":"said"' not in line)
    office.start_notifier(since=None)
    until = time.monotonic() + 60
    while len(said()) < len(wanted):
        check(time.monotonic() < until, "nothing was said again")
        time.sleep(0.01)
    office.stop_notifier()
    entries = delivered(office.entries())
    check(len(entries) == len(set(entries)), "a delivery stands twice")
    hook.close()


@story
def the_daemon_may_be_away(office):
    hook = Hook()
    office.configure(f"""
channels:
  - {{name: hook, kind: webhook, url: "{hook.url}/hook"}}
recipients:
  - {{person: "*", channel: hook}}
""")
    incident = office.report()
    until_step(office, incident, "yellow")
    office.start_notifier()
    hook.wait(lambda came: came, "a notice")
    office.stop_daemon()
    office.wait_logged("trying again")
    office.start_daemon("2026-06-22T12:00+08:00")
    office.wait_logged("it answers again")
    incident = office.report()
    entries = until_step(office, incident, "unaccepted")
    wanted = {seq for seq, _ in told(entries)}
    hook.wait(lambda came: wanted <= {int(c.id.split("-")[0]) for c in came}, "what came later")
    office.stop_notifier()
    hook.close()


# ---------------------------------------------------------------- dead letters


@story
def dead_letters_are_listed_and_sent_again(office):
    hook = Hook((422, {}, b"{}"))
    office.configure(f"""
channels:
  - {{name: hook, kind: webhook, url: "{hook.url}/hook"}}
recipients:
  - {{person: li, channel: hook}}
""")
    incident = office.report()
    until_step(office, incident, "yellow")
    check(office.notifier("dead").startswith("0 given up"), "there are dead letters already")
    office.start_notifier()
    office.wait_for(lambda all: delivered(all, "failed"), "a failure")
    dead = [json.loads(line) for line in office.notifier("dead", "--json").splitlines()]
    check(dead and dead[0]["why"] == "HTTP 422" and dead[0]["recipient"] == "li", str(dead))
    office.notifier("resend", "77777-li", code=2)
    hook.usual = (200, {}, b"{}")
    check("goes again" in office.notifier("resend", dead[0]["id"]), "no word of resend")
    entries = office.wait_for(lambda all: (dead[0]["seq"], "li") in delivered(all), "a delivery")
    failed = delivered(entries, "failed")
    check(len(failed) == len(set(failed)), "a failure stands twice")
    office.notifier("resend", "all", code=None)
    office.stop_notifier()
    check(not any(line["id"] == dead[0]["id"] for line in map(
        json.loads, office.notifier("dead", "--json").splitlines())), "it is dead still")
    hook.close()


# ---------------------------------------------------------------- what must not go out


@story
def private_incidents_are_told_without_their_place(office):
    hook = Hook()
    office.configure(f"""
follow: escalations
channels:
  - {{name: hook, kind: webhook, url: "{hook.url}/hook"}}
recipients:
  - {{person: "*", channel: hook}}
""")
    incident = office.report("p4", text="who did it")
    until_step(office, incident, "red")
    office.start_notifier()
    hook.wait(lambda came: len(came) >= 2, "notices")
    office.stop_notifier()
    for came in hook.came:
        body = json.loads(came.body)
        check(body["entry"]["area"] == "340705006001" and body["entry"]["private"],
              "the place of " + came.body.decode())
        check("340705006001001" not in came.body.decode() and "第1网格" not in came.body.decode()
              and "who did it" not in came.body.decode(), "what is private: " + came.body.decode())
    hook.close()


@story
def without_the_right_nothing_comes_and_the_log_says_why(office):
    hook = Hook()
    office.configure(f"""
channels:
  - {{name: hook, kind: webhook, url: "{hook.url}/hook"}}
recipients:
  - {{person: "*", channel: hook}}
""")
    office.set_right("escalations", "own self")
    incident = office.report()
    until_step(office, incident, "unaccepted")
    office.start_notifier()
    office.wait_logged("feed: no_right: org/rights.csv")
    check(not hook.came, "something came")
    office.set_right("escalations", "all")
    hook.wait(lambda came: came, "a notice after the table was mended")
    office.stop_notifier()
    hook.close()


@story
def a_post_gives_the_reach_where_the_table_does_not(office):
    hook = Hook()
    office.configure(f"""
person: xu
area: 340705402
channels:
  - {{name: hook, kind: webhook, url: "{hook.url}/hook"}}
recipients:
  - {{person: "*", channel: hook}}
""")
    office.set_right("escalations", "street")
    office.report()
    incident = office.report(grid="340705402001001", by="lv")
    until_step(office, incident, "unaccepted")
    office.start_notifier()
    came = hook.wait(lambda came: came, "a notice of that area")
    entries = office.wait_for(delivered, "a delivery")
    office.stop_notifier()
    check(all(json.loads(c.body)["entry"]["incident"] == incident for c in came), "another area")
    check(all(entry["actor"] == "xu" for entry in entries if entry["what"] == "delivered"), "actor")
    hook.close()


# ---------------------------------------------------------------- settings


@story
def a_reload_takes_new_recipients(office):
    hook = Hook()
    settings = f"""
channels:
  - {{name: hook, kind: webhook, url: "{hook.url}/hook"}}
recipients:
  - {{person: %s, name: %s, channel: hook}}
"""
    office.configure(settings % ("li", "first"))
    office.start_notifier()
    office.wait_logged("start: following")
    office.configure(settings % ("li", "first") + "  - {person: li}\n")
    office.notify.send_signal(signal.SIGHUP)
    office.wait_logged("going on as before")
    office.configure(settings % ("wang", "second"))
    office.notify.send_signal(signal.SIGHUP)
    office.wait_logged("reload: 1 channels, 1 recipients")
    incident = office.report()
    until_step(office, incident, "unaccepted")
    came = hook.wait(lambda came: came, "a notice")
    check(all(c.id.endswith("-second") for c in came), "the old recipient was told")
    second = subprocess.run([os.environ["NOTIFY"], "run", "--config", office.settings],
                            env=office.environment, stderr=subprocess.PIPE, text=True)
    check(second.returncode == 1 and "another gridpost-notify" in second.stderr, "two of them run")
    office.stop_notifier()
    hook.close()


@story
def the_command_says_what_is_wrong(office):
    office.configure(f"""
channels:
  - {{name: mail, kind: smtp, url: "smtp://127.0.0.1:1", from: grid@example.cn}}
recipients:
  - {{person: li, channel: mail, address: li@example.cn}}
""")
    check("1 channels, 1 recipients" in office.notifier("check"), "check")
    check(office.notifier("dead").startswith("0 given up"), "dead")
    office.notifier("test", "fax", code=2)
    office.notifier("test", "mail", code=64)  # it must be said where to
    office.notifier("test", "mail", "--to", "li@example.cn", code=1)  # nobody listens there
    office.notifier("resend", "1-li", code=2)
    office.notifier("resend", code=64)
    office.notifier("resend", "../../x", code=2)
    office.run("NOTIFY", "check", "--config", office.path("none.yaml"), code=2)
    office.run("NOTIFY", "fly", code=64)
    office.run("NOTIFY", code=64)
    check("SUBCOMMAND" in office.run("NOTIFY", "--help"), "help")
    for words in ("run", "check", "test", "dead", "resend"):
        check("--config=FILE" in office.run("NOTIFY", words, "--help"), "help of " + words)
    office.configure("channels:\n  - {name: mail, kind: fax}\nrecipients: []\n")
    found = [json.loads(line) for line in office.notifier("check", "--json", code=78).splitlines()]
    check(any(one["line"] == 6 and one["field"] == "kind" and one["value"] == "fax" and
              one["severity"] == "error" for one in found), str(found))
    office.notifier("run", code=78)
    office.environment["LC_ALL"] = "zh_CN.UTF-8"
    check("错误: kind 'fax'" in office.notifier("check", code=78), "no Chinese")


@story
def another_journal_is_not_gone_on_with(office):
    office.configure("""
channels:
  - {name: hook, kind: webhook, url: "http://127.0.0.1:1/"}
recipients:
  - {person: li, channel: hook}
""")
    office.start_notifier(since=1000000)
    check(office.notify.wait(60) == 78, "it goes on")
    check("is it another store?" in office.logged(), "no word of it")


def main():
    names = sys.argv[1:]
    unknown = set(names) - {one.__name__ for one in STORIES}
    check(not unknown, "there is no story " + " ".join(unknown))
    for one in STORIES:
        if names and one.__name__ not in names:
            continue
        office = Office()
        begin = time.monotonic()
        try:
            office.open()
            one(office)
        except BaseException:
            traceback.print_exc()
            office.close(failed=True)
            print("FAILED:", one.__name__)
            return 1
        office.close()
        print("ok: %s (%.1f s)" % (one.__name__, time.monotonic() - begin), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
