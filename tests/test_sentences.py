"""Sentence splitting: hand-marked texts, single difficulties, invariants; and the cutting of over-long sentences."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.clauses import cut_clauses
from bilingual.document import Block, Document
from bilingual.sentences import SPLITTER, split_document, split_sentences

CASES = Path(__file__).parent / "cases"
TEXTS = json.loads((CASES / "sentences.json").read_text("utf-8"))["texts"]
HARD = json.loads((CASES / "sentences_hard.json").read_text("utf-8"))["cases"]
CUTS = json.loads((CASES / "sentences_cuts.json").read_text("utf-8"))["cases"]


def joined(case: dict) -> tuple[str, list[tuple[int, int]]]:
    text, spans = "", []
    for number, entry in enumerate(case["sentences"]):
        separator, sentence = entry if isinstance(entry, list) else (" " if number else "", entry)
        text += separator
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence
    return text, spans


def named(cases: list[dict]) -> list:
    marks = pytest.mark.xfail(strict=True, reason="known failure")
    return [pytest.param(case, id=case["label"], marks=marks if case.get("known_failure") else ()) for case in cases]


def covers(text: str, spans: list[tuple[int, int]]) -> bool:
    """Spans are in order, disjoint, not empty, stripped, and leave nothing but white space out."""
    at = 0
    for start, end in spans:
        if not at <= start < end or text[at:start].strip() or text[start:end] != text[start:end].strip():
            return False
        at = end
    return not text[at:].strip()


# --- marked texts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", named([case for case in TEXTS if not case["held_out"]]))
def test_marked_text(case):
    text, expected = joined(case)
    found = split_sentences(text, case["language"])
    assert [text[a:b] for a, b in found] == [text[a:b] for a, b in expected]
    assert found == expected


@pytest.mark.parametrize(("language", "least"), [("fr", 0.98), ("en", 0.98)])
def test_held_out_texts(language, least):
    hits = wanted = got = 0
    for case in TEXTS:
        if case["held_out"] and case["language"] == language:
            text, expected = joined(case)
            found = split_sentences(text, language)
            hits, wanted, got = hits + len(set(found) & set(expected)), wanted + len(expected), got + len(found)
    assert wanted > 15
    assert 2 * hits / (wanted + got) >= least


@pytest.mark.parametrize("case", named(HARD))
def test_single_difficulty(case):
    text = case["marked"].replace("¦", "")
    found = [text[a:b] for a, b in split_sentences(text, case["language"])]
    assert found == [part.strip() for part in case["marked"].split("¦")]


def test_the_marked_set_is_as_large_as_it_says():
    counts = {
        language: sum(len(case["sentences"]) for case in TEXTS if case["language"] == language) for language in ("fr", "en")
    }
    assert counts["fr"] >= 170
    assert counts["en"] >= 40
    held_out = sum(len(case["sentences"]) for case in TEXTS if case["held_out"])
    assert held_out >= sum(counts.values()) / 3


@pytest.mark.parametrize("text", ["", " ", "\n\n \u00a0\u202f\t\r\n"])
def test_nothing_gives_nothing(text):
    assert split_sentences(text) == []


# --- invariants ---------------------------------------------------------------------------------------------------------------

PIECES = [
    "Il part",
    "elle",
    "M",
    "Mme",
    "art",
    "etc",
    "J.-C",
    "S.A",
    "Paul",
    "Le",
    "3",
    "100",
    "12.5",
    "X.AI",
    "«",
    "»",
    "“",
    "”",
    '"',
]
PIECES += [
    "(",
    ")",
    "[",
    "]",
    ".",
    "...",
    "…",
    "!",
    "?",
    " ",
    "\u00a0",
    "\u202f",
    "\n",
    "\n\n",
    "\r\n",
    "–",
    "- ",
    "1.",
    "a)",
    "😂",
    "👉",
]
PIECES += [
    "#tag",
    "@moi",
    "https://x.fr/a.B",
    ",",
    ":",
    "’",
    "'",
    "et",
    ":)",
    "*",
    "[3]",
    "¹",
    "cf",
    "\u200b",
    "\u202e",
    "e\u0301",
    "漢字",
]
MESS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join) | st.text()
# Without marks that have a partner: that partner may stand in another sentence.
PLAIN = st.lists(st.sampled_from([p for p in PIECES if not set(p) & set('«»“”"()[]')]), max_size=30).map(" ".join)


@settings(deadline=None)
@given(MESS, st.sampled_from(["fr", "en"]))
def test_spans_cover_the_text_in_order(text, language):
    spans = split_sentences(text, language)
    assert covers(text, spans)
    assert spans == split_sentences(text, language)


@settings(deadline=None)
@given(PLAIN, st.sampled_from(["fr", "en"]))
def test_a_sentence_is_one_sentence(text, language):
    for start, end in split_sentences(text, language):
        assert split_sentences(text[start:end], language) == [(0, end - start)]


@pytest.mark.parametrize("case", named(TEXTS))
def test_a_marked_sentence_is_one_sentence(case):
    text, _ = joined(case)
    for start, end in split_sentences(text, case["language"]):
        assert split_sentences(text[start:end], case["language"]) == [(0, end - start)]


HOSTILE = [
    "Il part. ",
    "a.",
    "M. A",
    "(",
    "a(.",
    "« a. ",
    "a b) (",
    "aa.Bb",
    '". «!» ',
    "a[1].",
    "a  ! ",
    "a@b.",
    "?! ",
    "😂 ",
    "\n- ",
    " \n",
    "a-",
]


@pytest.mark.parametrize("unit", HOSTILE, ids=repr)
def test_time_is_linear(unit):
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        begun = time.process_time()
        split_sentences(text)
        cut_clauses(text, lambda piece: len(piece) <= 400)
        return time.process_time() - begun

    # Four times the text would take sixteen times as long if it were quadratic.
    assert seconds(40_000) < 9 * seconds(10_000) + 0.1


# --- documents ----------------------------------------------------------------------------------------------------------------


def document(*blocks: tuple[str, str], gap: str = "\n\n") -> Document:
    text, made = "", []
    for number, (kind, content) in enumerate(blocks, 1):
        text += gap if number > 1 else ""
        made.append(Block(number, kind, content, (len(text), len(text) + len(content))))
        text += content
    return Document("a.txt", tuple(made), text)


def test_segments_carry_id_span_and_kind():
    given_document = document(
        ("title", "Un essai"), ("share", "Partager :"), ("paragraph", " Il pleut. Il vente.\n"), ("tweet", "Oui ! 🎉 Non !")
    )
    split = split_document(given_document)
    assert [(s.id, s.block, s.source) for s in split.segments] == [
        ("p1.s1", "title", "Un essai"),
        ("p2.s1", "share", "Partager :"),
        ("p3.s1", "paragraph", "Il pleut."),
        ("p3.s2", "paragraph", "Il vente."),
        ("p4.s1", "tweet", "Oui ! 🎉"),
        ("p4.s2", "tweet", "Non !"),
    ]
    assert all(split.text[slice(*segment.span)] == segment.source for segment in split.segments)
    assert split_document(split) == split


def test_lines_are_never_split_and_never_lost():
    split = split_document(document(("line", "Il pleut. Il vente."), ("line", ""), ("line", "  "), ("line", " Fin. "), gap="\n"))
    assert [(s.id, s.source) for s in split.segments] == [
        ("p1.s1", "Il pleut. Il vente."),
        ("p2.s1", ""),
        ("p3.s1", ""),
        ("p4.s1", "Fin."),
    ]
    assert all(split.text[slice(*segment.span)] == segment.source for segment in split.segments)


@pytest.mark.parametrize(
    ("title", "count"),
    [
        ("Faut-il y croire ? Ce que disent les chercheurs", 2),
        ("Elon Musk… Le retour du roi", 1),
        ("La fin.Le début", 1),
        ("Le groupe Transval S.A. Le dossier", 1),
        ("« Jamais ! » : le cri de M. Roy", 1),
        ("Le réseau cède. Le maire aussi", 2),
    ],
)
def test_titles_are_cut_at_clear_ends_alone(title, count):
    assert len(split_document(document(("title", title))).segments) == count


def test_a_block_that_is_not_where_it_says_is_refused():
    with pytest.raises(ValueError, match=r"a\.txt: the text of block 1"):
        split_document(Document("a.txt", (Block(1, "paragraph", "Bonjour.", (0, 8)),), "Bonsoir."))


def test_a_document_without_its_text_is_split_by_its_blocks():
    split = split_document(Document("a.jsonl", (Block(2, "paragraph", "Un. Deux.", (10, 19)),)))
    assert [(s.id, s.span) for s in split.segments] == [("p2.s1", (10, 13)), ("p2.s2", (14, 19))]


def test_the_splitter_has_a_name_and_a_version():
    name, _, version = SPLITTER.partition("/")
    assert name
    assert version.isdecimal()


# --- long sentences -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", named(CUTS))
def test_cut(case):
    found = [case["text"][a:b] for a, b in cut_clauses(case["text"], lambda piece: len(piece) <= case["limit"])]
    assert found == case["pieces"]


@settings(deadline=None)
@given(MESS, st.integers(1, 40))
def test_cut_pieces_cover_and_fit(text, limit):
    spans = cut_clauses(text, lambda piece: len(piece) <= limit)
    assert covers(text, spans)
    assert all(end - start <= limit for start, end in spans)


@settings(deadline=None)
@given(st.lists(st.text("abc,;é", min_size=1, max_size=12), min_size=1, max_size=200).map(" ".join), st.integers(1, 60))
def test_fits_is_called_sparingly(text, limit):
    calls: list[int] = []

    def fits(piece: str) -> bool:
        calls.append(len(piece))
        return len(piece.split()) * 3 + len(piece) <= limit

    pieces = cut_clauses(text, fits)
    assert len(calls) <= len(pieces) * (2 * math.log2(limit + 2) + 3) + 10
    assert max(calls, default=0) <= max(256, 2 * limit)


def test_pieces_fit_even_where_a_longer_one_does_and_a_shorter_does_not():
    def fits(piece: str) -> bool:
        return len(piece) <= 20 and len(piece) != 14

    text = "un deux trois quatre cinq six sept huit"
    spans = cut_clauses(text, fits)
    assert covers(text, spans)
    assert all(fits(text[start:end]) for start, end in spans)


def test_a_character_that_does_not_fit_stays_alone():
    assert cut_clauses("ab c", lambda piece: False) == [(0, 1), (1, 2), (3, 4)]


@settings(deadline=None)
@given(st.integers(2, 6), st.integers(30, 60))
def test_pieces_are_few_and_even(count, limit):
    words = " ".join(["abcd"] * (count * limit // 6))
    sizes = [end - start for start, end in cut_clauses(words, lambda piece: len(piece) <= limit)]
    assert len(sizes) <= math.ceil(len(words) / limit) + 1
    assert max(sizes) - min(sizes) <= limit // 2


@pytest.mark.parametrize("whole", ["https://exemple.fr/une/page?a=1,2;b=3", "100 000 000", "12 345,67", "1.234.567"])
@settings(deadline=None)
@given(before=st.integers(0, 20), after=st.integers(0, 20))
def test_addresses_and_numbers_stay_whole(whole, before, after):
    text = " ".join(["mot"] * before + [whole] + ["mot"] * after)
    assert sum(whole in text[a:b] for a, b in cut_clauses(text, lambda piece: len(piece) <= 40)) == 1
