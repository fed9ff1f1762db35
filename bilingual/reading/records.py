"""JSON Lines of somebody else's making, streamed: one record a line, the text to be translated in one of its fields."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from bilingual.document import Segment
from bilingual.errors import InputError
from bilingual.reading.lines import iter_lines

SUFFIXES = (".jsonl", ".ndjson")
"""Of files whose lines are records."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line: its ``json`` as it stood there, without white space around it, and the names of its fields."""

    json: str
    fields: frozenset[str]


def iter_records(stream: BinaryIO, name: str, field: str) -> Iterator[tuple[Record, Segment]]:
    r"""The records of a UTF-8 stream, one by one as they come, each with the text of its `field` as a segment.

    Segments are numbered by line; their spans count code points of the text alone. Raises `InputError`, naming the line, at the first
    one that is no JSON object (an empty line is none), or whose `field` is missing or no string.

    >>> import io
    >>> lines = io.BytesIO(b'{"id": 7, "text": "Oui."}\n')
    >>> [(record.json, segment.id, segment.source) for record, segment in iter_records(lines, "-", "text")]
    [('{"id": 7, "text": "Oui."}', 'p1.s1', 'Oui.')]
    """
    for number, line in enumerate(iter_lines(stream, name), 1):
        try:
            found = json.loads(line.source, parse_constant=_no_constant, parse_float=_finite)
            if not isinstance(found, dict):
                raise ValueError("not a JSON object")
            if not isinstance(text := found.get(field), str):
                raise ValueError(f"field {field!r} is no string" if field in found else f"there is no field {field!r}")
        except (ValueError, RecursionError) as error:
            raise InputError(f"{name}: line {number}: {_what(error)}") from None
        yield Record(line.source.strip(), frozenset(found)), replace(line, source=text, span=(0, len(text)))


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise ValueError(f"{digits} is out of range")
    return number


def _what(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON ({error.msg} at column {error.colno}); with --field, each line is a JSON object"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)
