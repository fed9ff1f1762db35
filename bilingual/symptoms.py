"""Signs that an English sentence is no good translation of its French one: length, loops, French left over, quotation marks.

Each looks at one pair, knows no glossary and no model, and takes time in proportion to the text. `bilingual.checks` makes flags and
findings of them.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from bilingual.document import Span

# --- length ---------------------------------------------------------------------------------------------------------------------

CHARACTERS, VARIANCE = 0.862, 1.95
"""English characters for a French one, and the variance of that a character: mean and spread of WMT13 and FLORES-dev."""
SHORTEST, LONGEST = 3.1, 3.4
"""Standard deviations from the expected length at which a translation is suspicious: 0.2 % of those human pairs on either side."""
SHORTEST_SHARE = 0.38
"""Of a source of 20 characters and more: shorter translations are suspicious however short the source is."""


def wrong_length(source: str, target: str) -> Literal["omission", "too-long"] | None:
    """Whether hardly any translation of such a source is as short, or as long, as `target`.

    >>> wrong_length("Le maire a reçu les habitants du quartier.", "The mayor."), wrong_length("Il dort.", "He sleeps.")
    ('omission', None)
    """
    deviation = length_deviation(source, target)
    if deviation < -SHORTEST or (len(source.strip()) >= 20 and len(target.strip()) < SHORTEST_SHARE * len(source.strip())):
        return "omission"
    return "too-long" if deviation > LONGEST else None


def length_deviation(source: str, target: str) -> float:
    """How many standard deviations the length of `target` lies from what French of that length becomes in English.

    The model of Gale & Church, "A Program for Aligning Sentences in Bilingual Corpora" (Computational Linguistics 19, 1993): target
    characters are normally distributed with a mean and a variance in proportion to the source's.

    >>> round(length_deviation("x" * 100, "x" * 86), 2), round(length_deviation("x" * 100, "x" * 40), 2)
    (-0.01, -3.31)
    """
    size = len(source.strip())
    return (len(target.strip()) - CHARACTERS * size) / math.sqrt(VARIANCE * max(1, size))


# --- loops ----------------------------------------------------------------------------------------------------------------------

_WORDS = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*|[.;:!?…\"»”()]")
_STUTTER = re.compile(r"([^\W\d_]{1,6}?)\1{3,}")  # "nananana", "aaaa"
_SIGNS = re.compile(r"([^\w\s.*=~_\-–—…#/|+])\1{3,}")
_TWICE_IN_ENGLISH = frozenset(
    "had that very so no yes ha bla blah bye is do in on out many far long much again never more really really her you it".split()
)


def loops(source: str, target: str) -> list[Span]:
    """Spans in `target` that say something over and over that `source` does not: a word, a phrase or a bunch of letters.

    >>> loops("Le maire parle.", "The mayor of the mayor of the mayor speaks.")
    [(0, 35)]
    >>> loops("Non, non et non !", "No, no and no!")
    []
    """
    words, spans = _spoken(target)
    repeats, echoes = _repeats(words), _echoes(words)
    found: list[Span] = []
    if repeats or len(echoes) > 2:
        original, _ = _spoken(source)
        allowed = sum(times for *_, times in _repeats(original))
        if sum(times for *_, times in repeats) > allowed + (allowed > 0):
            found += [(spans[first][0], spans[last][1]) for first, last, _ in repeats]
        if len(echoes) > max(2, len(_echoes(original))):
            found += [(spans[first][0], spans[last][1]) for first, last in echoes]
    for pattern in (_STUTTER, _SIGNS):
        runs = [m.span() for m in pattern.finditer(target)]
        if len(runs) > len(pattern.findall(source)):
            found += runs
    return _merged(found)


def _spoken(text: str) -> tuple[list[str], list[Span]]:
    # A sentence or a quotation may well begin with the words that ended the one before it: breaks are made unlike each other.
    matches = list(_WORDS.finditer(text))
    return [m[0].lower() if m[0][0].isalnum() else str(-i) for i, m in enumerate(matches)], [m.span() for m in matches]


def _says_again(words: list[str]) -> bool:
    # Cheap, and enough for most sentences: without two words said twice nothing longer is.
    return len(set(pairwise(words))) < len(words) - 1


def _repeats(words: list[str]) -> list[tuple[int, int, int]]:
    """First and last word of the places where one to eight words are said again at once, and how many times too many."""
    found = []
    widest = min(8, len(words) // 2) if _says_again(words) else 1
    for width in range(1, widest + 1):
        run = 0
        for i in range(width, len(words) + 1):
            if i < len(words) and words[i] == words[i - width]:
                run += 1
                continue
            if run >= width and not (width == run == 1 and _said_twice(words[i - 1])):
                found.append((i - run - width, i - 1, run // width))
            run = 0
    return found


def _said_twice(word: str) -> bool:
    return word in _TWICE_IN_ENGLISH or len(word) < 3 or word.isdigit()


def _echoes(words: list[str]) -> list[tuple[int, int]]:
    """First and last word of every occurrence of the most frequent run of four words."""
    if len(words) < 12 or not _says_again(words):
        return []
    seen: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for i in range(len(words) - 3):
        seen.setdefault(tuple(words[i : i + 4]), []).append((i, i + 3))
    return max(seen.values(), key=len)


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


# --- French left over -----------------------------------------------------------------------------------------------------------

_FRENCH = frozenset(
    """
    le la les l du des de au aux un une ce c cet cette ces il elle ils elles je j nous vous se leur leurs qui que qu quoi dont où et ou
    mais donc ni ne n pas aussi très même mêmes tout toute toutes tous plus moins déjà encore toujours jamais après avant contre cela ça ici
    avec sans chez vers entre depuis pendant selon dans pour par sur sous en à y est sont été était étaient être avoir ont avait avaient
    sera seront peut peuvent doit doivent fait comme alors lors ainsi afin sa son ses mes tes nos vos notre votre jusqu lorsqu puisqu
    """.split()
)
_PARTICLES = frozenset("le la les l du des de et en au aux sur sous à un y".split())
"""Words that stand in names: « Rue de la Paix »."""
_ENGLISH = frozenset(
    """
    the of and to in is are was were be been that this these those it its he she they we you his her their our for with on at by from as an
    not has have had will would can could which who what but or if than there
    """.split()
)
_TOKENS = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"://|www\.|@")
_GOES_ON = re.compile(r"[/@]|\.\w")  # a word that is followed so is part of an address


def is_french(source: str, target: str) -> bool:
    """Whether `target`, of four words and more, is French for the most part, or `source` again.

    It is French when it has two French function words and more of them than English ones; particles beside a capitalised word (« Rue
    de la Paix ») do not count, so that names, addresses, titles and figures may stay as they are.

    >>> is_french("Le maire parle aux habitants.", "Le maire parle aux habitants.")
    True
    >>> is_french("Rue de la Paix, Paris", "Rue de la Paix, Paris")
    False
    """
    words = _TOKENS.findall(" ".join(word for word in target.split() if not _ADDRESS.search(word)))
    if len(words) < 4:
        return False
    words[0] = words[0].lower()
    named = [word[0].isupper() for word in words]
    french = sum(
        word in _FRENCH and not (word in _PARTICLES and any(named[max(0, i - 2) : i + 3])) for i, word in enumerate(words)
    )
    if french >= 2 and french > sum(word.lower() in _ENGLISH for word in words):
        return True
    plain = any(word.islower() and len(word) > 2 and word not in _PARTICLES for word in words[1:])
    return plain and not _FRENCH.isdisjoint(words) and source.split() == target.split()


def leftovers(source: str, target: str) -> list[Span]:
    """Spans in English `target` of lower-case words copied from French `source` that French dictionaries know and English ones do not.

    Words of four letters and more, not beside a capitalised word. Two in 4,000 human translations have one.

    >>> leftovers("Le vautour plane samedi.", "The vautour glides on Saturday.")
    [(4, 11)]
    """
    own = {word for word in _TOKENS.findall(source) if len(word) > 3 and word.islower()}
    found, previous = [], ""
    for match in _TOKENS.finditer(target):
        word = match[0]
        beside_a_name = previous[:1].isupper() and previous.lower() not in _ENGLISH
        start, end = match.span()
        in_an_address = target[start - 1 : start] in ("/", "@", "#", ".") or _GOES_ON.match(target, end)
        if word in own and not beside_a_name and not in_an_address and _only_french(word):
            found.append((start, end))
        previous = word
    return found


@lru_cache(maxsize=1 << 14)
def _only_french(word: str) -> bool:
    import simplemma

    singular = word.removesuffix("s")
    return simplemma.is_known(word, lang="fr") and not any(simplemma.is_known(w, lang="en") for w in {word, singular})


# --- quotation marks ------------------------------------------------------------------------------------------------------------


def unbalanced_quotes(source: str, target: str) -> bool:
    """Whether `target` opens more quotation marks than it closes, or closes more, and `source` does otherwise.

    A quotation may run over several sentences: what the source leaves open the target may leave open. Single marks, which are
    apostrophes too, are not looked at.

    >>> unbalanced_quotes("Il dit « non ».", "He says “no."), unbalanced_quotes("« Non, dit-il.", "“No, he says.")
    (True, False)
    """
    if not any(mark in target for mark in '"“”«»'):
        return False
    left_open = _left_open(target)
    return left_open != 0 and left_open != _left_open(source)


def _left_open(text: str) -> int:
    """Marks opened and not closed, less those closed and not opened; what an odd straight mark does is told from its neighbours."""
    opened = text.count("«") + text.count("“") + text.count("„") - text.count("»") - text.count("”")
    if text.count('"') % 2:
        opened += 1 if len(_STRAIGHT_OPENING.findall(text)) * 2 > text.count('"') else -1
    return opened


_STRAIGHT_OPENING = re.compile(r'(?:^|(?<=[\s(\[«“—–-]))"(?=\S)')
