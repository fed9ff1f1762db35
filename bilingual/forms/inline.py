"""What stands in a paragraph of an office document, in a row: letters, marks around them, things between them, and where a line ends.

A reader says what each tag is (`Item`); here the row is cut into pieces that are read on their own, and each piece becomes a block
of plain text with its marks. What is cut through stays where it is: only what opens and closes within one piece is a mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bilingual.document import Mark, Place, Span
from bilingual.forms.found import Found, trimmed

What = Literal["text", "atom", "open", "close", "cut", "skip"]


@dataclass(slots=True, eq=False)
class Item:
    """A part of a paragraph at ``span`` of the text that it is written in.

    ``text`` reads as ``text``. ``open`` and ``close`` belong together by their ``pair``; without a ``kind`` they are no mark, and go
    when the words change. ``look``: how the letters look, where that is said of runs. ``home``: whatever the reader wants to find again.
    """

    what: What
    span: Span
    text: str = ""
    kind: str = ""
    pair: int = -1
    look: str = ""
    home: object = None


def cut(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The pieces of a paragraph: between cuts, and between tags that open in one piece and close in another.

    >>> row = [Item("open", (0, 3), kind="a", pair=1), Item("text", (3, 4), "x"), Item("cut", (4, 5)), Item("close", (6, 9), pair=1)]
    >>> [[item.what for item in piece] for piece in cut(row)]
    [['text']]
    """
    opened: list[int] = []
    broken: set[int] = set()
    known = {item.pair for item in items if item.what == "open"} & {item.pair for item in items if item.what == "close"}
    for item in items:
        if item.what == "open":
            opened.append(item.pair)
            if item.pair not in known:
                broken.update(opened)
        elif item.what == "close":
            if not opened or opened[-1] != item.pair:  # it crosses others, or was never opened
                broken.update(opened)
                broken.add(item.pair)
            if item.pair in opened:
                opened.remove(item.pair)
        elif item.what == "cut":
            broken.update(opened)
    piece: list[Item] = []
    for item in items:
        if item.what == "cut" or (item.what in ("open", "close") and item.pair in broken):
            if piece:
                yield piece
            piece = []
        else:
            piece.append(item)
    if piece:
        yield piece


def joined(items: Sequence[Item]) -> list[Item]:
    """The row without the seams between two marks of one kind and look that touch: office programs part words at random.

    >>> row = [Item("open", (0, 1), kind="b", pair=1), Item("close", (2, 3), pair=1), Item("open", (3, 4), kind="b", pair=2)]
    >>> [item.what for item in joined([*row, Item("close", (5, 6), pair=2)])]
    ['open', 'skip', 'skip', 'close']
    """
    out: list[Item] = []
    kinds = {item.pair: (item.kind, item.look) for item in items if item.what == "open"}
    lasts: dict[int, int] = {}  # which pair a pair goes on
    for item in items:
        if item.what == "close":
            item = replace(item, pair=lasts.get(item.pair, item.pair))
        if item.what == "open" and item.kind:
            before = next((at for at in range(len(out) - 1, -1, -1) if out[at].what != "skip"), None)
            if before is not None and out[before].what == "close" and kinds[out[before].pair] == (item.kind, item.look):
                lasts[item.pair] = out[before].pair
                out[before] = replace(out[before], what="skip")
                out.append(replace(item, what="skip"))
                continue
        out.append(item)
    return out


def by_look(
    items: Sequence[Item], next_pair: Callable[[], int], code: Callable[[str], bool]
) -> tuple[list[Item], dict[int, str]]:
    """The row with letters that look otherwise than most around them as marks of the kind ``run`` (``code`` where their look is that),
    and the look of most letters in each pair (-1: in none).

    >>> texts = [Item("text", (n, n + 2), "ab", look=look) for n, look in ((0, ""), (2, ""), (4, "bold"))]
    >>> row, base = by_look(texts, iter(range(9)).__next__, lambda look: False)
    >>> [item.kind or item.what for item in row], base
    (['text', 'text', 'run', 'text', 'close'], {-1: ''})
    """
    within: list[int] = []
    inside = [-1]
    for item in items:
        if item.what == "close":
            inside.pop()
        within.append(inside[-1])
        if item.what == "open":
            inside.append(item.pair)
    items, within = _parted(items, within, code)
    looks: dict[int, str] = {}
    weights: dict[int, dict[str, int]] = {}
    shown: list[str] = []
    for item, pair in zip(items, within, strict=True):
        blank = item.what == "text" and not item.text.strip()
        look = looks.get(pair, item.look) if blank else item.look  # how white space looks is nobody's business
        shown.append(look)
        if item.what == "text" and not blank:
            looks[pair] = look
            weights.setdefault(pair, {}).setdefault(look, 0)
            weights[pair][look] += len(item.text)
        elif blank:
            weights.setdefault(pair, {}).setdefault(look, 0)
    base = {pair: max(found, key=lambda look: found[look]) for pair, found in weights.items()}
    out: list[Item] = []
    at = 0
    while at < len(items):
        item, pair = items[at], within[at]
        if item.what != "text" or shown[at] == base[pair]:
            out.append(item)
            at += 1
            continue
        last, ahead = at, at
        while ahead < len(items) and (
            items[ahead].what in ("skip", "atom") or (items[ahead].what == "text" and shown[ahead] == shown[at])
        ):
            last = ahead if items[ahead].what == "text" else last
            ahead += 1
        number = next_pair()
        kind = "code" if code(shown[at]) and all(i.what != "atom" for i in items[at : last + 1]) else "run"
        out.append(Item("open", (item.span[0],) * 2, kind=kind, pair=number, look=shown[at], home=item.home))
        out += items[at : last + 1]
        out.append(Item("close", (items[last].span[1],) * 2, pair=number))
        at = last + 1
    return out, base


def _parted(items: Sequence[Item], within: Sequence[int], code: Callable[[str], bool]) -> tuple[list[Item], list[int]]:
    """The row with the white space around code as letters of their own."""
    out: list[Item] = []
    pairs: list[int] = []
    for item, pair in zip(items, within, strict=True):
        core = item.text.strip()
        if (
            item.what != "text"
            or not core
            or core == item.text
            or len(item.text) != item.span[1] - item.span[0]
            or not code(item.look)
        ):
            out.append(item)
            pairs.append(pair)
            continue
        first = item.text.index(core)
        for start, end in ((0, first), (first, first + len(core)), (first + len(core), len(item.text))):
            if start < end:
                span = (item.span[0] + start, item.span[0] + end)
                out.append(replace(item, span=span, text=item.text[start:end]))
                pairs.append(pair)
    return out, pairs


def found_in(items: Sequence[Item], shown_code: Callable[[str], bool]) -> Found | None:
    """A piece as a block; None where it has no letter to translate. Code stands in it with backticks; things at its edges stay out.

    >>> row = [Item("text", (0, 3), "Un "), Item("open", (3, 6), kind="b", pair=1), Item("text", (6, 10), "mot")]
    >>> found = found_in([*row, Item("close", (10, 14), pair=1)], bool)
    >>> found.text, found.place.span, [(m.kind, m.span, m.opens, m.closes) for m in found.place.marks]
    ('Un mot', (0, 14), [('b', (3, 6), (3, 6), (10, 14))])
    """
    first, last = 0, len(items)
    while first < last and _at_edge(items[first]):
        first += 1
    while last > first and _at_edge(items[last - 1]):
        last -= 1
    items = items[first:last]
    shown: list[str] = []
    runs: list[tuple[Span, Span]] = []
    marks: list[Mark] = []
    numbers: dict[int, int] = {}
    length = at = 0
    ends = {item.pair: number for number, item in enumerate(items) if item.what == "close"}
    while at < len(items):
        item = items[at]
        if item.what == "text" and item.text:
            runs.append(((length, length + len(item.text)), item.span))
            shown.append(item.text)
            length += len(item.text)
        elif item.what == "atom":
            marks.append(Mark((length, length), item.kind or "atom", item.span))
        elif item.what == "open" and item.kind:
            inner = items[at + 1 : ends[item.pair]]
            words = "".join(i.text for i in inner if i.what == "text")
            if item.kind == "code" and all(i.what in ("text", "skip") for i in inner) and shown_code(words.strip()):
                whole = (item.span[0], items[ends[item.pair]].span[1])
                before, after = (" " if words[edge].isspace() else "" for edge in (0, -1))  # it reads as standing outside
                end = length + len(words.strip()) + 2 + len(before)
                marks.append(Mark((length + len(before), end), "code", whole, (whole[1], whole[1])))
                runs += [((length, length + 1), (whole[0], whole[0]))] if before else []
                runs.append(((length + len(before), end), whole))
                runs += [((end, end + 1), (whole[1], whole[1]))] if after else []
                shown.append(f"{before}`{words.strip()}`{after}")
                length = end + len(after)
                at = ends[item.pair]
            else:
                numbers[item.pair] = len(marks)
                marks.append(Mark((length, length), item.kind if item.kind != "code" else "run", item.span))
        elif item.what == "close" and item.pair in numbers:
            mark = marks[numbers[item.pair]]
            marks[numbers[item.pair]] = replace(mark, span=(mark.span[0], length), closes=item.span)
        at += 1
    text = "".join(shown)
    if not any(map(str.isalnum, text)):
        return None
    edges = [raw for _, raw in runs] + [m.opens for m in marks] + [m.closes for m in marks if m.closes != (0, 0)]
    place = Place(0, (min(a for a, _ in edges), max(b for _, b in edges)), tuple(runs), tuple(marks))
    found = trimmed(Found(text, place))
    start, end = found.place.span
    bare = [item for item in items if item.what == "open" and not item.kind]
    for item in bare:  # their tags go with the words: both, or what is written is no XML
        close = items[ends[item.pair]].span
        if item.span[0] < end and close[1] > start:
            start, end = min(start, item.span[0]), max(end, close[1])
    return replace(found, place=replace(found.place, span=(start, end)))


def _at_edge(item: Item) -> bool:
    return item.what in ("atom", "skip") or (item.what == "text" and not item.text.strip())
