import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilingual.checks import FLAGS, KINDS, LOWEST_SCORE, check_segments, flags, looks_bad
from bilingual.document import Segment, TermHit
from bilingual.glossary import Glossary, Term

CASES = json.loads((Path(__file__).parent / "cases" / "checks.json").read_text(encoding="utf-8"))


GLOSSARY = Glossary(
    tuple(
        Term(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()})
        for row in CASES["glossary"]
    )
)


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


def test_names_that_a_glossary_answers_for_are_left_to_it():
    pair = "Le patron de Nvidia dort.", "The boss is asleep."
    assert flags(*pair) == ("name-lost",)
    assert flags(*pair, terms=[(13, 19)]) == ()
    assert flags(*pair, terms=[(0, 2)]) == ("name-lost",)


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


def segments(pairs):
    return [Segment(f"p{i}.s1", source, target=target) for i, (source, target) in enumerate(pairs, 1)]


@pytest.mark.parametrize("case", cases("findings"))
def test_findings(case):
    checked = segments(case["pairs"])
    texts = {segment.id: segment for segment in checked}
    found = [
        [
            finding.kind,
            finding.severity,
            finding.segment,
            None if finding.source is None else texts[finding.segment].source[slice(*finding.source)],
            None if finding.target is None else texts[finding.segment].target[slice(*finding.target)],
            finding.message,
        ]
        for finding in check_segments(checked, GLOSSARY)
    ]
    assert found == case["findings"]


def test_every_kind_of_finding_has_a_case():
    seen = {kind for case in CASES["findings"] for kind, *_ in case["findings"]}
    assert seen | {"failed", "low-confidence"} == set(KINDS)


def test_segments_that_failed_and_copies():
    failed = Segment("p1.s1", "Il a 40 ans.", target="Il a 40 ans.", origin="failed", reason="too long for the model")
    copied = Segment("p2.s1", "https://exemple.fr/le-la-les-des", target="https://exemple.fr/le-la-les-des", origin="copied")
    [finding] = check_segments([failed, copied])
    assert (finding.kind, finding.severity, finding.message) == ("failed", "error", "not translated: too long for the model")


def test_a_flag_of_the_pipeline_is_passed_on():
    [finding] = check_segments([Segment("p1.s1", "Il dort.", target="He sleeps.", score=-1.204, flags=("low-confidence",))])
    assert (finding.kind, finding.severity, finding.message) == ("low-confidence", "warning", "the model was unsure (-1.20)")


def test_without_a_glossary_the_receipts_speak():
    source = "La puce et le centre de données."
    kept = TermHit((3, 7), "chip", (4, 8), "kept")
    missed = TermHit((14, 31), "data center", None, "conflict", reason="another entry forbids it")
    report = TermHit((14, 31), "data center", None, "missed", level="report")
    [error] = check_segments([Segment("p1.s1", source, target="The chip and the hall.", terms=(kept, missed))])
    assert (error.kind, error.severity, error.source) == ("term-missed", "error", (14, 31))
    assert error.message == "centre de données is not rendered as data center (another entry forbids it)"
    [warning] = check_segments([Segment("p1.s1", source, target="The chip and the hall.", terms=(kept, report))])
    assert warning.severity == "warning"


def test_receipts_tell_two_ways_apart_as_well():
    first = Segment("p1.s1", "La puce chauffe.", target="The chip heats up.", terms=(TermHit((3, 7), "chip", (4, 8), "kept"),))
    second = Segment("p2.s1", "Des puces fondent.", target="Chips melt.", terms=(TermHit((4, 9), "chips", (0, 5), "kept"),))
    third = Segment("p3.s1", "Une puce tourne.", target="A flea spins.", terms=(TermHit((4, 8), "chip", (2, 6), "kept"),))
    [finding] = check_segments([first, second, third])
    assert (finding.kind, finding.segment, finding.message) == ("two-ways", "p3.s1", "puce is flea here and chip 2 times")


pairs = st.lists(st.tuples(texts, texts), max_size=4)


@given(pairs)
def test_findings_point_into_their_texts_and_are_the_same_every_time(pairs):
    checked = segments(pairs)
    found = check_segments(checked, GLOSSARY)
    assert found == check_segments(iter(checked), GLOSSARY)
    by_id = {segment.id: segment for segment in checked}
    for finding in found:
        segment = by_id[finding.segment]
        for span, text in ((finding.source, segment.source), (finding.target, segment.target)):
            assert span is None or 0 <= span[0] <= span[1] <= len(text)
        assert finding.message


@given(texts, texts)
def test_findings_and_flags_agree(source, target):
    kinds = {finding.kind for finding in check_segments(segments([(source, target)]))}
    assert kinds == set(flags(source, target))


def test_a_hostile_segment_takes_bounded_time():
    source = " ".join(f"Xyz{i}ab vautour «" for i in range(4000))
    target = " ".join(f"Pqr{i}st vautour" for i in range(4000))
    start = time.process_time()
    assert check_segments([Segment("p1.s1", source, target=target)], GLOSSARY)
    assert time.process_time() - start < 10
