"""Quality checks on a French text and its English translation, whoever made it.

    flags            one sentence pair, cheap: names of what looks wrong, for the pipeline to try again and for the output to show
    check_segments   a whole file: findings with a severity, spans on both sides and a sentence for the reader

Every check is made to be believed: thresholds are set where next to no human translation is caught. Of the 3,997 pairs of WMT13 and
FLORES-dev 2.1 % have a name flagged (most of them spelled differently on the two sides), 0.6 % a number, 0.5 % quotation marks (of bad
typing), 0.3 % a length, 0.1 % French or a loop. Much goes unseen; no check looks at meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from textwrap import shorten
from typing import Literal, get_args

from bilingual.coverage import FEWEST
from bilingual.document import Segment, Span
from bilingual.glossary.matching import Hit, Matcher, Rendering, compile_matcher, find_forbidden, find_hits, find_renderings
from bilingual.glossary.model import Glossary
from bilingual.inflection import english_singular, french_key
from bilingual.names import copied_names, lost_names
from bilingual.numbers import number_changes
from bilingual.symptoms import is_french, leftovers, loops, unbalanced_quotes, wrong_length

LOWEST_SCORE = -0.95
"""Mean log-probability per piece below which a translation counts as a guess."""

FLAGS = (
    "empty", "loop", "omission", "too-long", "untranslated", "number-changed", "name-lost", "unbalanced-quotes", "low-confidence",
)  # fmt: skip
"""Every flag that `flags` may raise, in the order in which it gives them."""

_RETRY = frozenset({"empty", "loop", "omission", "too-long", "untranslated", "number-changed", "name-lost"})


def flags(
    source: str,
    target: str,
    score: float | None = None,
    *,
    lowest_score: float = LOWEST_SCORE,
    terms: Sequence[Span] = (),
    renderings: Sequence[Span] = (),
    past: int = 0,
) -> tuple[str, ...]:
    """What looks wrong with English `target` as a translation of French `source`; names out of `FLAGS`, in that order.

    ``empty``: nothing there; ``loop``: words or letters over and over that the source does not repeat; ``omission`` and ``too-long``:
    a length that hardly any translation of such a source has; ``omission``, too, where the model looked `past` words of the source
    (`bilingual.coverage`); ``untranslated``: French left standing; ``number-changed`` and
    ``name-lost``: see `bilingual.numbers.number_changes` and `bilingual.names.lost_names`; ``unbalanced-quotes``: quotation marks
    opened and not closed, where the source closes them; ``low-confidence``: `score` (mean log-probability per piece) below
    `lowest_score`. Names inside `terms`, spans of the source that a glossary answers for, are not looked for, nor
    numbers inside `renderings`, spans of the target.

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
    if loops(source, target):
        raised.append("loop")
    length = wrong_length(source, target)
    if past >= FEWEST and length != "omission":
        raised.append("omission")
    if length:
        raised.append(length)
    if is_french(source, target) or leftovers(source, target):
        raised.append("untranslated")
    if number_changes(source, without_digits(target, renderings)):
        raised.append("number-changed")
    if any(not _overlaps(span, terms) for span in lost_names(source, target)):
        raised.append("name-lost")
    if unbalanced_quotes(source, target):
        raised.append("unbalanced-quotes")
    if score is not None and score < lowest_score:
        raised.append("low-confidence")
    return tuple(raised)


def _overlaps(span: Span, others: Sequence[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)


def looks_bad(flags: Sequence[str]) -> bool:
    """Whether a translation with these flags should be tried again in another way.

    >>> looks_bad(("name-lost",)), looks_bad(("low-confidence", "unbalanced-quotes"))
    (True, False)
    """
    return any(flag in _RETRY for flag in flags)


# --- findings -------------------------------------------------------------------------------------------------------------------

Kind = Literal[
    "failed", "empty", "term-missed", "forbidden", "number-changed",
    "name-lost", "untranslated", "omission", "too-long", "loop", "unbalanced-quotes", "low-confidence", "two-ways",
]  # fmt: skip
Severity = Literal["error", "warning"]

KINDS: tuple[str, ...] = get_args(Kind)
"""Every kind of finding; those of one segment come in this order. The first five are errors, the others warnings."""
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_ERRORS = frozenset(KINDS[: KINDS.index("number-changed") + 1])


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a translation that somebody should look at.

    ``segment`` is the id of the segment, ``source`` and ``target`` where in its French and its English, None where that cannot be
    said or concerns the whole; ``message`` is one sentence for the reader.
    """

    kind: Kind
    severity: Severity
    segment: str
    source: Span | None
    target: Span | None
    message: str


def check_segments(segments: Iterable[Segment], glossary: Glossary | Matcher | None = None) -> list[Finding]:
    """Everything that looks wrong with a translated file: `segments` in order, each with its French and its English.

    Errors: segments that failed or are empty, terms that are not rendered, forbidden renderings, changed numbers. Warnings: changed
    names, French left over, suspicious lengths, loops, quotation marks, low scores (where the segment's flags say so), and what is
    rendered in two ways over the file: a term of the glossary, or the same French sentence.

    With a `glossary` (compiled or not) its terms are looked for anew; without one the receipts that the segments carry are taken at
    their word. A term whose level is not ``strict`` is a warning. Findings are in the order of the segments, then of `KINDS`, then by
    position.

    >>> pair = Segment("p1.s1", "Il a 40 ans.", target="He is 50.")
    >>> [(f.kind, f.severity, f.message) for f in check_segments([pair])]
    [('number-changed', 'error', '40 became 50')]
    """
    ordered = list(segments)
    matcher = compile_matcher(glossary) if isinstance(glossary, Glossary) else glossary
    found = [finding for segment in ordered for finding in _check_segment(segment, matcher)]
    found += _rendered_in_two_ways(ordered, matcher)
    place: dict[str, int] = {}
    for i, segment in enumerate(ordered):
        place.setdefault(segment.id, i)
    return sorted(found, key=lambda f: (place[f.segment], KINDS.index(f.kind), f.source or (-1, -1), f.target or (-1, -1)))


def _finding(
    kind: Kind, segment: Segment, message: str, source: Span | None = None, target: Span | None = None, mild: bool = False
) -> Finding:
    return Finding(kind, "error" if kind in _ERRORS and not mild else "warning", segment.id, source, target, message)


def _check_segment(segment: Segment, matcher: Matcher | None) -> Iterator[Finding]:
    source, target = segment.source, segment.target
    if segment.origin == "failed":
        yield _finding("failed", segment, f"not translated: {segment.reason or 'the engine failed'}")
        return
    if segment.origin == "copied" or not source.strip():
        return
    if not target.strip():
        yield _finding("empty", segment, "there is no English")
        return
    terms = list(_check_terms(segment, matcher))
    yield from (finding for finding, _ in terms if finding)
    for change in number_changes(source, without_digits(target, _term_spans(segment, matcher))):
        old, new = change.source, change.target
        message = f"{old.text} became {new.text}" if old and new else f"{old.text} is not in the English" if old else ""
        message = message or (f"{new.text} is not in the French" if new else "")
        yield _finding("number-changed", segment, message, old.span if old else None, new.span if new else None)
    accounted = [span for _, span in terms]
    for count, span in enumerate(lost_names(source, target)):
        if not _overlaps(span, accounted):
            name = source[slice(*span)]
            like = _most_like(name, target) if count < _MOST_NAMES else None
            became = f"became {target[slice(*like)]}" if like else "is not in the English"
            yield _finding("name-lost", segment, f"{name} {became}", span, like)
    yield from _check_wording(segment)


def _check_wording(segment: Segment) -> Iterator[Finding]:
    source, target = segment.source, segment.target
    if is_french(source, target):
        yield _finding("untranslated", segment, "the English is French", (0, len(source)), (0, len(target)))
    elif left := leftovers(source, target):
        places = {match[0]: match.span() for match in reversed([*re.finditer(r"[^\W_]+", source)])}
        for span in left:
            word = target[slice(*span)]
            yield _finding("untranslated", segment, f"{word} is French", places[word], span)
    length = wrong_length(source, target)
    if length != "omission" and "omission" in segment.flags and segment.origin == "mt":
        yield _finding("omission", segment, "the model looked past some of the French: something may be missing")
    if length:
        what = "something may be missing" if length == "omission" else "something may have been added"
        yield _finding(length, segment, f"{len(target)} characters for {len(source)} of French: {what}")
    for span in loops(source, target):
        yield _finding("loop", segment, f"says the same again: {shorten(target[slice(*span)], 60)}", None, span)
    if unbalanced_quotes(source, target):
        yield _finding("unbalanced-quotes", segment, "quotation marks are opened and not closed, or closed and not opened")
    if "low-confidence" in segment.flags:
        said = "" if segment.score is None else f" ({segment.score:.2f})"
        yield _finding("low-confidence", segment, f"the model was unsure{said}")


def without_digits(text: str, spans: Sequence[Span]) -> str:
    """`text` with the digits in `spans` made letters: a number in a term ("24/7") is the glossary's.

    >>> without_digits("It runs 24/7 for 3 days.", [(8, 12)])
    'It runs xx/x for 3 days.'
    """
    for start, end in spans:
        if any(map(str.isdigit, text[start:end])):
            text = text[:start] + "".join("x" if c.isdigit() else c for c in text[start:end]) + text[end:]
    return text


def _term_spans(segment: Segment, matcher: Matcher | None) -> list[Span]:
    """Where the English of a segment renders terms."""
    if matcher is None:
        return [receipt.target for receipt in segment.terms if receipt.target]
    if not any(map(str.isdigit, segment.target)):
        return []
    return [r.span for r in _rendered(find_hits(matcher, segment.source), segment) if r]


def _rendered(hits: Sequence[Hit], segment: Segment) -> tuple[Rendering | None, ...]:
    names = copied_names(segment.source, segment.target, [hit.span for hit in hits]) if hits else []
    return find_renderings(hits, segment.target, names)


def _check_terms(segment: Segment, matcher: Matcher | None) -> Iterator[tuple[Finding | None, Span]]:
    """A finding, or None, for each term of a segment, with the span of the term in the French."""
    source, target = segment.source, segment.target
    if matcher is None:
        for receipt in segment.terms:
            missed = None
            if receipt.status in ("missed", "conflict"):
                message = f"{source[slice(*receipt.source)]} is not rendered as {receipt.wanted}"
                message += f" ({receipt.reason})" if receipt.reason else ""
                missed = _finding("term-missed", segment, message, receipt.source, receipt.target, receipt.level != "strict")
            yield missed, receipt.source
        return
    hits, forbidden = find_hits(matcher, source), find_forbidden(matcher, source, target)
    said = {found.source for found in forbidden}
    for hit, rendering in zip(hits, _rendered(hits, segment), strict=True):
        missed = None
        if rendering is None and hit.span not in said:
            message = f"{hit.text} is not rendered as {hit.wanted}"
            missed = _finding("term-missed", segment, message, hit.span, None, hit.term.level != "strict")
        yield missed, hit.span
    wanted = {hit.span: f"; wanted: {hit.wanted}" for hit in hits}
    for found in forbidden:
        french, ask = source[slice(*found.source)], wanted.get(found.source, "")
        message = f"{french} is rendered as {found.text}, which is forbidden{ask}"
        yield _finding("forbidden", segment, message, found.source, found.span), found.source


_MOST_WORDS, _MOST_NAMES = 300, 30  # of a sentence, in which the likest spelling is looked for; more is no sentence


def _most_like(name: str, target: str) -> Span | None:
    """The words of `target`, as many as `name` has, that are spelled most like it; None where nothing is."""
    size = len(name.split())
    words = [match.span() for match in islice(_WORD.finditer(target), _MOST_WORDS)]
    best, where = 0.6, None
    for first, last in zip(words, words[size - 1 :], strict=False):
        text = target[first[0] : last[1]]
        if not text[:1].islower() and text != name:
            ratio = SequenceMatcher(None, name.lower(), text.lower(), autojunk=False).ratio()
            if ratio > best:
                best, where = ratio, (first[0], last[1])
    return where


# --- two ways -------------------------------------------------------------------------------------------------------------------


def _rendered_in_two_ways(segments: Sequence[Segment], matcher: Matcher | None) -> Iterator[Finding]:
    """For each term and each sentence that has several renderings: a finding where one that is not the most frequent first stands."""
    terms: dict[tuple[str, ...], dict[str, list[_Use]]] = {}
    sentences: dict[str, dict[str, list[Segment]]] = {}
    for segment in segments:
        source, target = " ".join(segment.source.split()), " ".join(segment.target.split())
        if segment.origin == "failed" or not source or not target:
            continue
        sentences.setdefault(source, {}).setdefault(target, []).append(segment)
        for key, rendering, use in _renderings(segment, matcher):
            terms.setdefault(key, {}).setdefault(rendering, []).append(use)
    for ways in terms.values():
        usual = max(ways, key=lambda way: len(ways[way]))
        often = len(ways[usual])
        elsewhere = f"{often} times" if often > 1 else f"in {ways[usual][0].segment.id}"
        for way, (first, *_) in ways.items():
            if way != usual:
                message = f"{first.segment.source[slice(*first.source)]} is {way} here and {usual} {elsewhere}"
                yield _finding("two-ways", first.segment, message, first.source, first.target)
    for versions in sentences.values():
        common = max(versions, key=lambda version: len(versions[version]))
        for version, (segment, *_) in versions.items():
            if version != common:
                message = f"the same French is translated otherwise in {versions[common][0].id}"
                yield _finding("two-ways", segment, message, (0, len(segment.source)), (0, len(segment.target)))


@dataclass(frozen=True, slots=True)
class _Use:
    """A rendering where it stands."""

    segment: Segment
    source: Span
    target: Span


def _renderings(segment: Segment, matcher: Matcher | None) -> Iterator[tuple[tuple[str, ...], str, _Use]]:
    """The terms of a segment: the French words, whatever their number; the English in its dictionary form; and where they stand.

    An acronym and its long form are two terms here: both may well be used in one article.
    """
    if matcher is None:
        for receipt in segment.terms:
            if receipt.target:
                text = segment.target[slice(*receipt.target)]
                use = _Use(segment, receipt.source, receipt.target)
                yield _key(segment.source[slice(*receipt.source)]), english_singular(text).lower(), use
        return
    hits = find_hits(matcher, segment.source)
    for hit, rendering in zip(hits, _rendered(hits, segment), strict=True):
        if rendering and hit.term.status != "do-not-translate":
            yield _key(hit.text), rendering.target, _Use(segment, hit.span, rendering.span)


def _key(french: str) -> tuple[str, ...]:
    return tuple(french_key(word) for word in _WORD.findall(french))
