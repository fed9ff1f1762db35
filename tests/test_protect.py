from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilingual.document import replay, unwind
from bilingual.protect import Masked, ProtectedSpan, cut_around, find_protected, mask, readable
from bilingual.restoring import restore

CASES = json.loads((Path(__file__).parent / "cases" / "protect.json").read_text(encoding="utf-8"))
PLACEHOLDERS = tuple(f"<r{i}>" for i in range(13))
UNREADABLE = set("=<>{}|\\~^🚀👩👧αβγ•→🔗")
HOSTILE = st.text(
    st.one_of(
        st.sampled_from(list("aàé Z.,!?()<>@#=~🚀\u200d«»“”\u00a0\u202f\n'’0159/-_")), st.characters(exclude_categories=["Cs"])
    ),
    max_size=60,
)
WORDS = st.lists(
    st.sampled_from("Voir le site https://a.fr/x @ana #IA 🚀 = <b> {n} et www.b.org , . ! sur demain a@b.fr »".split()),
    max_size=14,
).map(" ".join)


def can_read(character: str) -> bool:
    return character not in UNREADABLE


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_finds_what_must_be_copied_and_nothing_else(case: dict) -> None:
    assert [span.text for span in find_protected(case["text"], can_read)] == case["protected"]


@given(st.one_of(HOSTILE, WORDS))
def test_spans_are_exact_ordered_and_disjoint(text: str) -> None:
    end = 0
    for span in find_protected(text, can_read):
        assert text[slice(*span.span)] == span.text != ""
        assert span.span[0] >= end
        end = span.span[1]


@given(st.one_of(HOSTILE, WORDS), st.booleans())
def test_a_model_that_copies_gets_every_span_back(text: str, with_placeholders: bool) -> None:
    spans = find_protected(text, can_read)
    masked = mask(text, spans, PLACEHOLDERS if with_placeholders else ())
    if masked is None:
        assert len(spans) > len(PLACEHOLDERS)
        return
    if not masked.text:
        return
    restored = restore([masked.text], [masked])
    if restored is None:  # without placeholders the same text may stand twice in the sentence: that is not "exactly once"
        assert any(masked.text.count(p) != 1 for p, _ in masked.spans) or "<" in masked.text
        return
    final, edits, fixed = restored
    assert replay(masked.text, edits) == final
    assert unwind(final, edits) == masked.text
    for span in spans:
        assert span.text in final
    for start, end in fixed:
        assert final[start:end].strip() == final[start:end] != ""


@given(st.one_of(HOSTILE, WORDS))
def test_cutting_around_keeps_every_span(text: str) -> None:
    spans = find_protected(text, can_read)
    parts = cut_around(text, spans)
    if not any(part.text for part in parts):
        assert "".join(part.before for part in parts) == text
        return
    restored = restore([part.text for part in parts], parts)
    if restored is None:  # a stray placeholder of the model's own in what is left between the spans
        assert "<" in text
        return
    final, edits, _ = restored
    for span in spans:
        assert span.text in final
    assert replay(" ".join(part.text for part in parts), edits) == final
    assert final.split() == "".join(p.before + p.text + p.after for p in parts).split()


@pytest.mark.parametrize(
    ("hypothesis", "fine"),
    [
        ("See <r0> now", True),
        ("See now", False),
        ("See <r0> and <r0>", False),
        ("See <r0> and <r1>", False),
        ("<as> See <r0>", False),
    ],
)
def test_a_placeholder_must_come_back_exactly_once_and_alone(hypothesis: str, fine: bool) -> None:
    assert (restore([hypothesis], [Masked("Voir <r0>", (("<r0>", "www.a.fr"),))]) is not None) == fine


def test_edges_do_not_reach_the_model_but_words_of_the_sentence_do() -> None:
    def masked(text: str) -> Masked | None:
        return mask(text, find_protected(text, can_read), PLACEHOLDERS)

    assert masked("🔗 Suivez le projet sur www.a.fr") == Masked("Suivez le projet sur <r0>", (("<r0>", "www.a.fr"),), "🔗 ")
    assert masked("C’est fini. https://a.fr/b") == Masked("C’est fini.", before="", after=" https://a.fr/b")
    assert masked("@ana a gagné.") == Masked("<r0> a gagné.", (("<r0>", "@ana"),))
    assert masked("Bravo ! #IA #GPU") == Masked("Bravo !", before="", after=" #IA #GPU")
    assert masked("J'aime le #GPU") == Masked("J'aime le <r0>", (("<r0>", "#GPU"),))
    assert masked("🚀 = 🚀") == Masked("", before="🚀 = 🚀")


def test_more_spans_than_placeholders_is_said() -> None:
    text = "le " + " et ".join(f"@a{i}" for i in range(14)) + " aussi"
    assert mask(text, find_protected(text, can_read), PLACEHOLDERS) is None
    assert len([p for p in cut_around(text, find_protected(text, can_read)) if p.text]) == 15


def test_long_hostile_lines_take_linear_time() -> None:
    for unit in ("@", "#", "<", "a.", "www.", "{", "`", "https://", "a@", "%(", "🚀", "= "):
        text = unit * (200_000 // len(unit))
        find_protected(text, can_read)


def test_what_the_model_reads_has_no_invisible_characters() -> None:
    assert readable("a\u202eb\u200bc\u0007 Œuvre") == "abc Oeuvre"
    assert readable("déjà vu") == "déjà vu"


def test_names_given_from_outside_are_masked_like_the_others() -> None:
    text = "La société Grokaz recrute."
    masked = mask(text, [ProtectedSpan((11, 17), "name", "Grokaz")], PLACEHOLDERS)
    assert masked == Masked("La société <r0> recrute.", (("<r0>", "Grokaz"),))
