"""A remembered translation as JSON: everything of a segment that the model and the rules gave it, and nothing of where it stood."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from bilingual.document import Edit, Segment, Span, TermHit


def to_record(segment: Segment, *, linked: bool) -> str:
    """What is to be remembered of `segment`; `linked`: whether its words were linked. Numbers keep every digit.

    >>> to_record(Segment("p1.s1", "Oui.", target="Yes.", score=-0.1), linked=False)
    '["Yes.","mt",-0.1,[],[],[],null]'
    """
    terms = [
        [*t.source, t.wanted, t.target, t.status, t.method, t.score_change, t.level, t.reason, t.entry] for t in segment.terms
    ]
    edits = [[*e.span, e.before, e.after, e.method, e.score_change] for e in segment.edits]
    links = [[*source, *target] for source, target in segment.links] if linked else None
    fields = [segment.target, segment.origin, segment.score, segment.flags, terms, edits, links]
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def from_record(segment: Segment, record: str, *, linked: bool) -> Segment | None:
    """`segment` as it was translated before, with origin ``memory`` (``copied`` stays what it is).

    None where the words are to be linked and were not: to be translated again. Raises `ValueError` for what is no record.

    >>> from_record(Segment("p7.s1", "Oui."), '["Yes.","mt",-0.1,[],[],[],null]', linked=False).target
    'Yes.'
    """
    try:
        target, origin, score, flags, terms, edits, links = json.loads(record)
        if linked and links is None:
            return None
        return replace(
            segment,
            target=_text(target),
            origin="copied" if origin == "copied" else "memory",
            score=None if score is None else float(score),
            flags=tuple(map(_text, flags)),
            terms=tuple(map(_term, terms)),
            edits=tuple(map(_edit, edits)),
            links=tuple(((a, b), (c, d)) for a, b, c, d in links) if linked else (),
        )
    except (TypeError, ValueError, KeyError, RecursionError) as error:
        raise ValueError(f"not a remembered translation ({error})") from error


def _term(fields: Any) -> TermHit:
    start, end, wanted, target, status, method, change, level, reason, entry = fields
    return TermHit((start, end), wanted, _span(target), status, method, change, level, reason, entry)


def _edit(fields: Any) -> Edit:
    start, end, before, after, method, change = fields
    return Edit((start, end), before, after, method, change)


def _span(pair: Any) -> Span | None:
    return None if pair is None else (pair[0], pair[1])


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value
