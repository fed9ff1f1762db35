"""One row of the page: both sides of a sentence cut into runs of plain text and terms, and their word links in a few characters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import isfinite

from bilingual.document import Segment, Span, TermHit
from bilingual.writing import receipt
from bilingual.writing.escape import visible

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one side. `term` is the row of its term in the table of terms (None: plain text), `pair` the same on both sides;
    `wanted` the English that is not there."""

    text: str
    term: int | None = None
    pair: int = 0
    status: str = ""
    method: str = ""
    change: str = ""
    wanted: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What the template needs of a sentence pair, or of a heading of several.

    `others` are the ids of the sentences after the first, `links` the word links (see `encode_links`), `doubt` "", "low" (a low score and
    nothing else) or "bad", `notes` the reasons.
    """

    id: str
    french: tuple[Run, ...]
    english: tuple[Run, ...]
    links: str
    doubt: str
    notes: tuple[str, ...]
    untranslated: bool
    others: tuple[str, ...] = ()


def row(segments: Sequence[Segment], terms: Mapping[str, int]) -> Row:
    """The row of `segments`: one sentence, or those of a heading, joined by spaces. `terms`: entry → its row in the table.

    >>> made = row([Segment("p1.s1", "Un chat.", target="A cat.", links=(((0, 2), (0, 1)), ((3, 7), (2, 5))))], {})
    >>> made.french, made.links
    ((Run(text='Un chat.', term=None, pair=0, status='', method='', change='', wanted=''),), 'ACAECGGI')
    """
    french: list[Run] = []
    english: list[Run] = []
    links: list[tuple[Span, Span]] = []
    before = [0, 0]
    pairs = 0
    for segment in segments:
        if french and segment.source:
            french.append(Run(" "))
            before[0] += 1
        if english and segment.target:
            english.append(Run(" "))
            before[1] += 1
        for source, target in segment.links:
            links.append((shown_span(segment.source, source, before[0]), shown_span(segment.target, target, before[1])))
        hits = [
            (hit, Run("", terms[entry(hit)], pairs + n, hit.status, visible(hit.method), _change(hit.score_change), _wanted(hit)))
            for n, hit in enumerate(segment.terms)
        ]
        french += runs(segment.source, [(hit.source, run) for hit, run in hits])
        english += runs(segment.target, [(hit.target, run) for hit, run in hits if hit.target])
        before = [before[0] + _units(visible(segment.source)), before[1] + _units(visible(segment.target))]
        pairs += len(hits)
    notes = tuple(visible(warning) for segment in segments for warning in receipt.warnings(segment))
    low = all(warning == "low-confidence" for warning in notes)
    same = all(s.origin == "failed" and s.source.strip() == s.target.strip() for s in segments)
    return Row(
        segments[0].id,
        tuple(french),
        tuple(english),
        encode_links(links),
        ("low" if low else "bad") if notes else "",
        notes,
        same,
        tuple(segment.id for segment in segments[1:]),
    )


def entry(hit: TermHit) -> str:
    """The name under which a hit is counted, as in `receipt.term_tallies`."""
    return hit.entry or hit.wanted


def runs(text: str, spans: Iterable[tuple[Span, Run]]) -> list[Run]:
    """`text`, nothing in it hidden, cut at `spans`. Of spans that overlap the first is taken; one that lies outside is cut or dropped.

    >>> [(run.text, run.term) for run in runs("La puce.", [((3, 7), Run("", 4))])]
    [('La ', None), ('puce', 4), ('.', None)]
    """
    found: list[Run] = []
    shown = visible(text)
    end = 0
    for (start, stop), run in sorted(spans, key=lambda pair: pair[0]):
        if shown != text:  # what is left of a text shows as what is left of its page, also inside a run of line breaks
            start, stop = len(visible(text[:start])), len(visible(text[:stop]))
        stop = min(stop, len(shown))
        if not end <= start < stop:
            continue
        found += [Run(shown[end:start]), replace(run, text=shown[start:stop])]
        end = stop
    found.append(Run(shown[end:]))
    return [run for run in found if run.text]


def shown_span(text: str, span: Span, before: int = 0) -> Span:
    r"""Where a span of `text` stands in what the page shows of it, after `before` units, in UTF-16 units as scripts count.

    >>> shown_span("a\x00b", (2, 3)), shown_span("👩 b", (2, 3)), shown_span("a\n\nb", (3, 4), 10)
    ((2, 3), (3, 4), (12, 13))
    """
    start, end = span
    if not _plain(text):
        start, end = _units(visible(text[:start])), _units(visible(text[:end]))
    return before + start, before + end


@lru_cache(maxsize=4)
def _plain(text: str) -> bool:
    return visible(text) == text and max(text, default="") <= "\uffff"


def encode_links(links: Iterable[tuple[Span, Span]]) -> str:
    """Word links as base64 VLQ digits, the form that source maps have: about five characters a link.

    For each link: the gap since the end of the last target word, the length of the word, how far its source word starts from the
    last one's start, and the length of that. Links that cover nothing on one side are left out.

    >>> encode_links([((0, 4), (0, 3)), ((5, 9), (4, 40))])
    'AGAICoCKI'
    """
    written, last_target, last_source = "", 0, 0
    for (start, end), (first, last) in sorted(links, key=lambda pair: pair[1]):
        if start >= end or first >= last:
            continue
        written += "".join(map(_vlq, (first - last_target, last - first, start - last_source, end - start)))
        last_target, last_source = last, start
    return written


def _vlq(value: int) -> str:
    number = (abs(value) << 1) | (value < 0)
    digits = ""
    while True:
        number, digit = number >> 5, number & 31
        digits += DIGITS[digit | (32 if number else 0)]
        if not number:
            return digits


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _change(value: float | None) -> str:
    return f"{value:+.2f}".replace("-", "−") if value and isfinite(value) else ""


def _wanted(hit: TermHit) -> str:
    return "" if hit.target else visible(hit.wanted)
