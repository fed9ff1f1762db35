import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilingual.checks import FLAGS, LOWEST_SCORE, flags, looks_bad

CASES = json.loads((Path(__file__).parent / "cases" / "checks.json").read_text(encoding="utf-8"))


def cases(group):
    return [
        pytest.param(
            case, id=case["label"], marks=[pytest.mark.xfail(reason=case["xfail"], strict=True)] if "xfail" in case else []
        )
        for case in CASES[group]
    ]


@pytest.mark.parametrize("case", cases("flags"))
def test_flags(case):
    assert flags(case["source"], case["target"], case.get("score")) == tuple(case["flags"])


def test_every_flag_has_a_case():
    assert {flag for case in CASES["flags"] if "xfail" not in case for flag in case["flags"]} == set(FLAGS)


def test_the_lowest_score_can_be_chosen():
    pair = "Il dort.", "He sleeps."
    assert flags(*pair, LOWEST_SCORE) == ()
    assert flags(*pair, LOWEST_SCORE - 0.01) == ("low-confidence",)
    assert flags(*pair, -0.5, lowest_score=-0.4) == ("low-confidence",)


def test_what_is_tried_again():
    again = {flag for flag in FLAGS if looks_bad((flag,))}
    assert again == {"empty", "loop", "omission", "too-long", "untranslated", "number-changed", "name-lost"}
    assert not looks_bad(()) and looks_bad(("unbalanced-quotes", "loop"))
    assert not looks_bad(("cut", "failed"))


words = st.sampled_from(
    [
        "Nvidia",
        "le",
        "the",
        "«",
        "»",
        "“",
        '"',
        "100 000",
        "centre",
        "de",
        "données",
        ".",
        ",",
        "data",
        "rocket",
        "",
        "\u202e",
        "aaaaaaa",
        "@@@@",
    ]
)
texts = st.one_of(st.text(max_size=60), st.lists(words, max_size=14).map(" ".join))


@given(texts, texts, st.none() | st.floats(-9, 0))
def test_flags_come_in_their_order_once_each(source, target, score):
    found = flags(source, target, score)
    assert list(found) == [flag for flag in FLAGS if flag in found]


@given(texts)
def test_nothing_is_empty_and_something_is_not(text):
    assert ("empty" in flags(text, "")) == bool(text.strip())
    assert "empty" not in flags(text, text)


@given(texts)
def test_a_copy_is_never_called_a_loop_or_a_loss(text):
    assert not {"loop", "omission", "name-lost", "unbalanced-quotes"} & set(flags(text, text))


@pytest.mark.parametrize("unit", ["a", "ab", "abc ", "« ", '"', "the the ", "A1-", "le ", "…", "1 ", "\u0301", "Nvidia H100 "])
def test_long_hostile_text_takes_linear_time(unit):
    text = unit * (20_000 // len(unit))
    start = time.process_time()
    flags(text, text[: len(text) // 2])
    assert time.process_time() - start < 6


def test_a_sentence_takes_less_than_two_milliseconds():
    source = "Selon Jensen Huang, les 100 000 puces d’OpenAI tournent à Memphis depuis « la mise en service » du site."
    target = "According to Jensen Huang, OpenAI's 100,000 chips have been running in Memphis since the site was “switched on.”"
    assert flags(source, target) == ()
    start = time.process_time()
    for _ in range(50):
        flags(source, target)
    assert (time.process_time() - start) / 50 < 0.002
