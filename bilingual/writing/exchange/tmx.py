"""TMX 1.4b, the format of translation memories (LISA OSCAR, also ETSI GS LIS 002): pairs that every translation tool imports.

A pair is a ``<tu>`` whose ``tuid`` is the segment's id; ``<prop type="x-origin">`` says where its English comes from. Sentences that failed
have no English side: French must not come into a memory as English.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from bilingual.document import Document
from bilingual.errors import InputError
from bilingual.markup import Refused, read_elements
from bilingual.writing.exchange.carried import (
    ENGLISH,
    FRENCH,
    Exchange,
    Unit,
    has_english,
    head_lines,
    language,
    lines,
    notes_on,
    rebuilt,
    text_in,
    version,
    xml,
)
from bilingual.writing.receipt import notice

_CARRIED = "x-bilingual"
_CODES = frozenset({"bpt", "ept", "ph", "it", "ut", "sub"})
"""Elements of level 2 that hold the native code of a format and not text."""


def to_tmx(document: Document) -> str:
    """The pairs of a document as TMX 1.4b, sentence by sentence, with the lines of its JSONL as properties.

    The same document gives the same bytes.

    >>> from bilingual.document import Block, Segment
    >>> block = Block(1, "paragraph", "Oui.", segments=(Segment("p1.s1", "Oui.", target="Yes."),))
    >>> [line.strip() for line in to_tmx(Document("a.txt", (block,))).split("\\n") if "<seg>" in line]
    ['<tuv xml:lang="fr"><seg>Oui.</seg></tuv>', '<tuv xml:lang="en"><seg>Yes.</seg></tuv>']
    """
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n'
        f'  <header creationtool="bilingual" creationtoolversion={quoteattr(version(document))} segtype="sentence" o-tmf="bilingual/1"'
        ' adminlang="en" srclang="fr" datatype="plaintext">\n'
        f"    <note>{xml(notice(document))}</note>\n",
        *(f'    <prop type="{_CARRIED}">{xml(line)}</prop>\n' for line in head_lines(document)),
        "  </header>\n  <body>\n",
    ]
    for segment, line in lines(document):
        parts.append(f"    <tu tuid={quoteattr(segment.id)}>\n")
        parts += [f"      <note>{xml(note)}</note>\n" for note in notes_on(segment)]
        parts.append(f'      <prop type="x-origin">{segment.origin}</prop>\n      <prop type="{_CARRIED}">{xml(line)}</prop>\n')
        parts.append(f'      <tuv xml:lang="fr"><seg>{xml(segment.source)}</seg></tuv>\n')
        if has_english(segment):
            parts.append(f'      <tuv xml:lang="en"><seg>{xml(segment.target)}</seg></tuv>\n')
        parts.append("    </tu>\n")
    return "".join((*parts, "  </body>\n</tmx>\n"))


def read_tmx(data: bytes, name: str) -> Exchange:
    """The French-English pairs of a TMX file of any version, level 1 and 2; native codes are left out, other languages passed over.

    Raises `InputError` in one line where it is not TMX, is broken, or has no such pair. Raises it, too, where its lines of ours
    are broken.
    """
    head: list[str] = []
    units: list[Unit] = []
    carried: list[tuple[str, Unit]] = []
    others = 0
    try:
        for node in read_elements(data, {"tmx"}, {"header", "tu"}, "TMX"):
            own = [text_in(child, node.space) for child in node.children if child.attributes.get("type") == _CARRIED]
            if node.tag == "header":
                head += own
                continue
            sides: dict[str, str] = {}
            for side in node.children:
                segments = [child for child in side.children if child.tag == "seg"] if side.tag == "tuv" else []
                code = language(side.attributes.get("lang", ""))
                which = "fr" if code in FRENCH else "en" if code in ENGLISH else ""
                if segments and which:
                    sides.setdefault(which, text_in(segments[0], node.space, _CODES))
            if "fr" not in sides:
                others += 1
                continue
            identity = node.attributes.get("tuid", "")
            unit = Unit(identity or f"tu{len(units) + others + 1}", sides["fr"], sides.get("en"), f"{name}:{node.line}")
            units.append(unit)
            carried += [(line, unit) for line in own[:1]]
    except Refused as refused:
        line, what = refused.args[0]
        raise InputError(f"{name}:{line}: {what}") from None
    if others and not units:
        raise InputError(f"{name}: has no French in it: no <tuv> whose xml:lang is fr")
    notes = (f"{name}: {others} entries without French are left out",) if others else ()
    return Exchange(name, tuple(units), rebuilt(head, carried, name), notes=notes)
