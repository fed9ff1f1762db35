"""Quality checks on a French text and its English translation, whoever made it.

    flags            one sentence pair, cheap: names of what looks wrong, for the pipeline to try again and for the output to show
    check_segments   a whole file: findings with a severity, spans on both sides and a sentence for the reader

Every check is made to be believed: thresholds are set where next to no human translation is caught. Of the 3,997 pairs of WMT13 and
FLORES-dev 2.1 % have a name flagged (most of them spelled differently on the two sides), 0.6 % a number, 0.5 % quotation marks (of bad
typing), 0.3 % a length, 0.1 % French or a loop. Much goes unseen; no check looks at meaning.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from bilingual.document import Span
from bilingual.names import lost_names
from bilingual.numbers import number_changes

LOWEST_SCORE = -0.95
"""Mean log-probability per piece below which a translation counts as a guess."""

FLAGS = (
    "empty", "loop", "omission", "too-long", "untranslated", "number-changed", "name-lost", "unbalanced-quotes", "low-confidence",
)  # fmt: skip
"""Every flag that `flags` may raise, in the order in which it gives them."""

_RETRY = frozenset({"empty", "loop", "omission", "too-long", "untranslated", "number-changed", "name-lost"})


def flags(source: str, target: str, score: float | None = None, *, lowest_score: float = LOWEST_SCORE) -> tuple[str, ...]:
    """What looks wrong with English `target` as a translation of French `source`; names out of `FLAGS`, in that order.

    ``empty``: nothing there; ``loop``: words or letters over and over that the source does not repeat; ``omission`` and ``too-long``:
    a length that hardly any translation of such a source has; ``untranslated``: French left standing; ``number-changed`` and
    ``name-lost``: see `bilingual.numbers.number_changes` and `bilingual.names.lost_names`; ``unbalanced-quotes``: quotation marks
    opened and not closed, where the source closes them; ``low-confidence``: `score` (mean log-probability per piece) below
    `lowest_score`.

    >>> flags("Le centre abrite 100 000 puces.", "The center houses 10,000 chips.")
    ('number-changed',)
    >>> flags("Il dort.", "He sleeps."), flags("Il dort.", "")
    ((), ('empty',))
    """
    if not source.strip():
        return ()
    if not target.strip():
        return ("empty",)
    raised = []
    if has_loop(source, target):
        raised.append("loop")
    length = length_deviation(source, target)
    if length < -SHORTEST or (len(source) >= 20 and len(target) < 0.38 * len(source)):
        raised.append("omission")
    elif length > LONGEST:
        raised.append("too-long")
    if is_untranslated(source, target):
        raised.append("untranslated")
    if number_changes(source, target):
        raised.append("number-changed")
    if lost_names(source, target):
        raised.append("name-lost")
    if unbalanced_quotes(source, target):
        raised.append("unbalanced-quotes")
    if score is not None and score < lowest_score:
        raised.append("low-confidence")
    return tuple(raised)


def looks_bad(flags: Sequence[str]) -> bool:
    """Whether a translation with these flags should be tried again in another way.

    >>> looks_bad(("name-lost",)), looks_bad(("low-confidence", "unbalanced-quotes"))
    (True, False)
    """
    return any(flag in _RETRY for flag in flags)


# --- length ---------------------------------------------------------------------------------------------------------------------

CHARACTERS, VARIANCE = 0.862, 1.95
"""English characters for a French one, and the variance of that a character: mean and spread of WMT13 and FLORES-dev."""
SHORTEST, LONGEST = 3.1, 3.4
"""Standard deviations from the expected length at which a translation is flagged: 0.2 % of those human pairs on either side."""


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
_PUNCTUATION_RUN = re.compile(r"([^\w\s.*=~_\-–—…#/|+])\1{3,}")
_TWICE_IN_ENGLISH = frozenset(
    "had that very so no yes ha bla blah bye is do in on out many far long much again never more really really her you it".split()
)


def has_loop(source: str, target: str) -> bool:
    """Whether `target` says something over and over that `source` does not: a word, a phrase or a bunch of letters.

    >>> has_loop("Le maire parle.", "The mayor of the mayor of the mayor speaks."), has_loop("Non, non et non !", "No, no and no!")
    (True, False)
    """
    words = _spoken(target)
    repeats, echoes = _repeats(words), _echoes(words)
    if repeats or echoes > 2:
        original = _spoken(source)
        if repeats > _repeats(original) or echoes > max(2, _echoes(original)):
            return True
    return any(len(pattern.findall(target)) > len(pattern.findall(source)) for pattern in (_STUTTER, _PUNCTUATION_RUN))


def _spoken(text: str) -> list[str]:
    # A sentence or a quotation may well begin with the words that ended the one before it: breaks are made unlike each other.
    return [w if w[0].isalnum() else str(-i) for i, w in enumerate(_WORDS.findall(text.lower()))]


def _says_again(words: list[str]) -> bool:
    # Cheap, and enough for most sentences: without two words said twice nothing longer is.
    return len(set(pairwise(words))) < len(words) - 1


def _repeats(words: list[str]) -> int:
    """How many places there are where the one to eight words before are said again at once."""
    count = 0
    size = len(words)
    widest = min(8, size // 2) if _says_again(words) else 1
    for width in range(1, widest + 1):
        run = 0
        for i in range(width, size):
            run = run + 1 if words[i] == words[i - width] else 0
            if run and run % width == 0:
                if width == 1 and run == 1 and (words[i] in _TWICE_IN_ENGLISH or len(words[i]) < 3 or words[i].isdigit()):
                    continue
                count += 1
    return count


def _echoes(words: list[str]) -> int:
    """How often the most frequent run of four words occurs."""
    if len(words) < 12 or not _says_again(words):
        return 0
    seen: dict[tuple[str, ...], int] = {}
    for i in range(len(words) - 3):
        key = tuple(words[i : i + 4])
        seen[key] = seen.get(key, 0) + 1
    return max(seen.values())


# --- French left over -----------------------------------------------------------------------------------------------------------

_FRENCH = frozenset(
    """
    le la les l du des de au aux un une ce c cet cette ces il elle ils elles je j nous vous se leur leurs qui que qu quoi dont où et ou
    mais donc ni ne n pas aussi très même mêmes tout toute toutes tous plus moins déjà encore toujours jamais après avant contre cela ça ici
    avec sans chez vers entre depuis pendant selon dans pour par sur sous en à y est sont été était étaient être avoir ont avait avaient
    sera seront peut peuvent doit doivent fait comme alors lors ainsi afin sa son ses mes tes nos vos notre votre jusqu lorsqu puisqu
    """.split()
)
_PARTICLES = frozenset(
    "le la les l du des de et en au aux sur sous à un y".split()
)  # « Rue de la Paix », "Las Vegas y Los Angeles"
_ENGLISH = frozenset(
    """
    the of and to in is are was were be been that this these those it its he she they we you his her their our for with on at by from as an
    not has have had will would can could which who what but or if than there
    """.split()
)
_TOKENS = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"://|www\.|@")
_GOES_ON = re.compile(r"[/@]|\.\w")  # a word that is followed so is part of an address


def is_untranslated(source: str, target: str) -> bool:
    """Whether French was left standing in `target`: most of it, or a single word of the source.

    A sentence of four words and more is French when it has two French function words and more of them than English ones; particles
    beside a capitalised word (« Rue de la Paix ») do not count, so that names, addresses, titles and figures may stay as they are.
    For single words see `leftovers`.

    >>> is_untranslated("Le maire parle aux habitants.", "Le maire parle aux habitants.")
    True
    >>> is_untranslated("Rue de la Paix, Paris", "Rue de la Paix, Paris")
    False
    """
    words = _TOKENS.findall(" ".join(word for word in target.split() if not _ADDRESS.search(word)))
    if len(words) >= 4:
        words[0] = words[0].lower()
        named = [word[0].isupper() for word in words]
        french = sum(
            word in _FRENCH and not (word in _PARTICLES and any(named[max(0, i - 2) : i + 3])) for i, word in enumerate(words)
        )
        if french >= 2 and french > sum(word.lower() in _ENGLISH for word in words):
            return True
        plain = any(word.islower() and len(word) > 2 and word not in _PARTICLES for word in words[1:])
        if plain and not _FRENCH.isdisjoint(words) and source.split() == target.split():
            return True
    return bool(leftovers(source, target))


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
