"""The English in the input's own form: structure in place, nothing but the words changed."""

from __future__ import annotations

from bilingual.document import Document
from bilingual.forms import ARCHIVES, write_form
from bilingual.writing import receipt
from bilingual.writing.plain import closing, to_text
from bilingual.writing.stamp import stamp

SAME = "same"
"""What ``--format`` calls it."""

COMMENTED = frozenset({"markdown", "html"})
"""Forms in which a comment of HTML is not seen by readers of the page."""


def to_same(document: Document) -> bytes:
    """The original with its text translated, as bytes in its own encoding. Raises `InputError` where the original is not at hand.

    It says that it is machine translation, and how it was made: in a comment at the end where the form has comments that readers do not
    see, in plain text in a last paragraph in brackets. SubRip has no room for it.
    """
    if document.form is None and document.blocks and all(block.kind == "line" for block in document.blocks):
        return to_text(document).encode("utf-8")
    kind = document.form.kind if document.form else ""
    if kind in COMMENTED:
        return write_form(document, f"<!-- {receipt.notice(document)}. -->\n{stamp(document)}")
    if kind in ARCHIVES:
        notice = receipt.notice(document).replace("--", "- -")
        return write_form(document, f"<!-- {notice}. -->\n{stamp(document)}")
    if kind == "vtt":
        return write_form(document, "NOTE\n" + closing(document).strip("[]") + "\n")
    return write_form(document, closing(document) + "\n" if kind == "text" else "")
