"""What both plots are made of."""

from html import escape

OURS, PEER, LOSS, INK, FAINT, QUIET = "#2b7a78", "#d98e04", "#c8553d", "#1f2933", "#d9dee3", "#7b8794"
MODES = {
    "pinned": "one CPU for both",
    "unpinned": "any CPU",
    "rtt400us": "0.4 ms round trip",
    "rtt1ms": "1 ms round trip",
}


def text(x, y, words, anchor="start", size=12, fill=INK, weight="normal"):
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{fill}"'
        f' font-weight="{weight}">{escape(words)}</text>'
    )


def line(x1, y1, x2, y2, stroke, width=1.0):
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" stroke-width="{width}"/>'
    )


def way(cell):
    """How a cell reaches the server, as a heading."""
    transport = "Unix socket" if cell["transport"] == "unix" else cell["transport"].upper()
    return f"{transport}, {MODES.get(cell['mode'], cell['mode'])}"


def facts(cells):
    """What it was measured on, as one line."""
    machine = cells[0].get("machine", {})
    words = [machine.get("cpu", ""), f"{machine.get('cores', '?')} cores", machine.get("kernel", "")]
    words += [f"{name} {machine.get(name, '?')}" for name in ("redis", "hiredis", "rediscache")]
    words += [machine.get("compiler", ""), machine.get("build", "")]
    return "  ·  ".join(word for word in words if word)


def page(width, height, title, subtitle, footers, shapes):
    """A whole drawing: headings above, small print below."""
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' font-family="DejaVu Sans, Verdana, sans-serif">'
    )
    yield f'<rect width="{width}" height="{height}" fill="white"/>'
    yield text(24, 34, title, size=18, weight="bold")
    yield text(24, 56, subtitle, fill=QUIET)
    yield from shapes
    for index, words in enumerate(reversed(footers)):
        yield text(24, height - 18 - 20 * index, words, size=11, fill=QUIET)
    yield "</svg>"
