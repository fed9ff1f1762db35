"""Sentence alignment: cases as data, what holds for all texts, the document that comes of it, and the command.

After a wanted change: ``python tests/test_bitext.py --regenerate`` writes the golden files anew; read their diff.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import ROOT
from fakes import FakeEngine
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cli import Result
from test_contract import check_lines

from bilingual.bitext import Bead, align, align_sentences, pair_documents
from bilingual.bitext.anchors import CORRIDOR, SLACK, band
from bilingual.bitext.path import PRIORS, Scorer, Side, best_path
from bilingual.bitext.words import Weights, bag_of, joined
from bilingual.checks import check_segments
from bilingual.document import Block, Document, Segment
from bilingual.engines import Engine
from bilingual.errors import InputError
from bilingual.glossary import Glossary, Term
from bilingual.reading import read_document
from bilingual.sentences import split_document
from bilingual.summary import summarize
from bilingual.writing import FORMATS, from_jsonl, to_jsonl, to_markdown, to_text
from bilingual.writing.exchange import read_exchange
from bilingual.writing.receipt import notice

HERE = Path(__file__).parent
GOLDEN = HERE / "golden" / "bitext"
CASES = json.loads((HERE / "cases" / "bitext.json").read_text(encoding="utf-8"))
Run = Callable[..., Result]


def begins(case: dict, side: str) -> list[bool]:
    return [at in case[f"{side}_begins"] for at in range(len(case[side]))] if f"{side}_begins" in case else []


def shown(beads: list[Bead]) -> str:
    parts = []
    for bead in beads:
        french, english = (",".join(map(str, range(*side))) for side in (bead.french, bead.english))
        parts.append(f"{french}={english}{'m' * bead.moved}")
    return " ".join(parts)


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_cases(case: dict) -> None:
    beads = align_sentences(case["french"], case["rough"], case["english"], begins(case, "french"), begins(case, "english"))
    assert shown(beads) == case["beads"]


# --- what holds for all texts ---------------------------------------------------------------------------------------------------

WORDS = "le port lundi Brest 12 400 rain house cat Kowalski is the of and a — … 🚀".split()
sentences = st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), max_size=14)


def check_beads(beads: list[Bead], french: int, english: int) -> None:
    assert [n for bead in beads for n in range(*bead.french)] == list(range(french)), "French in order, each once"
    assert sorted(n for bead in beads for n in range(*bead.english)) == list(range(english)), "each English sentence once"
    straight = [n for bead in beads if not bead.moved and bead.french[0] < bead.french[1] for n in range(*bead.english)]
    assert straight == sorted(straight), "what did not move is in order"
    sizes = {tuple(map(int, bead.kind.split("-"))) for bead in beads}
    assert sizes <= {*PRIORS, (1, 0), (0, 1)}
    assert all(0 <= bead.score <= 1 for bead in beads)


@settings(max_examples=150, deadline=None)
@given(sentences, sentences, st.randoms(use_true_random=False))
def test_every_sentence_stands_in_one_bead(french: list[str], english: list[str], rng: random.Random) -> None:
    rough = [rng.choice([*english, "", sentence]) for sentence in french]
    marks = [[rng.random() < 0.4 for _ in side] for side in (french, english)]
    beads = align_sentences(french, rough, english, *marks)
    check_beads(beads, len(french), len(english))
    assert beads == align_sentences(french, rough, english, *marks)


def made_up(size: int, seed: int = 1) -> tuple[list[str], list[str]]:
    """Sentences of made-up words, and the same with some left out and some put together."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, 8))) for _ in range(4000)]
    french = [" ".join(rng.choices(words, k=rng.randint(4, 20))) for _ in range(size)]
    english: list[str] = []
    for at, sentence in enumerate(french):
        if at % 11 == 10:
            english[-1] += f" {sentence}"
        elif at % 13 != 12:
            english.append(sentence)
    return french, english


def scorer(french: list[str], english: list[str]) -> Scorer:
    sides = [
        Side([bag_of(s) for s in side], [len(s) for s in side], [False] * len(side), range(len(side)))
        for side in (french, english)
    ]
    return Scorer(sides[0], sides[1], Weights(joined(sides[1].bags)))


def test_the_band_grows_with_the_text_and_not_with_its_square() -> None:
    for size in (500, 1000, 4000):
        rows = band(scorer(*made_up(size)))
        assert sum(high - low + 1 for low, high in rows) < (4 * SLACK + 4) * size
        assert all(a <= c and b <= d and c <= b for (a, b), (c, d) in pairwise(rows))


def test_the_band_is_bounded_where_nothing_tells_sentences_apart() -> None:
    same = ["le chat dort bien"] * 3000
    rows = band(scorer(same, same[:2000]))
    assert sum(high - low + 1 for low, high in rows) < 2 * (CORRIDOR + 1) * len(same) + 40_000
    assert rows[0][0] == 0 and rows[-1][1] == 2000


def test_the_band_has_the_best_way_in_it() -> None:
    whole = scorer(*made_up(300))
    everywhere = [(0, len(whole.english.bags))] * (len(whole.french.bags) + 1)
    narrow = band(whole)
    assert narrow != everywhere
    assert best_path(whole, narrow) == best_path(whole, everywhere)


def test_a_long_passage_that_is_dropped_is_crossed() -> None:
    french, _ = made_up(900)
    beads = align_sentences(french, french, french[:200] + french[700:])
    assert Counter(bead.kind for bead in beads) == {"1-1": 400, "1-0": 500}


def test_a_long_passage_that_moved_is_found_piece_by_piece() -> None:
    french, _ = made_up(400)
    beads = align_sentences(french, french, french[:100] + french[200:] + french[100:200])
    assert sum(bead.moved for bead in beads) == 100 and {bead.kind for bead in beads} == {"1-1"}


# --- documents ------------------------------------------------------------------------------------------------------------------

FRENCH = """Le port ferme lundi

Le port de Brest ferme lundi. Les navires iront au Havre.

Il rouvrira en mars. Trois grues neuves l’attendent : elles ont coûté 4,5 millions d’euros.

La capitainerie déménage
"""
ENGLISH = """Port closes on Monday

The port of Brest closes on Monday and ships will go to Le Havre. It will reopen in March.

Brest is a naval base in the far west of France.

Three new cranes are waiting. They cost €4.6 million.
"""
ROUGH = {
    "Le port ferme lundi": "The port closes Monday",
    "Le port de Brest ferme lundi.": "The port of Brest closes Monday.",
    "Les navires iront au Havre.": "Ships will go to Le Havre.",
    "Il rouvrira en mars.": "It will reopen in March.",
    "Trois grues neuves l’attendent : elles ont coûté 4,5 millions d’euros.": "Three new cranes are waiting: they cost 4.5 million euros.",
    "La capitainerie déménage": "The harbour master's office moves",
}


def say(text: str, search: object) -> str:
    return ROUGH.get(text, text)


GLOSSARY = Glossary((Term("port", "port"), Term("grue", "gantry")), name="t", sha256="0" * 64)


def aligned() -> Document:
    english = read_document(ENGLISH.encode(), "port.en.txt")
    return align(read_document(FRENCH.encode(), "port.fr.txt"), english, FakeEngine(say), GLOSSARY)  # type: ignore[arg-type]


def test_a_document_of_two() -> None:
    document = aligned()
    assert [(s.id, s.alignment and s.alignment.bead, s.flags) for s in document.segments] == [
        ("p1.s1", "1-1", ()),
        ("p2.s1", "2-1", ()),
        ("p3.s1", "1-1", ()),
        ("p4.s1", "0-1", ("added",)),
        ("p5.s1", "1-2", ("number-changed",)),
        ("p6.s1", "1-0", ("missing",)),
    ]
    assert document.title == ("Le port ferme lundi", "Port closes on Monday")
    assert document.segments[1].source == "Le port de Brest ferme lundi. Les navires iront au Havre."
    assert document.signature and document.signature.origins == {"given": 6} and document.signature.beam == 1
    for segment in document.segments:
        assert document.text[slice(*segment.span)] == segment.source
        if segment.alignment and segment.alignment.span:
            assert ENGLISH[slice(*segment.alignment.span)] == segment.target


def test_terms_are_looked_for_in_what_is_given() -> None:
    found = {s.id: [(t.wanted, t.status, t.reason) for t in s.terms] for s in aligned().segments}
    assert found["p1.s1"] == found["p2.s1"] == [("port", "kept", "")]
    assert found["p5.s1"] == [("gantries", "missed", "")]
    findings = check_segments(aligned().segments)
    assert [(f.segment, f.kind) for f in findings] == [("p5.s1", "term-missed"), ("p5.s1", "number-changed"), ("p6.s1", "empty")]


def test_it_says_that_no_machine_translated_it() -> None:
    document = aligned()
    assert notice(document) == "Given translation, aligned by machine, unreviewed"
    for name, form in FORMATS.items():
        text = form.render(document)
        assert text == form.render(aligned()), "the same bytes"
        assert name in ("jsonl", "csv") or ("iven translation, aligned by machine" in text and "achine translation" not in text)
    corrected = [replace(s, origin="post-edited") if n == 0 else s for n, s in enumerate(document.segments)]
    assert "unreviewed but for 1 of 5 sentences post-edited" in notice(document.with_segments(corrected))  # type: ignore[arg-type]


def test_the_jsonl_of_an_aligned_document_is_ours_and_reads_back() -> None:
    document = replace(aligned(), summary=summarize(aligned()))
    text = to_jsonl(document)
    lines = check_lines(text)
    assert lines[0]["target_name"] == "port.en.txt" and len(lines[0]["target_sha256"]) == 64
    assert to_jsonl(from_jsonl(text, "a.jsonl")) == text
    assert all(sentence.target for sentence in document.summary.sentences), "what has no English is in no summary"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["tmx", "xliff", "xliff2", "csv"])
def test_the_formats_of_translation_tools_bring_it_back(name: str) -> None:
    document = aligned()
    file = read_exchange(FORMATS[name].render(document).encode(), f"a{FORMATS[name].suffix}")
    english = {unit.id: unit.target for unit in file.units}
    assert list(english) == [s.id for s in document.segments]
    assert all((english[s.id] or "") == s.target for s in document.segments)


@pytest.mark.parametrize("name", ["md", "jsonl", "txt"])
def test_golden(name: str) -> None:
    assert FORMATS[name].render(aligned()) == (GOLDEN / f"port.fr-en.{name}").read_text(encoding="utf-8")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_sentence_is_lost_in_the_document(data: st.DataObject) -> None:
    paragraph = st.lists(
        st.sampled_from(["Il pleut.", "Anne lit 12 livres.", "Oui !", "Le port ferme.", "It rains."]), min_size=1, max_size=4
    )
    texts = ["\n\n".join(" ".join(p) for p in data.draw(st.lists(paragraph, min_size=1, max_size=5))) for _ in range(2)]
    documents = []
    for text, language in zip(texts, ("fr", "en"), strict=True):
        blocks, at = [], 0
        for number, part in enumerate(text.split("\n\n"), 1):
            blocks.append(Block(number, "paragraph", part, (at, at + len(part))))
            at += len(part) + 2
        documents.append(split_document(Document(f"{language}.txt", tuple(blocks), text), language))  # type: ignore[arg-type]
    french, english = ([s.source for s in d.segments] for d in documents)
    rough = [data.draw(st.sampled_from([*english, ""])) for _ in french]
    beads = align_sentences(french, rough, english)
    document = pair_documents(*documents, beads)
    assert Counter(" ".join(s.source for s in document.segments).split()) == Counter(" ".join(french).split())
    assert Counter(" ".join(s.target for s in document.segments).split()) == Counter(" ".join(english).split())
    assert " ".join(s.source for s in document.segments if s.source) == " ".join(french), "in the order of the French"
    check_lines(to_jsonl(document))
    assert to_text(document) and to_markdown(document)


def test_english_alone_is_no_second_rendering_of_nothing() -> None:
    added = [Segment(f"p{n}.s1", "", target=text, origin="given", flags=("added",)) for n, text in enumerate(("One.", "Two."), 1)]
    assert check_segments(added) == []


CAKE = b"Add eggs. Whisk well. Pour into a buttered dish. Bake until golden. Serve with cream. Enjoy it.\n"


def test_texts_that_have_nothing_to_do_with_each_other_are_refused() -> None:
    french = read_document(FRENCH.encode(), "a.txt")
    with pytest.raises(InputError, match="next to nothing in it fits"):
        align(french, read_document(CAKE, "cake.txt"), FakeEngine(say))  # type: ignore[arg-type]


@pytest.mark.model
def test_with_the_model_on_a_text_aligned_by_hand(embedded: Engine) -> None:
    texts = [
        read_document((ROOT / f"benchmarks/bitext/compost.{side}.txt").read_bytes().replace(b"\n", b"\n\n"), "compost.txt")
        for side in ("fr", "en")
    ]
    document = align(texts[0], texts[1], embedded)
    found = Counter(s.alignment.bead for s in document.segments if s.alignment)
    assert found["1-1"] >= 34 and found["2-1"] >= 3 and found["1-2"] >= 1 and found["1-0"] == 3 and found["0-1"] in (2, 3)


# --- the command ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(say)


from test_cli import run  # noqa: E402, F401 - a fixture, with the engine above


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "port.fr.txt").write_text(FRENCH, encoding="utf-8")
    (tmp_path / "port.en.txt").write_text(ENGLISH, encoding="utf-8")
    return tmp_path / "port.fr.txt", tmp_path / "port.en.txt"


def test_markdown_on_stdout(run: Run, files: tuple[Path, Path]) -> None:  # noqa: F811
    result = run("align", *files, "--no-glossary")
    assert result.code == 0 and result.out.startswith("# Port closes on Monday")
    assert "port.fr.txt: 4 pairs (2 1-1, 1 1-2, 1 2-1); 1 only in French; 1 only in English" in result.err
    assert run("align", *files, "--no-glossary", "-q").out == result.out


def test_into_a_folder_and_on_to_check(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:  # noqa: F811
    assert run("align", *files, "-o", "out", "--format", "md,jsonl,html,txt").code == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [f"port.fr-en.{s}" for s in ("html", "jsonl", "md", "txt")]
    checked = run("check", "out")
    assert checked.code == 3 and "p5.s1: error: number-changed: 4,5 millions" in checked.out
    assert run("summarize", "out/port.fr-en.jsonl").code == 0
    assert run("align", *files, "-o", "out").code == 0, "written again"


def test_two_folders(run: Run, tmp_path: Path) -> None:  # noqa: F811
    for side, text in (("fr", FRENCH), ("en", ENGLISH)):
        (tmp_path / side / "deep").mkdir(parents=True)
        (tmp_path / side / f"a.{side}.txt").write_text(text, encoding="utf-8")
        (tmp_path / side / "deep" / "b.txt").write_text(text, encoding="utf-8")
    (tmp_path / "fr" / "alone.txt").write_text(FRENCH, encoding="utf-8")
    result = run("align", "fr", "en", "-o", "out", "--format", "html")
    assert result.code == 2 and "alone.txt: has no partner" in result.err
    written = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.html"))
    assert written == ["a.fr-en.html", "deep/b.fr-en.html", "index.html"]
    assert run("align", "fr", "en").code == 2


BAD: list[tuple[str, bytes, bytes, str]] = [
    ("empty", FRENCH.encode(), b"", "empty"),
    ("binary", b"\x00\x01\x02\xff\xfe\x00" * 50, ENGLISH.encode(), "fr.txt"),
    ("same content", ENGLISH.encode(), ENGLISH.encode(), "same content"),
    (
        "nothing fits",
        FRENCH.encode(),
        CAKE,
        "next to nothing",
    ),
]


@pytest.mark.parametrize(("label", "french", "english", "said"), BAD, ids=[case[0] for case in BAD])
def test_bad_input(run: Run, tmp_path: Path, label: str, french: bytes, english: bytes, said: str) -> None:  # noqa: F811
    (tmp_path / "fr.txt").write_bytes(french)
    (tmp_path / "en.txt").write_bytes(english)
    result = run("align", "fr.txt", "en.txt", "-q")
    assert result.code == 2 and not result.out and said in result.err, result.err


def test_misuse(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:  # noqa: F811
    french, english = files
    for arguments, said in [
        ((french, french), "given as the French and as the English"),
        ((french, "nowhere.txt"), "no such file"),
        ((french, tmp_path), "not one of each"),
        (("-", english), "align reads files"),
        ((french, english, "--format", "md,html"), "2 formats and one stdout"),
        ((french, english, "--format", "tmx!"), "unknown format"),
        ((french, english, "--no-glossary", "-g", "x.tsv"), "contradict"),
    ]:
        result = run("align", *arguments)
        assert result.code == 2 and not result.out and said in result.err, (arguments, result.err)


def test_the_wrong_way_round(run: Run, tmp_path: Path) -> None:  # noqa: F811
    folder = ROOT / "benchmarks" / "bitext"
    result = run("align", folder / "marche.en.txt", folder / "marche.fr.txt")
    assert result.code == 2 and "give the French file first" in result.err


def test_corrections_are_kept(run: Run, files: tuple[Path, Path], tmp_path: Path) -> None:  # noqa: F811
    run("align", *files, "-o", "out", "--format", "jsonl")
    path = tmp_path / "out" / "port.fr-en.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"post-edited":0', '"post-edited":2', 1), encoding="utf-8")
    refused = run("align", *files, "-o", "out", "--format", "jsonl")
    assert refused.code == 2 and "corrected" in refused.err
    assert run("align", *files, "-o", "out", "--format", "jsonl", "--force").code == 0
    path.write_text(
        re.sub('"origin":"[a-z-]+"', '"origin":"post-edited"', path.read_text(encoding="utf-8"), count=1), encoding="utf-8"
    )
    refused = run("align", *files, "-o", "out", "--format", "jsonl")
    assert refused.code == 2 and "1 corrected sentence;" in refused.err


if __name__ == "__main__" and "--regenerate" in sys.argv:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for form in ("md", "jsonl", "txt"):
        (GOLDEN / f"port.fr-en.{form}").write_text(FORMATS[form].render(aligned()), encoding="utf-8")
