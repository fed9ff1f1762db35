"""Words and marks spelled in HTML and XML: tags as they were, and nothing in the words that could be one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bilingual.document import Place
from bilingual.forms.rewrite import Bit

_SIGNS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_QUOTED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def spell_xml(text: str) -> str:
    r"""Letters as they stand in XML; what XML cannot hold becomes U+FFFD.

    >>> spell_xml("a\x01 & <b>")
    'a\ufffd &amp; &lt;b&gt;'
    """
    return _NO_XML.sub("\ufffd", text).translate(_SIGNS)


def xml_speller(bits: Sequence[Bit], place: Place) -> str:
    """A block of a form whose words stand right between its tags.

    >>> xml_speller([Bit("open", raw="<a:b>"), Bit("text", "R&D"), Bit("close", raw="</a:b>")], Place(1, (0, 0), ()))
    '<a:b>R&amp;D</a:b>'
    """
    if place.style == "attribute":
        return spell_html([replace(bit, text=_NO_XML.sub("\ufffd", bit.text)) for bit in bits], place)
    return "".join(spell_xml(bit.text) if bit.what == "text" else bit.raw for bit in bits)


def spell_html(bits: Sequence[Bit], place: Place) -> str:
    """A block of a page.

    >>> spell_html([Bit("open", raw="<b>"), Bit("text", "R&D < 3"), Bit("close", raw="</b>")], Place(1, (0, 0), ()))
    '<b>R&amp;D &lt; 3</b>'
    """
    signs = _QUOTED if place.style == "attribute" else _SIGNS
    return "".join(bit.text.translate(signs) if bit.what == "text" else bit.raw for bit in bits)
