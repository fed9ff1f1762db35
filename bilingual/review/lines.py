"""A JSONL file line by line: single sentences of it changed, everything else kept as it stands.

Our own writer makes a file anew from a `Document`; what it does not know it cannot write. A reviewer's file may have been written by a
later version or hold fields of somebody else, so that here a line is changed field by field and the others are not touched.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from bilingual.document import Document, Segment, Summary
from bilingual.errors import InputError
from bilingual.summary import summarize
from bilingual.writing.jsonl import MENTIONS, from_jsonl, line_of_record, segment_line, signature_record

_BOM = b"\xef\xbb\xbf"
_QUOTING = frozenset({"summary", *MENTIONS})
"""Types of line that repeat the English of sentences."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A file: its lines as they stand (without the line feeds between them), what they say, and where each segment stands.

    ``quoting``: the lines of the summary that repeat words of a segment, by its id.
    """

    raw: tuple[bytes, ...]
    document: Document
    places: Mapping[str, int]
    quoting: Mapping[str, tuple[int, ...]]
    head: int

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return b"\n".join(self.raw)


def read_lines(data: bytes, name: str) -> Lines:
    """The lines of a file; `name` is for messages. Raises `InputError` where it is not UTF-8 or not one of our JSONL files.

    >>> from bilingual.writing.jsonl import to_jsonl
    >>> read_lines(to_jsonl(Document("a.txt", ())).encode(), "a.fr-en.jsonl").document.name
    'a.txt'
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: is not UTF-8 (byte {error.start}); our JSONL always is") from error
    document = from_jsonl(text, name)
    raw = tuple(data.split(b"\n"))
    places: dict[str, int] = {}
    quoting: dict[str, list[int]] = {}
    head = 0
    for number, line in enumerate(raw):
        record = _record(line) if line.strip() else {}
        kind = record.get("type")
        if kind == "segment":
            places[record["id"]] = number
        elif kind == "document":
            head = number
        elif kind in _QUOTING:
            for identity in [record["segment"]] if kind == "summary" else record["segments"]:
                quoting.setdefault(identity, []).append(number)
    return Lines(raw, document, places, {identity: tuple(numbers) for identity, numbers in quoting.items()}, head)


def with_segments(lines: Lines, changed: Mapping[str, Segment], raw: Mapping[str, bytes] | None = None) -> Lines:
    """`lines` with the segments of `changed`, by id. A line of `raw` is put in as it is; of the others only fields that differ change.

    Beside the lines of these segments change: in the document line the title and the counts of origins; in the summary what
    repeats these segments. Every other byte stays.
    """
    if not changed:
        return lines
    before = {segment.id: segment for segment in lines.document.segments}
    document = lines.document.with_segments(changed.get(s.id, s) for s in lines.document.segments)
    new = list(lines.raw)
    for identity, segment in changed.items():
        place = lines.places[identity]
        given = (raw or {}).get(identity)
        new[place] = given if given is not None else _patched(new[place], *_differences(before[identity], segment))
    if document.signature is not None:
        counts = Counter(str(segment.origin) for segment in document.segments)
        document = replace(document, signature=replace(document.signature, origins=counts))
    touched = {number for identity in changed for number in lines.quoting.get(identity, ())}
    if touched and document.summary is not None:
        summary = summarize(document, len(document.summary.sentences) or None)
        for number in touched:
            new[number] = _patched(new[number], *_quotation(_record(new[number]), summary, document))
    new[lines.head] = _patched(new[lines.head], _head(_record(new[lines.head]), lines.document, document))
    return replace(lines, raw=tuple(new), document=document)


def _differences(before: Segment, after: Segment) -> tuple[dict[str, object], list[str]]:
    """The fields of a segment's line that differ, and those that it has no more."""
    record = json.loads(segment_line(after))
    names = [field.name for field in fields(Segment) if getattr(before, field.name) != getattr(after, field.name)]
    return {name: record[name] for name in names if name in record}, [name for name in names if name not in record]


def _head(record: Mapping[str, Any], before: Document, after: Document) -> dict[str, object]:
    changed: dict[str, object] = {}
    if before.title != after.title:
        changed["title"] = {**(record.get("title") or {}), "fr": after.title[0], "en": after.title[1]}
    if record.get("signature") is not None:
        written = signature_record(after.signature) or {}
        changed["signature"] = {**record["signature"], "origins": written["origins"]}
    return {name: value for name, value in changed.items() if record.get(name) != value}


def _quotation(record: Mapping[str, Any], summary: Summary, document: Document) -> tuple[dict[str, object], list[str]]:
    """What a line of the summary says anew, and what it says no more: the English, and why it would rather not have been taken.

    `summary` is made of the corrected article. Which sentences and figures a summary has does not change here.
    """
    kind, source = record["type"], record["source"]
    if kind == "summary":
        target = next(segment.target for segment in document.segments if segment.id == record["segment"])
        anew = next((sentence for sentence in summary.sentences if sentence.segment == record["segment"]), None)
        marks = list(anew.marks) if anew else record.get("marks", [])
        says = {"target": target} | ({"marks": marks} if marks else {})
        gone = ["marks"] if "marks" in record and not marks else []
    else:
        groups = ((summary.headline,) if summary.headline else (), summary.figures, summary.names, summary.terms)
        mentions = groups[MENTIONS.index(kind)]
        says = {"target": next((m.target for m in mentions if m.source == source), record.get("target", ""))}
        gone = []
    return {name: value for name, value in says.items() if record.get(name) != value}, gone


def _record(line: bytes) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(line.removeprefix(_BOM))
    return record


def _patched(line: bytes, changed: Mapping[str, object], gone: Iterable[str] = ()) -> bytes:
    """A line with some fields changed and some left out; the line itself where there are none."""
    gone = list(gone)
    if not changed and not gone:
        return line
    mark = _BOM if line.startswith(_BOM) else b""
    end = b"\r" if line.endswith(b"\r") else b""
    record = {**_record(line), **changed}
    for name in gone:
        record.pop(name, None)
    try:
        return mark + line_of_record(record).removesuffix("\n").encode() + end
    except ValueError as error:  # 1e999, in a field that is not ours
        raise InputError(f"a line holds a number that JSON cannot write again ({error})") from error
