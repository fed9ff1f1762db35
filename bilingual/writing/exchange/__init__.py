"""The formats of translation tools, out and in again: TMX, XLIFF 1.2, XLIFF 2.1, and CSV.

carried ── Unit, Exchange: what a file holds; the lines of our JSONL that travel in it
tmx, xliff, xliff2, table ── one format each: to_… and read_…
"""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

from bilingual.errors import InputError
from bilingual.markup import Node, Refused, read_elements
from bilingual.writing.exchange.carried import Exchange, Unit, restored, shown, text_in
from bilingual.writing.exchange.table import read_csv, to_csv
from bilingual.writing.exchange.tmx import read_tmx, to_tmx
from bilingual.writing.exchange.xliff import SPACES as SPACES_1
from bilingual.writing.exchange.xliff import read_xliff, to_xliff
from bilingual.writing.exchange.xliff2 import read_xliff2, to_xliff2

__all__ = [
    "SUFFIXES",
    "Exchange",
    "Unit",
    "read_exchange",
    "read_head",
    "restored",
    "shown",
    "to_csv",
    "to_tmx",
    "to_xliff",
    "to_xliff2",
]

SUFFIXES = frozenset({".tmx", ".xlf", ".xliff", ".sdlxliff", ".mqxliff", ".mxliff", ".csv"})
"""How files of these formats are called; what they are is told from their first element."""

_DOCUMENT = '{"type":"document"'
_XML = re.compile(rb"\s*<")


def read_exchange(data: bytes, name: str) -> Exchange:
    """What a TMX, XLIFF or CSV file holds; which of them it is stands in it, not in its name.

    Raises `InputError` in one line ("name:line: what, and what to do") where it cannot be read.

    >>> read_exchange(b"id,source,target\\np1.s1,Oui.,Yes.\\n", "a.csv").units[0].target
    'Yes.'
    """
    if not data.strip():
        raise InputError(f"{name}: is empty")
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"<" in data[:8]
    if not wide and not _XML.match(data.removeprefix(codecs.BOM_UTF8)):
        return read_csv(data, name)
    try:
        root = next(read_elements(data, {"tmx", "xliff"}, (), "TMX or XLIFF", opened=("tmx", "xliff")), None)
    except Refused as refused:
        line, what = refused.args[0]
        raise InputError(f"{name}:{line}: {what}") from None
    if root is None or root.tag == "tmx":
        return read_tmx(data, name)
    return (read_xliff if root.space in SPACES_1 else read_xliff2)(data, name)


def read_head(data: bytes) -> dict[str, Any] | None:
    """The document line that a TMX or XLIFF file carries, from its first bytes; None where there is none."""
    try:
        for node in read_elements(data, {"tmx", "xliff"}, {"header", "metadata"}, "TMX or XLIFF"):
            waiting: list[str | Node] = [node]
            while waiting:
                part = waiting.pop()
                text = part if isinstance(part, str) else text_in(part, part.space)
                if text.startswith(_DOCUMENT):
                    value, _ = json.JSONDecoder().raw_decode(text)
                    return value if isinstance(value, dict) else None
                waiting += part.children if isinstance(part, Node) else ()
    except (Refused, ValueError):
        pass
    return None
