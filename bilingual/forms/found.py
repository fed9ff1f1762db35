"""What the readers of structured forms find: blocks of plain text, each with its place in the original."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bilingual.document import Place

WHITE = "\u200b\u2060\ufeff\u180e"
"""Characters without width that count as white space at the edges of a block, beside Unicode's own."""


@dataclass(frozen=True, slots=True)
class Found:
    """A block: its plain ``text``, its place (not numbered yet), and what it is by its markup.

    ``marker``: ``heading`` (``sign``: a ``#`` for each level), ``quote``, ``bullet``, ``number``, ``caption``, or "" for a paragraph;
    ``gap``: something stands between it and the block before it. ``part``: which part of the form it stands in. ``twins``: other
    places there that say the same and are written with it.
    """

    text: str
    place: Place
    marker: str = ""
    sign: str = ""
    gap: bool = True
    part: int = 0
    twins: tuple[Place, ...] = ()


def trimmed(found: Found) -> Found:
    """`found` without white space at the edges of its text.

    >>> place = Place(0, (0, 6), (((0, 6), (0, 6)),))
    >>> trimmed(Found(" Oui. ", place)).text, trimmed(Found(" Oui. ", place)).place.runs
    ('Oui.', (((0, 4), (1, 5)),))
    """
    text = found.text
    start, end = 0, len(text)
    while start < end and (text[start].isspace() or text[start] in WHITE):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in WHITE):
        end -= 1
    if (start, end) == (0, len(text)):
        return found
    runs = []
    for (a, b), (c, d) in found.place.runs:
        first, last = max(a, start), min(b, end)
        if first < last:
            same = b - a == d - c
            runs.append(((first - start, last - start), (c + first - a, d - (b - last)) if same else (c, d)))
    length = end - start
    marks = tuple(
        replace(m, span=(min(max(m.span[0] - start, 0), length), min(max(m.span[1] - start, 0), length)))
        for m in found.place.marks
    )
    edges = [raw for _, raw in runs] + [span for m in marks for span in (m.opens, m.closes) if span != (0, 0)]
    span = (min(a for a, _ in edges), max(b for _, b in edges)) if edges else found.place.span
    return replace(found, text=text[start:end], place=replace(found.place, span=span, runs=tuple(runs), marks=marks))
