#!/usr/bin/env python3
"""Draws the results of rediscache_bench: plot.py RESULTS.json PLOT.svg THREADS.svg.

PLOT.svg has a bar for each cell of one thread, from 1.0 (as fast as the peer) to the median ratio, on a logarithmic
scale, so that twice as fast and half as fast are equally long. Whiskers show the quartiles; the small mark is the peer
against itself. THREADS.svg, of the cells that were measured with several numbers of threads, is plot_threads.py's.
What there are no cells for is not written.
"""

import json
import math
import sys

import plot_threads
from svg import FAINT, INK, LOSS, OURS, QUIET, facts, line, page, text, way

ROW, LABEL, BARS, VALUE, GAP, MARGIN, HEAD = 20, 230, 250, 56, 16, 24, 34


def size_text(count):
    for limit, unit in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= limit and count % limit == 0:
            return f"{count // limit} {unit}"
    return f"{count} B"


def label(cell):
    if cell["bench"] == "delete_pattern":
        what = f"{cell['keys'] // 2000}k of {cell['keys'] // 1000}k keys"
    elif cell["bench"].endswith("_many"):
        what = f"{cell['keys']} x {size_text(cell['bytes'])}"
    else:
        what = size_text(cell["bytes"])
    return f"{cell['bench']} {what}"


class Scale:
    """Ratios to x positions, logarithmic, with 1.0 always in sight."""

    def __init__(self, cells):
        seen = [1.0]
        for cell in cells:
            seen += [cell["ratio"], cell["spread"]["q1"], cell["spread"]["q3"]]
        self.low = min(min(seen) / 1.1, 0.8)
        self.high = max(max(seen) * 1.1, 1.5)

    def __call__(self, ratio):
        ratio = min(max(ratio, self.low), self.high)
        return BARS * math.log(ratio / self.low) / math.log(self.high / self.low)

    def ticks(self):
        wide = self.high / self.low > 6
        steps = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32) if wide else (0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4)
        return [step for step in steps if self.low <= step <= self.high]


def draw_row(cell, x, y, scale):
    middle = y + ROW / 2
    one, end = x + scale(1.0), x + scale(cell["ratio"])
    color = OURS if cell["ratio"] >= 1 else LOSS
    left, right = x + scale(cell["spread"]["q1"]), x + scale(cell["spread"]["q3"])
    control = x + scale(cell["control"])
    yield text(x - 8, middle + 4, label(cell), "end")
    yield (
        f'<rect x="{min(one, end):.1f}" y="{y + 4}" width="{abs(end - one):.1f}" height="{ROW - 8}" fill="{color}"'
        f' fill-opacity="{0.45 if cell.get("noisy") else 0.85}"/>'
    )
    yield line(left, middle, right, middle, INK, 1.2)
    yield line(left, middle - 4, left, middle + 4, INK, 1.2)
    yield line(right, middle - 4, right, middle + 4, INK, 1.2)
    yield f'<circle cx="{control:.1f}" cy="{middle:.1f}" r="2.6" fill="white" stroke="{QUIET}" stroke-width="1.4"/>'
    mark = "~" if cell.get("noisy") else ""
    yield text(x + BARS + VALUE, middle + 4, f"{mark}{cell['ratio']:.2f}", "end", weight="bold", fill=color)


def draw_panel(title, cells, x, y, scale):
    yield text(x, y - 14, title, size=13, weight="bold")
    bottom = y + ROW * len(cells)
    for tick in scale.ticks():
        at = x + scale(tick)
        yield line(at, y, at, bottom, INK if tick == 1 else FAINT, 1.2 if tick == 1 else 1.0)
        yield text(at, bottom + 14, f"{tick:g}", "middle", 11, QUIET)
    for index, cell in enumerate(cells):
        yield from draw_row(cell, x, y + index * ROW, scale)


def draw(cells):
    panels = {}
    for cell in cells:
        panels.setdefault(way(cell), []).append(cell)
    scale = Scale(cells)
    columns = min(2, len(panels))
    column = LABEL + BARS + VALUE + GAP
    shapes, y = [], 70
    rows = list(panels.items())
    for start in range(0, len(rows), columns):
        y += HEAD
        group = rows[start : start + columns]
        for index, (title, members) in enumerate(group):
            shapes += draw_panel(title, members, MARGIN + LABEL + index * column, y, scale)
        y += ROW * max(len(members) for _, members in group) + 26
    yield from page(
        max(2 * MARGIN + columns * column - GAP, 760),
        y + 52,
        "rediscache against raw hiredis",
        "Throughput ratio, median of interleaved rounds; right of 1 rediscache is faster.",
        [
            "Whiskers: quartiles. Circle: hiredis against itself. Pale and ~: the machine was too busy to judge by.",
            facts(cells),
        ],
        shapes,
    )


def write(path, shapes):
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(shapes) + "\n")


def main(arguments):
    if len(arguments) != 3:
        sys.exit(__doc__)
    with open(arguments[0], encoding="utf-8") as file:
        cells = json.load(file)
    if not cells:
        sys.exit(f"{arguments[0]}: no results in it, so there is no plot")
    lone = [cell for cell in cells if cell["threads"] == 1]
    if lone:
        write(arguments[1], draw(lone))
    rows = plot_threads.rows_of(cells)
    if rows:
        write(arguments[2], plot_threads.draw(rows, facts(cells)))


if __name__ == "__main__":
    main(sys.argv[1:])
