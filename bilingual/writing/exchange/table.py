"""A table for people who work in a spreadsheet: CSV in UTF-8 with a mark at its front (Excel asks for one), a row a sentence.

Columns: ``id``, ``block``, ``source``, ``target``, ``origin``, ``flags``, ``terms``, ``check``. A spreadsheet runs what begins
with = + - @, a tab or a line end: such a cell gets an apostrophe in front (OWASP, "CSV Injection"), which is taken away again
when it is read. ``check`` says whether a row is as it was written. A table carries no more than that: it comes back into the
JSONL that it was made beside.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import sys
from typing import Any

from bilingual.document import Document
from bilingual.errors import InputError
from bilingual.writing.exchange.carried import Exchange, Unit, lines, shown
from bilingual.writing.receipt import flags, french_of

COLUMNS = ("id", "block", "source", "target", "origin", "flags", "terms", "check")
_FORMULA = re.compile(r"['\s]*[=+\-@＝＋－＠]|'*[\t\r\n]")


def to_csv(document: Document) -> str:
    r"""The segments of a document as CSV, with a byte order mark; harmless in a spreadsheet.

    >>> from bilingual.document import Block, Segment
    >>> block = Block(1, "paragraph", "", segments=(Segment("p1.s1", "=1+1", target="=1+1"),))
    >>> to_csv(Document("a.txt", (block,))).split("\n")[1]
    '"p1.s1","paragraph","\'=1+1","\'=1+1","mt","","","c-4434eedde451"'
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")  # a lone CR is not quoted otherwise
    writer.writerow(COLUMNS)
    for segment, _ in lines(document):
        source, target = shown(segment.source), shown(segment.target)
        terms = "; ".join(f"{french_of(segment, term)} → {term.wanted} ({term.status})" for term in segment.terms)
        cells = (source, target, segment.origin, ", ".join(flags(segment)), shown(terms), check(segment.id, source, target))
        writer.writerow([segment.id, segment.block, *map(harmless, cells)])
    return "\ufeff" + file.getvalue()


def check(identity: str, source: str, target: str) -> str:
    """A sum over a row: 12 digits of a sha256, with a letter that no spreadsheet takes for a number's."""
    return "c-" + hashlib.sha256("\n".join((identity, source, target)).encode()).hexdigest()[:12]


def harmless(cell: str) -> str:
    """`cell` with an apostrophe in front where a spreadsheet might run it, or where `exact` would take one away.

    >>> harmless("=A1"), harmless("'=A1"), harmless("l'an")
    ("'=A1", "''=A1", "l'an")
    """
    return "'" + cell if _FORMULA.match(cell) else cell


def exact(cell: str) -> str:
    """What `harmless` was given.

    >>> exact("'=A1"), exact("''=A1"), exact("'tis")
    ('=A1', "'=A1", "'tis")
    """
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def read_csv(data: bytes, name: str) -> Exchange:
    """The rows of a table that this tool wrote and a spreadsheet may have saved: parted by commas, semicolons or tabs, in UTF-8 or UTF-16.

    Raises `InputError` in one line where the columns ``id``, ``source`` and ``target`` are not there, or the encoding is another.
    """
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: neither TMX nor XLIFF, nor CSV in UTF-8 (byte {error.start}); save it as “CSV UTF-8”"
        ) from error
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    limit = csv.field_size_limit(sys.maxsize >> 1 if sys.maxsize > 2**32 else sys.maxsize)
    try:
        return Exchange(name, tuple(_units(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), name)))
    except csv.Error as error:
        raise InputError(f"{name}: is neither TMX nor XLIFF, nor CSV ({error}); save it again") from error
    finally:
        csv.field_size_limit(limit)


def _units(rows: Any, name: str) -> list[Unit]:
    columns = {column.strip().lower(): n for n, column in reversed([*enumerate(next(rows, []))])}
    if missing := [column for column in ("id", "source", "target") if column not in columns]:
        raise InputError(f"{name}:1: no column {', '.join(missing)}; give TMX, XLIFF, or a CSV that this tool wrote")
    units = []
    for row in rows:
        place = f"{name}:{rows.line_num}"
        if not any(row):
            continue
        if len(row) <= max(columns[c] for c in ("id", "source", "target")):
            raise InputError(f"{place}: has {len(row)} cells and should have {len(columns)}; save the table again")
        cells = {column: exact(row[n]) for column, n in columns.items() if n < len(row)}
        identity, source, target = cells["id"].strip(), cells["source"], cells["target"]
        untouched = cells["check"] == check(identity, source, target) if "check" in cells else None
        confirmed = cells.get("origin", "").strip() == "post-edited"
        units.append(Unit(identity, source, target, place, confirmed, untouched))
    return units
