"""Which number of a translation stands for which number of its source: a largest one-to-one matching.

Both sides come as `Found` numbers: what is required must find a partner, the rest (articles, small counts in words, digits inside
names) may explain one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from bilingual.numerals import Found, Number


def left_over(numbers: Sequence[Found], matched: dict[int, int]) -> list[Found]:
    """The required numbers without a partner."""
    return [found for at, found in enumerate(numbers) if found.required and at not in matched]


def _agree(one: Number, two: Number) -> bool:
    """Whether English `two` can stand for French `one`."""
    if any(abs(a) == abs(b) for a in one.readings for b in two.readings):
        return True
    if "approximate" in (one.kind, two.kind):
        return 4 * min(one.value, two.value) >= 3 * max(one.value, two.value)
    if (one.unit == "h" or one.kind == "time") and 12 < one.value < 24 and one.value - 12 in two.readings:
        return True  # « 14 h 30 », "2:30"
    return one.kind == "time" and _same_clock(one.parts[:2], two.text)


def _same_clock(parts: tuple[Fraction, ...], text: str) -> bool:
    """Whether "14.30" or "2.30" is the time of `parts`."""
    hours, point, minutes = text.partition(".")
    if not (point and hours.isdecimal() and minutes.isdecimal() and len(text) <= 5):
        return False
    return parts in ((Fraction(int(hours)), Fraction(int(minutes))), (Fraction(int(hours) + 12), Fraction(int(minutes))))


_LARGEST = 40_000  # pairs of numbers; a sentence has a dozen, a line that has more is a table


def _match_equal(ours: Sequence[Found], theirs: Sequence[Found]) -> tuple[dict[int, int], dict[int, int]]:
    """The first number of the target with a reading in common, for lines too long to do better."""
    places: dict[Fraction, list[int]] = {}
    for j in range(len(theirs) - 1, -1, -1):
        for reading in theirs[j].number.readings:
            places.setdefault(abs(reading), []).append(j)
    forward: dict[int, int] = {}
    backward: dict[int, int] = {}
    for i, found in enumerate(ours):
        for reading in found.number.readings if found.required else ():
            waiting = places.get(abs(reading), [])
            while waiting and waiting[-1] in backward:
                waiting.pop()
            if waiting:
                forward[i] = waiting.pop()
                backward[forward[i]] = i
                break
    return forward, backward


def match(ours: Sequence[Found], theirs: Sequence[Found]) -> tuple[dict[int, int], dict[int, int]]:
    """A matching that leaves as few required numbers over as can be on either side (Kuhn's augmenting paths).

    Exact values come first; pairs in which nothing is required are not made.
    """
    if len(ours) * len(theirs) > _LARGEST:
        return _match_equal(ours, theirs)
    edges = [[j for j, b in enumerate(theirs) if (a.required or b.required) and _agree(a.number, b.number)] for a in ours]
    for i, found in enumerate(ours):
        edges[i].sort(key=lambda j: (not theirs[j].required, found.number.value != theirs[j].number.value))
    back = [[i for i, js in enumerate(edges) if j in js] for j in range(len(theirs))]
    forward: dict[int, int] = {}
    backward: dict[int, int] = {}

    def augment(
        node: int, edges: list[list[int]], mine: dict[int, int], other: dict[int, int], numbers: Sequence[Found], seen: set[int]
    ) -> bool:
        for partner in edges[node]:
            if partner in seen:
                continue
            seen.add(partner)
            holder = other.get(partner)
            if holder is None or not numbers[holder].required or augment(holder, edges, mine, other, numbers, seen):
                if holder is not None and mine.get(holder) == partner:
                    del mine[holder]
                mine[node], other[partner] = partner, node
                return True
        return False

    for i, found in enumerate(ours):
        if found.required:
            augment(i, edges, forward, backward, ours, set())
    for j, found in enumerate(theirs):
        if found.required and j not in backward:
            augment(j, back, backward, forward, theirs, set())
    return forward, backward


def taken_apart(numbers: Sequence[Found], matched: dict[int, int]) -> list[Found]:
    """Times, dates, fractions and groups that found no match as the numbers that they are written with."""
    result = []
    for at, found in enumerate(numbers):
        number = found.number
        half_day = number.kind == "time" and number.text.endswith(("m", "m."))  # "2 p.m." is one thing
        if at in matched or not number.parts or half_day:
            result.append(found)
            continue
        for place, part in enumerate(number.parts):
            # a month may be named, and no minutes are said on the hour
            free = (number.kind == "date" and place == 1) or (number.kind == "time" and place > 0 and not part)
            also = (part - 12,) if number.kind == "time" and not place and part > 12 else ()
            piece = replace(number, value=part, kind="cardinal", also=also, parts=())
            result.append(Found(piece, found.required and not free, found.own, number))
    return result
