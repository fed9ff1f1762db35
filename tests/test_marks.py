"""Inline marks carried over by word links: 200 cases by hand, and on generated sentences none lost, doubled or crossed."""

from __future__ import annotations

import json
import re

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.document import Mark, Segment, Span
from bilingual.forms.marks import carry_marks, weave

CASES = json.loads((ROOT / "tests" / "cases" / "marks.json").read_text(encoding="utf-8"))
_SIGN = re.compile(r"\[(?P<open>[a-z])\||(?P<close>\])|(?P<atom>\{[a-z]\})")


def parse(text: str) -> tuple[str, list[Mark]]:
    """« Le [a|tram] part{n}. » as plain text and marks."""
    plain, marks, around, position = "", [], [], 0
    for match in _SIGN.finditer(text):
        plain += text[position : match.start()]
        position = match.end()
        if match["open"]:
            around.append(len(marks))
            marks.append(Mark((len(plain), len(plain)), "code" if match["open"] == "c" else match["open"], match.span()))
        elif match["close"]:
            at = around.pop()
            marks[at] = Mark((marks[at].span[0], len(plain)), marks[at].kind, marks[at].opens, match.span())
        else:
            marks.append(Mark((len(plain), len(plain)), match["atom"][1], match.span()))
    return plain + text[position:], marks


def spell(text: str, marks: list[Mark]) -> str:
    written = ""
    for what, value in weave(len(text), marks):
        if isinstance(value, tuple):
            written += text[slice(*value)]
            continue
        mark = marks[value]
        if mark.closes == (0, 0):
            written += f"{{{mark.kind}}}" if what == "open" else ""
        elif what == "exact":
            written += f"[c|{text[slice(*mark.span)]}]"
        else:
            written += f"[{mark.kind}|" if what == "open" else "]"
    return written


def words(text: str) -> list[Span]:
    return [match.span() for match in re.finditer(r"`[^`]+`|[^\W_]+", text)]


def links(source: str, target: str, pairs: str) -> tuple[tuple[Span, Span], ...]:
    there, here = words(source), words(target)
    return tuple((there[int(a)], here[int(b)]) for a, b in (pair.split("-") for pair in pairs.split()))


ROWS = [(pair["links"], french, english) for pair in CASES for french, english in pair["cases"]]


@pytest.mark.parametrize(
    ("pairs", "french", "english"), ROWS, ids=[f"{number}-{row[1][:60]}" for number, row in enumerate(ROWS, 1)]
)
def test_cases(pairs: str, french: str, english: str) -> None:
    source, marks = parse(french)
    target, _ = parse(english)
    segment = Segment("p1.s1", source, target=target, links=links(source, target, pairs))
    assert spell(target, list(carry_marks(segment, marks))) == english


def test_there_are_two_hundred_cases() -> None:
    assert len(ROWS) >= 200 and len(set(ROWS)) == len(ROWS)


WORD = st.sampled_from(["le", "tram", "Nantes", "l’eau", "3,5", "«", "»", ".", ",", "`code`", "https://a.fr/b", "—", "été", "de"])


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Mark]]:
    """A sentence with a forest of marks, some of which stick out of it."""

    def forest(depth: int) -> str:
        parts = []
        for _ in range(draw(st.integers(0, 4))):
            what = draw(st.integers(0, 6))
            if what == 0 and depth < 3:
                parts.append(f"[{draw(st.sampled_from('abd'))}|{forest(depth + 1)}]")
            elif what == 1:
                parts.append("{n}")
            elif what == 2:
                parts.append("[c|`code`]")
            else:
                parts.append(draw(WORD))
            parts.append(draw(st.sampled_from([" ", "", " "])))
        return "".join(parts)

    text, marks = parse(forest(0))
    if draw(st.booleans()):
        marks = [
            Mark((m.span[0] - (m.span[0] == 0 < m.span[1]), m.span[1]), m.kind, m.opens, m.closes) if m.kind != "code" else m
            for m in marks
        ]
    if draw(st.booleans()):
        marks = [
            Mark((m.span[0], m.span[1] + 1), m.kind, m.opens, m.closes)
            if m.span[0] < m.span[1] == len(text) and m.kind != "code"
            else m
            for m in marks
        ]
    return text, marks


def inside(mark: Mark, other: Mark) -> bool:
    return mark is not other and other.opens[0] <= mark.opens[0] < other.closes[1]


@given(marked(), st.lists(WORD, max_size=12), st.data())
@settings(max_examples=1000, deadline=None)
def test_none_is_lost_doubled_or_crossed(made: tuple[str, list[Mark]], target_words: list[str], data: st.DataObject) -> None:
    source, marks = made
    target = " ".join(target_words)
    there, here = words(source), words(target)
    pairs: tuple[tuple[Span, Span], ...] = ()
    if there and here:
        pairs = tuple(data.draw(st.lists(st.tuples(st.sampled_from(there), st.sampled_from(here)), max_size=12)))
    carried = list(carry_marks(Segment("p1.s1", source, target=target, links=pairs), marks))
    assert [(m.kind, m.opens, m.closes) for m in carried] == [(m.kind, m.opens, m.closes) for m in marks]
    for i, one in enumerate(carried):
        start, end = one.span
        assert 0 <= start <= end <= len(target)
        if marks[i].span[0] == marks[i].span[1]:
            assert start == end, "an empty mark stays empty"
        if one.kind == "code":
            assert start == end or target[start:end] == "`code`"
        for other in carried[:i]:
            if inside(one, other):
                assert other.span[0] <= start and end <= other.span[1], "nested stays nested"
            else:
                assert end <= other.span[0] or other.span[1] <= start or start == end or other.span[0] == other.span[1], "apart"
                assert not other.span[0] < start == end < other.span[1] and not start < other.span[0] == other.span[1] < end
    text = "".join(
        target[slice(*v)] if isinstance(v, tuple) else target[slice(*carried[v].span)] if w == "exact" else ""
        for w, v in weave(len(target), carried)
    )
    assert text == target, "the words are all there, once"
    numbers = [(w, v) for w, v in weave(len(target), carried) if not isinstance(v, tuple)]
    expected = [(w, n) for n, m in enumerate(carried) for w in (("exact",) if m.kind == "code" else ("open", "close"))]
    assert sorted(numbers) == sorted(expected), "each opens once and closes once"
    edges = [(m, c) for m, c in zip(marks, carried, strict=True) if m.span[0] < m.span[1]]
    assert all(c.span[0] == 0 for m, c in edges if m.span[0] < 0)
    assert all(c.span[1] == len(target) for m, c in edges if m.span[1] > len(source))
