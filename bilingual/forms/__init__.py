"""Forms with structure, both ways: out of Markdown (and others) come blocks of plain text with their places; the translation goes back.

    original ── read_form ──> Found blocks ── reading ──> Document ── pipeline ──> Document ── write_form ──> original in English

A further form is a reader of `Found` blocks and a speller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bilingual.document import Document, Part, Place
from bilingual.errors import InputError
from bilingual.forms.found import Found
from bilingual.forms.marks import carry_marks
from bilingual.forms.rewrite import Bit, Speller, rewrite_part

__all__ = ["FORMS", "SUBTITLES", "Found", "carry_marks", "read_form", "write_form"]

FORMS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".srt": "srt",
    ".vtt": "vtt",
}
"""Kinds of forms by suffix."""

SUBTITLES = frozenset({"srt", "vtt"})
"""Kinds of forms whose blocks are all running text."""


def read_form(part: Part, kind: str) -> tuple[list[Found], Part, tuple[str, ...]]:
    """The blocks of a text in a form of `kind`, the part with what else is to be changed in it, and notes for the user."""
    if kind == "html":
        from bilingual.forms.html import read_html

        found, swaps = read_html(part.text)
        return found, replace(part, swaps=swaps), ()
    if kind in SUBTITLES:
        from bilingual.forms.subtitles import read_subtitles

        return read_subtitles(part.text), part, ()
    from bilingual.forms.markdown import read_markdown

    found, _, unplaced = read_markdown(part.text)
    notes = (f"{unplaced} blocks of Markdown could not be placed and are left out",) if unplaced else ()
    return found, part, notes


def write_form(document: Document, last: str = "") -> bytes:
    """The original of `document` with its blocks translated, and `last` at its end. Raises `InputError` where it is not at hand.

    What was left out stays as it was. The encoding stays, too, unless it cannot spell the English (then UTF-8).
    """
    form = document.form
    if form is None:
        raise InputError(f"{document.name}: the original is not at hand; translate it anew for --format same")
    blocks = {block.number: block for block in document.blocks}
    [part] = form.parts
    if form.kind in SUBTITLES:
        from bilingual.forms.subtitles import write_subtitles

        text = write_subtitles(part, blocks, references=form.kind == "vtt")
    else:
        text = rewrite_part(part, blocks, _speller(form.kind, part))
    if last:
        ends = "\r\n" if "\r\n" in part.text else "\n"
        text += (ends if text.endswith(("\n", "\r")) else 2 * ends) + last.replace("\n", ends)
    return encode(text, part, references=form.kind == "html")


def _speller(kind: str, part: Part) -> Speller:
    from bilingual.forms.spell_html import spell_html
    from bilingual.forms.spell_markdown import markdown_speller

    if kind == "html":
        return spell_html
    return markdown_speller(part.text) if kind == "markdown" else _plain


def _plain(bits: Sequence[Bit], _: Place) -> str:
    return "".join(bit.raw if bit.what != "text" else bit.text for bit in bits)


def encode(text: str, part: Part, *, references: bool = False) -> bytes:
    """`text` in the encoding of `part`, with its byte-order mark. `references`: what it cannot spell becomes ``&#8217;``."""
    try:
        return part.mark + text.encode(part.encoding, "xmlcharrefreplace" if references else "strict")
    except (UnicodeEncodeError, LookupError):
        return text.encode("utf-8", "backslashreplace")
