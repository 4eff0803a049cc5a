#!/usr/bin/env python3
"""Draws the areas of the project and what each uses, from what CMake reads. Needs nothing but Python 3.

Usage: draw_areas.py [--check] [ROOT]

Reads ROOT/cmake/areas.txt and the USES and PRIVATE_USES of every ROOT/src/AREA/CMakeLists.txt, and writes
ROOT/docs/areas.svg: an arrow leads from an area down to an area that it uses. What follows from other arrows is left
out. With --check nothing is written, and the exit status is 1 if the drawing is not that of the CMake files.
"""

import math
import re
import sys
from pathlib import Path

KEYWORDS = {"SOURCES", "USES", "PRIVATE_USES", "TORCH"}

# Sizes in pixels.
BOX_WIDTH, BOX_HEIGHT = 118, 34
COLUMN_GAP, ROW_GAP = 26, 54
BEND_WIDTH = 14  # room of an arrow that passes a row
MARGIN = 24

# How much it counts that a part of an arrow is straight: between two bends, a bend and an area, two areas.
STRAIGHTNESS = (12, 2, 1)

STYLE = """
    .page { fill: #ffffff; }
    .box { fill: #eaf1fb; stroke: #3b6db0; stroke-width: 1.4; }
    .name { fill: #16243a; font: 600 15px system-ui, sans-serif; text-anchor: middle; }
    .arrow { fill: none; stroke: #6c7c93; stroke-width: 1.5; }
    .head { fill: #6c7c93; }
"""


class DrawingError(Exception):
    """What is wrong with the files that are drawn."""


def read_areas(root):
    """The areas in the order of the list."""
    lines = (root / "cmake/areas.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def used_by(file, areas):
    """The areas that the call of tha4_add_area() in `file` names."""
    text = re.sub(r"#.*", "", file.read_text(encoding="utf-8"))
    call = re.search(r"\btha4_add_area\(([^()]*)\)", text)
    if not call:
        raise DrawingError(f"{file}: there is no tha4_add_area(...)")
    used, section = [], None
    for word in call.group(1).split():
        if word in KEYWORDS:
            section = word
        elif section in ("USES", "PRIVATE_USES") and word.startswith("tha4::"):
            used.append(word.removeprefix("tha4::"))
    for other in used:
        if other not in areas:
            raise DrawingError(f"{file}: tha4::{other} is no area of cmake/areas.txt")
    return used


def read_uses(root):
    """For each area, in the order of the list, the areas that it uses. All of them stand before it in the list."""
    areas = read_areas(root)
    uses = {}
    for area in areas:
        file = root / "src" / area / "CMakeLists.txt"
        uses[area] = used_by(file, areas)
        for other in uses[area]:
            if other not in uses or other == area:
                raise DrawingError(f"{file}: {area} uses {other}, which does not stand before it in cmake/areas.txt")
    return uses


def without_what_follows(uses):
    """`uses` without what an area uses through another one as well."""
    reached = {}
    for area, others in uses.items():
        reached[area] = set(others).union(*(reached[other] for other in others))
    return {area: [other for other in dict.fromkeys(others)
                   if not any(other in reached[third] for third in others)]
            for area, others in uses.items()}


def rows_of(uses):
    """The number of each area's row: 0 is the lowest, and each area is above all that it uses. What is used more
    often than it uses others is as high as that lets it be, for short arrows."""
    rows = {}
    for area, others in uses.items():
        rows[area] = 1 + max((rows[other] for other in others), default=-1)
    for area in reversed(uses):
        users = [rows[user] for user, others in uses.items() if area in others]
        if len(users) > len(uses[area]) > 0:
            rows[area] = min(users) - 1
    return rows


class Drawing:
    """Where areas and arrows are. An arrow that passes rows has a bend, (user, used, row), in each of them."""

    def __init__(self, uses):
        self.uses = without_what_follows(uses)
        self.row = rows_of(self.uses)
        self.chains = [self.chain(area, other) for area, others in self.uses.items() for other in others]
        self.rows = [[] for _ in range(1 + max(self.row.values()))]
        for area, row in self.row.items():
            self.rows[row].append(area)
        for chain in self.chains:
            for bend in chain[1:-1]:
                self.rows[bend[2]].append(bend)
        nodes = [node for row in self.rows for node in row]
        steps = [step for chain in self.chains for step in zip(chain, chain[1:])]
        self.below = {node: [b for a, b in steps if a == node] for node in nodes}
        self.above = {node: [a for a, b in steps if b == node] for node in nodes}
        self.order_rows()
        self.x = {}
        self.place_rows()

    def chain(self, area, other):
        return [area, *((area, other, row) for row in range(self.row[area] - 1, self.row[other], -1)), other]

    # --- the order within each row ---

    def crossings(self, row):
        """How many pairs of arrows cross between the rows `row` and `row` + 1."""
        place = {node: i for i, node in enumerate(self.rows[row])}
        ends = [(i, place[b]) for i, a in enumerate(self.rows[row + 1]) for b in self.below[a]]
        return sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for i, a in enumerate(ends) for b in ends[:i])

    def all_crossings(self):
        return sum(self.crossings(row) for row in range(len(self.rows) - 1))

    def order_rows(self):
        """Puts nodes elsewhere in their rows as long as fewer arrows cross: from several beginnings, the best stays."""
        beginning, best = [list(row) for row in self.rows], None
        for turn in range(max(len(row) for row in self.rows)):
            self.rows = [row[turn % len(row):] + row[:turn % len(row)] for row in beginning]
            fewest = self.all_crossings()
            while (fewer := self.improved(fewest)) < fewest:
                fewest = fewer
            if best is None or fewest < best[0]:
                best = fewest, [list(row) for row in self.rows]
        self.rows = best[1]

    def improved(self, fewest):
        """Tries every place of every node, keeps those that are better, and returns how many crossings are left."""
        for row in self.rows:
            for node in list(row):
                for place in range(len(row)):
                    before = list(row)
                    row.remove(node)
                    row.insert(place, node)
                    crossings = self.all_crossings()
                    if crossings < fewest:
                        fewest = crossings
                    else:
                        row[:] = before
        return fewest

    # --- places in pixels ---

    @staticmethod
    def width(node):
        return BOX_WIDTH if isinstance(node, str) else BEND_WIDTH

    def place_rows(self):
        """Each node as near to its neighbours as those beside it let it be."""
        for row in self.rows:
            self.place(row, [(0.0, 1)] * len(row))
        for turn in range(400):
            for row in self.rows if turn % 2 == 0 else reversed(self.rows):
                self.place(row, [self.wanted(node) for node in row])
        left = min(self.x[node] - self.width(node) / 2 for node in self.x)
        for node in self.x:
            self.x[node] = math.floor(self.x[node] + MARGIN - left + 0.5001)  # halves up, whatever their last bits

    def wanted(self, node):
        """The mean place of the neighbours, and its weight: that arrows are straight counts most between bends."""
        weights = {other: STRAIGHTNESS[isinstance(node, str) + isinstance(other, str)]
                   for other in self.below[node] + self.above[node]}
        total = sum(weights.values())
        # The sum of floats differs from one Python to the next; this one does not.
        return math.fsum(self.x[other] * weight for other, weight in weights.items()) / total, total

    def place(self, row, wanted):
        """The places nearest to `wanted` in which the nodes keep their order and distance: neighbours that would
        come too near are moved together."""
        offsets, at = [], 0.0
        for i, node in enumerate(row):
            if i > 0:
                at += (self.width(row[i - 1]) + self.width(node)) / 2 + COLUMN_GAP
            offsets.append(at)
        blocks = []  # place, weight, number of nodes
        for (place, weight), offset in zip(wanted, offsets):
            block = (place - offset, weight, 1)
            while blocks and blocks[-1][0] > block[0]:
                before = blocks.pop()
                both = before[1] + block[1]
                block = ((before[0] * before[1] + block[0] * block[1]) / both, both, before[2] + block[2])
            blocks.append(block)
        places = [place for place, _, count in blocks for _ in range(count)]
        for node, place, offset in zip(row, places, offsets):
            self.x[node] = place + offset

    def y(self, node):
        """The upper edge of a node's row."""
        row = self.row[node] if isinstance(node, str) else node[2]
        return MARGIN + (len(self.rows) - 1 - row) * (BOX_HEIGHT + ROW_GAP)

    def end(self, node, other, neighbours):
        """Where on its edge the arrow between a node and a neighbour of it ends: side by side with its others."""
        if not isinstance(node, str):
            return self.x[node]
        ends = sorted(neighbours[node], key=lambda end: self.x[end])
        step = min(22.0, (BOX_WIDTH - 24) / max(1, len(ends) - 1))
        return self.x[node] + (ends.index(other) - (len(ends) - 1) / 2) * step

    # --- the file ---

    def arrow(self, chain):
        path = []
        for a, b in zip(chain, chain[1:]):
            x0, y0 = self.end(a, b, self.below), self.y(a) + BOX_HEIGHT
            x1, y1 = self.end(b, a, self.above), self.y(b) - (7 if isinstance(b, str) else 0)
            middle = (y0 + y1) / 2
            path.append(f"{'L' if path else 'M'} {x0:.0f} {y0:.0f} "
                        f"C {x0:.0f} {middle:.0f} {x1:.0f} {middle:.0f} {x1:.0f} {y1:.0f}")
        return f'  <path class="arrow" marker-end="url(#head)" d="{" ".join(path)}"/>'

    def box(self, area):
        x, y = self.x[area], self.y(area)
        return (f'  <rect class="box" x="{x - BOX_WIDTH / 2:.0f}" y="{y}" width="{BOX_WIDTH}" '
                f'height="{BOX_HEIGHT}" rx="7"/>\n  <text class="name" x="{x:.0f}" y="{y + 22}">{area}</text>')

    def svg(self):
        width = round(max(self.x[node] + self.width(node) / 2 for node in self.x) + MARGIN)
        height = 2 * MARGIN + len(self.rows) * BOX_HEIGHT + (len(self.rows) - 1) * ROW_GAP
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}">',
            "  <!-- Made by scripts/draw_areas.py from src/*/CMakeLists.txt and cmake/areas.txt. -->",
            "  <title>The areas of the project: an arrow leads from an area to one that it uses</title>",
            f"  <style>{STYLE}  </style>",
            '  <marker id="head" markerWidth="9" markerHeight="8" refX="1" refY="4" orient="auto" '
            'markerUnits="userSpaceOnUse"><path class="head" d="M 0 0 L 8 4 L 0 8 z"/></marker>',
            f'  <rect class="page" width="{width}" height="{height}" rx="10"/>',
            *(self.arrow(chain) for chain in self.chains),
            *(self.box(area) for area in self.row),
            "</svg>", ""])


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    drawing = root / "docs/areas.svg"
    try:
        svg = Drawing(read_uses(root)).svg()
    except (DrawingError, OSError) as error:
        print(f"draw_areas: error: {error}", file=sys.stderr)
        return 1
    if "--check" not in sys.argv[1:]:
        drawing.parent.mkdir(exist_ok=True)
        drawing.write_text(svg, encoding="utf-8")
    elif not drawing.is_file() or drawing.read_text(encoding="utf-8") != svg:
        print(f"draw_areas: error: {drawing} is not what the CMake files say; run scripts/draw_areas.py and look at it",
              file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
