"""The stretches that a segment is read in, how their English is put together again, and what the model looked past."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeEngine
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.checks import check_segments, flags
from bilingual.clauses import stretches
from bilingual.coverage import looked_past
from bilingual.document import Segment, Span, replay, unwind
from bilingual.drafts import draft_all, make_drafts, make_plan, to_segment
from bilingual.engines.engine import Abilities, Engine, Hypothesis, Pieces, Search
from bilingual.links import draft_links
from bilingual.pipeline import translate_segments
from bilingual.protect import Masked, ProtectedSpan
from bilingual.restoring import restore

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "cases" / "clauses.json").read_text(encoding="utf-8"))
PLACEHOLDERS = Abilities(placeholders=("<r0>", "<r1>", "<r2>"))


def labelled(kind: str) -> Any:
    return pytest.mark.parametrize("case", CASES[kind], ids=[case["label"] for case in CASES[kind]])


@labelled("stretches")
def test_stretches(case: dict[str, Any]) -> None:
    assert [case["text"][a:b] for a, b in stretches(case["text"])] == case["pieces"]


@settings(deadline=None)
@given(st.lists(st.sampled_from([*'abc .;:!?«»()"–', "mot ", " : ", ". Il ", "\n"]), max_size=60).map("".join))
def test_stretches_cover_all_that_is_not_space(text: str) -> None:
    spans = stretches(text)
    assert all(a < b and text[a:b] == text[a:b].strip() for a, b in spans)
    left, position = "", 0
    for a, b in [*spans, (len(text), len(text))]:
        left, position = left + text[position:a], b
        assert a <= position
    assert not left.strip()


@labelled("joins")
def test_joins(case: dict[str, Any]) -> None:
    parts = [Masked(french) for french, _ in case["parts"]]
    hypotheses = [english for _, english in case["parts"]]
    restored = restore(hypotheses, parts)
    assert restored is not None
    text, edits, _ = restored
    assert text == case["text"]
    assert replay(" ".join(hypotheses), edits) == text and unwind(text, edits) == " ".join(hypotheses)


def test_each_stretch_is_read_alone_and_nothing_is_said_of_it() -> None:
    engine = FakeEngine(lambda text, _: text.upper().replace("<R", "<r"), abilities=PLACEHOLDERS)
    source = "Il neige sur @ana. La route du col est encore coupée : les cars ne passent pas avant lundi."
    [done] = translate_segments([Segment("p1.s1", source)], engine)
    assert engine.calls[0][0] == [
        "Il neige sur <r0>.",
        "La route du col est encore coupée :",
        "les cars ne passent pas avant lundi.",
    ]
    assert done.flags == ()
    assert done.target == "IL NEIGE SUR @ana. LA ROUTE DU COL EST ENCORE COUPÉE: LES CARS NE PASSENT PAS AVANT LUNDI."


@pytest.mark.parametrize(
    "source", ["Tout est là. @ana. Et après ?", "C'est fini.\n@ana\nEt après ?", "Voir @ana ! @bob ! Et après ?"]
)
def test_no_stretch_is_nothing_but_a_placeholder(source: str) -> None:
    plan = make_plan(source, FakeEngine(abilities=PLACEHOLDERS))
    assert "<r0>" in plan.masked_source
    assert all(re.search(r"[^\W\d_]", re.sub(r"<r\d>", "", part.text)) for part in plan.parts)


def test_the_same_address_in_two_sentences_of_a_stock_model() -> None:
    source = "Merci à @ana de Paris pour tout. Bravo à @ana de Lyon aussi."
    engine = FakeEngine(lambda text, _: text.replace("Merci", "Thanks"))
    [done] = translate_segments([Segment("p1.s1", source)], engine)
    assert done.target == source.replace("Merci", "Thanks") and done.origin == "mt"
    plan = make_plan(source, engine)
    assert [[text for text, _ in part.spans] for part in plan.parts] == [["@ana"], ["@ana"]]


def test_an_address_that_is_part_of_another() -> None:
    part = Masked("Voir a.fr ou https://a.fr/b vite.", (("a.fr", "a.fr"), ("https://a.fr/b", "https://a.fr/b")))
    assert restore(["See https://a.fr/b soon."], [part]) is None, "the short one is lost"
    restored = restore(["See https://a.fr/b or a.fr soon."], [part])
    assert restored is not None and restored[0] == "See https://a.fr/b or a.fr soon."
    assert [restored[0][a:b] for a, b in restored[2]] == ["https://a.fr/b", "a.fr"]


def test_what_stands_between_many_spans_is_parted_too() -> None:
    engine = FakeEngine(abilities=PLACEHOLDERS)
    plan = make_plan("Merci @a @b @c @d. Il neige. Tout gèle.", engine)
    assert [part.text for part in plan.parts][-2:] == ["Il neige.", "Tout gèle."]


def test_tags_and_placeholders_do_not_hide_where_a_sentence_begins() -> None:
    source = "Voir @ana. @bob dort. Puces et lacs."
    term = ProtectedSpan((22, 27), "term", "Puces", "<term> Puces <as> chips </term>")
    plan = make_plan(source, FakeEngine(abilities=PLACEHOLDERS), [term])
    assert [part.text for part in plan.parts] == ["Voir <r0>.", "<r1> dort.", "<term> Puces <as> chips </term> et lacs."]
    assert [[p for p, _ in part.spans] for part in plan.parts] == [["<r0>"], ["<r1>"], []]


def test_the_list_of_the_best_goes_on_over_parts() -> None:
    engine = FakeEngine(lambda text, _: [text.upper(), text.title(), text.lower()])
    plan = make_plan("Il neige. Tout gèle.", engine)
    [drafts] = make_drafts([plan], engine, Search(n_best=3))
    assert [draft.text for draft in drafts] == ["IL NEIGE. TOUT GÈLE.", "Il Neige. TOUT GÈLE.", "IL NEIGE. Tout Gèle."]


class Attentive(FakeEngine):
    """Looks at the word at the same place; one that is there in capitals looks at nothing, nor does the model at the word."""

    def translate(
        self,
        sources: list[Pieces],
        search: Search,
        prefixes: list[Pieces] | None = None,  # type: ignore[override]
    ) -> list[list[Hypothesis]]:
        found = super().translate(sources, search, prefixes)
        return [
            [replace(h, coverage=covered(len(h.pieces), len(source) + 1)) for h in made]
            for source, made in zip(sources, found, strict=True)
        ]


def covered(rows: int, columns: int) -> tuple[float, ...]:
    return tuple(float(j < rows) for j in range(columns))


ALIGNER = Abilities(aligner=True)
LONG = "Le vieux maire du petit village de montagne parle longuement aux habitants inquiets, puis la mairie ferme ses portes"


def offsets_of(text: str) -> list[Span]:
    found, position = [], 0
    for word in text.split():
        at = text.index(word, position)
        found.append((at, position := at + len(word)))
    return found


def attentive(say: Any) -> Engine:
    engine = Attentive(say, abilities=ALIGNER)
    engine.vocabulary.source_offsets = offsets_of  # type: ignore[attr-defined]
    return engine


def test_words_that_nothing_looks_at_are_found() -> None:
    text = "Le maire parle longuement aux habitants"
    found = looked_past(text, offsets_of(text), covered(3, 7))
    assert [text[a:b] for a, b in found] == ["longuement", "habitants"], "words of grammar may be looked past"
    assert looked_past(text, offsets_of(text), covered(6, 7)) == []
    assert [text[a:b] for a, b in looked_past(text, offsets_of(text), covered(3, 7), [(15, 25)])] == ["habitants"]
    assert looked_past(text, offsets_of(text), ()) == []


def test_a_translation_that_stops_halfway_is_an_omission_and_is_tried_in_parts() -> None:
    def say(text: str, search: Search) -> str:
        words = text.upper().split()
        return " ".join(words if len(text) < len(LONG) else [*words[:13], "AND", "NOW"][: len(words)])

    engine = attentive(say)
    [(plan, draft)] = draft_all([LONG], engine, Search(coverage=True))
    assert len(plan.parts) == 2 and "omission" not in draft.flags and "cut" in draft.flags
    assert draft.text == LONG.upper()


def test_words_of_every_part_are_linked(embedded: Engine) -> None:
    source = "Le maire parle de www.lac.fr. Le lac est grand. Le lac est beau."
    [(plan, draft)] = draft_all([source], embedded, Search(links=True))
    assert len(plan.parts) == 3
    linked = [a for (a, _), _ in draft_links(plan, draft, embedded)]
    assert linked == sorted(linked) and all(any(a == source.index("Le lac", at) + 3 for a in linked) for at in (0, 40))


def test_a_translation_that_stays_halfway_is_flagged() -> None:
    words = LONG.upper().split()
    engine = attentive(lambda text, _: " ".join(words[:15]))
    [(plan, draft)] = draft_all([LONG], engine, Search(coverage=True))
    done = to_segment(Segment("p1.s1", LONG), plan, draft)
    assert "omission" in done.flags
    assert [f.message for f in check_segments([done]) if f.kind == "omission"] == [
        "the model looked past some of the French: something may be missing"
    ]


def test_words_looked_past_are_an_omission_once() -> None:
    assert flags("Le maire parle.", "The mayor speaks.", past=2) == ("omission",)
    assert flags("Le maire parle.", "The mayor speaks.", past=1) == ()
    assert flags("Le maire a reçu les habitants du quartier.", "The mayor.", past=3) == ("omission",)
