#!/usr/bin/env python3
"""Checks that includes only point down the project's list of areas. Needs nothing but Python 3.

Usage: check_includes.py [ROOT]

Prints one line for every include that breaks a rule, "file:line: what the rule is", and exits 1 if there are any.
"""

import re
import sys
from pathlib import Path

# The list that CMake reads, too: an area may include its own headers and those of the areas before it.
AREA_FILE = Path(__file__).resolve().parent.parent / "cmake" / "areas.txt"
AREAS = [line for line in AREA_FILE.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]
SUFFIXES = {".h", ".cpp", ".cu", ".cuh"}
INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')
# torch/all.h and torch/extension.h are torch/torch.h by other names.
WHOLE_OF_TORCH = {"torch/torch.h", "torch/all.h", "torch/extension.h"}


def area_of(path):
    """The area that a file of include/tha4 or src belongs to; None for apps and tests."""
    if path.parts[:2] == ("include", "tha4"):
        return path.parts[2]
    if path.parts[0] == "src":
        return path.parts[1]
    return None


def broken_rule(path, included):
    """Why the file `path` (relative to the root) may not include `included`; None if it may."""
    area = area_of(path)
    if area is not None and area not in AREAS:
        return f"'{area}' is not an area; the areas are {', '.join(AREAS)}"
    if ".." in Path(included).parts:
        return f'"{included}" leaves its folder; include headers of other areas as "tha4/<area>/..."'
    if included in WHOLE_OF_TORCH:
        return f"<{included}> costs every file that includes it 7 s of templates; name what it needs, as <torch/types.h>"
    if included.startswith(("opencv2/", "opencv4/")) and path.parts[:2] not in {("src", "image"), ("tests", "image")}:
        return f"<{included}>: only src/image and tests/image may include OpenCV"
    if included.startswith("tha4/"):
        other = included.split("/")[1]
        if other not in AREAS:
            return f"'{other}' in \"{included}\" is not an area; the areas are {', '.join(AREAS)}"
        if area is not None and AREAS.index(other) > AREAS.index(area):
            return f'{area} must not include "{included}": {other} comes after it in the list of areas'
    return None


def check(root):
    findings = []
    for top in ("include", "src", "apps", "examples", "tests"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in SUFFIXES:
                continue
            path = file.relative_to(root)
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
                match = INCLUDE.match(line)
                rule = broken_rule(path, match.group(1)) if match else None
                if rule:
                    findings.append(f"{path}:{number}: {rule}")
    return findings


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    findings = check(root)
    for finding in findings:
        print(finding, file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
