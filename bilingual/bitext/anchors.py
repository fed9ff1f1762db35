"""Where in the plane of two texts the best way is looked for: a band along pairs of sentences that can hardly belong to others.

Anchors are pairs that share unlikely words, each the best of the other by far; of those the heaviest chain that goes forward in both texts
is kept, so that one that is out of place does not count. Between two anchors all pairs are looked at, and some beyond; where a stretch
without any is too large for that, those near its diagonal.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bilingual.bitext.path import Move, Scorer

SMALL = 40_000
"""Cells up to which the whole plane is looked at."""
SLACK = 8
"""Sentences beyond an anchor that are looked at, in case that it is wrong."""
CORRIDOR = 60
"""The same beside the diagonal of a stretch of more than `SMALL` cells without an anchor."""
COMMON = 20
"""A word that more English sentences have is no use for finding a partner."""
LEAST, MARGIN = 6.0, 4.0
"""How much better than chance an anchor must be, and how much better than the next best for the same sentence."""


def band(scorer: Scorer) -> list[Move]:
    """For each number of French sentences from 0 on, the least and the greatest number of English ones that may go with them."""
    rows, columns = len(scorer.french.bags), len(scorer.english.bags)
    if rows * columns <= SMALL:
        return [(0, columns)] * (rows + 1)
    low, high = [columns] * (rows + 1), [0] * (rows + 1)
    ends = [(0, 0), *((i, j) for i, j, _ in chain(anchors(scorer))), (rows, columns)]
    for (i, j), (k, m) in pairwise(ends):
        narrow = (k - i + 1) * (m - j + 1) > SMALL
        for row in range(i, k + 1):
            on = j + (m - j) * (row - i) // max(1, k - i)
            low[row] = min(low[row], max(0, on - CORRIDOR if narrow else j - SLACK))
            high[row] = max(high[row], min(columns, on + CORRIDOR if narrow else m + SLACK))
    low[0], high[rows] = 0, columns
    for row in range(1, rows + 1):
        high[row] = max(high[row], high[row - 1])
        low[rows - row] = min(low[rows - row], low[rows - row + 1])
    for row in range(1, rows + 1):
        low[row] = min(low[row], high[row - 1])  # else no way goes through where much more is English than French
    return list(zip(low, high, strict=True))


def anchors(scorer: Scorer) -> list[tuple[int, int, float]]:
    """Pairs of a French and an English sentence, each the best of the other by `MARGIN`, and what their words say for it; in order."""
    places: dict[str, list[int]] = {}
    for j, bag in enumerate(scorer.english.bags):
        for word in bag:
            places.setdefault(word, []).append(j)
    best: dict[int, tuple[int, float]] = {}
    of_english: dict[int, tuple[float, int]] = {}
    for i, bag in enumerate(scorer.french.bags):
        likely: dict[int, int] = {}
        for word in bag:
            found = places.get(word, ())
            if len(found) <= COMMON:
                for j in found:
                    likely[j] = likely.get(j, 0) + 1
        # The four that share most such words are enough to know the best and the next.
        near = sorted(likely, key=lambda j: (-likely[j], j))[:4]
        scored = sorted(((scorer.evidence((i, i + 1, j, j + 1)), -j) for j in near), reverse=True)
        if not scored or scored[0][0] < LEAST or (len(scored) > 1 and scored[0][0] - scored[1][0] < MARGIN):
            continue
        value, j = scored[0][0], -scored[0][1]
        best[i] = j, value
        if value > of_english.get(j, (0.0, 0))[0]:
            of_english[j] = value, i
    return [(i, j, value) for i, (j, value) in best.items() if of_english[j][1] == i]


def chain(pairs: Sequence[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """The heaviest of the chains of `pairs`, given by ascending first number, in which both numbers ascend.

    Time n log n: the best chain up to each English sentence stands in a tree of prefix maxima (Fenwick, "A New Data Structure for
    Cumulative Frequency Tables", Software: Practice and Experience 24, 1994).

    >>> chain([(0, 0, 1.0), (1, 9, 5.0), (2, 2, 3.0), (3, 3, 3.0)])
    [(0, 0, 1.0), (2, 2, 3.0), (3, 3, 3.0)]
    """
    size = max((j for _, j, _ in pairs), default=0) + 1
    tree: list[tuple[float, int]] = [(0.0, -1)] * (size + 1)
    before: list[int] = []
    end, heaviest = -1, 0.0
    for at, (_, j, weight) in enumerate(pairs):
        value, last, place = 0.0, -1, j
        while place:
            if tree[place][0] > value:
                value, last = tree[place]
            place -= place & -place
        before.append(last)
        value += weight
        if value > heaviest:
            heaviest, end = value, at
        place = j + 1
        while place <= size:
            if value > tree[place][0]:
                tree[place] = value, at
            place += place & -place
    kept = []
    while end >= 0:
        kept.append(pairs[end])
        end = before[end]
    return kept[::-1]
