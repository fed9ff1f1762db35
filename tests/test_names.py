import json
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilingual.names import find_names, fold, lost_names

CASES = json.loads((Path(__file__).parent / "cases" / "names.json").read_text(encoding="utf-8"))


def cases(group):
    return [
        pytest.param(
            case, id=case["label"], marks=[pytest.mark.xfail(reason=case["xfail"], strict=True)] if "xfail" in case else []
        )
        for case in CASES[group]
    ]


@pytest.mark.parametrize("case", cases("find"))
def test_names_found(case):
    assert [case["text"][start:end] for start, end in find_names(case["text"])] == case["names"]


@pytest.mark.parametrize("case", cases("lost"))
def test_names_lost(case):
    assert [case["source"][start:end] for start, end in lost_names(case["source"], case["target"])] == case["lost"]


words = st.sampled_from(
    [
        "Nvidia",
        "xAI",
        "le",
        "« Colossus »",
        "GPT-4",
        "Jensen",
        "d’OpenAI",
        "MLGW",
        "ONU",
        "Londres",
        ".",
        ",",
        "!",
        "É",
        "A&B",
        "İ",
        "ß",
        "½",
    ]
)
texts = st.one_of(st.text(max_size=80), st.lists(words, max_size=12).map(" ".join))


@given(texts)
def test_spans_are_ordered_and_disjoint_and_hold_a_capital(text):
    spans = find_names(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(not text[start:end].islower() for start, end in spans)


@given(texts, texts)
def test_only_names_are_lost_and_none_from_the_text_itself(source, target):
    assert set(lost_names(source, target)) <= set(find_names(source))
    assert lost_names(source, source) == []


@given(texts)
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("unit", ["Aa-", "A.", "«", "X1", "A ", "\u202eAB ", "a" * 50 + "B ", "(", "L'", "Xyzab Kwq Zrt7 "])
def test_long_hostile_text_takes_linear_time(unit):
    numbered = (unit.replace("7", str(i)) for i in range(200_000 // len(unit)))
    text = "".join(numbered)
    for target in (text, "", "Pqrst Abc " * 20_000):
        start = time.process_time()
        lost_names(text, target)
        assert time.process_time() - start < 3


def test_a_sentence_takes_less_than_half_a_millisecond():
    source = "Selon Jensen Huang, le patron de Nvidia, les H100 d’OpenAI tournent à Memphis depuis la mise en service du site."
    target = (
        "According to Jensen Huang, head of Nvidia, OpenAI's H100s have been running in Memphis since the site was switched on."
    )
    lost_names(source, target)
    start = time.process_time()
    for _ in range(200):
        lost_names(source, target)
    assert (time.process_time() - start) / 200 < 0.0005
