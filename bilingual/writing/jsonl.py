"""A document as JSON Lines (schema ``bilingual/1``): a line for the document, one for each segment, those of its summary.

Every line is one JSON object in UTF-8; controls, line separators, bidi marks and surrogates are escaped, so that no reader splits
or reorders a line. What is written here reads back to the same bytes; fields and types of lines that are not known are ignored.

Limits: the text of the article is not in the file, so that a document read back has ``text == ""`` and blocks that hold their
sentences alone; a high and a low surrogate side by side are written as the character that they spell, as JSON cannot part them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeVar, cast, get_args

from bilingual.document import (
    Alignment,
    Block,
    BlockKind,
    Document,
    Edit,
    Mention,
    Origin,
    Segment,
    Signature,
    Span,
    Summary,
    SummarySentence,
    TermHit,
    TermStatus,
)
from bilingual.errors import InputError

SCHEMA = "bilingual/1"

_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_ID = re.compile(r"p[1-9][0-9]{0,8}\.s[1-9][0-9]{0,8}")
_ALWAYS_COUNTED = ("mt", "memory", "post-edited")
_LEVELS = ("strict", "prefer", "report")
MENTIONS = ("headline", "figure", "name", "term")
"""Types of line beside the ``summary`` lines: what else a summary holds."""

Record = Mapping[str, Any]
T = TypeVar("T")


def to_jsonl(document: Document) -> str:
    r"""The document line, all segment lines and the summary's, LF line ends, a final newline; the same document gives the same bytes.

    >>> segment = Segment("p1.s1", "Oui.", (0, 4), target="Yes.")
    >>> lines = to_jsonl(Document("a.txt", (Block(1, "paragraph", "Oui.", (0, 4), segments=(segment,)),)))
    >>> [json.loads(line)["type"] for line in lines.split("\n")[:-1]]
    ['document', 'segment']
    """
    pairs = ((block, segment) for block in document.blocks for segment in block.segments)
    segments = "".join(segment_line(replace(s, block=block.kind), block.level) for block, s in pairs)
    return document_line(document) + segments + (summary_lines(document.summary) if document.summary else "")


def document_line(document: Document) -> str:
    """The first line of the file, newline included. A caller that writes line by line goes on with `segment_line`."""
    spoken = replace(document, blocks=tuple(block for block in document.blocks if block.segments))
    french, english = spoken.title
    record: dict[str, object] = {
        "type": "document",
        "schema": SCHEMA,
        "name": document.name,
        "title": {"fr": french, "en": english},
        "source_sha256": document.source_sha256,
        "signature": signature_record(document.signature),
        "encoding": document.encoding,
        "notes": list(document.notes),
        "left_out": document.left_out,
    }
    if document.summary is not None:
        record["summary"] = len(document.summary.sentences)
    if document.target_sha256:
        record |= {"target_name": document.target_name, "target_sha256": document.target_sha256}
    return line_of_record(record)


def segment_line(segment: Segment, level: int = 0) -> str:
    r"""The line of one segment, newline included; `level` is the level of its block. Numbers that are not finite become null.

    >>> print(segment_line(Segment("p1.s1", "Oui.", (0, 4), target="Yes.", score=-0.123456)), end="")
    ... # doctest: +ELLIPSIS
    {"type":"segment","id":"p1.s1","block":"paragraph","span":[0,4],"source":"Oui.","target":"Yes.","origin":"mt","score":-0.1235,...}
    """
    record = segment_record(segment)
    if level:
        record["level"] = level
    return line_of_record(record)


def segment_record(segment: Segment) -> dict[str, object]:
    """The fields of one segment as they stand in its line."""
    record: dict[str, object] = {
        "type": "segment",
        "id": segment.id,
        "block": segment.block,
        "span": list(segment.span),
        "source": segment.source,
        "target": segment.target,
        "origin": segment.origin,
        "score": _rounded(segment.score),
        "flags": list(segment.flags),
        "terms": [_term(term) for term in segment.terms],
        "edits": [_edit(edit) for edit in segment.edits],
    }
    if segment.reason:
        record["reason"] = segment.reason
    if found := segment.alignment:
        span = list(found.span) if found.span else None
        record["alignment"] = {"bead": found.bead, "score": _rounded(found.score), "span": span}
    if segment.links:
        record["links"] = [[*source, *target] for source, target in segment.links]
    return record


def summary_lines(summary: Summary) -> str:
    """The lines of a summary: its sentences in the order of the text, then headline, figures, names and terms."""
    lines = []
    for sentence in summary.sentences:
        record: dict[str, object] = {
            "type": "summary",
            "rank": sentence.rank,
            "segment": sentence.segment,
            "source": sentence.source,
            "target": sentence.target,
        }
        if sentence.marks:
            record["marks"] = list(sentence.marks)
        lines.append(line_of_record(record))
    headline = (summary.headline,) if summary.headline else ()
    for kind, mentions in zip(MENTIONS, (headline, summary.figures, summary.names, summary.terms), strict=True):
        lines += [
            line_of_record({"type": kind, "source": m.source, "target": m.target, "segments": list(m.segments)}) for m in mentions
        ]
    return "".join(lines)


def from_jsonl(text: str, name: str) -> Document:
    """Read a document back. `name` is the file's, for messages; the document keeps the name in the file.

    Raises `InputError` ("name:line: what") at the first line that is not one of ours: broken JSON, a known field of the wrong type,
    another schema, a segment before the document or given twice. Only a line feed ends a line; blank lines are ignored.
    """
    document: Document | None = None
    found: list[tuple[Segment, int]] = []
    ids: set[str] = set()
    sentences: list[SummarySentence] = []
    mentions: dict[str, list[Mention]] = {kind: [] for kind in MENTIONS}
    summarized = False
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = _parsed(line)
            kind = _get(record, "type", str)
            if kind == "document":
                if document is not None:
                    raise ValueError("a second document: a file holds one article")
                document = _read_document(record, name)
                summarized = "summary" in record
            elif kind == "segment":
                if document is None:
                    raise ValueError("a segment before the document line")
                segment = _read_segment(record)
                if segment.id in ids:
                    raise ValueError(f"segment {segment.id} is there twice")
                ids.add(segment.id)
                found.append((segment, _get(record, "level", int, 0)))
            elif kind == "summary":
                sentences.append(_read_sentence(record))
            elif kind in MENTIONS:
                mentions[kind].append(_read_mention(record))
        except (ValueError, OverflowError, RecursionError) as error:
            raise InputError(f"{name}:{number}: {_what(error)}") from error
    if document is None:
        raise InputError(f"{name}:1: no document line; is this a {SCHEMA} file?")
    summary = _read_summary(sentences, mentions) if summarized or sentences else None
    return replace(document, blocks=_blocks(found), summary=summary)


def line_of_record(record: Record) -> str:
    """A record as one line of JSON, newline included, with nothing in it that a reader could take for the end of a line."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    joined = _PAIR.sub(lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text)
    return _UNSAFE.sub(lambda char: f"\\u{ord(char[0]):04x}", joined) + "\n"


def _rounded(number: float | None) -> float | None:
    return None if number is None or not math.isfinite(number) else round(float(number), 4) + 0.0  # + 0.0: no -0.0


def signature_record(signature: Signature | None) -> dict[str, object] | None:
    """The signature as it stands in a line; None without one."""
    if signature is None:
        return None
    counts = {origin: signature.origins.get(origin, 0) for origin in _ALWAYS_COUNTED}
    counts |= {origin: count for origin, count in sorted(signature.origins.items()) if count and origin not in counts}
    return {
        "version": signature.version,
        "model": signature.model,
        "engine": signature.engine,
        "beam": signature.beam,
        "splitter": signature.splitter,
        "glossary_sha256": signature.glossary_sha256,
        "enforce": signature.enforce,
        "origins": counts,
    }


def _term(term: TermHit) -> dict[str, object]:
    record: dict[str, object] = {
        "source": list(term.source),
        "target": list(term.target) if term.target else None,
        "wanted": term.wanted,
        "status": term.status,
        "method": term.method,
        "score_change": _rounded(term.score_change),
    }
    if term.level != "strict":
        record["level"] = term.level
    if term.reason:
        record["reason"] = term.reason
    if term.entry:
        record["entry"] = term.entry
    return record


def _edit(edit: Edit) -> dict[str, object]:
    return {
        "span": list(edit.span),
        "before": edit.before,
        "after": edit.after,
        "method": edit.method,
        "score_change": _rounded(edit.score_change),
    }


def _parsed(line: str) -> Record:
    record = json.loads(line, parse_constant=_no_constant)
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")
    return record


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _what(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON ({error.msg} at column {error.colno})"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _get(record: Record, key: str, kind: type[T], default: T | None = None) -> T:
    """The value of a field, checked; without a default the field must be there."""
    value = record.get(key, default)
    if value is None and key not in record:
        raise ValueError(f"{key!r} is missing")
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{key!r} is not {_NAMES[kind]}")
    return value


_NAMES: Mapping[type, str] = {str: "a string", int: "a whole number", list: "a list", dict: "an object"}


def _number(record: Record, key: str) -> float | None:
    value = record.get(key)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"{key!r} is not a number")
    return float(value)


def _span(record: Record, key: str) -> Span:
    value = _get(record, key, list, [0, 0])
    if len(value) != 2 or not all(type(place) is int for place in value) or not 0 <= value[0] <= value[1]:
        raise ValueError(f"{key!r} is not a span [start, end]")
    return value[0], value[1]


def _strings(record: Record, key: str) -> tuple[str, ...]:
    values = _get(record, key, list, [])
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{key!r} is not a list of strings")
    return tuple(values)


def _records(record: Record, key: str) -> list[Record]:
    values = _get(record, key, list, [])
    if not all(isinstance(value, dict) for value in values):
        raise ValueError(f"{key!r} is not a list of objects")
    return values


def _choice(record: Record, key: str, allowed: tuple[str, ...], default: str) -> str:
    value = _get(record, key, str, default)
    if value not in allowed:
        raise ValueError(f"{key!r} is {value!r}, not one of {', '.join(allowed)}")
    return value


def _read_document(record: Record, name: str) -> Document:
    schema = _get(record, "schema", str)
    if schema != SCHEMA:
        raise ValueError(f"the schema is {schema!r}; this version reads {SCHEMA!r}")
    signature = record.get("signature")
    return Document(
        name=_get(record, "name", str, name),
        blocks=(),
        source_sha256=_get(record, "source_sha256", str, ""),
        encoding=_get(record, "encoding", str, "utf-8"),
        notes=_strings(record, "notes"),
        signature=None if signature is None else _read_signature(_get(record, "signature", dict)),
        left_out=_get(record, "left_out", int, 0),
        target_name=_get(record, "target_name", str, ""),
        target_sha256=_get(record, "target_sha256", str, ""),
    )


def _read_signature(record: Record) -> Signature:
    origins = _get(record, "origins", dict, {})
    return Signature(
        version=_get(record, "version", str, ""),
        model=_get(record, "model", str, ""),
        engine=_get(record, "engine", str, ""),
        beam=_get(record, "beam", int, 0),
        splitter=_get(record, "splitter", str, ""),
        glossary_sha256=None if record.get("glossary_sha256") is None else _get(record, "glossary_sha256", str),
        enforce=_get(record, "enforce", str, "off"),
        origins={origin: _get(origins, origin, int) for origin in origins},
    )


def _read_segment(record: Record) -> Segment:
    identity = _get(record, "id", str)
    if not _ID.fullmatch(identity):
        raise ValueError(f"'id' is {identity!r}, not of the form p3.s2")
    return Segment(
        id=identity,
        source=_get(record, "source", str),
        span=_span(record, "span"),
        block=cast(BlockKind, _choice(record, "block", get_args(BlockKind), "paragraph")),
        target=_get(record, "target", str, ""),
        origin=cast(Origin, _choice(record, "origin", get_args(Origin), "mt")),
        score=_number(record, "score"),
        flags=_strings(record, "flags"),
        terms=tuple(_read_term(term) for term in _records(record, "terms")),
        edits=tuple(_read_edit(edit) for edit in _records(record, "edits")),
        reason=_get(record, "reason", str, ""),
        alignment=None if record.get("alignment") is None else _read_alignment(_get(record, "alignment", dict)),
        links=tuple(_read_link(link) for link in _get(record, "links", list, [])),
    )


def _read_alignment(record: Record) -> Alignment:
    span = None if record.get("span") is None else _span(record, "span")
    return Alignment(_get(record, "bead", str), _number(record, "score") or 0.0, span)


def _read_link(link: object) -> tuple[Span, Span]:
    whole = isinstance(link, list) and len(link) == 4 and all(type(place) is int for place in link)
    if not whole or not (0 <= link[0] <= link[1] and 0 <= link[2] <= link[3]):  # type: ignore[index]
        raise ValueError("'links' holds something else than [start, end, start, end]")
    return (link[0], link[1]), (link[2], link[3])  # type: ignore[index]


def _read_term(record: Record) -> TermHit:
    change = _number(record, "score_change")
    return TermHit(
        source=_span(record, "source"),
        wanted=_get(record, "wanted", str),
        target=None if record.get("target") is None else _span(record, "target"),
        status=cast(TermStatus, _choice(record, "status", get_args(TermStatus), "missed")),
        method=_get(record, "method", str, "plain"),
        score_change=math.nan if change is None else change,
        level=cast(Any, _choice(record, "level", _LEVELS, "strict")),
        reason=_get(record, "reason", str, ""),
        entry=_get(record, "entry", str, ""),
    )


def _read_edit(record: Record) -> Edit:
    return Edit(
        span=_span(record, "span"),
        before=_get(record, "before", str),
        after=_get(record, "after", str),
        method=_get(record, "method", str, ""),
        score_change=_number(record, "score_change"),
    )


def _read_sentence(record: Record) -> SummarySentence:
    rank = _get(record, "rank", int)
    if rank < 1:
        raise ValueError(f"'rank' is {rank}, not 1 or more")
    return SummarySentence(
        rank=rank,
        segment=_identity(_get(record, "segment", str)),
        source=_get(record, "source", str),
        target=_get(record, "target", str, ""),
        marks=_strings(record, "marks"),
    )


def _read_mention(record: Record) -> Mention:
    segments = tuple(map(_identity, _strings(record, "segments")))
    return Mention(_get(record, "source", str), _get(record, "target", str, ""), segments)


def _read_summary(sentences: list[SummarySentence], mentions: Mapping[str, list[Mention]]) -> Summary:
    headline = mentions["headline"][0] if mentions["headline"] else None
    figures, names, terms = (tuple(mentions[kind]) for kind in MENTIONS[1:])
    return Summary(tuple(sentences), headline, figures, names, terms)


def _identity(identity: str) -> str:
    if not _ID.fullmatch(identity):
        raise ValueError(f"a segment is {identity!r}, not of the form p3.s2")
    return identity


def _blocks(found: list[tuple[Segment, int]]) -> tuple[Block, ...]:
    """Segments of one number, kind and level that follow one another make a block."""
    blocks = []
    for (number, kind, level), group in groupby(found, key=lambda pair: (pair[0].block_number, pair[0].block, pair[1])):
        segments = tuple(segment for segment, _ in group)
        text = " ".join(segment.source for segment in segments)
        span = (min(s.span[0] for s in segments), max(s.span[1] for s in segments))
        blocks.append(Block(number, kind, text, span, level, segments))
    return tuple(blocks)
