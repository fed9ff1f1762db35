"""How a run goes: a row of figures now and then in ``curve.csv``, and a picture of them in ``curve.svg``."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from benchmarks.pictures import Point, curves

CURVE, PICTURE = "curve.csv", "curve.svg"
_DRAWN = 120
"""Points of a curve that are drawn at most."""


@dataclass(frozen=True, slots=True)
class Row:
    """Means since the row before: ``loss`` (smoothed), ``plain`` (without smoothing), ``guide``; the rate's share of its peak; speed.

    ``pieces``: target pieces seen in all; ``held_out``: the plain loss on the kept-out pairs, None where it was not measured.
    """

    step: int
    pieces: int
    loss: float
    plain: float
    guide: float
    rate: float
    pieces_per_second: float
    held_out: float | None = None


def append_row(run: Path, row: Row) -> None:
    """Write a row under the others, with the head first where the file is new."""
    path = run / CURVE
    new = not path.is_file()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow([f.name for f in fields(Row)])
        writer.writerow([f"{v:.6g}" if isinstance(v, float) else "" if v is None else v for v in asdict(row).values()])


def read_rows(run: Path) -> list[Row]:
    """The rows that are there; a last one that a kill cut off is left out."""
    path = run / CURVE
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        found = [r for r in csv.DictReader(file) if r["pieces_per_second"] and r["held_out"] is not None]
    return [
        Row(
            step=int(r["step"]),
            pieces=int(r["pieces"]),
            loss=float(r["loss"]),
            plain=float(r["plain"]),
            guide=float(r["guide"]),
            rate=float(r["rate"]),
            pieces_per_second=float(r["pieces_per_second"]),
            held_out=float(r["held_out"]) if r["held_out"] else None,
        )
        for r in found
    ]


def cut_rows(run: Path, step: int) -> None:
    """Take out rows after `step`: a run that was killed goes through these steps again."""
    rows = [row for row in read_rows(run) if row.step <= step]
    (run / CURVE).unlink(missing_ok=True)
    for row in rows:
        append_row(run, row)


def draw(run: Path) -> None:
    """Draw losses over pieces seen; nothing where there are fewer than two rows."""
    rows = read_rows(run)
    if len(rows) < 2:
        return
    lines: dict[str, Sequence[Point]] = {
        "loss, smoothed labels": [(row.pieces, row.loss) for row in rows],
        "loss": [(row.pieces, row.plain) for row in rows],
        "loss on kept-out pairs": [(row.pieces, row.held_out) for row in rows if row.held_out is not None],
        "guided alignment": [(row.pieces, row.guide) for row in rows],
    }
    thin = {name: _thinned(line) for name, line in lines.items() if line}
    (run / PICTURE).write_text(
        curves(run.name, "target pieces seen", "nats a piece", thin, log=False, dots=False), encoding="utf-8"
    )


def _thinned(line: Sequence[Point]) -> Sequence[Point]:
    """Means of neighbours, so that at most `_DRAWN` points are left."""
    size = -(-len(line) // _DRAWN)
    groups = [line[i : i + size] for i in range(0, len(line), size)]
    return [(group[-1][0], sum(y for _, y in group) / len(group)) for group in groups]
