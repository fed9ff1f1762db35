"""What two sentences have in common: bags of folded words of an English sentence, and of a French one seen through its translation.

A word stands for its first letters, so that *recognise* and *recognized* are one; a number for its digits. To the words of the
translation come words of the French itself that the English side of the text has and the translation has not: names, and words that
both languages spell alike.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from bilingual.names import fold

Bag = dict[str, int]

_STEM = 5
"""Letters of a word that count."""
_COGNATE = 4
"""A French word of fewer letters is not looked for in the English."""
_GROUPS = re.compile(r"(?<=\d)[ \u00a0\u202f\u2009,.](?=\d{3}(?!\d))")
_WORD = re.compile(r"\d+|[^\W\d_]+")


def bag_of(text: str) -> Bag:
    """The words of `text`, folded and cut to their first letters, each with how often it stands there.

    >>> bag_of("The 2,000 traders recognised the trade.")
    {'the': 2, '2000': 1, 'trade': 2, 'recog': 1}
    """
    return dict(Counter(key for _, key in _words(text)))


def french_bag(source: str, translation: str, english: Bag) -> Bag:
    """The words of a French sentence as they may stand in its counterpart; `english`: the words of the whole English side.

    >>> french_bag("Kowalski marque encore.", "He scores again.", {"kowal": 3, "score": 1, "encor": 1})
    {'he': 1, 'score': 1, 'again': 1, 'kowal': 1, 'encor': 1}
    """
    bag = bag_of(translation if translation.strip() else source)  # a sentence without words would fit anything
    for word, key in _words(source):
        if key not in bag and key in english and (len(word) >= _COGNATE or word[0].isdigit()):
            bag[key] = 1
    return bag


def _words(text: str) -> Iterator[tuple[str, str]]:
    for word in _WORD.findall(_GROUPS.sub("", fold(text))):
        yield word, word if word[0].isdigit() else word[:_STEM]


def joined(bags: Iterable[Bag]) -> Bag:
    """The words of several sentences together.

    >>> joined([{"a": 1, "b": 1}, {"b": 2}])
    {'a': 1, 'b': 3}
    """
    total: Bag = {}
    for bag in bags:
        for word, times in bag.items():
            total[word] = total.get(word, 0) + times
    return total


class Weights:
    """How frequent the words of the English side are, and what that makes of words in common.

    A word of one side comes with probability `MATCHED` from the words of the other and else from the whole text (Jelinek-Mercer
    smoothing; Ponte & Croft, "A Language Modeling Approach to Information Retrieval", SIGIR 1998). So a rare word in common says
    much, *the* next to nothing, and a side that is made longer is worth less for each word.
    """

    MATCHED = 0.45
    TELLING = 50
    FEWEST = 300

    def __init__(self, english: Bag):
        """`english`: the words of the whole English side."""
        total = sum(english.values()) + len(english) / 2 + 1  # room for words that are not there, half a time each
        # A note of a few lines cannot say how rare its words are: its longer ones are taken for those of a text of `FEWEST`.
        longer = max(total, self.FEWEST)
        self._rarity = {word: (longer if len(word) >= 4 else total) / times for word, times in english.items()}
        self._unseen = total / 0.5

    def ratio(self, one: Bag, size: int, other: Bag, others: int) -> float:
        """The log of how much more likely than chance the words are, each side given the other, the mean of both directions.

        `size` and `others` are the numbers of words. Above 0 speaks for a translation, below 0 against one.
        """
        if len(one) > len(other):
            one, other, size, others = other, one, others, size
        rest, total = size + others, 0.0
        rarity, unseen, log = self._rarity, self._unseen, math.log
        for word in [word for word in one if word in other]:
            times, there = one[word], other[word]
            gain = self.MATCHED * rarity.get(word, unseen)
            total += times * log(1 - self.MATCHED + gain * there / others)
            total += there * log(1 - self.MATCHED + gain * times / size)
            rest -= times + there
        return (total + rest * math.log(1 - self.MATCHED)) / 2

    def likeness(self, one: Bag, other: Bag) -> float:
        """How much of both sides is in common, from 0 to 1: Dice's coefficient of words that count more the rarer they are."""
        weight = {word: math.log(self._rarity.get(word, self._unseen)) for word in {*one, *other}}
        both = sum(min(times, other.get(word, 0)) * weight[word] for word, times in one.items())
        whole = sum(times * weight[word] for bag in (one, other) for word, times in bag.items())
        return 2 * both / whole if whole else 0.0

    def telling(self, bag: Bag) -> frozenset[str]:
        """The words of `bag` that are no more than one in `TELLING` of all words."""
        return frozenset(word for word in bag if self._rarity.get(word, self._unseen) >= self.TELLING)
