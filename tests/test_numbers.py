"""Numbers of both languages, and the comparison of a sentence with its translation."""

from __future__ import annotations

import ipaddress
import json
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bilingual.numbers import NumberChange, find_numbers, number_changes

CASES = json.loads((Path(__file__).parent / "cases" / "numbers.json").read_text(encoding="utf-8"))


def _params(cases: list[dict[str, Any]]) -> list[Any]:
    return [
        pytest.param(
            case, id=case["label"], marks=[pytest.mark.xfail(reason=case["xfail"], strict=True)] if "xfail" in case else []
        )
        for case in cases
    ]


@pytest.mark.parametrize("case", _params(CASES["find"]))
def test_find_numbers(case: dict[str, Any]) -> None:
    found = find_numbers(case["text"], case["language"], lenient=case.get("lenient", False))
    wanted = [(n["text"], Fraction(n["value"]), n["kind"]) for n in case["numbers"]]
    assert [(n.text, n.value, n.kind) for n in found] == wanted
    assert all(case["text"][slice(*n.span)] == n.text for n in found)


@pytest.mark.parametrize("case", _params(CASES["changes"]))
def test_number_changes(case: dict[str, Any]) -> None:
    changes = number_changes(case["source"], case["target"])
    found = [(c.kind, c.source and c.source.text, c.target and c.target.text) for c in changes]
    assert found == [(c["kind"], c["source"], c["target"]) for c in case["changes"]]


def test_there_are_enough_cases() -> None:
    assert len(CASES["find"]) + len(CASES["changes"]) >= 120
    assert sum(not case["changes"] for case in CASES["changes"]) > sum(bool(case["changes"]) for case in CASES["changes"])


def test_units_and_scales() -> None:
    euros, dollars, hours = find_numbers("1,5 milliard d’euros, 300 M$ et trois heures", "fr")
    assert (euros.unit, euros.scale) == ("€", 10**9)
    assert (dollars.unit, dollars.scale) == ("$", 10**6)
    assert hours.unit == "h" and not hours.digits


def test_a_change_names_its_kind() -> None:
    [number] = find_numbers("12", "fr")
    assert NumberChange(number, None).kind == "lost"
    assert NumberChange(None, number).kind == "added"
    assert NumberChange(number, number).kind == "changed"


# ---------------------------------------------------------------------------------------------------------- properties

_PIECES = st.sampled_from(
    [
        *(
            "100 000",
            "1,5",
            "2024",
            "7",
            "20 %",
            "1er",
            "XIXe",
            "14 h 30",
            "12/05/2024",
            "-3",
            "5,",
            "1/3",
            "192.168.1.1",
            "H100",
        ),
        *(
            "million",
            "milliards",
            "cent",
            "vingt",
            "et",
            "un",
            "deux",
            "dizaines",
            "de",
            "à",
            "€",
            "$",
            "M€",
            "ans",
            "entre",
            "mille",
        ),
        *("hundred", "and", "a", "half", "dozen", "twenty", "first", "p.m.", "to", "billion", "1990s", "\u202f", "½", "٣", "²"),
    ]
)
_TEXTS = st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=12).map(" ".join))


@given(_TEXTS, st.sampled_from(["fr", "en"]), st.booleans())
@settings(max_examples=300, deadline=None)
def test_spans_are_ordered_disjoint_and_true(text: str, language: Any, lenient: bool) -> None:
    end = 0
    for number in find_numbers(text, language, lenient=lenient):
        assert end <= number.span[0] < number.span[1] <= len(text)
        assert text[slice(*number.span)] == number.text
        end = number.span[1]


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


@given(st.integers(min_value=1000, max_value=10**12))
@example(100_000_000_000)
@example(192_168_100_200)
@settings(max_examples=150, deadline=None)
def test_grouped_integers_keep_their_value(value: int) -> None:
    for separator in " \u00a0\u202f\u2009.":
        french = f"{value:,}".replace(",", separator)
        if separator == "." and _is_address(french):
            continue
        [number] = find_numbers(f"Il y a {french} puces.", "fr")
        assert number.value == value
    [number] = find_numbers(f"There are {value:,} chips.", "en")
    assert number.value == value
    assert number_changes(f"Il y a {value:,} puces.".replace(",", "\u202f"), f"There are {value:,} chips.") == []


@given(st.integers(min_value=11, max_value=99_999), st.integers(min_value=11, max_value=99_999))
@settings(max_examples=150, deadline=None)
def test_another_value_is_a_change(ours: int, theirs: int) -> None:
    changes = number_changes(f"Il y a {ours} puces.", f"There are {theirs} chips.")
    assert bool(changes) == (ours != theirs)


@given(_TEXTS)
@settings(max_examples=150, deadline=None)
def test_digits_copied_are_never_reported(text: str) -> None:
    # read as French and as English the same digits have a common reading
    digits = "".join(c for c in text if (c.isdigit() and c.isascii()) or c == " ").strip()
    assert number_changes(digits, digits) == []


# French names of the numbers below a hundred, made here by another way than the reader takes.
_UNITS = "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf".split()
_TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}


def _french(value: int) -> str:
    if value >= 1000:
        head = "mille" if value < 2000 else f"{_french(value // 1000)} mille"
        return head + (f" {_french(value % 1000)}" if value % 1000 else "")
    if value >= 100:
        head = "cent" if value < 200 else f"{_UNITS[value // 100]} cent"
        return head + (f" {_french(value % 100)}" if value % 100 else "s" if value >= 200 else "")
    if value < 20:
        return _UNITS[value]
    base = max(tens for tens in _TENS if tens <= value)
    rest = value - base
    if rest == 0:
        return _TENS[base] + ("s" if base == 80 else "")
    return f"{_TENS[base]} et {_UNITS[rest]}" if rest in (1, 11) and base != 80 else f"{_TENS[base]}-{_UNITS[rest]}"


@pytest.mark.parametrize(
    "value", [*range(2, 120), 180, 181, 199, 200, 280, 999, 1000, 1789, 2021, 80_000, 99_999, 200_000, 999_999]
)
def test_french_number_words(value: int) -> None:
    [number] = find_numbers(f"Voici {_french(value)} puces.", "fr")
    assert number.value == value, _french(value)


@pytest.mark.parametrize(
    "filler", ["1 ", "1,", "1.", "a1", "a-", "deux ", "million ", "XX", "1/", "@", "#", "(", "«", "1 000 ", "h", "."]
)
def test_long_lines_take_linear_time(filler: str) -> None:
    text = filler * (8_000 // len(filler))
    start = time.perf_counter()
    find_numbers(text, "fr")
    find_numbers(text, "en", lenient=True)
    assert time.perf_counter() - start < 5


def test_a_table_in_one_line_is_compared_in_time() -> None:
    source = " ".join(str(value) for value in range(11, 3011))
    assert number_changes(source, source) == []
    assert [c.kind for c in number_changes(source, source.replace("1234 ", ""))] == ["lost"]
