"""What sentences are compared by: their content words as lemmas, and small closed lists of French and English."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from bilingual.numerals import Language

_TOKEN = re.compile(r"\d+(?:[ \u00a0\u202f\u2009.,]\d{3})*(?!\d)|[^\W_]+")
_WITHIN = re.compile(r"[ \u00a0\u202f\u2009.,]")
_SKIPPED = re.compile(r"https?://\S+|www\.\S+")


@dataclass(frozen=True, slots=True)
class Lists:
    """Closed classes of words of one language; see ``data/summary_words.json``.

    ``function``: words that say nothing about the subject. ``leaning``: openings that point back at another sentence; ``impersonal``,
    ``only_looks`` and ``deictic`` are the exceptions (« il faut », « alors que », « ce mardi »). ``connective``: openings that go on.
    ``reader``: openings of calls to the reader. ``contrast``: connectives inside a sentence. ``voice``: first and second persons.
    """

    function: frozenset[str]
    leaning: re.Pattern[str]
    impersonal: re.Pattern[str]
    only_looks: re.Pattern[str]
    deictic: frozenset[str]
    connective: re.Pattern[str]
    reader: re.Pattern[str]
    contrast: re.Pattern[str]
    voice: frozenset[str]


def _openings(phrases: list[str]) -> re.Pattern[str]:
    """Any of the phrases, whole words, the longest first; an elided one ("c'") needs no end of word."""
    longest = sorted(phrases, key=len, reverse=True)
    return re.compile("(?:" + "|".join(re.escape(p) + ("" if p.endswith("'") else r"(?![\w'-])") for p in longest) + ")")


@cache
def lists(language: Language) -> Lists:
    """The lists of `language`."""
    table = json.loads((files("bilingual") / "data" / "summary_words.json").read_text(encoding="utf-8"))[language]
    words: dict[str, Any] = {key: frozenset(table[key].split()) for key in ("function", "deictic", "voice")}
    phrases: dict[str, Any] = {
        key: _openings(table[key]) for key in ("leaning", "impersonal", "only_looks", "connective", "reader", "contrast")
    }
    return Lists(**words, **phrases)


@lru_cache(maxsize=1 << 16)
def lemma(word: str, language: Language) -> str:
    """The dictionary form of a lower-case word; a word that the dictionary lacks (« supercalculateurs ») loses its plural ending.

    >>> lemma("puces", "fr"), lemma("supercalculateurs", "fr"), lemma("chips", "en")
    ('puce', 'supercalculateur', 'chip')
    """
    import simplemma

    found = str(simplemma.lemmatize(word, lang=language)).lower() if len(word) <= 60 else word
    return found[:-1] if found == word and len(word) > 4 and word[-1] in "sx" and word[-2] != "s" else found


def content_words(text: str, language: Language = "fr") -> list[str]:
    """The lemmas of the words that say what `text` is about, in order; a number is one word, web addresses are none.

    >>> content_words("Les puces de l’usine coûtent 100 000 euros.")
    ['puce', 'usine', 'coûter', '100000', 'euro']
    """
    function = lists(language).function
    found = []
    for match in _TOKEN.finditer(_SKIPPED.sub(" ", text)):
        word = match[0].lower()
        if word[0].isdigit():
            found.append(_WITHIN.sub("", word))
        elif word not in function and (base := lemma(word, language)) not in function and len(base) > 1:
            found.append(base)
    return found
