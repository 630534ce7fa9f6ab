"""A picture of an improvement, as SVG: the metric over time with its noise floor, and the tree of attempts below it."""

from __future__ import annotations

from html import escape

from intern.experiments.journal import Journal, Node
from intern.runs.numbers import shown

WIDTH, PLOT, MARGIN, ROW = 760, 260, 56, 26
COLOURS = {"baseline": "#64748b", "kept": "#15803d", "discarded": "#b45309", "failed": "#b91c1c", "running": "#2563eb"}


def tree_svg(journal: Journal) -> str:
    """A standing SVG document; it needs no script and no font of its own."""
    nodes = journal.nodes
    height = PLOT + MARGIN + 40 + ROW * len(nodes)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif" '
        f'font-size="12"><title>{escape(journal.title)}: {escape(journal.metric)} over time, and what was kept</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        *_curve(journal),
        *_tree(journal),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _curve(journal: Journal) -> list[str]:
    """Scores over the seconds of the budget; the line is the best so far, the band the noise floor round the baseline."""
    measured = [n for n in journal.nodes if n.mean is not None]
    if not measured:
        return [f'<text x="{MARGIN}" y="40" fill="#334155">Nothing is measured yet.</text>']
    values = [n.mean or 0.0 for n in measured]
    floor = journal.floor.least_gain if journal.floor else 0.0
    low, high = min([*values, values[0] - floor]), max([*values, values[0] + floor])
    span, last = (high - low) or 1.0, max(n.at for n in measured) or 1.0

    def x(seconds: float) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * seconds / last, 1)

    def y(value: float) -> float:
        return round(PLOT - (PLOT - 40) * (value - low) / span, 1)

    top, bottom = y(values[0] + floor), y(values[0] - floor)
    parts = [
        f'<rect x="{MARGIN}" y="{top}" width="{WIDTH - 2 * MARGIN}" height="{round(bottom - top, 1)}" fill="#e2e8f0"/>',
        f'<text x="{WIDTH - MARGIN}" y="{top - 4}" text-anchor="end" fill="#475569">noise floor of the baseline</text>',
        f'<text x="{MARGIN}" y="22" fill="#0f172a" font-weight="bold">{escape(journal.metric)} on the selection part</text>',
        f'<text x="{MARGIN}" y="{PLOT + 18}" fill="#475569">0 s</text>',
        f'<text x="{WIDTH - MARGIN}" y="{PLOT + 18}" text-anchor="end" fill="#475569">{last:.0f} s</text>',
        f'<text x="{MARGIN - 6}" y="{y(high) + 4}" text-anchor="end" fill="#475569">{shown(high)}</text>',
        f'<text x="{MARGIN - 6}" y="{y(low) + 4}" text-anchor="end" fill="#475569">{shown(low)}</text>',
        f'<polyline fill="none" stroke="#15803d" stroke-width="2" points="{" ".join(_steps(measured, x, y))}"/>',
    ]
    return parts + [
        f'<circle cx="{x(n.at)}" cy="{y(n.mean or 0.0)}" r="4" fill="{COLOURS[n.outcome]}">'
        f"<title>{n.id}: {escape(n.title)}, {shown(n.mean or 0.0)}, {n.outcome}</title></circle>"
        for n in measured
    ]


def _steps(measured: list[Node], x: object, y: object) -> list[str]:
    """Corners of the best-so-far line."""
    assert callable(x) and callable(y)
    points, best = [], measured[0].mean
    for node in measured:
        points.append(f"{x(node.at)},{y(best)}")
        if node.outcome in ("baseline", "kept"):
            best = node.mean
            points.append(f"{x(node.at)},{y(best)}")
    return points


def _tree(journal: Journal) -> list[str]:
    """One line an attempt, indented by its depth, joined to its parent."""
    depth: dict[int, int] = {}
    parts = []
    for place, node in enumerate(journal.nodes):
        depth[node.id] = 0 if node.parent is None else depth[node.parent] + 1
        left, at = MARGIN + 22 * depth[node.id], PLOT + MARGIN + ROW * place
        if node.parent is not None:
            up, above = MARGIN + 22 * depth[node.parent], PLOT + MARGIN + ROW * node.parent
            parts.append(f'<path d="M{up} {above} V{at} H{left}" fill="none" stroke="#cbd5e1"/>')
        score = f"{shown(node.mean)}" if node.mean is not None else "–"
        words = f"{node.id}  {score}  {node.title}"[:90]
        weight = ' font-weight="bold"' if node.id == journal.best else ""
        parts.append(f'<circle cx="{left}" cy="{at}" r="5" fill="{COLOURS[node.outcome]}"/>')
        parts.append(
            f'<text x="{left + 10}" y="{at + 4}" fill="#0f172a"{weight}>{escape(words)} '
            f'<tspan fill="{COLOURS[node.outcome]}">{node.outcome}</tspan></text>'
        )
    return parts
