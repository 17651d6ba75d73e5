"""Sums gcovr's counts by room of daemon/ and judges them: rooms.py COUNTS.json [--missing ROOM…]

A line that holds nothing but an assert is left out, like its branches: the macro's other side ends the process.
"""
import json
import re
import sys

ASSERT = re.compile(r"\bassert\(")
WANTED = {"core": (100.0, 95.0), "wire": (100.0, 95.0), "all": (0.0, 85.0)}


def percent(part, whole):
    return 100.0 if whole == 0 else 100.0 * part / whole


def main():
    counts = json.load(open(sys.argv[1], encoding="utf-8"))
    listed = " ".join(sys.argv[3:]).split() if len(sys.argv) > 2 else []
    rooms = {}
    for file in counts["files"]:
        room = file["file"].split("/")[1]
        source = open("../../" + file["file"], encoding="utf-8").read().split("\n")
        for line in file["lines"]:
            number = line["line_number"]
            text = source[number - 1].strip()
            if line.get("gcovr/noncode") or ASSERT.search(text):
                continue
            branches = [branch["count"] for branch in line["branches"]]
            for name in (room, "all"):
                sums = rooms.setdefault(name, [0, 0, 0, 0])
                sums[0] += 1
                sums[1] += line["count"] > 0
                sums[2] += len(branches)
                sums[3] += sum(count > 0 for count in branches)
            if room in listed and (line["count"] == 0 or 0 in branches):
                what = "line" if line["count"] == 0 else "branch"
                print(f"{file['file']}:{number}: {what}: {text}")
    print(f"{'room':<12}{'lines':>8}{'reached':>10}{'branches':>10}{'taken':>10}")
    good = True
    for name in sorted(rooms, key=lambda name: (name == "all", name)):
        lines, reached, branches, taken = rooms[name]
        print(f"{name:<12}{lines:>8}{percent(reached, lines):>9.1f}%{branches:>10}{percent(taken, branches):>9.1f}%")
        wanted = WANTED.get(name, (0.0, 0.0))
        good = good and percent(reached, lines) >= wanted[0] and percent(taken, branches) >= wanted[1]
    short = ", ".join(
        f"{name} {percent(rooms[name][1], rooms[name][0]):.1f}/{percent(rooms[name][3], rooms[name][2]):.1f}"
        for name in ("core", "wire", "all"))
    print(f"% of lines/branches: {short}")
    return 0 if good else 1


sys.exit(main())
