"""Forms with structure, both ways: out of Markdown (and others) come blocks of plain text with their places; the translation goes back.

    original ── read_form ──> Found blocks ── reading ──> Document ── pipeline ──> Document ── write_form ──> original in English

A further form is a reader of `Found` blocks and a speller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bilingual.document import Block, Document, Form, Part, Place
from bilingual.errors import InputError
from bilingual.forms.found import Found
from bilingual.forms.marks import carry_marks
from bilingual.forms.rewrite import Bit, Speller, rewrite_part

__all__ = ["ARCHIVES", "FORMS", "SUBTITLES", "Found", "carry_marks", "read_archive", "read_form", "write_form"]

FORMS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".srt": "srt",
    ".vtt": "vtt",
    ".docx": "docx",
    ".odt": "odt",
    ".epub": "epub",
}
"""Kinds of forms by suffix."""

ARCHIVES = {"docx": "a Word document", "odt": "an OpenDocument text", "epub": "an EPUB book"}
"""Kinds of forms that are ZIP archives, and what they are called."""

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


def read_archive(data: bytes, name: str, kind: str) -> tuple[list[Found], list[Part], tuple[str, ...]]:
    """The blocks of a document of `kind`, one of `ARCHIVES`, its members with something to change, and notes. The first is the main one.

    Raises `InputError` for what is damaged, encrypted, hostile, or of another kind.
    """
    from bilingual.forms.archive import check_whole, open_archive

    archive = open_archive(data, name, ARCHIVES[kind])
    check_whole(archive)
    if kind == "docx":
        from bilingual.forms.docx import read_docx

        return read_docx(archive)
    if kind == "odt":
        from bilingual.forms.odt import read_odt

        return read_odt(archive)
    from bilingual.forms.epub import read_epub

    return read_epub(archive)


def write_form(document: Document, last: str = "") -> bytes:
    """The original of `document` with its blocks translated, and `last` at its end. Raises `InputError` where it is not at hand.

    What was left out stays as it was. The encoding stays, too, unless it cannot spell the English (then UTF-8).
    """
    form = document.form
    if form is None:
        raise InputError(f"{document.name}: the original is not at hand; translate it anew for --format same")
    blocks = {block.number: block for block in document.blocks}
    if form.kind in ARCHIVES:
        return _write_archive(form, blocks, last)
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


def _write_archive(form: Form, blocks: Mapping[int, Block], last: str) -> bytes:
    """The archive with its members translated; `last`, a comment, stands at the end of the main one."""
    from bilingual.forms.archive import rewrite_archive

    changed = {}
    for part in form.parts:
        text = rewrite_part(part, blocks, _speller(form.kind, part))
        if last and part is form.parts[0]:
            text = f"{text.rstrip()}\n{last}"
        if text != part.text:
            changed[part.name] = encode(text, part, references=True)
    return rewrite_archive(form.data, changed)


def _speller(kind: str, part: Part) -> Speller:
    from bilingual.forms.spell_html import spell_html, xml_speller
    from bilingual.forms.spell_markdown import markdown_speller

    if kind == "html":
        return spell_html
    if kind == "docx":
        from bilingual.forms.spell_docx import docx_speller

        return docx_speller(part.text)
    if kind in ARCHIVES:
        return xml_speller
    return markdown_speller(part.text) if kind == "markdown" else _plain


def _plain(bits: Sequence[Bit], _: Place) -> str:
    return "".join(bit.raw if bit.what != "text" else bit.text for bit in bits)


def encode(text: str, part: Part, *, references: bool = False) -> bytes:
    """`text` in the encoding of `part`, with its byte-order mark. `references`: what it cannot spell becomes ``&#8217;``."""
    try:
        return part.mark + text.encode(part.encoding, "xmlcharrefreplace" if references else "strict")
    except (UnicodeEncodeError, LookupError):
        return text.encode("utf-8", "backslashreplace")
