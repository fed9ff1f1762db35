"""Candidates for a glossary: phrases, acronyms, renderings, and that nothing else comes out."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.document import Block, Document, Segment
from bilingual.glossary import Glossary, Term, default_glossary
from bilingual.glossary.phrases import dictionary_form
from bilingual.glossary.suggest import KINDS, Suggestion, as_glossary, suggest
from bilingual.glossary.tables import read_table, write_table
from bilingual.reading import read_document
from bilingual.sentences import split_document
from bilingual.writing.jsonl import from_jsonl

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "cases" / "glossary_suggest.json").read_text(encoding="utf-8"))


def article(*sentences: tuple[str, str] | str, name: str = "a.txt", **values: Any) -> Document:
    pairs = [(s, "") if isinstance(s, str) else s for s in sentences]
    segments = tuple(Segment(f"p1.s{n}", source, target=target, **values) for n, (source, target) in enumerate(pairs, 1))
    return Document(name, (Block(1, "paragraph", "", segments=segments),))


def pairs_of(case: dict[str, Any]) -> list[tuple[str, str]]:
    return [(french, english) for french, english in case["pairs"] + CASES["filler"]]


def labels(cases: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(case, id=case["label"]) for case in cases]


def by_source(suggestions: list[Suggestion]) -> dict[str, Suggestion]:
    found = {suggestion.source: suggestion for suggestion in suggestions}
    assert len(found) == len(suggestions), "each candidate once"
    return found


@pytest.mark.parametrize("case", labels(CASES["phrases"]))
def test_phrases(case: dict[str, Any]) -> None:
    glossary = Glossary(tuple(Term(source, target) for source, target in case.get("glossary", ())))
    found = by_source(
        suggest([split_document(read_document(case["text"].encode() or b" ", "a.txt"))] if case["text"] else [], glossary)
    )
    assert {source: found[source].count for source in case.get("suggested", {}) if source in found} == case.get("suggested", {})
    assert not [source for source in case.get("not", ()) if source in found]
    for source, long in case.get("stands for", {}).items():
        assert found[source].stands_for == long
    assert all(suggestion.renderings == () for suggestion in found.values())


@pytest.mark.parametrize("case", labels(CASES["pairs"]))
def test_renderings(case: dict[str, Any]) -> None:
    found = by_source(suggest([article(*pairs_of(case))]))
    if case["kind"] is None:  # a common word that is rendered in one way is no candidate: seen where every word is a new one
        assert case["source"] not in found
        renamed = [
            (french.replace(case["source"], "gigaform").replace(case["source"].capitalize(), "Gigaform"), english)
            for french, english in pairs_of(case)
        ]
        found = by_source(suggest([article(*renamed)]))
        assert found["gigaform"].kind == "phrase"
        assert {r.text: r.count for r in found["gigaform"].renderings} == case["renderings"]
    else:
        assert found[case["source"]].kind == case["kind"]
        assert {r.text: r.count for r in found[case["source"]].renderings} == case["renderings"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["form"]) for case in CASES["forms"]])
def test_dictionary_forms(case: dict[str, Any]) -> None:
    assert dictionary_form(Counter(case["texts"])) == case["form"]


def test_counts_places_and_examples() -> None:
    one = article("La puissance de calcul double.", "Il pleut.", name="un.txt")
    two = article("Il vente.", "Une puissance de calcul, deux puissances de calcul.", name="deux.txt")
    (found,) = suggest([one, two])
    assert (found.count, found.articles) == (3, 2)
    assert (found.example, found.text) == ("un.txt:p1.s1", "La puissance de calcul double.")
    assert suggest([one, two], least=4) == []


def test_where_each_rendering_stands_is_said() -> None:
    pairs = pairs_of(CASES["pairs"][1])
    found = by_source(suggest([article(*pairs, name="n.txt")]))["puce"]
    assert [(r.text, r.count, r.example) for r in found.renderings] == [("chip", 3, "n.txt:p1.s1"), ("flea", 2, "n.txt:p1.s4")]
    assert (found.count, found.score) == (5, 2.0)


@pytest.mark.parametrize("origin", ["failed", "copied"])
def test_what_was_not_translated_tells_no_rendering(origin: str) -> None:
    pairs = pairs_of(CASES["pairs"][1])
    assert "puce" not in by_source(suggest([article(*pairs, origin=origin)]))


def test_clutter_is_not_read() -> None:
    segments = tuple(Segment(f"p1.s{n}", "La puissance de calcul.") for n in (1, 2))
    assert suggest([Document("a", (Block(1, "share", "", segments=segments),))]) == []
    assert len(suggest([Document("a", (Block(1, "paragraph", "", segments=segments),))])) == 1


def seeds() -> list[Document]:
    return [split_document(read_document(path.read_bytes(), path.name)) for path in sorted((ROOT / "seeds").glob("*.txt"))]


def test_the_order_is_the_same_and_most_bounds_each_kind() -> None:
    articles = seeds()
    every = suggest(articles)
    assert suggest(articles) == every and len(every) > 20
    assert [s.kind for s in every] == sorted((s.kind for s in every), key=KINDS.index)
    few = suggest(articles, most=3)
    assert few == [s for kind in KINDS for s in [x for x in every if x.kind == kind][:3]]


def test_seeds_give_their_terms_and_nothing_that_the_glossary_has() -> None:
    found = by_source(suggest(seeds()))
    assert {"intelligence artificielle", "modèle de langage", "IA"} <= set(found)
    glossary = default_glossary()
    listed = {source for term in glossary.terms for source in term.sources}
    left = by_source(suggest(seeds(), glossary))
    assert not listed & set(left)
    assert len(left) < len(found)


def test_outputs_can_be_read() -> None:
    articles = [from_jsonl(path.read_text(encoding="utf-8"), path.name) for path in sorted((ROOT / "outputs").glob("*.jsonl"))]
    if not articles:
        pytest.skip("no outputs/*.jsonl")
    found = suggest(articles)
    assert any(suggestion.renderings for suggestion in found)
    for suggestion in found:
        counts = [r.count for r in suggestion.renderings]
        assert counts == sorted(counts, reverse=True) and sum(counts) <= suggestion.count * len(counts)
        assert (len(counts) > 1) == (suggestion.kind == "two renderings")


def test_suggestions_become_rows_that_can_be_pasted() -> None:
    pairs = [pair for case in CASES["pairs"] for pair in pairs_of(case)]
    found = suggest([article(*pairs)])
    rows = as_glossary(found)
    assert 0 < len(rows.terms) <= len(found)
    text, lost = write_table(rows)
    assert not lost and read_table(text).sha256 == rows.sha256
    assert {term.level for term in rows.terms} == {"prefer"}
    puce = next(term for term in rows.terms if term.source == "puce")
    assert puce.target == "chip" and "flea 2 (a.txt:p1.s" in puce.note


WORDS = "le la des un une de d' à puce puces centre calcul données électrique IA GPU ( ) , . - ' consomme Memphis x.ai 3".split()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), max_size=12).map(" ".join), max_size=8),
    st.booleans(),
)
def test_whatever_is_read_the_counts_are_right(texts: list[str], translated: bool) -> None:
    found = suggest([article(*((text, text[::-1] if translated else "") for text in texts))])
    known = by_source(found)
    for suggestion in found:
        assert suggestion.count >= 2 and suggestion.articles == 1
        assert suggestion.text in texts
        assert suggestion.source.strip(" '-") == suggestion.source != ""
    glossary = Glossary(tuple(Term(source, "x") for source in known))
    assert not set(known) & set(by_source(suggest([article(*texts)], glossary)))


@pytest.mark.parametrize(
    "text",
    [
        "des puces de calcul " * 5000,
        "GPU (GPU " * 8000,
        "l'" * 20000,
        "a-" * 20000,
        "é\u0301" * 20000,
        "de la " * 20000,
        "une puce, " * 10000,
    ],
)
def test_long_lines_take_linear_time(text: str) -> None:
    start = time.perf_counter()
    suggest([article((text, text), (text, text))], Glossary((Term("puce", "chip"),)))
    assert time.perf_counter() - start < 8


def test_a_shuffle_of_the_articles_gives_the_same_candidates() -> None:
    articles = seeds()
    shuffled = articles[:]
    random.Random(1).shuffle(shuffled)
    facts = [{(s.source, s.kind, s.count, s.articles, s.score) for s in suggest(order)} for order in (articles, shuffled)]
    assert facts[0] == facts[1]
