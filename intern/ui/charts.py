"""Curves as SVG text: drawn on the server, a few kilobytes each, in the page's own colours (light and dark)."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from intern.runs.numbers import with_spread
from intern.ui.text import number
from intern.ui.training import Curve

WIDTH, HEIGHT = 480, 168
RIGHT, TOP, BOTTOM = 10, 10, 24
LABEL = 9.2
"""Width of one letter of a label where it is largest (on a phone)."""
COLOURS = 6
DRAWN = 240
"""Points drawn of one line."""


def chart(name: str, curves: list[Curve]) -> Markup:
    """One metric, one line a seed. `name` may hold anything; it is escaped."""
    points = [point for curve in curves for point in curve.points if math.isfinite(point[1])]
    if not points:
        return Markup("")
    steps, values = [p[0] for p in points], [p[1] for p in points]
    x_low, x_high = min(steps), max(max(steps), min(steps) + 1)
    ticks = nice_ticks(min(values), max(values))
    y_low, y_high = ticks[0], ticks[-1]
    left = round(12 + LABEL * max(len(tick_label(tick)) for tick in ticks))

    def x(step: float) -> float:
        return left + (step - x_low) / (x_high - x_low) * (WIDTH - left - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM)

    marks = [_y_tick(left, y(tick), tick) for tick in ticks] + [
        Markup('<text x="{}" y="{}" class="tick" text-anchor="{}">{}</text>').format(
            f"{x(step):.1f}", HEIGHT - 7, anchor, number(step)
        )
        for step, anchor in ((x_low, "start"), (max(steps), "end"))[: 2 if max(steps) > x_low else 1]
    ]
    marks.append(
        Markup('<text x="{}" y="{}" class="axis" text-anchor="middle">step</text>').format(
            f"{(left + WIDTH - RIGHT) / 2:.1f}", HEIGHT - 7
        )
    )
    lines = [
        _line(index, curve, x, y)
        for index, curve in enumerate(curves)
        if any(math.isfinite(value) for _, value in curve.points)
    ]
    newest = ", ".join(f"seed {curve.seed}: {number(curve.points[-1][1])}" for curve in curves if curve.points)
    return Markup(
        '<figure class="chart"><figcaption><b>{}</b><span>{}</span></figcaption>'
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" data-left="{}" data-x0="{}" data-x1="{}" data-y0="{}" data-y1="{}">'
        "{}{}</svg></figure>"
    ).format(
        name.replace("_", " "),
        newest,
        WIDTH,
        HEIGHT,
        f"{name} over steps; {newest}",
        left,
        x_low,
        x_high,
        y_low,
        y_high,
        Markup("").join(marks),
        Markup("").join(lines),
    )


def nice_ticks(low: float, high: float, wanted: int = 4) -> list[float]:
    """Round numbers from at or below `low` to at or above `high`; at least two."""
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-12):  # the same, or as good as: a flat line
        pad = abs(low) * 0.1
        # A share is seen best between nothing and all of it.
        low, high = (0.0, 1.0) if pad < 1e-13 or 0.05 <= low <= high <= 1 else (low - pad, high + pad)
    raw = (high - low) / wanted
    magnitude = 10 ** math.floor(math.log10(raw))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= raw)
    first, last = math.floor(low / step), math.ceil(high / step)
    digits = 3 - math.floor(math.log10(step))
    return [round(index * step, digits) for index in range(first, last + 1)]


def tick_label(value: float) -> str:
    """A number that is short also when it is tiny: 0.000275 -> "2.75e-4"."""
    if 0 < abs(value) < 0.001:
        mantissa, exponent = f"{value:.3e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    return number(value)


def _y_tick(left: float, y: float, value: float) -> Markup:
    return Markup(
        '<line x1="{}" x2="{}" y1="{}" y2="{}" class="grid"/><text x="{}" y="{}" class="tick" text-anchor="end">{}</text>'
    ).format(left, WIDTH - RIGHT, f"{y:.1f}", f"{y:.1f}", left - 5, f"{y + 3.5:.1f}", tick_label(value))


def _line(index: int, curve: Curve, x: Callable[[float], float], y: Callable[[float], float]) -> Markup:
    points = [point for point in curve.points if math.isfinite(point[1])]
    if len(points) > DRAWN:  # half a point a pixel is all that one sees
        points = [*points[: -1 : math.ceil(len(points) / DRAWN)], points[-1]]
    path = " ".join(f"{x(step):.1f},{y(value):.1f}" for step, value in points)
    colour = index % COLOURS
    if len(points) == 1:
        cx, cy = path.split(",")
        return Markup('<circle cx="{}" cy="{}" r="3" class="dot c{}"/>').format(cx, cy, colour)
    return Markup('<polyline points="{}" class="line c{}" data-label="seed {}"/>').format(path, colour, curve.seed)


@dataclass(frozen=True)
class PlotRow:
    """One line of an error-bar plot: a value, the seeds it is the mean of (none for a claim), and whose it is."""

    label: str
    value: float
    seeds: tuple[float, ...]
    whose: str
    """ours, paper, other (a claim that ours may not stand beside), or simple (a baseline)."""

    @property
    def spread(self) -> float:
        """Sample standard deviation over the seeds; 0 for fewer than two."""
        return statistics.stdev(self.seeds) if len(self.seeds) > 1 else 0.0

    @property
    def words(self) -> str:
        """As "ours 99.73 ± 0.17"."""
        return f"{self.label} {' ± '.join(filter(None, with_spread(self.value, self.spread or None)))}"


ROW_HEIGHT = 40
BAR_LABEL = 8.8
"""Width of one letter of a row's name where it is largest (on a phone): a long one has to end inside the picture."""


def error_bars(metric: str, rows: Sequence[PlotRow]) -> Markup:
    """Values of one metric on one axis, one row each; ours with its seeds and ± one standard deviation."""
    rows = [row for row in rows if math.isfinite(row.value)]
    if not rows:
        return Markup("")
    values = [value for row in rows for value in (row.value - row.spread, row.value + row.spread, *row.seeds)]
    ticks = nice_ticks(min(values), max(values))
    low, high, bottom = ticks[0], ticks[-1], ROW_HEIGHT * len(rows) + 8

    def x(value: float) -> float:
        return 16 + (value - low) / (high - low) * (WIDTH - 32)

    grid = [
        Markup(
            '<line x1="{0}" x2="{0}" y1="4" y2="{1}" class="grid"/>'
            '<text x="{0}" y="{2}" class="tick" text-anchor="middle">{3}</text>'
        ).format(f"{x(tick):.1f}", bottom, bottom + 16, tick_label(tick))
        for tick in ticks
    ]
    said = "; ".join(row.words for row in rows)
    drawn = Markup("").join(_bar(row, ROW_HEIGHT * place + 28, x) for place, row in enumerate(rows))
    return Markup(
        '<figure class="chart bars"><figcaption><b>{}</b><span>dot: mean · bar: ± standard deviation · ticks: seeds'
        '</span></figcaption><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg></figure>'
    ).format(metric, WIDTH, bottom + 22, f"{metric}: {said}", Markup("").join(grid), drawn)


def _bar(row: PlotRow, y: float, x: Callable[[float], float]) -> Markup:
    words = row.words
    width, at = min(BAR_LABEL * len(words), WIDTH - 8), x(row.value)
    anchor = "start" if at < WIDTH / 3 else "end" if at > 2 * WIDTH / 3 else "middle"
    place = {
        "start": min(at - 6, WIDTH - 4 - width),
        "end": max(at + 6, 4 + width),
        "middle": min(max(at, 4 + width / 2), WIDTH - 4 - width / 2),
    }[anchor]
    parts = [
        Markup('<text x="{}" y="{}" class="tick label" text-anchor="{}">{}</text>').format(
            f"{place:.1f}", y - 12, anchor, words
        )
    ]
    if row.spread:
        ends = [f"{x(row.value + sign * row.spread):.1f}" for sign in (-1, 1)]
        parts.append(Markup('<line x1="{}" x2="{}" y1="{}" y2="{}" class="whisker"/>').format(*ends, y, y))
        parts += [
            Markup('<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" class="whisker"/>').format(e, y - 5, y + 5) for e in ends
        ]
    parts += [
        Markup('<line x1="{0}" x2="{0}" y1="{1}" y2="{2}" class="seed"/>').format(f"{x(seed):.1f}", y - 3, y + 9)
        for seed in row.seeds
    ]
    parts.append(Markup('<circle cx="{}" cy="{}" r="5" class="mark {}"/>').format(f"{x(row.value):.1f}", y, row.whose))
    return Markup("").join(parts)
