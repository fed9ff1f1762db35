"""Which rendering belongs to which hit: a largest set of disjoint spans, one a hit, among those the best in number and order.

Choosing disjoint intervals of several kinds is hard in general, so small groups of hits that compete for overlapping spans are searched
completely, within a bounded number of steps, and large ones by augmenting paths over spans that do not overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bilingual.document import Span

LARGEST_SEARCHED = 12
"""Hits that may compete in one group before the complete search gives way to augmenting paths."""

MOST_STEPS = 5000
"""Steps of one complete search; the best assignment found by then is taken."""


@dataclass(frozen=True, slots=True)
class Option:
    """A span that would render a hit: whether its number agrees, and its place among the renderings that are allowed (0 the best)."""

    span: Span
    agrees: bool = True
    rank: int = 0


def assign(options: Sequence[Sequence[Option]]) -> list[Option | None]:
    """Give each hit (in the order of the source) one of its options or None; no two of the spans given overlap.

    As many hits as possible are served; then as many as possible in the right number, by preferred words, in the order of the source.

    >>> long, short, other = Option((0, 20)), Option((6, 20)), Option((30, 44))
    >>> [o and o.span for o in assign([[short, other], [long]])]
    [(30, 44), (0, 20)]
    """
    chosen: list[Option | None] = [None] * len(options)
    for group in _groups(options):
        rows = [sorted(options[i], key=lambda o: (not o.agrees, o.rank, o.span)) for i in group]
        found = _search(rows) if len(group) <= LARGEST_SEARCHED else _augment(rows)
        for i, option in zip(group, found, strict=True):
            chosen[i] = option
    return chosen


def _groups(options: Sequence[Sequence[Option]]) -> list[list[int]]:
    """Hits that compete for overlapping spans, directly or through others; each group in the order of the source."""
    parent = list(range(len(options)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    spans = sorted((option.span, i) for i, row in enumerate(options) for option in row)
    end, last = -1, -1
    for (start, stop), i in spans:
        if start < end:
            parent[root(i)] = root(last)
        end, last = max(end, stop), i
    groups: dict[int, list[int]] = {}
    for i, row in enumerate(options):
        if row:
            groups.setdefault(root(i), []).append(i)
    return list(groups.values())


def disjoint(spans: set[Span]) -> list[Span]:
    """A largest set of disjoint spans: always the one that ends first.

    >>> disjoint({(0, 12), (3, 12), (20, 25)})
    [(3, 12), (20, 25)]
    """
    taken: list[Span] = []
    for span in sorted(spans, key=lambda s: (s[1], s[0])):
        if not taken or span[0] >= taken[-1][1]:
            taken.append(span)
    return taken


def _search(rows: list[list[Option]]) -> list[Option | None]:
    most = min(len(rows), len(disjoint({option.span for row in rows for option in row})))
    best: tuple[int, int, int, int] = (-1, 0, 0, 0)
    result: list[Option | None] = [None] * len(rows)
    chosen: list[Option | None] = [None] * len(rows)
    steps = 0

    def visit(i: int, count: int, agreeing: int, crossed: int, rank: int) -> None:
        nonlocal best, steps
        steps += 1
        left = len(rows) - i
        # No completion can be better than this: everything left served, in the right number, by the preferred words.
        bound = (min(most, count + left), min(most, agreeing + left), -rank, -crossed)
        if bound <= best or steps > MOST_STEPS:
            return
        if not left:
            best = (count, agreeing, -rank, -crossed)
            result[:] = chosen
            return
        taken = [option.span for option in chosen[:i] if option]
        for option in rows[i]:
            start, end = option.span
            if all(end <= s or e <= start for s, e in taken):
                chosen[i] = option
                visit(i + 1, count + 1, agreeing + option.agrees, crossed + sum(s > start for s, _ in taken), rank + option.rank)
                chosen[i] = None
        visit(i + 1, count, agreeing, crossed, rank)

    visit(0, 0, 0, 0, 0)
    return result


def _augment(rows: list[list[Option]]) -> list[Option | None]:
    """Kuhn's augmenting paths without recursion; spans that a failed search has seen can never help a later one and are left out."""
    kept = set(disjoint({option.span for row in rows for option in row}))
    rows = [[option for option in row if option.span in kept] for row in rows]
    owner: dict[Span, int] = {}
    given: list[Option | None] = [None] * len(rows)
    dead: set[Span] = set()
    for first in range(len(rows)):
        seen: set[Span] = set()
        came: dict[int, tuple[int, Option]] = {}  # hit -> the hit that would take its span from it, and that span
        queue, free = [first], None
        while queue and free is None:
            hit = queue.pop()
            for option in rows[hit]:
                span = option.span
                if span in seen or span in dead:
                    continue
                seen.add(span)
                if span not in owner:
                    free = (hit, option)
                    break
                came[owner[span]] = (hit, option)
                queue.append(owner[span])
        if free is None:
            dead |= seen
            continue
        hit, option = free
        while True:
            owner[option.span], given[hit] = hit, option
            if hit == first:
                break
            hit, option = came[hit]
    return given
