"""A sentence as the page shows it: French and English in runs, with what is marked in them, and what is to be said below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bilingual.checks import KINDS, Finding
from bilingual.document import Segment, Span, TermHit
from bilingual.enforcement import FORBIDS
from bilingual.writing.escape import visible
from bilingual.writing.receipt import FLAG_MEANINGS

Mark = tuple[Span, str, str]
"""Where, what kind of mark (``kept``, ``missed``, ``doubt``), and what it says to who points at it."""

Run = tuple[str, str, str]
"""Text, the kind of its mark ("" for none), what the mark says."""

Record = dict[str, object]


def sentence(segment: Segment, findings: Sequence[Finding]) -> Record:
    """What the page needs to show a segment with its `findings`; nothing of it is markup.

    >>> one = Segment("p4.s2", "Une puce.", target="A flea.", terms=(TermHit((4, 8), "chip"),))
    >>> shown = sentence(one, [Finding("term-missed", "error", "p4.s2", (4, 8), None, "puce is not rendered as chip")])
    >>> shown["source"], shown["notes"][0]["insert"]
    ([('Une ', '', ''), ('puce', 'missed', 'wanted: chip'), ('.', '', '')], 'chip')
    """
    source = [*_found(findings, 0), *_terms(segment)]
    target = [*_found(findings, 1), *((hit.target, "kept", "") for hit in segment.terms if hit.target)]
    return {
        "id": segment.id,
        "origin": segment.origin,
        "target": segment.target,
        "source": [(visible(text), kind, visible(said)) for text, kind, said in runs(segment.source, source)],
        "english": runs(segment.target, target),
        "notes": [*(_note(segment, finding) for finding in findings), *_flags(segment)],
    }


def runs(text: str, marks: Iterable[Mark]) -> list[Run]:
    """`text` cut at its marks; of marks that overlap the first one given stands, one that lies outside is cut or dropped.

    >>> runs("Deux puces.", [((5, 10), "missed", "wanted: chips"), ((0, 10), "doubt", "")])
    [('Deux ', '', ''), ('puces', 'missed', 'wanted: chips'), ('.', '', '')]
    """
    taken: list[Mark] = []
    for (start, end), kind, said in marks:
        span = start, min(end, len(text))
        if span[0] < span[1] and not any(s < span[1] and span[0] < e for (s, e), _, _ in taken):
            taken.append((span, kind, said))
    found: list[Run] = []
    end = 0
    for (start, stop), kind, said in sorted(taken):
        found += [(text[end:start], "", ""), (text[start:stop], kind, said)]
        end = stop
    return [run for run in (*found, (text[end:], "", "")) if run[0]]


def label(identity: str) -> str:
    """How a sentence is named to a reader, as on the page of an article.

    >>> label("p4.s2")
    '¶4.2'
    """
    block, _, number = identity.partition(".")
    return f"¶{block[1:]}.{number[1:]}"


def _found(findings: Iterable[Finding], side: int) -> Iterator[Mark]:
    for finding in findings:
        span = (finding.source, finding.target)[side]
        if span and finding.kind not in ("two-ways", "term-missed"):
            yield span, "missed" if finding.kind == "forbidden" else "doubt", finding.message


def _terms(segment: Segment) -> Iterator[Mark]:
    for hit in segment.terms:
        missed = hit.status in ("missed", "conflict")
        yield hit.source, "missed" if missed else "kept", f"wanted: {hit.wanted}" if missed else hit.wanted


def _note(segment: Segment, finding: Finding) -> Record:
    """A finding in words. ``insert`` is the English that one click puts in, ``at`` the place (UTF-16) of what it takes the place of."""
    at = finding.target if finding.kind == "forbidden" else None
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "message": visible(finding.message),
        "insert": _wanted(segment.terms, finding),
        "at": [_units(segment.target[:place]) for place in at] if at else None,
    }


def _wanted(terms: Iterable[TermHit], finding: Finding) -> str | None:
    if finding.kind not in ("term-missed", "forbidden") or not finding.source:
        return None
    start, end = finding.source
    return next(
        (
            hit.wanted
            for hit in terms
            if hit.status == "missed" and hit.source[0] < end and start < hit.source[1] and not hit.wanted.startswith(FORBIDS)
        ),
        None,
    )


def _flags(segment: Segment) -> Iterator[Record]:
    """What the file says of a sentence and no check can see again."""
    for flag in segment.flags:
        if flag not in KINDS:
            message = visible(FLAG_MEANINGS.get(flag, flag))
            yield {"kind": visible(flag), "severity": "warning", "message": message, "insert": None, "at": None}


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
