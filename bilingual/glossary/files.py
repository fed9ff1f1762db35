"""A glossary from a file of any form that is read, told by its suffix."""

from __future__ import annotations

from pathlib import Path

from bilingual.errors import GlossaryError
from bilingual.glossary.model import Glossary
from bilingual.glossary.tables import load_glossary
from bilingual.glossary.tbx import read_tbx

TBX_SUFFIXES = frozenset({".tbx", ".xml", ".martif"})


def load(path: Path | str) -> Glossary:
    """The glossary in a file: TBX by its suffix (`TBX_SUFFIXES`), anything else as a table (see ``tables.py``).

    Raises `GlossaryError` with one line for everything that is wrong, each with its line number.
    """
    return load_noting(path)[0]


def load_noting(path: Path | str) -> tuple[Glossary, tuple[str, ...]]:
    """Like `load`, with a line for what TBX said and the glossary cannot use: entries left out, two senses of one term."""
    path = Path(path)
    if path.suffix.lower() not in TBX_SUFFIXES:
        return load_glossary(path), ()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GlossaryError(f"{path}: {error.strerror or error}; give the path of a glossary file") from None
    return read_tbx(data, path.name, str(path))
