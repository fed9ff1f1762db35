"""Documents into text, one module a format. Nothing here opens a file: a `Document` in, text out.

A further format is one module and one entry of `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from bilingual.document import Document
from bilingual.writing.exchange import to_csv, to_tmx, to_xliff, to_xliff2
from bilingual.writing.jsonl import document_line, from_jsonl, segment_line, to_jsonl
from bilingual.writing.markdown import to_markdown
from bilingual.writing.page import to_html
from bilingual.writing.plain import line_of, to_text
from bilingual.writing.same import SAME, to_same

__all__ = [
    "FORMATS",
    "SAME",
    "Format",
    "document_line",
    "from_jsonl",
    "line_of",
    "render",
    "segment_line",
    "to_csv",
    "to_html",
    "to_jsonl",
    "to_markdown",
    "to_same",
    "to_text",
    "to_tmx",
    "to_xliff",
    "to_xliff2",
]


class Format(NamedTuple):
    """A format of output: the suffix of its files, and the function that makes the text of a whole document, with LF line ends."""

    suffix: str
    render: Callable[[Document], str]


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "md": Format(".md", to_markdown),
        "jsonl": Format(".jsonl", to_jsonl),
        "html": Format(".html", to_html),
        "txt": Format(".txt", to_text),
        "tmx": Format(".tmx", to_tmx),
        "xliff": Format(".xlf", to_xliff),
        "xliff2": Format(".xliff", to_xliff2),
        "csv": Format(".csv", to_csv),
    }
)
"""What ``--format`` takes, beside `SAME`."""


def render(document: Document, name: str) -> bytes:
    """The bytes of a file: `document` in the format called `name` (one of `FORMATS`, or `SAME`)."""
    return to_same(document) if name == SAME else FORMATS[name].render(document).encode("utf-8", "backslashreplace")
