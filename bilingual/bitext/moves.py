"""Passages that stand elsewhere in the translation, which no way from beginning to end can pair.

What the best way leaves alone on both sides is searched for seeds, a French sentence and an English one that share unlikely words; around
each the best local way is taken (Smith & Waterman, "Identification of Common Molecular Subsequences", Journal of Molecular Biology 147,
1981). It may take a sentence away from the bead that it is in where it fits better here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from bilingual.bitext.path import GAP, PRIORS, Scorer, Step

REACH = 15
"""Sentences before and after a seed that are looked at; a longer passage is found piece by piece."""
SURE = 7.0
"""How much better than chance a passage must be to count as moved, beside what its place among many others could give by chance."""
_SEED = 3.0
_COMMON = 20
"""A word that more of the sentences have is no use for finding seeds."""


def moved_passages(scorer: Scorer, path: Sequence[Step]) -> list[Step]:
    """Beads that cross `path`, one sentence in one at most; passages in order of how sure they are.

    `path`: as `bilingual.bitext.path.best_path` gives it; the sentences of what comes back are to be left out of another.
    """
    alone_french = [step[0] for step in path if step[2] == step[3]]
    alone_english = [step[2] for step in path if step[0] == step[1]]
    if not alone_french or not alone_english:
        return []
    held: tuple[dict[int, float], dict[int, float]] = ({}, {})
    for a, b, c, d in path:
        if a < b and c < d:
            value = max(0.0, scorer.score((a, b, c, d))) / (b - a + d - c)
            held[0].update(dict.fromkeys(range(a, b), value))
            held[1].update(dict.fromkeys(range(c, d), value))
    least = SURE + math.log(len(alone_french) * len(alone_english))
    taken: tuple[set[int], set[int]] = (set(), set())
    found: list[Step] = []
    for i, j in _seeds(scorer, alone_french, alone_english):
        if i in taken[0] or j in taken[1]:
            continue
        value, steps = _local(scorer, i, j, held, taken)
        if value < least:
            continue
        for step in steps:
            taken[0].update(range(step[0], step[1]))
            taken[1].update(range(step[2], step[3]))
        found += steps
    return found


def _seeds(scorer: Scorer, french: Sequence[int], english: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs that share unlikely words, the best first; for each French sentence one at most."""
    places: dict[str, list[int]] = {}
    for j in english:
        for word in scorer.english.bags[j]:
            places.setdefault(word, []).append(j)
    seeds = []
    for i in french:
        near = {j for word in scorer.french.bags[i] if len(js := places.get(word, ())) <= _COMMON for j in js}
        scored = [(scorer.evidence((i, i + 1, j, j + 1)), -j) for j in near]
        if scored and max(scored)[0] >= _SEED:
            value, j = max(scored)
            seeds.append((-value, i, -j))
    return [(i, j) for _, i, j in sorted(seeds)]


def _local(
    scorer: Scorer, i: int, j: int, held: tuple[dict[int, float], dict[int, float]], taken: tuple[set[int], set[int]]
) -> tuple[float, list[Step]]:
    """The best local way through the pair (i, j), what it is worth, and its beads with two sides."""
    rows = _reach(i, len(scorer.french.bags), taken[0])
    columns = _reach(j, len(scorer.english.bags), taken[1])
    best: dict[tuple[int, int], tuple[float, Step | None, bool]] = {}
    end, top = (0, 0), 0.0
    for b in range(rows[0], rows[1] + 1):
        for d in range(columns[0], columns[1] + 1):
            value, how, through = 0.0, None, False
            for m, n in (*PRIORS, (1, 0), (0, 1)):
                a, c = b - m, d - n
                if a < rows[0] or c < columns[0]:
                    continue
                step = (a, b, c, d)
                lost = sum(held[0].get(k, 0.0) for k in range(a, b)) + sum(held[1].get(k, 0.0) for k in range(c, d))
                before = best[a, c]
                total = before[0] + (scorer.score(step) - lost if m and n else -GAP - lost)
                if total > value:
                    value, how, through = total, step, before[2] or _holds(step, i, j)
            best[b, d] = value, how, through
            if through and value > top:
                top, end = value, (b, d)
    steps = []
    while top and (last := best[end][1]):
        if last[0] < last[1] and last[2] < last[3]:
            steps.append(last)
        end = last[0], last[2]
    return top, steps[::-1]


def _holds(step: Step, i: int, j: int) -> bool:
    return step[0] <= i < step[1] and step[2] <= j < step[3]


def _reach(at: int, size: int, taken: set[int]) -> tuple[int, int]:
    """How far a passage around `at` may go: up to what another one has."""
    first = last = at
    while first > max(0, at - REACH) and first - 1 not in taken:
        first -= 1
    while last < min(size - 1, at + REACH) and last + 1 not in taken:
        last += 1
    return first, last + 1
