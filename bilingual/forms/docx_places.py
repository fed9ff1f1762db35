"""What the speller of Word documents must know of a place: in which runs its words stand, and how they look."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bilingual.document import Place, Span
from bilingual.forms.inline import Item
from bilingual.markup import Element


@dataclass(frozen=True, slots=True)
class Home:
    """The run that letters or things stand in; ``holder`` is the ``<w:t>``, None for what stands right in the run."""

    run: Element
    look: Span | None
    holder: Element | None
    first: bool
    last: bool


def placed(place: Place, row: Sequence[Item], base: dict[int, str], text: str) -> Place:
    """The place of a piece, widened to whole tags where it has them whole, with the looks of its letters, as JSON in its style."""
    spans: dict[tuple[int, str], Span | None] = {}
    inside = [-1]
    looks: dict[str, Span | None] = {}
    for item in row:
        if item.what == "open":
            inside.append(item.pair)
        elif item.what == "close":
            inside.pop()
        elif isinstance(item.home, Home) and item.what == "text":
            spans.setdefault((inside[-1], item.look), item.home.look)
    usual = spans.get((-1, base.get(-1, "")))
    for item in row:
        if item.what == "open" and item.kind in ("run", "code") and isinstance(item.home, Home):
            looks[str(item.span[0])] = item.home.look
        elif item.what == "open":
            looks[str(item.span[0])] = spans.get((item.pair, base[item.pair])) if item.pair in base else usual
        elif item.what == "atom" and isinstance(item.home, Home):
            looks[str(item.span[0])] = item.home.look
    if -1 not in base:  # all letters stand in marks: what falls between them looks like the first
        usual = next(iter(spans.values()), None)
    start, before = _edge(place.span[0], row, first=True)
    end, after = _edge(place.span[1], row, first=False)
    runs = [item.home.run for item in row if isinstance(item.home, Home)]
    tag = text[slice(*runs[0].opens)] if runs else "<w:r>"
    prefix = re.match(r"<([^\s/>]*?:)?r\b", tag)
    inner = {str(item.span[0]) for item in row if item.what == "atom" and isinstance(item.home, Home)}
    style = {
        "prefix": (prefix[1] or "") if prefix else "w:",
        "usual": usual,
        "looks": looks,
        "inner": sorted(inner),
        "before": before,
        "after": after,
        "last": _last_look(row, place.span[1]),
    }
    return replace(place, span=(start, end), style=json.dumps(style, separators=(",", ":")))


def _edge(at: int, row: Sequence[Item], *, first: bool) -> tuple[int, str]:
    """Where a place begins (or ends) when it begins at `at`, and in what its neighbour stands there: ``text``, ``run`` or nothing."""
    for item in row:
        home = item.home
        if item.what not in ("text", "atom") or not isinstance(home, Home):
            continue
        if not (item.span[0] <= at < item.span[1] if first else item.span[0] < at <= item.span[1]):
            continue
        if home.holder is not None:
            if at != (home.holder.opens[1] if first else home.holder.closes[0]):
                return at, "text"
            at = home.holder.span[0] if first else home.holder.span[1]
        if home.first if first else home.last:
            return (home.run.span[0] if first else home.run.span[1]), ""
        return at, "run"
    return at, ""


def _last_look(row: Sequence[Item], at: int) -> Span | None:
    """The look of the run in which the place ends: what follows it there goes on in a run of that look."""
    for item in row:
        if item.span[0] < at <= item.span[1] and isinstance(item.home, Home):
            return item.home.look
    return None
