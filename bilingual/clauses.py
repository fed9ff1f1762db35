"""The stretches of a segment that a model reads one at a time: its sentences and clauses, and pieces of what is too long for it.

A model that was trained on sentences writes the first of two and forgets the other, and loses the thread in long ones. How much is
gained by reading them one at a time is measured in `benchmarks/stretches.py`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable
from itertools import chain, pairwise
from math import ceil

from bilingual.document import Span
from bilingual.sentences import SHORT_QUOTE, pairs_of, split_sentences, stripped

CLAUSE = re.compile(r"\s?[:;](?=\s)|\s[–—](?=\s)")
FEWEST_WORDS = 6
"""Words on either side of a colon, semicolon or dash between which a segment is parted."""


def stretches(text: str) -> list[Span]:
    """The spans of `text` that are translated one at a time: sentences, parted at colons, semicolons and dashes with enough words around.

    Ascending, disjoint, without outer white space; nothing but space is left out. A sentence is not parted inside brackets or quotation
    marks, and a quotation of `SHORT_QUOTE` characters not even between its sentences.

    >>> text = "Il neige. La route du col est coupée : les secours ne passeront pas avant demain."
    >>> [text[start:end] for start, end in stretches(text)]
    ['Il neige.', 'La route du col est coupée :', 'les secours ne passeront pas avant demain.']
    """
    found: list[Span] = []
    for start, end in _whole_quotations(text, split_sentences(text)):
        pairs = pairs_of(text, start, end)[0].items() if CLAUSE.search(text, start, end) else ()
        cuts = [start]
        for match in CLAUSE.finditer(text, start, end):
            if any(opener < match.start() < closer for opener, closer in pairs):
                continue
            if len(text[cuts[-1] : match.end()].split()) > FEWEST_WORDS <= len(text[match.end() : end].split()):
                cuts.append(match.end())
        found += [stripped(text, a, b) for a, b in pairwise([*cuts, end])]
    return found


def _whole_quotations(text: str, sentences: list[Span]) -> list[Span]:
    """`sentences` with those joined that a short quotation runs over."""
    if len(sentences) < 2:
        return sentences
    short = [(o, c) for o, c in pairs_of(text, 0, len(text))[0].items() if c - o <= SHORT_QUOTE]
    joined: list[Span] = []
    for start, end in sentences:
        if joined and any(opener < joined[-1][1] and start <= closer for opener, closer in short):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


CLAUSE_END = re.compile(
    r"(?:(?P<clause>[;:—!?…]|\s–|[.!?…][»”)\]]++)|(?P<comma>[,)\]])|(?<![«“(\[\s]))(?P<space>[ \t\r\n]++)(?![;:!?»”%€$)\]…–—])"
)
LINKING = re.compile(
    r"(?:et|ou|mais|or|ni|car|donc|que|qui|dont|où|lequel|laquelle|lesquel(?:le)?s|puis|alors|tandis|lorsque|quand|comme|si|parce|puisque"
    r"|afin|bien|ainsi|soit|and|but|which|who|whom|whose|where|when|while|because|although|though|if|as|so|since|until)(?![\w'’-])"
    r"|(?:qu|lorsqu|puisqu|quoiqu)['’]",
    re.I,
)
JOINING = re.compile(
    r"(?:pour|par|avec|sans|dans|en|sur|sous|chez|vers|entre|contre|depuis|dès|selon|malgré|parmi|pendant|avant|après"
    r"|for|by|with|without|in|on|at|from|into|over|under|between|through|than|that|before|after)(?![\w'’-])",
    re.I,
)
ATOM = re.compile(r"(?:https?://|www\.)\S++|\d++(?:[.,'’ \u00a0\u202f]\d++)*+")
AT_CLAUSE, LINKED, COMMA, JOINED, PLAIN, BOUND = 0.0, 1.0, 2.0, 4.0, 8.0, 24.0
"""What a cut costs by where it stands; `BOUND`: between what belongs together, « M. | Roy »."""
PIECE, INSIDE, UNEVEN = 3.0, 16.0, 4.0
"""What it costs to need one piece more, to cut inside a quotation, and to be off the fair size by that size."""


def cut_clauses(text: str, fits: Callable[[str], bool]) -> list[Span]:
    """Cut a sentence that is too long into pieces that fit, at clause boundaries, as few and as even as these allow.

    `fits` says whether a piece is short enough; what is part of a piece that fits must fit. It may be costly: it is called
    O(log n) times a piece, n being the longest piece that fits. The spans are ascending, disjoint, without outer white space, and
    cover all that is not space. The cuts stand, the first the best, after ``; : — ! ?``, after a comma before a conjunction or a
    relative, after another comma or a bracket, before a conjunction or preposition, at any space, between letters. A quotation is
    entered where cuts outside it are much worse; an address or a number is cut, and a lone character that does not fit let
    through, where there is no other way.

    >>> text = "La salle est prête ; les machines arrivent demain, mais le réseau manque encore."
    >>> [text[start:end] for start, end in cut_clauses(text, lambda piece: len(piece) <= 50)]
    ['La salle est prête ; les machines arrivent demain,', 'mais le réseau manque encore.']
    """
    start, stop = stripped(text, 0, len(text))
    quotations: list[Span] = []
    for opener, closer in sorted(pairs_of(text, start, stop)[0].items()):
        if text[opener] not in "([" and (not quotations or opener > quotations[-1][1]):
            quotations.append((opener, closer))
    pieces: list[Span] = []
    reach = 256
    while start < stop:
        reach = _reach(text, start, stop, reach, fits)
        if start + reach >= stop:
            return [*pieces, (start, stop)]
        cut = _best_cut(text, start, stop, reach, quotations)
        while cut - start > 1 and not fits(text[start:cut]):
            cut = _best_cut(text, start, stop, cut - start - 1, quotations)
        pieces.append(stripped(text, start, cut))
        start, _ = stripped(text, cut, stop)
    return pieces


def _reach(text: str, start: int, stop: int, guess: int, fits: Callable[[str], bool]) -> int:
    """The length of the longest piece at `start` that fits, at least 1, searched for from `guess` on."""
    left = stop - start
    low, high = 1, left + 1
    probe = max(2, min(guess, left))
    while high - low > 1:
        if fits(text[start : start + probe]):
            low = probe
            probe = min(2 * low, left) if high > left else (low + high) // 2
        else:
            high = probe
            probe = (low + high) // 2 if low > 1 else max(2, high // 2)
    return low


def _best_cut(text: str, start: int, stop: int, reach: int, quotations: list[Span]) -> int:
    """The cheapest place to end the piece at `start`, which may be `reach` long at most."""
    left, end = stop - start, start + reach
    count = -(-left // reach)
    fair = left / count
    atoms = [found.span() for found in ATOM.finditer(text, start, min(stop, end + 1))]
    best: tuple[float, int] | None = None
    early = start
    for found in CLAUSE_END.finditer(text, start + 1, min(stop, end + 2)):
        cut = found.start("space")
        if cut > end or _within(atoms, cut):
            continue
        if cut - start < reach // 4:
            early = cut
            continue
        word = found.end()
        if found["clause"]:
            cost = AT_CLAUSE
        elif found["comma"]:
            cost = LINKED if LINKING.match(text, word) else COMMA
        elif text[cut - 1] in ".°":
            cost = BOUND
        else:
            cost = JOINED if LINKING.match(text, word) or JOINING.match(text, word) else PLAIN
        cost += UNEVEN * abs(cut - start - fair) / fair
        cost += PIECE * (left - (cut - start) > (count - 1) * reach) + INSIDE * _within(quotations, cut)
        if best is None or cost <= best[0]:
            best = cost, cut
    if best:
        return best[1]
    if early > start:
        return early
    even = start + ceil(fair)
    letters = chain(range(even, start, -1), range(even + 1, end + 1))
    return next((cut for cut in letters if not _within(atoms, cut) and not _joins(text, cut)), end)


def _within(spans: list[Span], cut: int) -> bool:
    """Whether `cut` falls inside one of the ascending, disjoint `spans`."""
    at = bisect_left(spans, (cut, 0)) - 1
    return at >= 0 and cut < spans[at][1]


def _joins(text: str, cut: int) -> bool:
    """Whether a cut would part a character from its accent, its variation selector or the rest of an emoji."""
    return "\u200d" in text[cut - 1 : cut + 1] or unicodedata.combining(text[cut]) > 0 or text[cut] in "\ufe0e\ufe0f\u20e3"
