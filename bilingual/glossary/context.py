"""The `unless` column: contexts in which a row of a glossary does not hold, in words that a translator can write.

Not regular expressions: a list of words or phrases separated by ``|``, each of which makes the row step aside when it stands

- anywhere in the same clause (between . ; : ! ? … or the ends of the sentence, at most 40 words away): ``déchets``
- right before the term: ``before: marché aux``
- right after the term: ``after: à l'oreille``

Words are compared like terms: capitals, accents on capitals, plurals, hyphens and both apostrophes make no difference. A word that
ends in ``*`` stands for all words that begin so: ``after: profession*``. For a row with several source words each of these holds
for all of them. Looking one up takes time linear in the length of the sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from bilingual.glossary.tokens import Tokens, tokenize
from bilingual.inflection import fold, french_key

MOST_ALTERNATIVES, LONGEST_CONTEXT = 64, 1000
REACH = 40  # words; bounds the work on a line without punctuation

_CLAUSE_ENDS = frozenset(".;:!?…\n")


@dataclass(frozen=True, slots=True)
class Context:
    """One alternative: where it must stand, and its words as (key, whether more letters may follow)."""

    where: Literal["clause", "before", "after"]
    words: tuple[tuple[str, bool], ...]


@lru_cache(maxsize=4096)
def parse_context(pattern: str) -> tuple[Context, ...]:
    """Read an `unless` pattern. Raises `ValueError` with what is wrong and what to do about it.

    >>> parse_context("déchet* | before: ma puce")
    (Context(where='clause', words=(('dechet', True),)), Context(where='before', words=(('ma', False), ('puce', False))))
    """
    if len(pattern) > LONGEST_CONTEXT:
        raise ValueError(f"unless is longer than {LONGEST_CONTEXT} characters; shorten it")
    alternatives = pattern.split("|")
    if len(alternatives) > MOST_ALTERNATIVES:
        raise ValueError(f"unless has more than {MOST_ALTERNATIVES} alternatives; split the row")
    return tuple(_parse_one(alternative.strip()) for alternative in alternatives)


def _parse_one(alternative: str) -> Context:
    label, colon, rest = alternative.partition(":")
    where = label.strip().lower() if colon else "clause"
    phrase = (rest if colon else alternative).strip()
    if where not in ("clause", "before", "after"):
        raise ValueError(f"unless: '{label.strip()}:' is not known; write before:, after: or no label")
    if not phrase:
        raise ValueError("unless has an empty alternative; remove the | or the label, or write the word")
    if strange := re.search(r"[\\()\[\]{}^$+?<>]|\.\*|(?<!\w)\*", phrase):
        raise ValueError(f"unless is a list of words, not a regular expression; remove '{strange.group()}'")
    tokens = tokenize(phrase)
    words = []
    for word, (_, end) in zip(tokens.words, tokens.spans, strict=True):
        open_end = phrase[end : end + 1] == "*"
        words.append((fold(word) if open_end else french_key(word), open_end))
    if not words:
        raise ValueError(f"unless: '{phrase}' has no word; write one")
    return Context(where, tuple(words))  # type: ignore[arg-type]


def holds(contexts: tuple[Context, ...], tokens: Tokens, first: int, last: int) -> bool:
    """Whether one of `contexts` stands around the words `first` … `last` (included) of a sentence.

    >>> t = tokenize("Le marché aux puces de Lyon")
    >>> holds(parse_context("before: marché aux"), t, 3, 3), holds(parse_context("before: marché de"), t, 3, 3)
    (True, False)
    """
    for context in contexts:
        size = len(context.words)
        if context.where == "before":
            found = _stands_at(context, tokens, first - size)
        elif context.where == "after":
            found = _stands_at(context, tokens, last + 1)
        else:
            start, end = _clause(tokens, first, last)
            found = any(_stands_at(context, tokens, at) for at in range(start, end - size + 2))
        if found:
            return True
    return False


def _stands_at(context: Context, tokens: Tokens, at: int) -> bool:
    if at < 0 or at + len(context.words) > len(tokens.words):
        return False
    for offset, (key, open_end) in enumerate(context.words):
        word = tokens.words[at + offset]
        if not (fold(word).startswith(key) if open_end else french_key(word) == key):
            return False
    return True


def _clause(tokens: Tokens, first: int, last: int) -> tuple[int, int]:
    start, end = first, last
    while start > max(0, first - REACH) and not _ends_clause(tokens.gaps[start - 1]):
        start -= 1
    while end < min(len(tokens.words) - 1, last + REACH) and not _ends_clause(tokens.gaps[end]):
        end += 1
    return start, end


def _ends_clause(gap: str) -> bool:
    return len(gap) > 1 and not _CLAUSE_ENDS.isdisjoint(gap)  # one character alone is 10:30 or 3.5
