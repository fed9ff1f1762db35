from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import FakeEngine
from hypothesis import given, settings
from hypothesis import strategies as st

from bilingual.document import Segment, replay, unwind
from bilingual.drafts import draft_all
from bilingual.engines import Abilities, Engine, Search
from bilingual.errors import InputError
from bilingual.pipeline import WINDOWS, Settings, translate, translate_documents, translate_segments
from bilingual.reading import read_document, read_lines
from bilingual.sentences import split_document

PLACEHOLDERS = Abilities(placeholders=tuple(f"<r{i}>" for i in range(13)))
WORDS = "le chat dort . Nvidia 100 000 https://a.fr/x @ana #IA 🚀 « oui » ; , et M. Dupont ? … <r0> = 20 % xAI".split()
SOURCES = st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), max_size=12)


def segments(sources: list[str]) -> list[Segment]:
    return [Segment(f"p{i}.s1", source, block="line") for i, source in enumerate(sources, 1)]


def upper(text: str, search: Search) -> str:
    return text.upper().replace("<R", "<r")


@given(SOURCES)
@settings(deadline=None)
def test_as_many_segments_out_as_in_in_order_with_replayable_edits(sources: list[str]) -> None:
    engine = FakeEngine(upper, abilities=PLACEHOLDERS)
    given_segments = segments(sources)
    done = list(translate_segments(given_segments, engine))
    assert [s.id for s in done] == [s.id for s in given_segments]
    assert [s.source for s in done] == sources
    for segment in done:
        words = unwind(segment.target, segment.edits)
        assert replay(words, segment.edits) == segment.target
        for protected in ("https://a.fr/x", "@ana", "#IA", "🚀"):
            assert segment.target.count(protected) == segment.source.count(protected)


def test_segments_stream_with_a_bounded_number_in_flight() -> None:
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield Segment(f"p{taken}.s1", f"phrase numéro {taken}", block="line")

    stream = translate_segments(endless(), FakeEngine())
    for count in range(1, 10_000):
        assert next(stream).id == f"p{count}.s1"
        assert taken <= count + WINDOWS[-1]


def test_an_empty_stream_and_empty_sentences() -> None:
    assert list(translate_segments([], FakeEngine())) == []
    [blank] = translate_segments([Segment("p1.s1", "", block="line")], FakeEngine(upper))
    assert (blank.target, blank.origin, blank.flags) == ("", "copied", ())


def test_what_has_nothing_to_translate_is_copied_without_the_engine() -> None:
    engine = FakeEngine(upper)
    done = list(translate_segments(segments(["🚀 🚀", "https://a.fr/x", "***", "2024"]), engine))
    assert [s.target for s in done] == ["🚀 🚀", "https://a.fr/x", "***", "2024"]
    assert {s.origin for s in done} == {"copied"}
    assert engine.calls == []


def test_one_bad_sentence_does_not_take_the_others_with_it() -> None:
    engine = FakeEngine(upper, fails_on="poison")
    done = list(translate_segments(segments(["un chat", "du poison ici", "un chien"]), engine))
    assert [s.origin for s in done] == ["mt", "failed", "mt"]
    assert done[1].target == "du poison ici" and "told to fail" in done[1].reason and done[1].flags == ("failed",)


def test_a_lost_placeholder_is_translated_around() -> None:
    engine = FakeEngine(lambda text, search: text.replace("<r0>", "").upper(), abilities=PLACEHOLDERS)
    [done] = translate_segments(segments(["Le compte @ana publie souvent"]), engine)
    assert "@ana" in done.target and "cut" in done.flags
    assert [text for call, _ in engine.calls for text in call] == ["Le compte <r0> publie souvent", "Le compte", "publie souvent"]


def test_a_stock_model_that_drops_a_url_gets_it_back() -> None:
    engine = FakeEngine(lambda text, search: text.replace("https://a.fr/x", "that page").upper())
    [done] = translate_segments(segments(["La page https://a.fr/x est longue"]), engine)
    assert "https://a.fr/x" in done.target


def test_over_long_sentences_are_cut_at_clauses_and_nothing_is_lost() -> None:
    engine = FakeEngine(abilities=PLACEHOLDERS, longest=12)
    clauses = [f"la machine numéro {n} tourne et chauffe beaucoup" for n in range(1, 30)]
    source = "Ce jour-là " + ", ".join(clauses) + " avec @ana."
    [done] = translate_segments([Segment("p1.s1", source)], engine)
    assert "cut" in done.flags
    assert done.target.split() == source.split()
    assert all(len(text.split()) <= 12 for call, _ in engine.calls for text in call)
    assert replay(unwind(done.target, done.edits), done.edits) == done.target


def test_a_loop_is_tried_again_another_way_and_the_better_draft_wins() -> None:
    def say(text: str, search: Search) -> str:
        return "the cat sleeps on the big sofa" if search.repetition_penalty > 1 else "the cat " + "sleeps on the " * 12

    engine = FakeEngine(say)
    [done] = translate_segments(segments(["le chat dort sur le grand canapé"]), engine)
    assert "loop" not in done.flags and done.target.startswith("the cat sleeps on the big sofa")
    assert len(engine.calls) == 2


def test_what_stays_bad_is_marked_after_one_retry() -> None:
    engine = FakeEngine(lambda text, search: "the cat " + "sleeps on the " * 12)
    [done] = translate_segments(segments(["le chat dort sur le grand canapé"]), engine)
    assert "loop" in done.flags
    assert len(engine.calls) == 2


def test_a_lost_name_comes_back_as_a_placeholder() -> None:
    def say(text: str, search: Search) -> str:
        return (
            text.replace("Grokaz", "Grokas")
            .replace("L'entreprise", "The company")
            .replace("a recruté des ingénieurs", "hired engineers")
        )

    engine = FakeEngine(say, abilities=PLACEHOLDERS)
    [done] = translate_segments(segments(["L'entreprise Grokaz a recruté des ingénieurs"]), engine)
    assert done.target == "The company Grokaz hired engineers"
    assert "name-lost" not in done.flags
    assert engine.calls[-1][0] == ["L'entreprise <r0> a recruté des ingénieurs"]


def test_the_second_try_is_never_worse_than_the_first() -> None:
    def say(text: str, search: Search) -> str:
        return "" if search.beam > 4 else text.replace("Grokaz", "Grokas")

    [(_, draft)] = draft_all(["L'entreprise Grokaz recrute"], FakeEngine(say), Search())
    assert draft.text == "L'entreprise Grokas recrute"


def test_equal_sentences_are_translated_once_a_window() -> None:
    engine = FakeEngine(upper)
    list(translate_segments(segments(["Bonjour à tous"] * 50), engine))
    assert sum(len(texts) for texts, _ in engine.calls) == 1


ARTICLE = b"Un titre court\n\nLe chat dort. Le chien court.\n\nPartager :\n\nIl pleut sur la ville.\n"


def test_clutter_is_left_out_and_counted_and_ids_stay() -> None:
    engine = FakeEngine(upper)
    document = read_document(ARTICLE, "a.txt")
    without = translate(document, engine)
    whole = translate(document, engine, Settings(keep_clutter=True))
    assert without.left_out == 1 and whole.left_out == 0
    kept = {s.id: s.source for s in whole.segments}
    assert {s.id: s.source for s in without.segments}.items() < kept.items()
    assert without.signature and dict(without.signature.origins) == {"mt": 4}


def test_documents_share_windows_and_come_back_in_order() -> None:
    engine = FakeEngine(upper)
    empty = read_document(b"Partager :\n", "empty.txt")
    documents = [empty, read_document(ARTICLE, "a.txt"), empty, empty, read_document(ARTICLE, "b.txt"), empty]
    done = list(translate_documents(iter(documents), engine))
    assert [d.name for d in done] == [d.name for d in documents]
    assert len(engine.calls) == 1
    assert done[1].segments == done[4].segments


def test_lines_are_never_split_or_dropped() -> None:
    done = translate(read_lines(b"Un. Deux.\n\nPartager :\n", "a.txt"), FakeEngine(upper), Settings(keep_clutter=True))
    assert [s.target for s in done.segments] == ["UN. DEUX.", "", "PARTAGER:"]


@pytest.mark.model
@pytest.mark.parametrize("seed", range(3))
def test_real_sentences_do_not_depend_on_their_neighbours(embedded: Engine, seed: int) -> None:
    import random

    text = (Path(__file__).parent.parent / "seeds" / "memphis-supercalculateur.txt").read_bytes()
    fresh = split_document(read_document(text, "a.txt")).segments
    chosen = random.Random(seed).sample(list(enumerate(translate_segments(fresh, embedded))), 9)
    assert list(translate_segments([fresh[i] for i, _ in chosen], embedded)) == [segment for _, segment in chosen]


def test_an_article_has_one_kind_of_apostrophe() -> None:
    text = "L’usine d’Anne est prête. Elle l'a dit à l’AFP. Le plan de Paul est là."
    engine = FakeEngine(lambda text, search: "It's Paul's plan.")
    document = translate(read_document(text.encode(), "a.txt"), engine)
    assert {s.target for s in document.segments} == {"It’s Paul’s plan."}
    assert all(replay(unwind(s.target, s.edits), s.edits) == s.target for s in document.segments)


@pytest.mark.model
def test_the_whole_tool_runs_with_sockets_blocked(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Le chat dort.\nLe supercalculateur est prêt.\n", encoding="utf-8")
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise OSError('no network')\n"
        "socket.socket.connect = socket.socket.connect_ex = socket.create_connection = socket.getaddrinfo = refuse\n"
        "sys.argv = ['bilingual', 'translate', 'note.txt', '-o', 'out']\n"
        "from bilingual.cli.main import main\n"
        "main()\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    environment.pop("HF_HUB_OFFLINE", None)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["note.fr-en.jsonl", "note.fr-en.md"]
    assert "supercomputer" in (tmp_path / "out" / "note.fr-en.md").read_text(encoding="utf-8")


def test_a_placeholder_that_the_model_made_up_does_not_stay() -> None:
    engine = FakeEngine(lambda text, search: "THE <r3> CAT SLEEPS", abilities=PLACEHOLDERS)
    [done] = translate_segments(segments(["le chat dort"]), engine)
    assert done.target == "THE CAT SLEEPS"
    assert replay(unwind(done.target, done.edits), done.edits) == done.target


def test_a_line_that_is_nothing_but_a_lost_name_is_copied() -> None:
    engine = FakeEngine(lambda text, search: "Maurel", abilities=PLACEHOLDERS)
    [done] = translate_segments(segments(["Inès Maurel"]), engine)
    assert (done.target, done.origin, done.flags) == ("Inès Maurel", "copied", ())


def test_what_was_read_before_a_bad_line_is_translated() -> None:
    def broken():
        yield from segments(["un chat"] * 100)
        raise InputError("line 101 is bad")

    done = []
    with pytest.raises(InputError):
        for segment in translate_segments(broken(), FakeEngine(upper)):
            done.append(segment)
    assert len(done) == 100
