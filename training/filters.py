"""Which pairs are kept: filters with a name each, keys for duplicates and held-out sets.

Each filter is a question about one pair, so that a manifest can say how many pairs each took out. They catch what is
wrong without doubt; a model learns to live with the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b

from training.corpus import Pair

Filter = Callable[[Pair], bool]

_WORD = re.compile(r"\w+")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[^\W\d_\u0250-\u1dff\u1f00-\uffff]")
_FRENCH = frozenset("le la les des une dans est sont pour pas que qui avec sur par ce cette il elle nous vous aux".split())
_ENGLISH = frozenset("the of and is are was for that with this not from have has he she we you it be on at by".split())


def key(text: str) -> str:
    """What two texts have in common that differ in nothing but case, accents, spaces and signs: letters and digits.

    >>> key("L’été : 3,5 %"), key("l'ete 35")
    ('lete35', 'lete35')
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if c.isalnum())


def digest(text: str) -> int:
    """A number of 64 bits that stands for a key; the same on every machine."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def empty(pair: Pair) -> bool:
    """One side has no letter."""
    return not (_LETTER.search(pair.french) and _LETTER.search(pair.english))


def copied(pair: Pair) -> bool:
    """Both sides are the same text, of more than two words."""
    return key(pair.french) == key(pair.english) and len(_WORD.findall(pair.french)) > 2


def too_long(pair: Pair, longest: int) -> bool:
    """One side has more than `longest` words."""
    return max(pair.french.count(" "), pair.english.count(" ")) >= longest


def unequal(pair: Pair) -> bool:
    """One side is too long to render the other: the limit is loose for a few words.

    >>> unequal(Pair("Oui.", "Yes, of course.")), unequal(Pair("Oui.", "Yes, of course, and let us not speak of it any more."))
    (False, True)
    """
    a, b = len(pair.french), len(pair.english)
    return a > 2.2 * b + 20 or b > 1.8 * a + 20


def not_text(pair: Pair) -> bool:
    """Less than half of one side is letters, or it has letters of another script."""
    for side in (pair.french, pair.english):
        letters = _LETTER.findall(side)
        if 2 * len(letters) < len(side.replace(" ", "")) or len(_LATIN.findall(side)) < len(letters):
            return True
    return False


def wrong_language(pair: Pair) -> bool:
    """The words that hold a language together are those of the other one.

    >>> wrong_language(Pair("The house is on the hill.", "La maison est sur la colline.")), wrong_language(Pair("Oui.", "Yes."))
    (True, False)
    """

    def lean(text: str) -> int:
        words = [w.casefold() for w in _WORD.findall(text)]
        return sum(w in _FRENCH for w in words) - sum(w in _ENGLISH for w in words)

    return lean(pair.french) < -1 or lean(pair.english) > 1


def other_figures(pair: Pair) -> bool:
    """The digits of both sides have less than half in common, from three digits on."""
    a, b = (sorted(c for c in side if c.isdigit()) for side in (pair.french, pair.english))
    if max(len(a), len(b)) < 3:
        return False
    common = sum(min(a.count(d), b.count(d)) for d in set(a))
    return 2 * common < max(len(a), len(b))


def marked_up(pair: Pair) -> bool:
    """Tags, entities, or the recipe's own tags and placeholders are in it."""
    return bool(_MARKUP.search(pair.french) or _MARKUP.search(pair.english))


_MARKUP = re.compile(r"</?\w+[^<>]*>|&\w+;|[{}]|\\\w|\ufffd")


@lru_cache
def filters(longest: int) -> tuple[tuple[str, Filter], ...]:
    """All filters in the order in which they are asked, with the names that the manifest counts under."""
    return (
        ("empty", empty),
        ("too long", lambda pair: too_long(pair, longest)),
        ("markup", marked_up),
        ("copied", copied),
        ("unequal lengths", unequal),
        ("not text", not_text),
        ("wrong language", wrong_language),
        ("other figures", other_figures),
    )


def verdict(pair: Pair, longest: int) -> str | None:
    """The name of the first filter that refuses the pair; None where it stays.

    >>> verdict(Pair("", "Yes."), 60), verdict(Pair("Le chat dort.", "The cat sleeps."), 60)
    ('empty', None)
    """
    return next((name for name, refuses in filters(longest) if refuses(pair)), None)
