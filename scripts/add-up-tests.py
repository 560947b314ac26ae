#!/usr/bin/env python3
"""Adds up the results of several test runs and prints one line, `tests: N passed, M failed`.

Arguments are folders. In each, every `*.xml` is an xUnit report of `swift test` and every `*.unittest` the output of
Python's unittest. Exits with 1 when a test failed, when a report cannot be read, and when a report or the whole holds no test.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

RAN = re.compile(r"^Ran (\d+) tests? in ", flags=re.MULTILINE)
FAILED = re.compile(r"^FAILED \((.*)\)", flags=re.MULTILINE)
SKIPPED = re.compile(r"^(?:OK|FAILED) \(.*skipped=(\d+)", flags=re.MULTILINE)


def xunit_counts(path):
    """Passed, failed and skipped cases of an xUnit report; ValueError for a report cut short by a crash."""
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except ElementTree.ParseError as error:
        raise ValueError(f"{path.name} is incomplete; did the test process crash? ({error})") from error
    failed = sum(1 for case in cases if case.find("failure") is not None or case.find("error") is not None)
    skipped = sum(1 for case in cases if case.find("skipped") is not None)
    return len(cases) - failed - skipped, failed, skipped


def unittest_counts(path):
    """Passed, failed and skipped tests of a unittest run; ValueError when it did not come to its end."""
    text = path.read_text(encoding="utf-8")
    ran = RAN.search(text)
    if not ran:
        raise ValueError(f"{path.name} has no summary")
    failure = FAILED.search(text)
    failed = sum(int(count) for count in re.findall(r"(?:failures|errors)=(\d+)", failure.group(1))) if failure else 0
    skip = SKIPPED.search(text)
    skipped = int(skip.group(1)) if skip else 0
    return int(ran.group(1)) - failed - skipped, failed, skipped


def main(folders):
    passed = failed = skipped = 0
    broken = []
    for path in sorted(path for folder in folders for path in Path(folder).iterdir()):
        try:
            counts = unittest_counts(path) if path.suffix == ".unittest" else xunit_counts(path)
        except ValueError as error:
            broken.append(str(error))
            continue
        if counts[0] + counts[1] == 0:
            broken.append(f"{path.name} holds no test")
        passed, failed, skipped = passed + counts[0], failed + counts[1], skipped + counts[2]
    for message in broken or ([] if passed + failed > 0 else ["no test ran"]):
        print(f"error: {message}")
    print(f"tests: {passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if passed > 0 and failed == 0 and not broken else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
