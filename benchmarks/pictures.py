"""Curves as SVG, without a library: a few lines in, a picture that a browser and GitHub show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

COLOURS = ("#1b6ca8", "#c8553d", "#3a7d44", "#8d5a97", "#c98a1b", "#4a4a4a", "#2a9d8f")
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 340, 62, 46, 36, 210

Point = tuple[float, float]


def curves(
    title: str, across: str, up: str, series: Mapping[str, Sequence[Point]], *, log: bool = True, dots: bool = True
) -> str:
    """A chart of `series`, the horizontal axis logarithmic with `log`, the vertical one from 0; one point is drawn as a dot.

    With `dots` every point has one, and its place on the axis has its figure; without, curves of many points stay readable.

    >>> curves("t", "x", "y", {"a": [(1, 2), (10, 3)]}).startswith("<svg")
    True
    """
    points = [point for row in series.values() for point in row]
    scale = (lambda x: math.log10(max(x, 1e-9))) if log else (lambda x: x)
    low, high = min(scale(x) for x, _ in points), max(scale(x) for x, _ in points)
    most = _round_up(max(y for _, y in points))
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        share = (scale(x) - low) / (high - low) if high > low else 0.5
        return LEFT + share * wide, TOP + tall - y / most * tall

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-size="14" font-weight="bold">{escape(title)}</text>',
    ]
    for step in range(5):
        value = most * step / 4
        _, y = place(points[0][0], value)
        parts.append(f'<line x1="{LEFT}" x2="{LEFT + wide}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    marked = sorted({x for x, _ in points})
    for x in marked if dots else marked[:: max(1, -(-len(marked) // 6))]:
        at, _ = place(x, 0)
        shown = _short(x if dots else float(f"{x:.2g}"))
        parts.append(f'<text x="{at:.1f}" y="{TOP + tall + 18}" text-anchor="middle">{shown}</text>')
    parts.append(f'<text x="{LEFT + wide / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>')
    parts.append(
        f'<text x="14" y="{TOP + tall / 2}" text-anchor="middle" transform="rotate(-90 14 {TOP + tall / 2})">{escape(up)}</text>'
    )
    for number, (name, row) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        places = [place(x, y) for x, y in sorted(row)]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if dots or len(places) == 1:
            parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        y = TOP + 8 + 18 * number
        parts.append(f'<circle cx="{LEFT + wide + 18}" cy="{y}" r="4" fill="{colour}"/>')
        parts.append(f'<text x="{LEFT + wide + 28}" y="{y + 4}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _round_up(value: float) -> float:
    if value <= 0:
        return 1.0
    unit = 10 ** math.floor(math.log10(value))
    return next(float(unit * step) for step in (1, 2, 4, 6, 8, 10) if unit * step >= value)


def _short(value: float) -> str:
    return f"{value / 1e6:g}M" if value >= 1e6 else f"{value / 1e3:g}k" if value >= 1e3 else f"{value:g}"
