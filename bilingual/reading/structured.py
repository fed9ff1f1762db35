"""Documents in forms with structure: what the form says of each block, and what its words say (clutter, bylines, captions …)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bilingual.document import Block, Place
from bilingual.forms import Found
from bilingual.reading.layout import Piece
from bilingual.reading.text import classify

BETWEEN = "\n\n"
"""What stands between two blocks in the text that spans count in."""


def blocks_of(found: Sequence[Found], *, plain: bool = False) -> tuple[str, tuple[Block, ...], list[list[Place]]]:
    """The text of a document, its blocks, and for each part the places of its blocks, numbered. `plain`: all of them are running text.

    >>> place = Place(0, (2, 10), (((0, 8), (2, 10)),))
    >>> text, blocks, places = blocks_of([Found("Le titre", place, "heading", "#"), Found("Il pleut.", place)])
    >>> text, [(block.kind, block.span) for block in blocks], [place.block for place in places[0]]
    ('Le titre\\n\\nIl pleut.', [('title', (0, 8)), ('paragraph', (10, 19))], [1, 2])
    """
    pieces, texts, at = [], [], 0
    for item in found:
        pieces.append(Piece(at, at + len(item.text), item.text, item.marker, item.sign, at, item.gap))
        texts.append(item.text)
        at += len(item.text) + len(BETWEEN)
    text = BETWEEN.join(texts)
    places: list[list[Place]] = [[] for _ in range(1 + max((item.part for item in found), default=0))]
    for number, item in enumerate(found, 1):
        places[item.part] += [replace(place, block=number) for place in (item.place, *item.twins)]
    if plain:
        return text, tuple(Block(n, "paragraph", p.text, (p.start, p.end)) for n, p in enumerate(pieces, 1)), places
    return text, classify(pieces, text, marked=True), places
