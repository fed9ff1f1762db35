"""How often a pair is drawn: more often the more its French is like the French that will be translated.

Moore and Lewis 2010 ("Intelligent Selection of Language Model Training Data") rank sentences by how much likelier they are in the
wanted texts than in the general ones. Here the likelihoods are those of words and word pairs that occur in a sentence, counted
once each; the ranks become weights, so that nothing is thrown away.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

_WORD = re.compile(r"[^\W\d_]+|\d+")
STEADY = 6.0
"""Words of no weight that every sentence is thought to have besides its own: a short one needs more to stand out."""
RARE = 2
"""What occurs in fewer general sentences than this, and in no wanted one, says nothing."""


def features(text: str) -> set[str]:
    """The words and the pairs of neighbouring words of a text, case aside.

    >>> sorted(features("Le chat dort"))
    ['chat', 'chat dort', 'dort', 'le', 'le chat']
    """
    found = _WORD.findall(text.casefold())
    return {*found, *(f"{a} {b}" for a, b in pairwise(found))}


def count(texts: Iterable[str]) -> Counter[str]:
    """In how many of the texts each feature occurs."""
    counted: Counter[str] = Counter()
    for text in texts:
        counted.update(features(text))
    return counted


def ratios(wanted: Mapping[str, int], general: Mapping[str, int]) -> dict[str, float]:
    """The log of how much likelier each feature is in the wanted texts than in the general ones.

    Both are smoothed with what both have together, so that a feature unseen in one of them is unlikely there, and not impossible.

    >>> found = ratios({"usine": 3, "puce": 1}, {"usine": 3, "directive": 9})
    >>> found["puce"] > found["usine"] > found["directive"]
    True
    """
    a, b = max(1, sum(wanted.values())), max(1, sum(general.values()))
    table = {}
    for feature in {*wanted, *(f for f, n in general.items() if n >= RARE)}:
        here, there = wanted.get(feature, 0), general.get(feature, 0)
        both = (here + there) / (a + b)
        table[feature] = math.log((here / a + both) / (there / b + both))
    return table


def likeness(text: str, table: Mapping[str, float]) -> float:
    """How like the wanted texts a text is: the mean log ratio of its features; 0 is neither."""
    own = features(text)
    total = math.fsum(table.get(feature, 0.0) for feature in own)  # exact, so that the order of a set does not show
    return total / (len(own) + STEADY)


def thresholds(scores: Sequence[float], classes: int) -> list[float]:
    """The scores that part them into `classes` of equal size.

    >>> thresholds([4.0, 1.0, 3.0, 2.0], 2)
    [3.0]
    """
    ordered = sorted(scores)
    return [ordered[len(ordered) * i // classes] for i in range(1, classes)] if ordered else [0.0] * (classes - 1)


def weigh(score: float, limits: Sequence[float], weights: Sequence[float]) -> float:
    """The weight of the class that a score falls into.

    >>> weigh(2.5, [1.0, 2.0], [0.5, 1.0, 3.0])
    3.0
    """
    return weights[sum(score >= limit for limit in limits)]
