"""A memory as JSON Lines (``bilingual-memory/1``), out and in: to be carried to another machine, or looked into.

The first line says the schema; then a line for each translation, and one for each correction, in an order that depends on nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from zlib import crc32

from bilingual.document import Segment
from bilingual.errors import InputError
from bilingual.memory.keys import Kind
from bilingual.memory.records import from_record
from bilingual.memory.store import Memory, today

FORMAT = "bilingual-memory/1"


def export_lines(memory: Memory) -> Iterator[str]:
    """The lines of the whole memory, newline included. A record that is not what was written is left out."""
    yield _line({"type": "memory", "schema": FORMAT})
    query = (
        "SELECT key, model, engine, beam, rules, source, record, crc FROM translations JOIN kinds ON kinds.id = kind ORDER BY key"
    )
    for key, model, engine, beam, rules, source, record, crc in memory.rows(query):
        if crc == crc32(record.encode()):
            made = {"model": model, "engine": engine, "beam": beam, "rules": rules}
            yield _line({"type": "translation", "key": key.hex(), **made, "source": source, "record": json.loads(record)})
    for source, target in memory.rows("SELECT source, target FROM corrections ORDER BY source"):
        yield _line({"type": "correction", "source": source, "target": target})


def import_lines(memory: Memory, lines: Iterable[str], name: str) -> tuple[int, int]:
    """Take in what `export_lines` wrote, all of it or nothing: how many translations and corrections.

    What the memory has already stays; of two corrections of one sentence the one that comes in stands. Raises `InputError` (`name`:line:
    what) for a line that is not one of ours.
    """
    counts = {"translation": 0, "correction": 0}
    with memory.writing() as db:
        for number, line in enumerate(lines, 1):
            try:
                value = json.loads(line)
                kind = value["type"]
                if number == 1:
                    if kind != "memory" or value.get("schema") != FORMAT:
                        raise ValueError(f"not a memory of schema {FORMAT}")
                elif kind == "translation":
                    db.execute("INSERT OR IGNORE INTO translations VALUES (?, ?, ?, ?, ?, ?)", _translation(memory, value))
                elif kind == "correction":
                    pair = _text(value, "source"), _text(value, "target")
                    if not pair[1].strip():
                        raise ValueError("'target' is empty: no English for a sentence")
                    db.execute("INSERT OR REPLACE INTO corrections VALUES (?, ?)", pair)
                counts[kind] = counts.get(kind, 0) + 1
            except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
                raise InputError(f"{name}:{number}: {_what(error)}; nothing of this file was taken in") from error
    return counts["translation"], counts["correction"]


def is_export(text: str) -> bool:
    """Whether `text` begins as a memory's export does, however its JSON is spaced.

    >>> is_export('{"type": "memory", "schema": "bilingual-memory/1"}'), is_export('{"type":"document"}'), is_export("")
    (True, False, False)
    """
    try:
        first = json.loads(text.partition("\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and first.get("type") == "memory"


def _translation(memory: Memory, value: dict[str, Any]) -> tuple[Any, ...]:
    kind = Kind(_text(value, "model"), _text(value, "engine"), int(value["beam"]), _text(value, "rules"))
    key, source = bytes.fromhex(value["key"]), _text(value, "source")
    record = json.dumps(value["record"], ensure_ascii=False, separators=(",", ":"))
    from_record(Segment("p1.s1", source), record, linked=False)
    return key, memory.number_of(kind), source, record, crc32(record.encode()), today()


def _text(value: dict[str, Any], key: str) -> str:
    if not isinstance(value[key], str):
        raise ValueError(f"{key!r} is not a string")
    return str(value[key])


def _what(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON ({error.msg} at column {error.colno})"
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
