"""``--lines``: one segment a line, N lines in and N lines out."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO

from bilingual.document import Block, Document, Segment
from bilingual.errors import InputError
from bilingual.reading.encodings import decode, refuse_binary, utf16_without_mark


def read_lines(data: bytes, name: str) -> Document:
    r"""A document with one block of kind ``line`` for each line, numbered from 1; an empty line is a block with an empty text.

    LF alone ends a line, and one at the very end does not begin another. Carriage returns before it belong to the line's end, which
    is said in a note; everything else, white space at the edges too, belongs to the line. No lines at all are a document without blocks.
    Raises `InputError` for what is not text.

    >>> [(b.number, b.text, b.span) for b in read_lines(b"un\r\n\ndeux\x0btrois\n", "a.txt").blocks]
    [(1, 'un', (0, 2)), (2, '', (4, 4)), (3, 'deux\x0btrois', (5, 15))]
    """
    decoded = decode(data, name, blank=True)
    blocks, start, returns = [], 0, 0
    lines = decoded.text.split("\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, 1):
        text = line.rstrip("\r")
        returns += len(text) < len(line)
        blocks.append(Block(number, "line", text, (start, start + len(text))))
        start += len(line) + 1
    notes = decoded.notes
    if returns:
        notes += (f"{returns} line{'s end' if returns > 1 else ' ends'} in CR LF; the CR is not part of the line",)
    return Document(name, tuple(blocks), decoded.text, sha256(data).hexdigest(), decoded.encoding, notes)


def iter_lines(stream: BinaryIO, name: str) -> Iterator[Segment]:
    r"""The lines of a UTF-8 stream as segments, one by one as they come: what `read_lines` gives, in the memory of one line.

    Raises `InputError`, naming the line, at the first one that is not UTF-8 text; other encodings need the whole file (`read_lines`).

    >>> import io
    >>> [(s.id, s.source, s.span) for s in iter_lines(io.BytesIO(b"un\ndeux"), "-")]
    [('p1.s1', 'un', (0, 2)), ('p2.s1', 'deux', (3, 7))]
    """
    start = 0
    for number, raw in enumerate(stream, 1):
        if number == 1:
            refuse_binary(raw, name)
            if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or (
                b"\0" in raw and utf16_without_mark(raw[: len(raw) & ~1])
            ):
                raise InputError(f"{name}: looks like UTF-16; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)")
            raw = raw.removeprefix(codecs.BOM_UTF8)
            if not raw:  # nothing but a byte-order mark
                return
        if b"\0" in raw:
            raise InputError(f"{name}: line {number} has NUL bytes; this is not text (tr -d '\\000' takes them out)")
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{name}: line {number} is not valid UTF-8 at its byte {error.start + 1}; convert the input first (iconv -t UTF-8)"
            ) from None
        ended = line.endswith("\n")
        text = line[:-1].rstrip("\r") if ended else line.rstrip("\r")
        yield Segment(f"p{number}.s1", text, (start, start + len(text)), "line")
        start += len(line)
