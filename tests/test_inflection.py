"""Word forms: cases as data, and the invariants that hold for any word."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilingual.inflection import (
    IGNORABLE,
    capitalize,
    english_plural,
    english_singular,
    english_verb_forms,
    fold,
    french_forms,
    french_key,
    french_plurals,
    french_singular,
    indefinite_article,
    is_brand_like,
    match_case,
)

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "cases" / "inflection.json").read_text(encoding="utf-8"))


def _param(case: Any, name: str) -> Any:
    reason = case.get("xfail") if isinstance(case, dict) else None
    return pytest.param(case, id=name or "empty", marks=[pytest.mark.xfail(reason=reason, strict=True)] if reason else [])


@pytest.mark.parametrize("case", [_param(c, c["singular"]) for c in CASES["english_number"]])
def test_english_number(case: dict[str, str]) -> None:
    assert english_plural(case["singular"]) == case["plural"]
    assert english_plural(case["plural"]) == case["plural"]
    if "one_way" not in case:
        assert english_singular(case["plural"]) == case["singular"]
        assert english_singular(case["singular"]) == case["singular"]


@pytest.mark.parametrize("case", [_param(c, c["word"]) for c in CASES["english_plural_only"]])
def test_english_plural_stays_plural(case: dict[str, str]) -> None:
    assert english_plural(case["word"]) == case["word"]


def test_given_plural_wins() -> None:
    assert english_plural("index", "indices") == "indices"


@pytest.mark.parametrize("case", [_param(c, c[1]) for c in CASES["article"]])
def test_article(case: list[str]) -> None:
    assert indefinite_article(case[1]) == case[0]


@pytest.mark.parametrize("case", [_param(c, c[0]) for c in CASES["french_plural"]])
def test_french_plural(case: list[str]) -> None:
    assert french_plurals(case[0]) == tuple(case[1:])
    assert {french_key(form) for form in case} == {french_key(case[0])}


@pytest.mark.parametrize("case", [_param(c, c[0]) for c in CASES["french_singular"]])
def test_french_singular(case: list[str]) -> None:
    assert french_singular(case[0]) == case[1]


@pytest.mark.parametrize("case", [_param(c, c["term"]) for c in CASES["french_forms"]])
def test_french_forms(case: dict[str, Any]) -> None:
    forms = french_forms(case["term"], case.get("pos", ""))
    assert set(case["has"]) <= forms
    assert not forms & set(case["not"])


def test_given_french_plural_replaces_the_rule() -> None:
    assert french_forms("porte-conteneurs", plural="porte-conteneurs") == {"porte-conteneurs"}


@pytest.mark.parametrize("case", [_param(c, c["verb"]) for c in CASES["english_verbs"]])
def test_english_verbs(case: dict[str, Any]) -> None:
    forms = english_verb_forms(case["verb"])
    assert set(case["has"]) <= forms
    assert not forms & set(case["not"])


@pytest.mark.parametrize("case", [_param(c, c["like"]) for c in CASES["case"]])
def test_case(case: dict[str, str]) -> None:
    assert match_case(case["text"], case["like"], case.get("base", "")) == case["gives"]


@pytest.mark.parametrize("case", [_param(c, c[0]) for c in CASES["capitalize"]])
def test_capitalize(case: list[str]) -> None:
    assert capitalize(case[0]) == case[1]


WORDS = st.text(st.sampled_from("abcdeghiklmnoprstuvxyzéèêâîœ'- AGPU1"), max_size=24)


@given(WORDS)
def test_plural_of_a_plural_is_itself(word: str) -> None:
    once = english_plural(word)
    assert english_plural(once) == once or re.search(r"(?i)(us|is|as|os|ss)\b|men\b", once)


@given(WORDS)
def test_every_form_of_a_french_noun_has_the_key_of_the_noun(word: str) -> None:
    tokens = re.findall(r"\w+", word)
    for token in tokens:
        for form in french_plurals(token):
            assert french_key(form) == french_key(token)
    assert word in french_forms(word)


@given(st.text(max_size=40))
def test_nothing_fails_on_any_text(text: str) -> None:
    assert indefinite_article(text) in ("a", "an")
    assert isinstance(english_plural(text), str)
    assert isinstance(english_singular(text), str)
    assert text in french_forms(text)
    assert fold(fold(text)) == fold(text)
    assert not set(fold(text)) & set(IGNORABLE)
    assert match_case(text, text).casefold() == text.casefold() or not text.isascii()


@given(st.text(st.sampled_from("abcXYZ ü-"), max_size=20), st.text(st.sampled_from("abcXYZ -"), max_size=20))
def test_match_case_changes_capitals_only(text: str, like: str) -> None:
    assert match_case(text, like).casefold() == text.casefold()


@pytest.mark.parametrize("brand", ["xAI", "OpenAI", "iPhone", "GPUs", "H100", "DeepMind"])
def test_brands_keep_their_capitals(brand: str) -> None:
    assert is_brand_like(brand)
    assert match_case(brand, "TOUT EN CAPITALES") == brand
