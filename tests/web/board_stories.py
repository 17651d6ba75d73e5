#!/usr/bin/env python3
"""The board's pages: by due, counted, several states at once. The fixture is that of stage.py.

usage: board_stories.py GRIDPOSTD GRIDPOST GRIDPOST_WEB SOURCE [STORY…]
"""
import sys

import stage
from stage import Failed, check

AREA = "/api/board?area=340705006"
CATEGORIES = ("n4", "p4", "n4", "u2")


def pages(user, query):
    """All rows, page by page, and the first page."""
    first = page = user.get(AREA + query)
    rows = list(page["rows"])
    while page["cursor"] is not None:
        page = user.get(AREA + query + "&cursor=" + page["cursor"])
        check(page["order"] == first["order"] and page["total"] == first["total"], page["order"], page["total"])
        rows += page["rows"]
    return rows, first


def sorted_by_due(rows):
    return sorted(rows, key=lambda row: (row["due"] is None, row["due"] or "", row["incident"]))


def numbers(rows):
    return [row["incident"] for row in rows]


def fill(scene):
    """Twelve open incidents in four states, one that is closed; returns the desk's user."""
    desk = scene.user("desk")
    made = [scene.report("路灯 %d" % i, CATEGORIES[i % 4]) for i in range(13)]
    walker = scene.user("walker")
    for number in made[:4]:
        walker.act(number, "accept")
    desk.act(made[12], "void", text="twice")
    return desk, made


# ---------------------------------------------------------------- stories


def the_soonest_come_first_and_are_counted(scene):
    desk, made = fill(scene)
    rows, first = pages(desk, "&limit=5")
    check(first["order"] == "due" and len(first["rows"]) == 5, first)
    check(numbers(rows) == numbers(sorted_by_due(rows)), numbers(rows))
    check(set(made[:12]) <= set(numbers(rows)) and made[12] not in numbers(rows), "the open ones, once each")
    check(first["total"] == len(rows) == len(set(numbers(rows))), first["total"], len(rows))
    check(numbers(desk.get(AREA + "&limit=200")["rows"]) == numbers(rows), "whatever the pages' size")


def several_states_are_one_list(scene):
    desk, _ = fill(scene)
    everything = pages(desk, "")[0]
    for states in ("accepted", "accepted,dispatched", "dispatched,void"):
        rows, first = pages(desk, "&limit=3&state=" + states)
        check({row["state"] for row in rows} == set(states.split(",")), states)
        check(first["total"] == len(rows), states, first["total"], len(rows))
        check(numbers(rows) == numbers(sorted_by_due(rows)), states)
        wanted = {row["incident"] for row in everything if row["state"] in states.split(",")}
        check(wanted == {row["incident"] for row in rows if row["state"] != "void"}, states)


def a_cursor_is_a_page_of_this_board(scene):
    desk, _ = fill(scene)
    cursor = desk.get(AREA + "&limit=5")["cursor"]
    for wrong in ("x" + cursor[1:], cursor[:-1], cursor[:-2], "n" + cursor[1:], "d", "dzz", cursor + "00" * 24):
        check(desk.get(AREA + "&cursor=" + wrong, 400)["error"] == "malformed", wrong)


STORIES = [the_soonest_come_first_and_are_counted, several_states_are_one_list, a_cursor_is_a_page_of_this_board]

if __name__ == "__main__":
    sys.exit(stage.main(stage.Scene, STORIES))
