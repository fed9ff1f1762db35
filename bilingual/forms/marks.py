"""Inline marks over from a French sentence to its English one: emphasis, links, code, footnote signs.

Marks are a forest (nested, never crossed). Each is carried to the run of target words that its own words are linked to, inside the
place of the mark around it and beside those of its neighbours, so that in the target, too, none is lost, doubled or crossed. Where
links say nothing, a mark goes as far into the sentence as it stood in the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Literal

from bilingual.document import EXACT, Mark, Segment, Span

_TOKEN = re.compile(r"(?:https?://|www\.)[^\s<>«»“”\"]*[^\s<>«»“”\".,;:!?…)\]]|`[^`\n]+`|\w+(?:[-’'.,]\w+)*")
_SIGN = re.compile(r"\s?[^\w\s`]")
_NUMBER = re.compile(r"\d(?:[\d.,\u00a0\u202f ]*\d)?")
STRAY = 0.25
"""What it costs a mark to run over a target word without a link: less than a linked word is worth, so that gaps are bridged."""

Piece = tuple[Literal["text", "open", "close", "exact"], "Span | int"]


@dataclass(slots=True, eq=False)
class _Node:
    """A mark in the forest: its place among the marks, what is inside it, and where it goes."""

    number: int
    mark: Mark
    children: list[_Node] = field(default_factory=list)
    place: Span = (0, 0)
    left: bool = False
    right: bool = False


def carry_marks(segment: Segment, marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """The same marks, in the same order, with spans of ``segment.target`` in place of spans of ``segment.source``.

    `marks` come in the order in which they open. One that begins before the segment or goes on after it (a span that sticks out of the
    source) reaches that edge of the target as well, so that its pieces in neighbouring segments are one mark. Empty spans stay
    empty. A mark around words gets at least a word, unless the target has fewer words than there are marks side by side.

    >>> segment = Segment("p1.s1", "Le conseil municipal vote.", target="The city council votes.",
    ...                   links=(((0, 2), (0, 3)), ((11, 20), (4, 8)), ((3, 10), (9, 16)), ((21, 25), (17, 22))))
    >>> [mark.span for mark in carry_marks(segment, [Mark((3, 20), "link", (3, 4), (21, 30))])]
    [(4, 16)]
    """
    source, target = segment.source, segment.target
    clipped = [
        replace(mark, span=(min(max(mark.span[0], 0), len(source)), max(min(mark.span[1], len(source)), 0))) for mark in marks
    ]
    nodes, roots = _forest(clipped)
    for node, mark in zip(nodes, marks, strict=True):
        paired = mark.span[0] < mark.span[1]
        node.left, node.right = paired and mark.span[0] < 0, paired and mark.span[1] > len(source)
    links = [*segment.links, *((hit.source, hit.target) for hit in segment.terms if hit.target for _ in range(2))]
    links += _numbers(source, target)
    exact: list[tuple[Span, Span]] = []
    for mark in clipped:
        if mark.kind in EXACT and (words := source[slice(*mark.span)]):  # it takes the marks around it along
            turn = source.count(words, 0, mark.span[0])
            found = [m.span() for m in re.finditer(re.escape(words), target)]
            exact += [(mark.span, found[turn])] if turn < len(found) else []
    links += exact * 3
    _place(roots, (0, len(source)), (0, len(target)), source, target, links, exact)
    return tuple(replace(mark, span=node.place) for mark, node in zip(marks, nodes, strict=True))


def _numbers(source: str, target: str) -> list[tuple[Span, Span]]:
    """Numbers that stand once on both sides, whatever parts their digits (100 000, 100,000): rules have made them, which leaves no link."""
    there, here = ({}, {})  # type: tuple[dict[str, list[Span]], dict[str, list[Span]]]
    for text, found in ((source, there), (target, here)):
        for match in _NUMBER.finditer(text):
            found.setdefault("".join(filter(str.isdigit, match.group())), []).append(match.span())
    return [(there[n][0], here[n][0]) for n in there if len(there[n]) == 1 and len(here.get(n, ())) == 1]


def weave(length: int, marks: Sequence[Mark]) -> Iterator[Piece]:
    """A text of `length` with its carried `marks` in pieces, in order: spans of text, and the numbers of marks that open and close.

    ``exact`` stands for a whole mark with its text.

    >>> list(weave(8, [Mark((4, 7), "link", (4, 5), (9, 20))]))
    [('text', (0, 4)), ('open', 0), ('text', (4, 7)), ('close', 0), ('text', (7, 8))]
    """
    _, roots = _forest(marks)
    yield from _woven(roots, (0, length))


def _woven(nodes: list[_Node], within: Span) -> Iterator[Piece]:
    position = within[0]
    for node in sorted(nodes, key=lambda n: (n.mark.span, n.number)):
        start, end = node.mark.span
        if start > position:
            yield "text", (position, start)
        if node.mark.kind in EXACT:
            yield "exact", node.number
        else:
            yield "open", node.number
            yield from _woven(node.children, (start, end))
            yield "close", node.number
        position = end
    if position < within[1]:
        yield "text", (position, within[1])


def _forest(marks: Sequence[Mark]) -> tuple[list[_Node], list[_Node]]:
    """All nodes in the order of the marks, and those that stand in no other. Who stands in whom is read off the original's text."""
    nodes = [_Node(number, mark) for number, mark in enumerate(marks)]
    roots: list[_Node] = []
    around: list[_Node] = []
    for node in nodes:
        while around and not (node.mark.opens[0] < max(around[-1].mark.closes)):
            around.pop()
        (around[-1].children if around else roots).append(node)
        if node.mark.closes[1] > node.mark.opens[1]:
            around.append(node)
    return nodes, roots


def _place(
    nodes: list[_Node],
    of: Span,
    into: Span,
    source: str,
    target: str,
    links: Sequence[tuple[Span, Span]],
    exact: Sequence[tuple[Span, Span]],
) -> None:
    """Give every node of `nodes`, which stand side by side in `of` of the source, a place in `into` of the target.

    `exact`: where code stands on both sides; no mark that it does not stand in takes its place.
    """
    tokens = [match.span() for match in _TOKEN.finditer(target, *into)]
    free = [True] * len(tokens)
    paired = [node for node in nodes if node.mark.span[0] < node.mark.span[1]]
    worded = [node for node in paired if _has_token(source, node.mark.span) and node.mark.kind not in EXACT]
    linked = [[s for s, t in links if _meet(t, token)] for token in tokens]
    coded = [(here, {i for i, token in enumerate(tokens) if _meet(token, there)}) for here, there in exact]
    scores = {}
    for node in worded:
        held = set().union(*(there for here, there in coded if _within(here, node.mark.span)))  # code has to go where it stood
        scores[node.number] = [_linked(found, node.mark.span) + (i in held) for i, found in enumerate(linked)]
    settled: list[_Node] = []

    def settle(node: _Node, first: int, last: int) -> None:
        room = tokens[first - 1][1] if first else into[0], tokens[last + 1][0] if last + 1 < len(tokens) else into[1]
        node.place = _edges(node, tokens[first][0], tokens[last][1], of, room, source, target)
        if node.left:
            node.place = into[0], node.place[1]
        if node.right:
            node.place = node.place[0], into[1]
        free[first : last + 1] = [False] * (last + 1 - first)
        settled.append(node)

    for node in paired:
        if node.mark.kind in EXACT and (span := _literally(node, of, into, source, target)):
            inside = [i for i, token in enumerate(tokens) if _meet(token, span)]
            if all(free[i] for i in inside) and not any(_meet(span, other.place) for other in settled):
                for i in inside:
                    free[i] = False
                node.place = span
                settled.append(node)
    words = [match.span() for match in _TOKEN.finditer(source)] if worded else []
    for node in worded:
        span = _inside_word(node, words, tokens, source, target)
        if span and not any(_meet(span, other.place) for other in settled):
            for i, token in enumerate(tokens):
                free[i] = free[i] and not _meet(token, span)
            node.place = span
            settled.append(node)
    worded = [node for node in worded if node not in settled]
    waiting = list(worded)
    for node in worded:  # those around all words of their surroundings, and those that cross the segment's edges
        others = len(waiting) - 1
        whole = not _has_token(source, (of[0], node.mark.span[0])) and not _has_token(source, (node.mark.span[1], of[1]))
        if node.left and node.right:
            node.place = into
        elif whole and not others and tokens and all(free):
            settle(node, 0, len(tokens) - 1)
        elif node.left or node.right:
            ahead = free if node.left else free[::-1]
            room = min(ahead.index(False) if False in ahead else len(ahead), sum(free) - others)
            sums = list(accumulate(scores[node.number] if node.left else scores[node.number][::-1]))[: max(0, room)]
            size = sums.index(max(sums)) + 1 if sums else 0
            if not size:
                node.place = (into[0], into[0]) if node.left else (into[1], into[1])
            elif node.left:
                settle(node, 0, size - 1)
            else:
                settle(node, len(tokens) - size, len(tokens) - 1)
        else:
            continue
        waiting.remove(node)
    for node in list(waiting):
        if span := _literally(node, of, into, source, target):
            inside = [i for i, token in enumerate(tokens) if token[0] < span[1] and span[0] < token[1]]
            if inside and all(free[i] for i in inside) and sum(free) - len(inside) >= len(waiting) - 1:
                settle(node, inside[0], inside[-1])
                if not (tokens[inside[0]][0] >= span[0] and tokens[inside[-1]][1] <= span[1]):
                    node.place = span
                waiting.remove(node)
    bests: dict[int, tuple[float, int, int] | None] = {}
    while waiting:
        most = sum(free) - len(waiting) + 1
        for node in waiting:  # what was best stays best for as long as it is free
            best = bests.get(node.number)
            if node.number not in bests or (best and not (best[2] - best[1] < most and all(free[best[1] : best[2] + 1]))):
                bests[node.number] = _best(scores[node.number], free, most)
        found = [(best[0], -node.number, node, best) for node in waiting if (best := bests[node.number])]
        if not found or max(f[0] for f in found) <= 0:
            break
        _, _, node, (_, first, last) = max(found, key=lambda f: f[:2])
        settle(node, first, last)
        waiting.remove(node)

    def left_to(node: _Node) -> list[bool]:
        """The free tokens, but for code that stands outside of the mark."""
        others = set().union(*(there for here, there in coded if not _within(here, node.mark.span)))
        return [is_free and i not in others for i, is_free in enumerate(free)]

    for node in list(waiting):  # words that render something else still more
        choices = left_to(node)
        shares = [sum(_meet(s, node.mark.span) for s in found) for found in linked]
        if (
            at := max((i for i in range(len(tokens)) if choices[i] and shares[i]), key=shares.__getitem__, default=None)
        ) is not None:
            settle(node, at, at)
            waiting.remove(node)
    for left, node in enumerate(waiting):
        if (run := _as_far(node, tokens, left_to(node), len(waiting) - left - 1, of, into)) is not None:
            settle(node, *run)
        else:
            node.place = (into[1], into[1])
    _rest([n for n in nodes if n not in worded and n not in settled], settled, tokens, of, into, source, target, links)
    for node in nodes:
        if node.children:
            _place(node.children, node.mark.span, node.place, source, target, links, exact)


def _best(scores: Sequence[float], free: Sequence[bool], most: int) -> tuple[float, int, int] | None:
    """The run of at most `most` free tokens with the greatest sum: (sum, first, last)."""
    best: tuple[float, int, int] | None = None
    for first in range(len(scores)):
        total = 0.0
        for last in range(first, min(len(scores), first + most)):
            if not free[last]:
                break
            total += scores[last]
            if scores[last] > 0 and (best is None or (total, last - first) > (best[0], best[2] - best[1])):
                best = total, first, last
            if total < 0:
                break
    return best


def _linked(sources: Sequence[Span], span: Span) -> float:
    """What a target token with links to `sources` is worth to a mark around `span`: those in it, less those elsewhere, -1 … 1."""
    there = sum(_meet(source, span) for source in sources)
    return (2 * there - len(sources)) / len(sources) if sources else -STRAY


def _within(one: Span, other: Span) -> bool:
    return other[0] <= one[0] and one[1] <= other[1]


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _has_word(text: str, span: Span) -> bool:
    return any(map(str.isalnum, text[slice(*span)]))


def _has_token(text: str, span: Span) -> bool:
    return "`" in text[slice(*span)] or _has_word(text, span)  # code may be signs alone


def _literally(node: _Node, of: Span, into: Span, source: str, target: str) -> Span | None:
    """Where the words of a mark stand in the target letter by letter; None where they do not, or more often than once."""
    words = source[slice(*node.mark.span)].strip()
    exact = node.mark.kind in EXACT
    if not words or (source.count(words) > 1 and not exact):
        return None
    found = [
        (match.start(), match.end())
        for match in re.finditer(re.escape(words), target[: into[1]])
        if match.start() >= into[0] and (exact or _whole(target, match.span()))
    ]
    if exact and found:  # the same code several times: each takes the one that is its turn
        return found[min(source.count(words, of[0], node.mark.span[0]), len(found) - 1)]
    return found[0] if len(found) == 1 else None


def _inside_word(node: _Node, words: Sequence[Span], tokens: Sequence[Span], source: str, target: str) -> Span | None:
    """Where a mark on part of a word stands (km², H₂O, a footnote sign behind a word): on the same letters, where the target has the
    word letter by letter and once, or one word that ends with the digits that the mark holds."""
    start, end = node.mark.span
    if node.left or node.right or " " in source[start:end]:
        return None
    whole = next((word for word in words if _within((start, end), word)), None)
    if whole is None or whole == (start, end):
        return None
    same = [a + start - whole[0] for a, b in tokens if target[a:b] == source[slice(*whole)]]
    if not same and end == whole[1] and source[start:end].isdigit():
        same = [b - (end - start) for a, b in tokens if target[a:b].endswith(source[start:end]) and b - a > end - start]
    return (same[0], same[0] + end - start) if len(same) == 1 else None


def _whole(text: str, span: Span) -> bool:
    start, end = span
    opens = start == 0 or not (text[start - 1].isalnum() and text[start].isalnum())
    return opens and (end == len(text) or not (text[end].isalnum() and text[end - 1].isalnum()))


def _as_far(
    node: _Node, tokens: Sequence[Span], free: Sequence[bool], others: int, of: Span, into: Span
) -> tuple[int, int] | None:
    """The run of free tokens that stands about as far into the target as the mark does into the source, one left for each of `others`."""
    begin, end = (_proportional(at, of, into) for at in node.mark.span)
    choices = [i for i in range(len(tokens)) if free[i]]
    if not choices:
        return None
    middle = (begin + end) / 2
    first = last = min(choices, key=lambda i: (abs(sum(tokens[i]) / 2 - middle), i))
    room = len(choices) - 1 - others
    while room > 0 and first > 0 and free[first - 1] and sum(tokens[first - 1]) / 2 >= begin - 1:
        first, room = first - 1, room - 1
    while room > 0 and last + 1 < len(tokens) and free[last + 1] and sum(tokens[last + 1]) / 2 <= end + 1:
        last, room = last + 1, room - 1
    return first, last


def _proportional(at: float, of: Span, into: Span) -> float:
    return into[0] + (at - of[0]) / max(1, of[1] - of[0]) * (into[1] - into[0])


def _edges(node: _Node, start: int, end: int, of: Span, into: Span, source: str, target: str) -> Span:
    """A run of tokens with the signs at its edges that the mark has at its own (« », final stops), as far as `into` has room."""
    text = source[slice(*node.mark.span)]
    opening = 0 if node.left else _signs(text[: len(text) - len(text.lstrip("".join(c for c in set(text) if not c.isalnum())))])
    closing = 0 if node.right else _signs(text[len(text.rstrip("".join(c for c in set(text) if not c.isalnum()))) :])
    while opening and start > into[0] and not (target[start - 1].isspace() or target[start - 1].isalnum()):
        start, opening = start - 1, opening - 1
    while closing and end < into[1] and not (target[end].isspace() or target[end].isalnum()):
        end, closing = end + 1, closing - 1
    return start, end


def _signs(text: str) -> int:
    return sum(not (char.isspace() or char == "`") for char in text)  # the signs of code belong to its token


def _rest(
    nodes: Sequence[_Node],
    settled: Sequence[_Node],
    tokens: Sequence[Span],
    of: Span,
    into: Span,
    source: str,
    target: str,
    links: Sequence[tuple[Span, Span]],
) -> None:
    """Marks without a word inside: pictures, footnote signs, breaks, emphasis of a comma. They go behind the word that they follow."""
    taken = [node.place for node in settled if node.place[0] < node.place[1]]
    for node in nodes:
        start, end = node.mark.span
        if node.left or node.right:
            node.place = into if node.left and node.right else (into[0],) * 2 if node.left else (into[1],) * 2
            continue
        if (
            start < end
            and node.mark.kind not in EXACT
            and (found := _literally(node, of, into, source, target))
            and not any(_meet(found, t) for t in taken)
        ):
            node.place = found
            taken.append(found)
            continue
        at = _follows(start, of, into, source, target, tokens, links)
        at = next((b for a, b in taken if a < at < b), at)
        node.place = (at, at)


def _follows(
    at: int, of: Span, into: Span, source: str, target: str, tokens: Sequence[Span], links: Sequence[tuple[Span, Span]]
) -> int:
    """The place in the target of a point in the source."""
    if not _has_word(source, (of[0], at)):
        return into[0]
    if not _has_word(source, (at, of[1])):
        return into[1]
    before = max(match.end() for match in re.finditer(r"\w+", source[of[0] : at])) + of[0]
    ends = [t[1] for s, t in links if _meet(s, (before - 1, before)) and into[0] <= t[0] and t[1] <= into[1]]
    if ends:
        end = max(ends)
    else:
        wanted = _proportional(at, of, into)
        end = min((token[1] for token in tokens), key=lambda e: abs(e - wanted), default=into[1])
    end = next((b for a, b in tokens if a < end < b), end)
    signs = _signs(source[before:at])
    while signs and (found := _SIGN.match(target, end, into[1])):
        end, signs = found.end(), signs - 1
    if at > of[0] and source[at - 1].isspace():  # it stands before the next word
        end += len(target[end : into[1]]) - len(target[end : into[1]].lstrip())
    return end
