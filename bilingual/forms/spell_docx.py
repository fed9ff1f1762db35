"""Words and marks spelled in a Word document: letters in runs that look as theirs did, everything else as it was."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bilingual.document import Place
from bilingual.forms.docx import in_english
from bilingual.forms.rewrite import Bit, Speller
from bilingual.forms.spell_html import spell_html, spell_xml


def docx_speller(text: str) -> Speller:
    """A speller of blocks of the member whose text is `text`: properties of runs are taken from there.

    >>> from bilingual.document import Mark
    >>> bold = Mark((0, 1), "run", (40, 40), (41, 41))
    >>> style = '{"prefix":"w:","usual":null,"looks":{"40":[0,21]},"inner":[],"before":"","after":"","last":null}'
    >>> bits = [Bit("text", "A "), Bit("open", mark=bold), Bit("text", "b"), Bit("close", mark=bold)]
    >>> docx_speller("<w:rPr><w:b/></w:rPr>")(bits, Place(1, (0, 0), (), (), style))
    '<w:r><w:t xml:space="preserve">A </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">b</w:t></w:r>'
    """

    def spell(bits: Sequence[Bit], place: Place) -> str:
        if place.style == "attribute":
            return spell_html(bits, place)
        known = json.loads(place.style)
        w = known["prefix"]

        def properties(span: list[int] | None) -> str:
            return in_english(text[slice(*span)]) if span else ""

        def look(bit: Bit) -> str:
            return properties(known["looks"].get(str(bit.mark.opens[0]) if bit.mark else "", known["usual"]))

        out: list[str] = []
        looks = [properties(known["usual"])]
        waiting: list[str] = []

        def flush() -> None:
            if letters := "".join(waiting):
                out.append(f'<{w}r>{looks[-1]}<{w}t xml:space="preserve">{letters}</{w}t></{w}r>')
            waiting.clear()

        for bit in bits:
            if bit.what in ("text", "gap"):
                waiting.append(spell_xml(bit.text) if bit.what == "text" else bit.raw)
                continue
            flush()
            if bit.what == "open":
                out.append(bit.raw)
                looks.append(look(bit))
            elif bit.what == "close":
                looks.pop()
                out.append(bit.raw)
            elif bit.what == "exact":
                out.append(f'<{w}r>{look(bit)}<{w}t xml:space="preserve">{bit.raw}</{w}t></{w}r>')
            elif bit.mark is not None and str(bit.mark.opens[0]) in known["inner"]:
                out.append(f"<{w}r>{look(bit)}{bit.raw}</{w}r>")
            else:
                out.append(bit.raw)
        flush()
        before = {"text": f"</{w}t></{w}r>", "run": f"</{w}r>", "": ""}[known["before"]]
        again = f"<{w}r>{properties(known['last'])}"
        after = {"text": f'{again}<{w}t xml:space="preserve">', "run": again, "": ""}[known["after"]]
        return before + "".join(out) + after

    return spell
