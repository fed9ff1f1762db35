from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEngine

from bilingual.document import Block, Document, Segment, replay, unwind
from bilingual.engines import Abilities, Engine, Search
from bilingual.engines.engine import Pieces
from bilingual.errors import InputError
from bilingual.glossary import Glossary, Term, default_glossary
from bilingual.links import link_spans, target_words
from bilingual.mending import agreement_edits, doubled_words
from bilingual.pipeline import Settings, translate_segments
from bilingual.writing.jsonl import from_jsonl, to_jsonl

CASES = json.loads((Path(__file__).parent / "cases" / "enforcement.json").read_text(encoding="utf-8"))
ABLE = Abilities(placeholders=tuple(f"<r{i}>" for i in range(13)), annotation=("<term>", "<as>", "</term>"))


class ScoringEngine(FakeEngine):
    """Texts with BAD in them score badly."""

    def score(self, sources: Sequence[Pieces], targets: Sequence[Pieces]) -> list[float]:
        return [-2.0 if "BAD" in target else -0.1 for target in targets]


def glossary(rows: list[list[str]]) -> Glossary:
    """Rows of source, target and, as far as given, status, level and case."""
    defaults = ("", "", "preferred", "strict", "match")
    filled = [(*row, *defaults[len(row) :]) for row in rows]
    terms = [Term(s, t, status=status, level=level, case=case) for s, t, status, level, case in filled]  # type: ignore[arg-type]
    return Glossary(tuple(terms), "cases")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_the_cascade(case: dict[str, Any]) -> None:
    says = case["says"]

    def say(text: str, search: Search) -> str:
        for mark in ("<as>", "<r0>"):
            if mark in text and mark in says:
                return says[mark]
        return says["<not>"] if search.suppress and "<not>" in says else says[""]

    engine = ScoringEngine(say, abilities=ABLE)
    segment = Segment("p1.s1", case["source"], block="line")
    [done] = translate_segments([segment], engine, Settings(glossary=glossary(case["terms"])))
    assert done.target == case["target"]
    assert [term.status for term in done.terms] == case.get("statuses", case["status"])
    assert [term.method for term in done.terms] == case["method"]
    assert replay(unwind(done.target, done.edits), done.edits) == done.target
    for term in done.terms:
        assert done.source[slice(*term.source)]
        if term.status in ("kept", "enforced") and not term.wanted.startswith("anything but"):
            assert term.target is not None and done.target[slice(*term.target)].lower() == term.wanted.lower()
    if "marks" in case:
        assert [f"{done.target[slice(*t.target)]}@{t.target[0]}" for t in done.terms if t.target] == case["marks"]
    if "calls" in case:
        assert len(engine.calls) == case["calls"]


def test_report_only_looks_and_off_does_not_even_look() -> None:
    terms = glossary([["supercalculateur", "supercomputer"]])
    segment = Segment("p1.s1", "le supercalculateur est prêt", block="line")
    engine = ScoringEngine(lambda text, search: "the supercalculator is ready", abilities=ABLE)
    [reported] = translate_segments([segment], engine, Settings(glossary=terms, enforce="report"))
    assert [t.status for t in reported.terms] == ["missed"] and len(engine.calls) == 1
    [off] = translate_segments([segment], engine, Settings(glossary=terms, enforce="off"))
    assert off.terms == () and off.target == reported.target


SENTENCES = [
    "Le supercalculateur de la start-up compte 100 000 puces.",
    "Les GPU chauffent beaucoup.",
    "La levée de fonds a rapporté 6 milliards de dollars.",
    "Un centre de données sera construit à Memphis.",
    "Il fait beau aujourd'hui.",
    "Le maire a répondu aux questions des habitants.",
    "La valorisation de l'entreprise a doublé.",
    "Les salariés attendent la mise en service de la gigafactory de calcul.",
]


@pytest.mark.model
@pytest.mark.parametrize("kind", ["embedded", "reference_engine"])
def test_the_real_model_obeys_in_both_engines(kind: str, request: pytest.FixtureRequest) -> None:
    engine: Engine = request.getfixturevalue(kind)
    segments = [Segment(f"p{i}.s1", text, block="line") for i, text in enumerate(SENTENCES, 1)]
    plain = list(translate_segments(segments, engine))
    done = list(translate_segments(segments, engine, Settings(glossary=default_glossary())))
    for before, after in zip(plain, done, strict=True):
        assert all(t.status in ("kept", "enforced") for t in after.terms if t.level == "strict"), after
        assert replay(unwind(after.target, after.edits), after.edits) == after.target
        if not after.terms:
            assert after == before  # law 3: a sentence without a term is the same with and without the glossary
        assert doubled_words(after.target) == []
    assert any(t.status == "enforced" for s in done for t in s.terms)


@pytest.mark.model
def test_a_random_glossary_is_obeyed_too(embedded: Engine) -> None:
    rows = [
        Term("puce", "teapot"),
        Term("maire", "violinist"),
        Term("dollar", "pumpkin"),
        Term("centre de données", "bee garden"),
    ]
    segments = [Segment(f"p{i}.s1", text, block="line") for i, text in enumerate(SENTENCES, 1)]
    done = list(translate_segments(segments, embedded, Settings(glossary=Glossary(tuple(rows), "random"))))
    assert [t.status for s in done for t in s.terms] == ["enforced"] * 4
    assert "teapots" in done[0].target and "violinist" in done[5].target


@pytest.mark.model
def test_a_stock_model_obeys_too(embedded: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without annotations and placeholders: n-best, prefix, replaced source and repair alone."""
    monkeypatch.setattr(embedded, "abilities", Abilities())
    segments = [Segment(f"p{i}.s1", text, block="line") for i, text in enumerate(SENTENCES, 1)]
    done = list(translate_segments(segments, embedded, Settings(glossary=default_glossary())))
    strict = [t for s in done for t in s.terms if t.level == "strict"]
    assert strict and all(t.status in ("kept", "enforced") for t in strict)
    assert not {t.method for t in strict} & {"annotated"}


@pytest.mark.model
def test_enforcement_does_not_depend_on_the_neighbours(embedded: Engine) -> None:
    settings = Settings(glossary=default_glossary())
    segments = [Segment(f"p{i}.s1", text, block="line") for i, text in enumerate(SENTENCES, 1)]
    together = list(translate_segments(segments, embedded, settings))
    assert together == [next(translate_segments([segment], embedded, settings)) for segment in segments]


@pytest.mark.model
def test_links_find_the_words_of_a_term(embedded: Engine) -> None:
    source = "Le supercalculateur reliera 100 000 puces."
    [[hypothesis]] = embedded.translate(embedded.vocabulary.encode_source([source]), Search(links=True))
    text = embedded.vocabulary.decode([hypothesis.pieces])[0]
    assert target_words(hypothesis.pieces, text) is not None
    start = source.index("puces")
    span = link_spans(hypothesis, text, embedded.vocabulary, source, (start, start + 5))[0]
    assert text[slice(*span)] in ("chips", "bullets"), "puce is ambiguous without the glossary"


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("He built an supercomputer.", "supercomputer", "He built a supercomputer."),
        ("A AI is here.", "AI", "An AI is here."),
        ("It is a H100.", "H100", "It is an H100."),
        ("It is an H100.", "H100", "It is an H100."),
        ("the data center", "data center", "the data center"),
        ("a GPU", "GPU", "a GPU"),
    ],
)
def test_articles_agree_with_what_follows(text: str, words: str, expected: str) -> None:
    start = text.index(words)
    assert replay(text, agreement_edits(text, [(start, start + len(words))])) == expected


def test_doubled_words_are_found_and_english_doubles_are_not() -> None:
    assert len(doubled_words("the the chip chip is here")) == 2
    assert doubled_words("He said that that was what he had had in mind.") == []


@pytest.mark.model
def test_words_of_a_translation_are_linked_to_words_of_its_source(embedded: Engine) -> None:
    sources = [*SENTENCES, "Le projet de @xAI coûte 100 000 € 🚀 et plaît à d’autres."]
    segments = [Segment(f"p{i}.s1", text, block="line") for i, text in enumerate(sources, 1)]
    plain = list(translate_segments(segments, embedded, Settings(glossary=default_glossary())))
    linked = list(translate_segments(segments, embedded, Settings(glossary=default_glossary(), links=True)))
    assert [replace(segment, links=()) for segment in linked] == plain
    for segment in linked:
        words = [(segment.source[slice(*a)], segment.target[slice(*b)]) for a, b in segment.links]
        assert len(words) >= 3 and all(a and b for a, b in words), words
        assert [b for _, b in segment.links] == sorted(b for _, b in segment.links)
    pairs = {(s.source[slice(*a)], s.target[slice(*b)]) for s in linked for a, b in s.links}
    assert ("@xAI", "@xAI") in pairs
    assert {("La", "The"), ("start-up", "startup"), ("maire", "mayor"), ("Memphis", "Memphis")} <= pairs


def test_links_are_written_and_read(tmp_path: Path) -> None:
    segment = Segment("p1.s1", "Oui.", (0, 4), target="Yes.", links=(((0, 3), (0, 3)),))
    document = Document("a.txt", (Block(1, "paragraph", "Oui.", (0, 4), segments=(segment,)),))
    text = to_jsonl(document)
    assert '"links":[[0,3,0,3]]' in text and from_jsonl(text, "a.jsonl").segments == (segment,)
    with pytest.raises(InputError, match="links"):
        from_jsonl(text.replace("[[0,3,0,3]]", "[[0,3,0]]"), "a.jsonl")
