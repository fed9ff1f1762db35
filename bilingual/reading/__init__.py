"""Bytes into a `Document` whose blocks are not yet split into sentences.

    bytes ──encodings──> text ──layout──> pieces ──text, clutter, bylines──> blocks
                            └──forms──> found ──structured──┘

``read_document`` is for articles, ``read_lines`` and its streaming form ``iter_lines`` for one segment a line; ``find_inputs``
says which files a path stands for and ``looks_french`` whether a warning is due.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import PurePosixPath

from bilingual.document import CLUTTER, Document, Form, Part, Place
from bilingual.errors import InputError
from bilingual.forms import ARCHIVES, FORMS, SUBTITLES, read_archive, read_form
from bilingual.reading.encodings import byte_order_mark, decode, decode_page, refuse_binary
from bilingual.reading.inputs import SUFFIXES, FoundInput, find_inputs
from bilingual.reading.language import looks_french
from bilingual.reading.lines import iter_lines, read_lines
from bilingual.reading.structured import blocks_of
from bilingual.reading.text import read_blocks

__all__ = ["SUFFIXES", "FoundInput", "find_inputs", "iter_lines", "looks_french", "read_document", "read_lines"]


def read_document(data: bytes, name: str) -> Document:
    """Read an article. The suffix of `name` says which format it is in; standard input (``-``, ``stdin``) is plain text.

    Spans count code points of ``document.text``. For plain text that is the decoded text without its byte-order mark and with its line
    ends as they were; for a form with markup, the texts of its blocks with a blank line between them. ``document.form`` is the
    original, ``document.notes`` what the user should know. Raises `InputError` for what is empty or is not text.

    >>> document = read_document("Le tram revient\\n\\nIl roule de nouveau.\\n".encode(), "tram.txt")
    >>> [(block.kind, block.text, block.span) for block in document.blocks]
    [('title', 'Le tram revient', (0, 15)), ('paragraph', 'Il roule de nouveau.', (17, 37))]
    """
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if FORMS.get(suffix) in ARCHIVES:
        return _read_archive(data, name, FORMS[suffix])
    decoded = decode(data, name) if FORMS.get(suffix) != "html" else decode_page(data, name)
    notes = decoded.notes
    part = Part(decoded.text, encoding=decoded.encoding, mark=byte_order_mark(data))
    if kind := FORMS.get(suffix):
        found, part, more = read_form(part, kind)
        text, blocks, [places] = blocks_of(found, plain=kind in SUBTITLES)
        notes += more
    else:
        kind, text = "text", decoded.text
        blocks = read_blocks(text)
        places = [Place(block.number, block.span, (((0, len(block.text)), block.span),)) for block in blocks]
        if suffix and suffix not in SUFFIXES:
            notes += (f"unknown suffix {suffix}: read as plain text",)
    if not blocks:
        raise InputError(f"{name}: there is no text to translate in it; give a file that has some")
    form = Form(kind, (replace(part, places=tuple(places)),))
    return Document(name, blocks, text, sha256(data).hexdigest(), decoded.encoding, notes, form=form)


def _read_archive(data: bytes, name: str, kind: str) -> Document:
    if not data:
        raise InputError(f"{name}: the file is empty; give one that has text in it")
    if not data.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        refuse_binary(data, name)
    found, parts, notes = read_archive(data, name, kind)
    text, blocks, places = blocks_of(found)
    if not blocks:
        raise InputError(f"{name}: there is no text to translate in it; give a file that has some")
    blocks = tuple(replace(b, kind="paragraph") if b.kind in CLUTTER else b for b in blocks)  # its author put everything there
    places += [[]] * (len(parts) - len(places))
    placed = tuple(replace(part, places=tuple(there)) for part, there in zip(parts, places, strict=True))
    return Document(name, blocks, text, sha256(data).hexdigest(), parts[0].encoding, notes, form=Form(kind, placed, data))
