#!/usr/bin/env python3
"""Checks that the doors of the house open one way.

Reads the targets from `swift package describe` and the imports from the sources, and prints one line per violation,
`file:line: message`. The rules are those of Documentation/Architecture.md, which lists the same rooms and levels.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

# The level of each room. A room imports only rooms of lower levels.
LEVELS = {
    "CLaminaKernels": 0,
    "LaminaNumerics": 1,
    "Quantization": 2,
    "EntropyCoding": 2,
    "Collectives": 2,
    "VariationalInequalities": 2,
    "WireFormat": 3,
    "MPICollectives": 3,
    "GradientExchange": 4,
    "DistributedVI": 5,
    "NeuralNetworks": 5,
    "Benchmarks": 6,
    "Experiments": 6,
    "Lamina": 6,
    "LaminaABI": 6,
    "LaminaCLI": 7,
}

# Leaves: C targets over a system library, which import no room, and system libraries. What may import them.
SHIMS = {
    "CMPI": {"CMPIShims"},
    "CMPIShims": {"MPICollectives"},
    "CTorchShims": {"NeuralNetworks"},
    "CPNGShims": {"NeuralNetworks"},
    "CLamina": {"LaminaABI"},
}

# Foundation is allowed above this level, except in these rooms.
HIGHEST_LEVEL_WITHOUT_FOUNDATION = 4
ROOMS_WITHOUT_FOUNDATION = {"DistributedVI"}

LONGEST_FILE = 400
SOURCE_SUFFIXES = {".swift", ".c", ".cc", ".cpp", ".h", ".hpp", ".py"}
C_SUFFIXES = {".c", ".cc", ".cpp", ".h", ".hpp"}

IMPORT = re.compile(
    r"^\s*(?P<before>(?:@\w+(?:\([^)]*\))?\s+|(?:public|package|internal|fileprivate|private)\s+)*)"
    r"import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var|actor)\s+)?(?P<module>\w+)"
)
INCLUDE = re.compile(r'^\s*#\s*(?:include|import)\s*[<"](?P<header>[^>"]+)[>"]')
MODIFIERS = (
    r"(?:@\w+(?:\([^)]*\))?\s+|(?:public|package|internal|fileprivate|private|open|final|indirect|nonisolated)\s+)*"
)
TYPE = re.compile(r"^(?P<indent>\s*)" + MODIFIERS + r"(?:struct|class|enum|actor|protocol|typealias)\s+(?P<name>\w+)")

Violation = namedtuple("Violation", "path line message")


def code_lines(text):
    """The lines of Swift or C `text` with comments and the contents of strings blanked out."""
    kept = []
    position, comment_depth, string_end = 0, 0, None
    while position < len(text):
        if text[position] == "\n":
            kept.append("\n")
            if string_end is not None and '"""' not in string_end:
                string_end = None
            position += 1
        elif comment_depth > 0:
            if text.startswith("*/", position):
                comment_depth, position = comment_depth - 1, position + 2
            elif text.startswith("/*", position):
                comment_depth, position = comment_depth + 1, position + 2
            else:
                position += 1
        elif string_end is not None:
            if text.startswith(string_end, position):
                kept.append(string_end)
                position, string_end = position + len(string_end), None
            elif text[position] == "\\" and "#" not in string_end and text[position + 1:position + 2] != "\n":
                position += 2
            else:
                position += 1
        elif text.startswith("//", position):
            end = text.find("\n", position)
            position = len(text) if end < 0 else end
        elif text.startswith("/*", position):
            comment_depth, position = 1, position + 2
        else:
            opening = re.compile(r'(#*)("""|")').match(text, position)
            if opening:
                kept.append(opening.group(0))
                string_end, position = opening.group(2) + opening.group(1), opening.end()
            else:
                kept.append(text[position])
                position += 1
    return "".join(kept).split("\n")


class House:
    """The targets of a package and where their files lie."""

    def __init__(self, package, root):
        self.root = Path(root)
        self.targets = {target["name"]: target for target in package["targets"] if target.get("type") != "plugin"}
        self.headers = {}
        for name in self.c_targets():
            include = self.folder(name) / "include"
            for header in include.rglob("*.h") if include.is_dir() else []:
                self.headers[header.relative_to(include).as_posix()] = name

    def folder(self, name):
        return self.root / self.targets[name]["path"]

    def is_test(self, name):
        """Test targets and their support: they may import every room, and no room may import them."""
        target = self.targets[name]
        return target["type"] in ("test", "snippet") or target["path"].split("/")[0] == "Tests"

    def c_targets(self):
        return [name for name, target in self.targets.items() if target["module_type"] != "SwiftTarget"]

    def files(self, name):
        """The source files of a target, in a fixed order."""
        target = self.targets[name]
        if target["type"] == "snippet":
            return [self.folder(name) / source for source in target["sources"]]
        return sorted(path for path in self.folder(name).rglob("*") if path.suffix in SOURCE_SUFFIXES)

    def shown(self, path):
        return path.relative_to(self.root).as_posix()

    def manifest_line(self, name):
        """Where the manifest defines a target, or its first line when that is not to be seen."""
        manifest = self.root / "Package.swift"
        lines = manifest.read_text(encoding="utf-8").split("\n") if manifest.is_file() else []
        defining = (number for number, line in enumerate(lines, start=1) if f'name: "{name}"' in line)
        return next(defining, 1)


def forbidden_door(house, importer, imported):
    """Why `importer` may not import `imported`, both targets of the package; None if it may."""
    if importer == imported or house.is_test(importer):
        return None
    if house.is_test(imported):
        return f"{importer} imports {imported}, which serves tests only"
    if importer in SHIMS.get(imported, ()):
        return None
    if importer in SHIMS:
        return f"{importer} is a shim and imports no other target, but it imports {imported}"
    if imported in SHIMS:
        return f"{imported} is imported only by {', '.join(sorted(SHIMS[imported]))}, not by {importer}"
    if importer not in LEVELS or imported not in LEVELS:
        return None  # A missing room is reported once, by check_rooms.
    upper, lower = LEVELS[importer], LEVELS[imported]
    if lower < upper:
        return None
    if lower == upper:
        return f"{importer} and {imported} are rooms of level {upper} and may not import each other"
    return f"{importer} (level {upper}) imports {imported} (level {lower}); doors open downwards only"


def check_rooms(house):
    """Every target has its place in the table, and every place its target."""
    for name in sorted(house.targets):
        if not house.is_test(name) and name not in LEVELS and name not in SHIMS:
            yield Violation(
                "Package.swift", house.manifest_line(name),
                f"target {name} has no level; add it to scripts/check-layering.py and Documentation/Architecture.md")
    for name in sorted((LEVELS.keys() | SHIMS.keys()) - house.targets.keys()):
        yield Violation("scripts/check-layering.py", 1, f"the table lists {name}, which is no target of the package")


def check_dependencies(house):
    """Declared dependencies point down."""
    for name, target in sorted(house.targets.items()):
        for dependency in target.get("target_dependencies", []):
            reason = dependency in house.targets and forbidden_door(house, name, dependency)
            if reason:
                yield Violation("Package.swift", house.manifest_line(name), "declared dependency: " + reason)


def check_import(house, name, path, match):
    """The messages that one import line of a Swift file deserves."""
    module = match.group("module")
    if "@testable" in match.group("before"):
        yield f"@testable import {module}; modules share through `package` access, and tests run in release"
    if module.startswith("Foundation") and not house.is_test(name):
        level = LEVELS.get(name)
        if name in ROOMS_WITHOUT_FOUNDATION:
            yield f"{module} is not allowed in {name}"
        elif level is not None and level <= HIGHEST_LEVEL_WITHOUT_FOUNDATION:
            yield f"{module} is allowed above level {HIGHEST_LEVEL_WITHOUT_FOUNDATION} only; {name} has level {level}"
    if module in house.targets:
        reason = forbidden_door(house, name, module)
        if reason:
            yield reason
        if module in house.c_targets() and not path.name.endswith("_C.swift"):
            yield f"the C module {module} is imported outside a file named *_C.swift"


def check_swift_file(house, name, path, text):
    modules = {target["c99name"] for target in house.targets.values()}
    own_module = house.targets[name]["c99name"]
    for number, line in enumerate(code_lines(text), start=1):
        imported = IMPORT.match(line)
        if imported:
            for message in check_import(house, name, path, imported):
                yield Violation(house.shown(path), number, message)
        declared = TYPE.match(line)
        if declared:
            type_name = declared.group("name")
            if type_name == own_module or (type_name in modules and not declared.group("indent")):
                yield Violation(house.shown(path), number, f"the type {type_name} has the name of a module")


def check_c_file(house, name, path, text):
    for number, line in enumerate(text.split("\n"), start=1):
        included = INCLUDE.match(line)
        owner = included and house.headers.get(included.group("header"))
        if owner and owner != name:
            reason = forbidden_door(house, name, owner)
            if reason:
                yield Violation(house.shown(path), number, reason)


def check_files(house):
    """Imports, includes, type names, file names and lengths."""
    first_path = {}
    for name in sorted(house.targets):
        for path in house.files(name):
            text = path.read_text(encoding="utf-8")
            if path.suffix == ".swift":
                yield from check_swift_file(house, name, path, text)
            elif path.suffix in C_SUFFIXES:
                yield from check_c_file(house, name, path, text)
            length = len(text.splitlines())
            if length > LONGEST_FILE:
                yield Violation(
                    house.shown(path), LONGEST_FILE + 1, f"{length} lines; a file has at most {LONGEST_FILE}")
            # Names that differ only in case are one file on some file systems.
            first = first_path.setdefault(path.name.lower(), path)
            if first != path:
                yield Violation(house.shown(path), 1, f"the file name is taken by {house.shown(first)}")


def violations(package, root):
    """All violations in the package described by `package`, whose files lie under `root`."""
    house = House(package, root)
    found = [*check_rooms(house), *check_dependencies(house), *check_files(house)]
    return sorted(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--describe", metavar="FILE", help="read the output of `swift package describe` from FILE")
    arguments = parser.parse_args()
    root = Path(__file__).resolve().parent.parent
    if arguments.describe:
        description = Path(arguments.describe).read_text(encoding="utf-8")
    else:
        command = ["swift", "package", "describe", "--type", "json"]
        description = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True).stdout
    package = json.loads(description)
    found = violations(package, root)
    for violation in found:
        print(f"{violation.path}:{violation.line}: error: {violation.message}", file=sys.stderr)
    if found:
        print(f"layering: {len(found)} violation(s)", file=sys.stderr)
        return 1
    print(f"layering: {len(package['targets'])} targets, no violation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
