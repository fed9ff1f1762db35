"""Words of a sentence with their spans, what stands between them, and which of them belong to something that is not prose."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bilingual.document import Span
from bilingual.inflection import IGNORABLE

# Zero-width characters and combining marks inside a word belong to it, at its end they do not. Linear: each character is tried once.
_WORD = re.compile(rf"(\w(?:[{IGNORABLE}]*[\w\u0300-\u036f])*)")
_GAPS = {" ": " ", "\u00a0": " ", "\u202f": " ", "\n": " ", **dict.fromkeys("'’ʼ‘`´", "'"), **dict.fromkeys("-‐‑", "-")}


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of `text`, their spans, and the gap after each.

    A gap is "" at the end of the text, " " for white space, "-" for a hyphen of any kind, "'" for an apostrophe of any kind, and
    the characters themselves otherwise. ``chains[i]`` is the number of the address, file name, handle or dotted name that word i
    is a part of, -1 for prose.

    >>> t = tokenize("L’IA de x.ai")
    >>> t.words, t.gaps, t.chains
    (('L', 'IA', 'de', 'x', 'ai'), ("'", ' ', ' ', '.', ''), (-1, -1, -1, 0, 0))
    """

    text: str
    words: tuple[str, ...]
    spans: tuple[Span, ...]
    gaps: tuple[str, ...]
    chains: tuple[int, ...]


def clean(word: str) -> str:
    """A word in NFC without the zero-width characters that pages leave in it.

    >>> clean("super\\u00adcalculateur")
    'supercalculateur'
    """
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", "".join(c for c in word if c not in IGNORABLE))


def tokenize(text: str) -> Tokens:
    """Cut `text` into words; dotted capitals (I.A., P.-D.G.) are one word. Time is linear in the length of the text."""
    pieces = _WORD.split(text)  # gap, word, gap, … word, gap
    words = pieces[1::2] if text.isascii() else [clean(word) for word in pieces[1::2]]
    spans: list[Span] = []
    at = len(pieces[0])
    for word, gap in zip(pieces[1::2], pieces[2::2], strict=True):
        spans.append((at, at + len(word)))
        at += len(word) + len(gap)
    gaps = [_GAPS.get(gap) or (" " if gap.isspace() else gap) for gap in pieces[2::2]]
    if spans:
        gaps[-1] = ""
    if "." in gaps or ".-" in gaps:
        words, spans, gaps = _join_dotted_capitals(words, spans, gaps)
    chains = [-1] * len(words)
    if "." in gaps or "@" in text or "#" in text or "://" in text:
        _mark_chains(text, words, spans, gaps, chains)
    return Tokens(text, tuple(words), tuple(spans), tuple(gaps), tuple(chains))


def _join_dotted_capitals(words: list[str], spans: list[Span], gaps: list[str]) -> tuple[list[str], list[Span], list[str]]:
    joined: tuple[list[str], list[Span], list[str]] = ([], [], [])
    start = 0
    while start < len(words):
        end = start  # the last word of the dotted chain that starts here
        while gaps[end] in (".", ".-"):
            end += 1
        if end > start and all(_is_letter(word) for word in words[start : end + 1]):
            joined[0].append("".join(words[start : end + 1]))
            joined[1].append((spans[start][0], spans[end][1]))
            joined[2].append(gaps[end])
        else:
            joined[0].extend(words[start : end + 1])
            joined[1].extend(spans[start : end + 1])
            joined[2].extend(gaps[start : end + 1])
        start = end + 1
    return joined


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isupper()


def _mark_chains(text: str, words: list[str], spans: list[Span], gaps: list[str], chains: list[int]) -> None:
    number = -1
    in_address = False  # inside a URL, or a path after a host name: everything up to the next white space belongs to it
    for i in range(len(words)):
        start, end = spans[i]
        joined = i > 0 and bool(gaps[i - 1]) and not any(c.isspace() for c in gaps[i - 1])
        in_address = in_address and joined
        chained = in_address or (joined and _chains_on(words[i - 1], gaps[i - 1], words[i]))
        if chained and i > 0:
            if chains[i - 1] < 0:
                number += 1
                chains[i - 1] = number
            chains[i] = chains[i - 1]
        elif text[start - 1 : start] in ("@", "#") and start > 0:
            number += 1
            chains[i] = number
        if text.startswith("://", end) or (chains[i] >= 0 and text.startswith("/", end)) or words[i].lower() == "www":
            in_address = True


def _chains_on(before: str, gap: str, after: str) -> bool:
    if gap == "@":
        return True
    if gap != ".":
        return False
    # A full stop without its space is frequent in copied text: « … artificielle.Colossus » is no name, x.ai, X.AI and 3.5 are.
    return after[0].islower() or after[0].isdigit() or (before.isupper() and after.isupper())
