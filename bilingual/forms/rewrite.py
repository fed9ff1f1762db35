"""An original with its blocks translated in place: everything else stays letter by letter, marks are carried over.

A form says how words are spelled in it (`Speller`). A block whose sentences came out as they went in keeps its very letters.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from bilingual.document import EXACT, Block, Mark, Part, Place, Segment, Span
from bilingual.forms.marks import carry_marks, weave

What = Literal["text", "gap", "open", "close", "exact", "atom"]


@dataclass(frozen=True, slots=True)
class Bit:
    """A stretch of a block as it is to be written: ``text`` of a sentence, or ``raw`` letters of the original.

    ``mark`` is the one that is opened, closed or set; ``text`` of a gap is what it reads as.
    """

    what: What
    text: str = ""
    raw: str = ""
    mark: Mark | None = None


Speller = Callable[[Sequence[Bit], Place], str]
"""Writes the bits of a block as its form has them."""


def rewrite_part(part: Part, blocks: Mapping[int, Block], spell: Speller) -> str:
    """The text of `part` with the translations of `blocks` (by number) in their places.

    >>> place = Place(1, (4, 8), (((0, 4), (4, 8)),))
    >>> block = Block(1, "paragraph", "Oui.", (0, 4), segments=(Segment("p1.s1", "Oui.", (0, 4), target="Yes."),))
    >>> rewrite_part(Part("<p> Oui. </p>", (place,)), {1: block}, lambda bits, place: "".join(b.raw or b.text for b in bits))
    '<p> Yes. </p>'
    """
    spots: list[_Spot] = []
    around: list[_Spot] = []
    everything: list[tuple[Span, Place | str]] = [(place.span, place) for place in part.places]
    everything += list(part.swaps)
    for span, what in sorted(everything, key=lambda e: (e[0][0], -e[0][1])):
        spot = _Spot(span, what)
        while around and around[-1].span[1] < max(span[1], span[0] + 1):
            around.pop()
        (around[-1].inner if around else spots).append(spot)
        around.append(spot)
    return _written(part.text, (0, len(part.text)), spots, blocks, spell)


@dataclass(slots=True)
class _Spot:
    span: Span
    what: Place | str
    inner: list[_Spot] = field(default_factory=list)


def _written(text: str, span: Span, spots: list[_Spot], blocks: Mapping[int, Block], spell: Speller) -> str:
    """``text[span]`` with the spots that lie in it written anew."""
    out, position = [], span[0]
    first = bisect_left(spots, span[0], key=lambda spot: spot.span[0])
    for spot in spots[first:]:
        if spot.span[1] > span[1]:
            break
        out.append(text[position : spot.span[0]])
        out.append(_spot(text, spot, blocks, spell))
        position = spot.span[1]
    out.append(text[position : span[1]])
    return "".join(out)


def _spot(text: str, spot: _Spot, blocks: Mapping[int, Block], spell: Speller) -> str:
    if isinstance(spot.what, str):
        return spot.what
    place = spot.what
    block = blocks.get(place.block)

    def raw(span: Span) -> str:
        return _written(text, span, spot.inner, blocks, spell)

    if block is None or all(segment.target == segment.source for segment in block.segments):
        return raw(place.span)
    return spell(list(block_bits(block, place, raw)), place)


def block_bits(block: Block, place: Place, raw: Callable[[Span], str]) -> Iterator[Bit]:
    """A translated block in bits: its sentences with their marks, and what stands between the sentences."""
    spans = [(s.span[0] - block.span[0], s.span[1] - block.span[0]) for s in block.segments]
    homes: list[list[int]] = [[] for _ in spans]
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    broken: set[int] = set()
    loose = _between(place, spans, len(block.text))
    for number, mark in enumerate(place.marks):
        if number in loose:
            continue
        inside = [i for i, span in enumerate(spans) if mark.span[0] < span[1] and span[0] < mark.span[1]]
        if not inside:
            inside = [next((i for i, span in enumerate(spans) if mark.span[0] <= span[1]), len(spans) - 1)]
        if mark.kind in EXACT and len(inside) > 1:  # a sentence ends in it: it is set whole, behind the first of them
            inside = inside[:1]
            broken.add(number)
        first[number], last[number] = inside[0], inside[-1]
        for i in range(inside[0], inside[-1] + 1):
            homes[i].append(number)
    position = 0
    for i, (segment, span) in enumerate(zip(block.segments, spans, strict=True)):
        yield from _gap(block.text, place, (position, span[0]), loose, raw)
        numbers = homes[i]
        marks = [_local(place.marks[n], span, i == first[n], i == last[n], n in broken) for n in numbers]
        carried = carry_marks(_shown(segment), marks)
        edges = [_Edges(first[n] == i, last[n] == i, block.text, place.marks[n].span) for n in numbers]
        yield from _sentence(segment, carried, edges, raw)
        position = span[1]
    yield from _gap(block.text, place, (position, len(block.text)), loose, raw)


def _shown(segment: Segment) -> Segment:
    """A segment without translation shows its source, in which every mark is where it was."""
    return segment if segment.target or segment.origin == "post-edited" else replace(segment, target=segment.source)


def _local(mark: Mark, span: Span, opens: bool, closes: bool, broken: bool) -> Mark:
    """`mark` in the counting of the sentence at `span`; where it comes from or goes on beyond it, it sticks out."""
    length = span[1] - span[0]
    if mark.span[0] >= mark.span[1] or broken:
        at = min(max(mark.span[0] - span[0], 0), length)
        return replace(mark, span=(at, at))
    start = max(mark.span[0] - span[0], 0) if opens else -1
    end = min(mark.span[1] - span[0], length) if closes else length + 1
    return replace(mark, span=(start, max(start, end)))


class _Edges(NamedTuple):
    """Whether a mark opens and closes in a sentence; the text of the block, and where in it the mark stands."""

    opens: bool
    closes: bool
    text: str
    span: Span


def _sentence(segment: Segment, marks: Sequence[Mark], edges: Sequence[_Edges], raw: Callable[[Span], str]) -> Iterator[Bit]:
    shown = _shown(segment).target
    for what, value in weave(len(shown), marks):
        if isinstance(value, tuple):
            yield Bit("text", shown[slice(*value)])
            continue
        mark = marks[value]
        opens, closes, text, (start, end) = edges[value]
        if what == "exact":
            yield Bit("exact", text[start:end], raw((mark.opens[0], max(mark.opens[1], mark.closes[1]))), mark)
        elif mark.closes[1] <= mark.opens[1] and what == "open":
            # White space beside it that the words have lost, or never had there.
            at, (before, after) = (
                mark.span[0],
                (raw((max(0, mark.opens[0] - 1), mark.opens[0])), raw((mark.opens[1], mark.opens[1] + 1))),
            )
            if (before.isspace() or text[max(0, start - 1) : start].isspace()) and shown[at - 1 : at].isalnum() and at > 0:
                yield Bit("gap", " ", " ")
            yield Bit("atom", "", raw(mark.opens), mark)
            if (after.isspace() or text[start : start + 1].isspace()) and shown[at : at + 1].isalnum():
                yield Bit("gap", " ", " ")
        elif what == "open" and opens:
            yield Bit("open", "", raw(mark.opens), mark)
        elif what == "close" and closes and mark.closes[1] > mark.opens[1]:
            yield Bit("close", "", mark.anew or raw(mark.closes), mark)


def _between(place: Place, spans: Sequence[Span], length: int) -> frozenset[int]:
    """The marks without words that stand in the white space between sentences, or around them: they stay there."""
    starts = [0, *(end + 1 for _, end in spans)]
    stops = [*(start for start, _ in spans), length + 1]
    gaps = [(start, stop) for start, stop in zip(starts, stops, strict=True) if start < stop]
    return frozenset(
        number
        for number, mark in enumerate(place.marks)
        if mark.closes[1] <= mark.opens[1] and any(start <= mark.span[0] < stop for start, stop in gaps)
    )


def _gap(text: str, place: Place, span: Span, loose: frozenset[int], raw: Callable[[Span], str]) -> Iterator[Bit]:
    """What stands between two sentences, as it is written, with the marks in it."""
    atoms = [place.marks[n] for n in sorted(loose) if span[0] <= place.marks[n].span[0] <= span[1]]
    position = span[0]
    for atom in [*atoms, None]:
        stop = atom.span[0] if atom else span[1]
        written = []
        for (a, b), (c, d) in place.runs:
            if a < stop and position < b:
                same = b - a == d - c
                written.append(raw((c + max(0, position - a), d - max(0, b - stop))) if same else raw((c, d)))
        if position < stop:
            yield Bit("gap", text[position:stop], "".join(written))
        if atom:
            yield Bit("atom", "", raw(atom.opens), atom)
        position = stop
