"""The budgets of tests/README.md are kept: budgets.py CTEST BUILD FACTOR.

Every test has a label of the table there and a timeout that is not above what the table gives to each, times FACTOR; and
every label of the table has tests. Tests that carry the label "long" may take as long as they like, but have a timeout.
"""
import json
import pathlib
import re
import subprocess
import sys

CELL = re.compile(r"\| ([a-z][a-z0-9, ]*) \| [0-9]+ \| ([0-9]+) (?=\|)")


def budgets():
    text = (pathlib.Path(__file__).parent / "README.md").read_text(encoding="utf-8")
    found = {}
    for labels, seconds in CELL.findall(text):
        found.update((label, int(seconds)) for label in labels.split(", "))
    return found


def tests(ctest, build):
    shown = subprocess.run([ctest, "--show-only=json-v1"], cwd=build, capture_output=True, check=True)
    for test in json.loads(shown.stdout)["tests"]:
        properties = {one["name"]: one["value"] for one in test.get("properties", [])}
        yield test["name"], properties.get("LABELS", []), properties.get("TIMEOUT")


def judge(name, labels, timeout, each, factor):
    if timeout is None:
        return f"{name} has no timeout"
    if "long" in labels:
        return None
    known = [label for label in labels if label in each]
    if len(known) != 1:
        return f"{name} has {len(known)} labels of the table: {' '.join(labels)}"
    most = each[known[0]] * factor
    return f"{name} may take {timeout:.0f} s, and a test of {known[0]} {most}" if timeout > most else None


def main():
    ctest, build, factor = sys.argv[1], sys.argv[2], int(sys.argv[3])
    each, used, wrong = budgets(), set(), []
    for name, labels, timeout in tests(ctest, build):
        used.update(labels)
        wrong.append(judge(name, labels, timeout, each, factor))
    wrong += [f"no test has the label {label}" for label in sorted(set(each) - used)]
    wrong = [line for line in wrong if line is not None]
    print("\n".join(wrong) or f"{len(each)} labels keep their budgets")
    return 1 if wrong or not each else 0


sys.exit(main())
