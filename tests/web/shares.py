#!/usr/bin/env python3
"""What one user may have of what is for all: calls, assessments and streams. The fixture is that of stage.py.

usage: shares.py GRIDPOSTD GRIDPOST GRIDPOST_WEB SOURCE [STORY…]
"""
import contextlib
import json
import os
import select
import signal
import sys

import stage
from stage import check, until

ASKS, COUNTINGS, STREAMS = 64, 16, 32  # ask.h, counting.h, stream.c
MORE = 3
BOARD = "/api/board?area=340705006"
ASSESS = "/api/assess?by=area&level=grid&from=2026-06-01&to=2026-07-01&area=340705006"
LOCAL = "/api/geo"  # needs no daemon


class Held:
    """A call whose answer is not waited for yet."""

    def __init__(self, user, path):
        self.link = user.scene.connect()
        self.link.sendall(("GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: %s\r\n\r\n" %
                           (path, user.cookie)).encode())

    def is_answered(self):
        return bool(select.select([self.link], [], [], 0)[0])

    def leave(self):
        self.link.close()

    def answer(self):
        text = b""
        while piece := self.link.recv(65536):
            text += piece
        self.leave()
        head, body = text.split(b"\r\n\r\n", 1)
        return int(head.split(None, 2)[1]), json.loads(body)


@contextlib.contextmanager
def silent(scene):
    """The daemon is there and does not answer."""
    os.kill(scene.daemon.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(scene.daemon.pid, signal.SIGCONT)


def fill(user, path, most):
    """As many calls as may be. Those that are more are turned away."""
    calls = [Held(user, path) for _ in range(most + MORE)]
    until(lambda: sum(call.is_answered() for call in calls) == MORE, "%d that are turned away" % MORE)
    for call in [call for call in calls if call.is_answered()]:
        status, refused = call.answer()
        check(status == 429 and refused["error"] == "limited" and refused["retry_ms"] > 0, status, refused)
        calls.remove(call)
    return calls


def a_user_has_so_many_calls_under_way(scene):
    desk, light = scene.user("desk"), scene.user("light")
    with silent(scene):
        calls = fill(desk, BOARD, ASKS)
        desk.get(LOCAL, 429)
        desk.act(1, "note", 429, text="x")
        light.get(LOCAL)
        calls.pop().leave()
        until(lambda: scene.get(LOCAL, desk.cookie)[0] == 200, "room for one more")
    check([call.answer()[0] for call in calls] == [200] * (ASKS - 1))
    desk.get(BOARD)


def of_them_some_may_be_assessments(scene):
    light, desk = scene.user("light"), scene.user("desk")
    with silent(scene):
        calls = fill(desk, ASSESS, COUNTINGS)
        other = Held(light, ASSESS)
        desk.get(LOCAL)
    statuses = [call.answer() for call in calls]
    check([status for status, _ in statuses] == [200] * COUNTINGS, statuses)
    check(other.answer()[0] == 403, "what the daemon says of a handler, and no limit")
    desk.get(ASSESS)


def and_so_many_streams(scene):
    desk, again, light = scene.user("desk"), scene.user("desk"), scene.user("light")
    streams = [user.stream("area=340705006") for user in (desk, again) for _ in range(STREAMS // 2)]
    check([stream.status for stream in streams] == [200] * STREAMS)
    for user in (desk, again):
        refused = user.get("/api/stream?area=340705006", 429)
        check(refused["error"] == "limited", refused)
    streams.append(light.stream("person=chen"))
    check(streams[-1].status == 200, streams[-1].status)
    streams.pop(0).close()
    until(lambda: opens(desk, streams), "room for one more stream")
    for stream in streams:
        stream.close()


def opens(user, streams):
    stream = user.stream("area=340705006")
    if stream.status == 200:
        streams.append(stream)
    return stream.status == 200


STORIES = [a_user_has_so_many_calls_under_way, of_them_some_may_be_assessments, and_so_many_streams]

if __name__ == "__main__":
    sys.exit(stage.main(stage.Scene, STORIES))
