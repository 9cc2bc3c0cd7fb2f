"""Small multiples: throughput and p99 over the number of threads, for rediscache and for the peer.

A row for each way to the server, a pair of panels in it for each benchmark. Threads grow by doubling. Within one row
all panels of a kind share their scale, so that benchmarks can be compared.
"""

import math

from svg import FAINT, INK, OURS, PEER, QUIET, line, page, text, way

PANEL, HEIGHT, GAP, AXIS, MARGIN, HEAD, FOOT = 190, 110, 16, 44, 24, 40, 24


class Measure:
    """What a panel shows of a cell's sides."""

    def __init__(self, title, read, decades):
        self.title = title
        self.read = read
        self.decades = decades  # a logarithmic scale


MEASURES = (
    Measure("calls/s", lambda side: side["per_second"], False),
    Measure("p99, µs", lambda side: side["latency_us"]["p99"], True),
)


def rows_of(cells):
    """Cells by their way to the server, then by benchmark; only where threads were varied."""
    rows = {}
    for cell in cells:
        rows.setdefault(way(cell), {}).setdefault((cell["bench"], cell["bytes"]), []).append(cell)
    chosen = {}
    for name, benches in rows.items():
        varied = {bench: group for bench, group in benches.items() if len({cell["threads"] for cell in group}) > 1}
        if varied:
            chosen[name] = varied
    return chosen


def short(number):
    for limit, suffix in ((1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:g}{suffix}"
    return f"{number:g}"


class Scale:
    """Numbers to heights above the bottom of a panel."""

    def __init__(self, numbers, decades):
        self.decades = decades
        if decades:
            self.low = 10 ** math.floor(math.log10(min(numbers)))
            self.high = 10 ** math.ceil(math.log10(max(numbers) * 1.01))
            exponents = range(round(math.log10(self.low)), round(math.log10(self.high)) + 1)
            self.ticks = [10**exponent for exponent in exponents]
        else:
            rough = max(numbers) * 1.05 / 4
            unit = 10 ** math.floor(math.log10(rough))
            step = unit * min(factor for factor in (1, 2, 2.5, 5, 10) if factor * unit >= rough)
            self.low, self.high = 0, 4 * step
            self.ticks = [step * i for i in range(5)]

    def __call__(self, number):
        if self.decades:
            return HEIGHT * math.log(number / self.low) / math.log(self.high / self.low)
        return HEIGHT * number / self.high


def draw_curve(points, color):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.8"/>'
    for x, y in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{color}"/>'


def draw_panel(title, group, measure, x, y, scale, most_threads):
    bottom = y + HEIGHT
    yield text(x, y - 8, title, size=11, weight="bold")
    for tick in scale.ticks:
        at = bottom - scale(tick)
        yield line(x, at, x + PANEL, at, FAINT)
        yield text(x - 5, at + 4, short(tick), "end", 10, QUIET)

    def across(threads):
        return x + 8 + (PANEL - 16) * math.log2(threads) / max(math.log2(most_threads), 1)

    group = sorted(group, key=lambda cell: cell["threads"])
    for cell in group:
        yield text(across(cell["threads"]), bottom + 14, str(cell["threads"]), "middle", 10, QUIET)
    yield line(x, bottom, x + PANEL, bottom, INK)
    for side, color in (("peer", PEER), ("ours", OURS)):
        points = [(across(cell["threads"]), bottom - scale(measure.read(cell[side]))) for cell in group]
        yield from draw_curve(points, color)


def draw_row(name, benches, y):
    yield text(MARGIN, y - 24, name, size=13, weight="bold")
    cells = [cell for group in benches.values() for cell in group]
    most_threads = max(cell["threads"] for cell in cells)
    x = MARGIN + AXIS
    for (bench, size), group in benches.items():
        for measure in MEASURES:
            numbers = [measure.read(cell[side]) for cell in cells for side in ("ours", "peer")]
            scale = Scale([number for number in numbers if number > 0] or [1], measure.decades)
            yield from draw_panel(f"{bench} {size} B: {measure.title}", group, measure, x, y, scale, most_threads)
            x += PANEL + GAP + AXIS


def draw(rows, facts):
    shapes, y = [], 76
    for name, benches in rows.items():
        y += HEAD
        shapes += draw_row(name, benches, y)
        y += HEIGHT + FOOT
    columns = len(MEASURES) * max(len(benches) for benches in rows.values())
    width = max(2 * MARGIN + columns * (PANEL + GAP + AXIS) - GAP, 760)
    shapes += draw_legend(width - MARGIN - 300, 56)
    yield from page(
        width,
        y + 64,
        "Many threads: rediscache against raw hiredis with a connection per thread",
        "mix: 80 % get, 20 % set, 1 % of the values 64 KiB. Across: threads.",
        ["Throughput: median of interleaved rounds. p99: of single operations, in batches of their own.", facts],
        shapes,
    )


def draw_legend(x, y):
    for color, words in ((OURS, "rediscache"), (PEER, "hiredis (TLS: OpenSSL)")):
        yield line(x, y - 4, x + 22, y - 4, color, 2.5)
        yield text(x + 28, y, words, size=12)
        x += 120
