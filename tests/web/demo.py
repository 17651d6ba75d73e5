#!/usr/bin/env python3
"""The link of --demo-user: good once, for a drill on this machine, and refused everywhere else.

usage: demo.py GRIDPOSTD GRIDPOST GRIDPOST_WEB SOURCE [STORY…]
"""
import os
import subprocess
import sys

from stage import Scene, WAIT_S, check, perform, until


class City(Scene):
    """Whose daemon is no drill: its clock is the machine's."""

    clock = ()


def serve(scene, *options):
    """Another web server of the scene's; for those that end by themselves at once."""
    words = [scene.programs["gridpost-web"], "--socket", scene.ipc, "--identity", scene.work + "/bridge", "--config",
             scene.work + "/config", "--secrets", scene.work + "/secrets", "--pages", scene.work + "/pages", *options]
    return subprocess.run(words, env=scene.environment, capture_output=True, text=True, timeout=WAIT_S)


class Demo:
    """A web server with a link, and the link."""

    def __init__(self, scene, user):
        self.scene = scene
        scene.web.terminate()
        check(scene.web.wait(WAIT_S) == 0)
        scene.web_words = ("--demo-user", user)
        scene.web_output = open(scene.work + "/link", "w")
        scene.start_web()
        scene.web_output.close()
        self.link = open(scene.work + "/link").read().strip()
        place, _, self.key = self.link.partition("?key=")
        check(place == scene.origin() + "/demo" and len(self.key) == 64, self.link)

    def open(self, method="GET", key=None):
        status, _, answer = self.scene.request(method, "/demo?key=" + (self.key if key is None else key))
        check(status == 303 and answer.getheader("location") == "/", status, answer.headers)
        cookie = answer.getheader("set-cookie")
        return cookie.split(";")[0] if cookie else None


def a_link_is_good_once(scene):
    demo = Demo(scene, "desk")
    for key in ("", "0" * 64, demo.key[:-1], demo.key + "0"):
        check(demo.open(key=key) is None, "another key is none", key)
    check(scene.request("GET", "/demo")[2].getheader("set-cookie") is None)
    check(demo.open("HEAD") is None, "who only looks does not use it up")
    cookie = demo.open()
    status, me = scene.get("/api/me", cookie)
    check(status == 200 and me["user"] == "desk" and me["drill"], status, me)
    check(demo.open() is None, "the second time")
    check(scene.get("/api/board?area=340705006", cookie)[0] == 200)


def each_start_has_another_link(scene):
    first = Demo(scene, "desk")
    second = Demo(scene, "desk")
    check(first.key != second.key)
    check(second.open(key=first.key) is None and second.open() is not None)


def there_is_no_link_without_the_option(scene):
    check(scene.request("GET", "/demo?key=" + "0" * 64)[0] == 404)
    check(scene.request("GET", "/demo?key=")[0] == 404)


def others_reach_no_link(scene):
    for words in (("--listen", "0.0.0.0:0"), ("--listen", "[::]:0"), ("--origin", "https://board.example.gov.cn"),
                  ("--behind-proxy",)):
        done = serve(scene, "--listen", "127.0.0.1:0", "--demo-user", "desk", *words)
        check(done.returncode == 64 and "--demo-user" in done.stderr and not done.stdout, words, done)


def an_admin_or_nobody_has_no_link(scene):
    for user in ("chief", "nobody", "wu"):
        done = serve(scene, "--listen", "127.0.0.1:0", "--demo-user", user)
        check(done.returncode == 78 and user in done.stderr and not done.stdout, user, done)


def a_city_has_no_link(scene):
    done = serve(scene, "--listen", "127.0.0.1:0", "--demo-user", "desk")
    check(done.returncode == 78 and "drill" in done.stderr, done)


def a_link_waits_for_the_word_of_a_drill(scene):
    demo = Demo(scene, "desk")
    scene.daemon.terminate()
    check(scene.daemon.wait(WAIT_S) == 0)
    until(lambda: scene.get("/readyz")[0] == 503, "word of it")
    check(scene.request("GET", "/demo?key=" + demo.key)[0] == 503)
    scene.start_daemon()
    until(lambda: scene.get("/readyz")[0] == 200, "the daemon again")
    check(demo.open() is not None, "it was not used up")


STORIES = {Scene: [there_is_no_link_without_the_option, others_reach_no_link, an_admin_or_nobody_has_no_link,
                   a_link_is_good_once, each_start_has_another_link, a_link_waits_for_the_word_of_a_drill],
           City: [a_city_has_no_link]}


def main():
    failed = 0
    for kind, stories in STORIES.items():
        chosen = [story for story in stories if not sys.argv[5:] or story.__name__ in sys.argv[5:]]
        if not chosen:
            continue
        scene = kind(*[os.path.abspath(word) for word in sys.argv[1:5]])
        try:
            failed += perform(chosen, scene)
            if failed:
                sys.stdout.write(open(scene.work + "/log").read()[-4000:])
        finally:
            scene.end()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
