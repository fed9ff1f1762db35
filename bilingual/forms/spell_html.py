"""Words and marks spelled in HTML and XML: tags as they were, and nothing in the words that could be one."""

from __future__ import annotations

from collections.abc import Sequence

from bilingual.document import Place
from bilingual.forms.rewrite import Bit

_SIGNS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

_QUOTED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def spell_html(bits: Sequence[Bit], place: Place) -> str:
    """A block of a page.

    >>> spell_html([Bit("open", raw="<b>"), Bit("text", "R&D < 3"), Bit("close", raw="</b>")], Place(1, (0, 0), ()))
    '<b>R&amp;D &lt; 3</b>'
    """
    signs = _QUOTED if place.style == "attribute" else _SIGNS
    return "".join(bit.text.translate(signs) if bit.what == "text" else bit.raw for bit in bits)
