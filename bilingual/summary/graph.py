"""Which sentences say what the others say: a sparse graph of likeness, and PageRank on it.

LexRank (Erkan & Radev 2004) and TextRank (Mihalcea & Tarau 2004), with BM25 for the likeness (Barrios et al. 2016), whose saturation
keeps long sentences from being like everything. A word that stands in more than `LARGEST_POSTING` sentences joins none of them: in
a text that long it no longer tells which belong together. So the work grows with the number of words, not with the square of
the number of sentences: 20,000 sentences take a few seconds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

LARGEST_POSTING = 60
_K1, _B = 1.2, 0.75  # Robertson & Zaragoza 2009, their usual values
_DAMPING, _ROUNDS, _ENOUGH = 0.85, 40, 1e-7

Bag = Sequence[str]
Vector = Mapping[str, float]


def inverse_frequencies(bags: Sequence[Bag]) -> dict[str, float]:
    """How telling each word is: the logarithm of how few sentences have it, always positive.

    >>> rare = inverse_frequencies([["chat", "noir"], ["chat"]])
    >>> rare["noir"] > rare["chat"] > 0
    True
    """
    counts = Counter(word for bag in bags for word in set(bag))
    return {word: math.log(1 + (len(bags) - n + 0.5) / (n + 0.5)) for word, n in counts.items()}


def centrality(bags: Sequence[Bag]) -> list[float]:
    """How much each sentence has in common with the others: PageRank, 1 for the highest.

    >>> [round(rank, 1) for rank in centrality([["chat", "noir"], ["chat", "noir", "lait"], ["train"]])]
    [1.0, 1.0, 0.2]
    """
    size = len(bags)
    weights = _likeness(bags)
    total = [sum(row.values()) for row in weights]
    rank = [1.0] * size
    for _ in range(_ROUNDS):
        new = [1 - _DAMPING] * size
        for i, row in enumerate(weights):
            if row:
                share = _DAMPING * rank[i] / total[i]
                for j, weight in row.items():
                    new[j] += share * weight
        moved = max((abs(a - b) for a, b in zip(new, rank, strict=True)), default=0.0)
        rank = new
        if moved < _ENOUGH:
            break
    highest = max(rank, default=1.0)
    return [value / highest for value in rank]


def _likeness(bags: Sequence[Bag]) -> list[dict[int, float]]:
    """BM25 of each sentence as a query against each other one, both ways added, for those that share a word."""
    rare = inverse_frequencies(bags)
    average = sum(map(len, bags)) / max(1, len(bags)) or 1.0
    postings: dict[str, list[tuple[int, float]]] = {}
    for i, bag in enumerate(bags):
        norm = _K1 * (1 - _B + _B * len(bag) / average)
        for word, times in Counter(bag).items():
            postings.setdefault(word, []).append((i, times * (_K1 + 1) / (times + norm)))
    weights: list[dict[int, float]] = [{} for _ in bags]
    for word, found in postings.items():
        if not 1 < len(found) <= LARGEST_POSTING:
            continue
        for a, (i, one) in enumerate(found):
            for j, two in found[:a]:
                both = rare[word] * (one + two)
                weights[i][j] = weights[i].get(j, 0.0) + both
                weights[j][i] = weights[j].get(i, 0.0) + both
    return weights


def vector(bag: Bag, rare: Mapping[str, float]) -> dict[str, float]:
    """The tf-idf vector of a sentence, of length 1; words that `rare` lacks are left out."""
    counted = {word: (1 + math.log(times)) * rare[word] for word, times in Counter(bag).items() if word in rare}
    length = math.sqrt(sum(value * value for value in counted.values()))
    return {word: value / length for word, value in counted.items()} if length else {}


def cosine(one: Vector, two: Vector) -> float:
    """Likeness of two vectors of length 1.

    >>> cosine({"a": 1.0}, {"a": 0.6, "b": 0.8})
    0.6
    """
    short, long = (one, two) if len(one) <= len(two) else (two, one)
    return sum(value * long.get(word, 0.0) for word, value in short.items())
