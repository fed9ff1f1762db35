"""Translate French articles into English, offline, with a glossary that is obeyed.

>>> import bilingual
>>> engine = bilingual.load_engine(bilingual.find_model())
>>> article = bilingual.read_document("Le chat dort.".encode(), "note.txt")
>>> "cat" in bilingual.translate(article, engine).segments[0].target
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from bilingual.bitext import align
    from bilingual.digest import make_digest
    from bilingual.document import Block, Digest, Document, Edit, Segment, Signature, Summary, TermHit, replay, unwind
    from bilingual.engines import find_model, load_engine
    from bilingual.errors import BilingualError
    from bilingual.glossary import Glossary, Term, default_glossary, load_glossary
    from bilingual.memory import open_memory
    from bilingual.pipeline import Settings, translate, translate_documents, translate_segments
    from bilingual.reading import read_document, read_lines
    from bilingual.summary import summarize
    from bilingual.writing.jsonl import from_jsonl, to_jsonl
    from bilingual.writing.markdown import to_markdown
    from bilingual.writing.page import to_html

_ROOMS = {
    "bitext": ("align",),
    "digest": ("make_digest",),
    "document": ("Block", "Digest", "Document", "Edit", "Segment", "Signature", "Summary", "TermHit", "replay", "unwind"),
    "engines": ("find_model", "load_engine"),
    "errors": ("BilingualError",),
    "glossary": ("Glossary", "Term", "default_glossary", "load_glossary"),
    "memory": ("open_memory",),
    "pipeline": ("Settings", "translate", "translate_documents", "translate_segments"),
    "reading": ("read_document", "read_lines"),
    "summary": ("summarize",),
    "writing.jsonl": ("from_jsonl", "to_jsonl"),
    "writing.markdown": ("to_markdown",),
    "writing.page": ("to_html",),
}
_HOMES = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "BilingualError",
    "Block",
    "Digest",
    "Document",
    "Edit",
    "Glossary",
    "Segment",
    "Settings",
    "Signature",
    "Summary",
    "Term",
    "TermHit",
    "__version__",
    "align",
    "default_glossary",
    "find_model",
    "from_jsonl",
    "load_engine",
    "load_glossary",
    "make_digest",
    "open_memory",
    "read_document",
    "read_lines",
    "replay",
    "summarize",
    "to_html",
    "to_jsonl",
    "to_markdown",
    "translate",
    "translate_documents",
    "translate_segments",
    "unwind",
]


def __getattr__(name: str) -> Any:
    # Rooms are entered when something in them is asked for: `bilingual --version` need not load a tokenizer.
    if name in _HOMES:
        return getattr(import_module(f"bilingual.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
