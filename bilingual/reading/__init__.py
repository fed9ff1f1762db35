"""Bytes into a `Document` whose blocks are not yet split into sentences.

    bytes ──encodings──> text ──layout──> pieces ──text, clutter, bylines──> blocks

``read_document`` is for articles, ``read_lines`` and its streaming form ``iter_lines`` for one segment a line; ``find_inputs``
says which files a path stands for and ``looks_french`` whether a warning is due.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import PurePosixPath

from bilingual.document import Document
from bilingual.reading.encodings import decode
from bilingual.reading.inputs import SUFFIXES, FoundInput, find_inputs
from bilingual.reading.language import looks_french
from bilingual.reading.lines import iter_lines, read_lines
from bilingual.reading.text import read_blocks

__all__ = ["SUFFIXES", "FoundInput", "find_inputs", "iter_lines", "looks_french", "read_document", "read_lines"]


def read_document(data: bytes, name: str) -> Document:
    """Read an article. The suffix of `name` says which format it is in; standard input (``-``, ``stdin``) is plain text.

    Spans count code points of ``document.text``, which is the decoded text without its byte-order mark and with its line ends as they
    were. ``document.notes`` says what the user should know. Raises `InputError` for what is empty or is not text.

    >>> document = read_document("Le tram revient\\n\\nIl roule de nouveau.\\n".encode(), "tram.txt")
    >>> [(block.kind, block.text, block.span) for block in document.blocks]
    [('title', 'Le tram revient', (0, 15)), ('paragraph', 'Il roule de nouveau.', (17, 37))]
    """
    decoded = decode(data, name)
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    notes = decoded.notes
    if suffix and suffix not in SUFFIXES:
        notes += (f"unknown suffix {suffix}: read as plain text",)
    blocks = read_blocks(decoded.text, markdown=suffix == ".md")
    return Document(name, blocks, decoded.text, sha256(data).hexdigest(), decoded.encoding, notes)
