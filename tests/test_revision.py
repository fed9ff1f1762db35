"""A translator's corrections come back: what changed, who wins, what the terms became; by the library and by ``bilingual import``."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from test_cli import Run, engine, folder, run  # noqa: F401  (fixtures)
from test_contract import check_lines

from bilingual.document import Document, Segment, TermHit, replay, unwind
from bilingual.enforcement import receipts
from bilingual.errors import InputError
from bilingual.glossary import Glossary, Term
from bilingual.glossary.matching import compile_matcher
from bilingual.revision import corrected as by_hand
from bilingual.revision import differences, machine_text, post_edits, receipts_anew, revise
from bilingual.writing import FORMATS, from_jsonl, to_jsonl
from bilingual.writing.exchange import Exchange, Unit, read_exchange

SEED = "memphis-supercalculateur.fr-en"
FIXED = ROOT / "tests" / "cases" / "exchange" / f"{SEED}.jsonl"
"""An article as it was translated once: what outputs/ holds changes with every model."""

TERMS = Glossary((Term("xAI", "xAI"), Term("start-up", "startup"), Term("supercalculateur", "supercomputer")), "terms")
FORMS = {"xlf": "xliff", "xliff": "xliff2", "tmx": "tmx", "csv": "csv"}


def base() -> Document:
    return from_jsonl(FIXED.read_text(encoding="utf-8"), str(FIXED))


def segment(document: Document, identity: str) -> Segment:
    return next(s for s in document.segments if s.id == identity)


def changed(document: Document, identity: str, target: str, **more: object) -> Document:
    return document.with_segments(replace(s, target=target, **more) if s.id == identity else s for s in document.segments)  # type: ignore[arg-type]


def corrected(document: Document, name: str, **targets: str) -> Exchange:
    """The file that `document` becomes, its English of some segments (``p1_s2``) replaced by a person."""
    file = read_exchange(FORMATS[name].render(document).encode(), f"a.{name}")
    wanted = {key.replace("_", "."): text for key, text in targets.items()}
    units = tuple(replace(u, target=wanted[u.id], untouched=None) if u.id in wanted else u for u in file.units)
    return replace(file, units=units)


@pytest.mark.parametrize("name", FORMS.values())
def test_nothing_changed_gives_the_same_document(name: str) -> None:
    document = base()
    assert revise(document, corrected(document, name)).document is document


@pytest.mark.parametrize("name", FORMS.values())
def test_a_correction_is_taken_and_accounted_for(name: str) -> None:
    document = base()
    before = segment(document, "p1.s2")
    text = before.target.replace("supercomputer", "flea")
    result = revise(document, corrected(document, name, p1_s2=text), compile_matcher(TERMS))
    after = segment(result.document, "p1.s2")
    assert [c.segment for c in result.changes] == [after] and result.changes[0].before == before.target
    assert (after.target, after.origin, after.score) == (text, "post-edited", None)
    assert [(t.wanted, t.status) for t in after.terms] == [("xAI", "kept"), ("startup", "kept"), ("supercomputer", "missed")]
    assert unwind(after.target, after.edits) == unwind(before.target, before.edits), "the model's own words can still be had"
    assert replay(unwind(after.target, after.edits), after.edits) == text
    assert result.document.signature and result.document.signature.origins["post-edited"] == 1
    assert [s for s in result.document.segments if s != after] == [s for s in document.segments if s.id != "p1.s2"]
    check_lines(to_jsonl(result.document))


def test_without_a_glossary_the_receipts_say_what_is_allowed() -> None:
    document = base()
    before = segment(document, "p1.s2")
    for text, status in (
        (before.target.replace("supercomputer", "flea"), "missed"),
        (before.target.replace("with", "of"), "kept"),
    ):
        after = segment(revise(document, corrected(document, "xliff", p1_s2=text)).document, "p1.s2")
        assert [(t.source, t.wanted) for t in after.terms] == [(t.source, t.wanted) for t in before.terms]
        assert [t.status for t in after.terms] == ["kept", "kept", status]
        assert all(t.target is None or after.target[slice(*t.target)] for t in after.terms)
    one, two = (replace(t, entry="puce", wanted="chip") for t in before.terms[:2])
    found = receipts_anew([one, two], "Chips and a chip", {"puce": frozenset({"chip", "chips"})})
    assert [t.target for t in found] == [(0, 5), (12, 16)]


def test_a_confirmed_sentence_keeps_its_words_edits_and_terms() -> None:
    document = base()
    file = corrected(document, "xliff")
    file = replace(file, units=tuple(replace(u, confirmed=u.id == "p1.s2") for u in file.units))
    result = revise(document, file)
    before, after = segment(document, "p1.s2"), segment(result.document, "p1.s2")
    assert after == replace(before, origin="post-edited", score=None, flags=())
    assert len(result.changes) == 1


def test_one_correction_does_not_undo_another() -> None:
    document = base()
    mine = changed(document, "p1.s2", "My correction.", origin="post-edited", score=None, edits=(), terms=())
    theirs = corrected(document, "xliff", p1_s2="Their correction.")
    result = revise(mine, theirs)
    assert result.document is mine and [(c.here, c.there) for c in result.conflicts] == [("My correction.", "Their correction.")]
    assert segment(revise(mine, theirs, overwrite=True).document, "p1.s2").target == "Their correction."
    assert revise(mine, corrected(document, "xliff")).document is mine, "who has not touched it has not corrected it"
    again = corrected(mine, "xliff", p1_s2="My second thought.")
    assert segment(revise(mine, again).document, "p1.s2").target == "My second thought."
    same = revise(mine, corrected(document, "xliff", p1_s2="My correction."))
    assert same.document is mine and not same.conflicts


def test_what_was_translated_anew_since_stays_and_is_said() -> None:
    document = base()
    newer = changed(document, "p1.s2", "Translated again.", edits=(), terms=())
    result = revise(newer, corrected(document, "tmx"))
    assert result.document is newer and result.older == ("p1.s2",)


def test_missing_extra_and_emptied_are_said() -> None:
    document = base()
    file = corrected(document, "xliff2", p1_s2="", p1_s3="  ")
    units = (*file.units[:-1], Unit("p99.s1", "Autre.", "Other.", "a:9"))
    result = revise(document, replace(file, units=units))
    assert result.document is document
    assert [u.id for u in result.extra] == ["p99.s1"] and [u.id for u in result.emptied] == ["p1.s2", "p1.s3"]
    assert result.missing == (document.segments[-1].id,)


def test_another_french_and_ids_given_twice_are_refused() -> None:
    document = base()
    file = corrected(document, "xliff")
    with pytest.raises(InputError, match=r"^a\.xliff:\d+: the French of p1\.s1 is not that of the article"):
        revise(document, replace(file, units=(replace(file.units[0], source="Autre."), *file.units[1:])))
    with pytest.raises(InputError, match=r"p1\.s1 is there twice"):
        revise(document, replace(file, units=(*file.units, file.units[0])))


def test_a_memory_without_our_ids_is_matched_by_its_french() -> None:
    document = base()
    source = segment(document, "p1.s1").source
    memory = Exchange("m.tmx", (Unit("tu1", source, "Memphis.", "m.tmx:3"), Unit("tu2", "Inconnu.", "Unknown.", "m.tmx:4")))
    result = revise(document, memory)
    assert [c.segment.target for c in result.changes] == ["Memphis."] and [u.id for u in result.extra] == ["tu2"]
    two = replace(memory, units=(memory.units[0], Unit("tu3", source, "Another.", "m.tmx:5")))
    assert [c.there for c in revise(document, two).conflicts] == ["Memphis.", "Another."]


def test_hidden_characters_survive_a_correction_beside_them() -> None:
    document = changed(base(), "p1.s1", "A\x00 city of blue\ud800.", edits=(), terms=())
    for name in ("tmx", "xliff", "csv"):
        text = corrected(document, name, p1_s1="A␀ city of blues\ufffd.")
        assert segment(revise(document, text).document, "p1.s1").target == "A\x00 city of blues\ud800."


@given(st.text("ab é.,\n"), st.text("ab é.,\n"))
def test_post_edits_replay(before: str, after: str) -> None:
    edits = post_edits(before, after)
    assert replay(before, edits) == after and unwind(after, edits) == before
    assert "".join(old for old, _ in differences(before, after)) == before
    assert "".join(new for _, new in differences(before, after)) == after


def test_what_a_rule_forbids_is_gone_or_not_without_the_glossary() -> None:
    banned = TermHit((4, 8), "anything but flea", status="enforced", method="suppressed", reason="flea is forbidden here")
    assert receipts_anew([banned], "A chip.", {}) == ()
    [left] = receipts_anew([banned], "Two fleas.", {})
    assert (left.status, left.method, left.reason) == ("missed", "plain", banned.reason)


def test_the_machine_s_words_are_to_be_had_after_two_corrections() -> None:
    document = base()
    one = next(s for s in document.segments if s.edits and s.origin == "mt")
    twice = one
    for text in ("Something else.", "Something new."):
        twice = by_hand(twice, text, None, {})
    assert machine_text(twice).target == one.target and machine_text(twice).edits == one.edits
    assert machine_text(one) == one


def test_long_texts_are_compared_in_time() -> None:
    before, after = "mot " * 60_000, "word " * 60_000
    assert replay(before, post_edits(before, after)) == after


def test_receipts_of_a_person() -> None:
    rows = (Term("puce", "chip"), Term("centre", "center"), Term("centre", "center", status="forbidden"))
    found = receipts(compile_matcher(Glossary(rows)), "Une puce au centre.", "A flea in the middle.")
    assert [(t.entry, t.status) for t in found] == [("puce", "missed"), ("centre", "conflict")]


# ------------------------------------------------------------------------------------------------------------ the command line


@pytest.fixture
def out(tmp_path: Path) -> Path:
    place = tmp_path / "out"
    place.mkdir()
    (place / f"{SEED}.jsonl").write_bytes(FIXED.read_bytes())
    for name in FORMS.values():
        (place / f"{SEED}{FORMATS[name].suffix}").write_text(FORMATS[name].render(base()), encoding="utf-8")
    return place


def edit(path: Path, old: str, new: str) -> None:
    """What a translator's tool does: other words in the English, everything else as it was."""
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    for n, line in enumerate(lines):
        if old in line and re.match(r'\s*(<target|<tuv xml:lang="en")|"p1\.s2"', line):
            lines[n] = line.replace(old, new)
            break
    else:
        raise AssertionError(old)
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.parametrize("suffix", FORMS)
def test_import_in_place(run: Run, out: Path, suffix: str) -> None:  # noqa: F811
    jsonl, file = out / f"{SEED}.jsonl", out / f"{SEED}.{suffix}"
    before = jsonl.read_bytes()
    done = run("import", file)
    assert (done.code, done.out) == (0, "") and jsonl.read_bytes() == before
    edit(file, "startup", "young company")
    done = run("import", file)
    assert done.code == 3
    assert "p1.s2: Here, in the Tennessee, that xAI, the [-startup-]{+young company+} of Elon Musk" in done.out
    assert f"{SEED}.{suffix}:p1.s2: error: term-missed: start-up is not rendered as startup" in done.out
    assert "1 sentence corrected, 0 confirmed, 38 as they were" in done.err
    lines = check_lines(jsonl.read_text(encoding="utf-8"))
    assert lines[0]["signature"]["origins"]["post-edited"] == 1
    again = jsonl.read_bytes()
    assert run("import", file).out == "" and jsonl.read_bytes() == again, "once is enough"
    assert sorted(p.name for p in out.iterdir()) == sorted(f"{SEED}.{s}" for s in (*FORMS, "jsonl"))


def test_import_alone_and_elsewhere(run: Run, out: Path, tmp_path: Path) -> None:  # noqa: F811
    before = (out / f"{SEED}.jsonl").read_bytes()
    (out / f"{SEED}.jsonl").unlink()
    done = run("import", out / f"{SEED}.xliff")
    assert done.code == 0 and (out / f"{SEED}.jsonl").read_bytes() == before, "the file holds its JSONL"
    edit(out / f"{SEED}.xlf", "the city of blue", "the city of the blues")
    done = run("import", out / f"{SEED}.xlf", "-o", tmp_path / "new", "--format", "jsonl,md,txt,xliff")
    assert done.code == 0 and (out / f"{SEED}.jsonl").read_bytes() == before
    assert sorted(p.suffix for p in (tmp_path / "new").iterdir()) == [".jsonl", ".md", ".txt", ".xlf"]
    assert "city of the blues" in (tmp_path / "new" / f"{SEED}.txt").read_text(encoding="utf-8")
    assert 'approved="yes"' in (tmp_path / "new" / f"{SEED}.xlf").read_text(encoding="utf-8")


def test_import_elsewhere_does_not_undo_what_is_there(run: Run, out: Path, tmp_path: Path) -> None:  # noqa: F811
    new = tmp_path / "new"
    edit(out / f"{SEED}.xlf", "the city of blue", "the city of the blues")
    arguments = ("import", out / f"{SEED}.xlf", "-o", new, "--format", "jsonl,md")
    assert run(*arguments).code == 0 and run(*arguments).code == 0
    before = (new / f"{SEED}.jsonl").read_bytes()
    edit(out / f"{SEED}.tmx", "change scale", "grow")
    other = ("import", out / f"{SEED}.tmx", "-o", new)
    done = run(*other)
    assert done.code == 2 and "holds 1 sentence corrected otherwise; left alone" in done.err and done.out == ""
    assert (new / f"{SEED}.jsonl").read_bytes() == before
    assert run(*other, "--force").code == 0
    assert run("import", "-").code == 2


def test_import_refuses(run: Run, out: Path, tmp_path: Path) -> None:  # noqa: F811
    file = out / f"{SEED}.xlf"
    for arguments, says in [
        ([file, "--format", "xliff"], "would overwrite what is imported"),
        ([file, out / f"{SEED}.tmx"], "would both become"),
        ([file, out / f"{SEED}.tmx", "--against", out / f"{SEED}.jsonl"], "import them one by one"),
        ([file, "--against", tmp_path / "none.jsonl"], "cannot be read"),
        ([tmp_path / "none.xlf"], "cannot be read"),
        ([file, "--format", "docx"], "unknown format"),
        ([out / f"{SEED}.jsonl", "-o", tmp_path / "x"], "neither TMX nor XLIFF, nor CSV"),
    ]:
        done = run("import", *arguments)
        assert done.code == 2 and says in done.err and len(done.lines) <= 2, done.err
    (tmp_path / "lone.csv").write_bytes((out / f"{SEED}.csv").read_bytes())
    assert "name it with --against" in run("import", tmp_path / "lone.csv").err
    assert run("import", tmp_path / "lone.csv", "--against", out / f"{SEED}.jsonl").code == 0
    other = ROOT / "outputs" / "gigafactory-de-calcul.fr-en.jsonl"
    assert "is not that of the article" in run("import", file, "--against", other).err
    file.write_text(file.read_text(encoding="utf-8")[:5000], encoding="utf-8")
    done = run("import", file)
    assert done.code == 2 and len(done.lines) == 1 and "not well-formed" in done.err


def test_check_reads_them(run: Run, out: Path) -> None:  # noqa: F811
    terms = out.parent / "terms.tsv"
    terms.write_text("source\ttarget\nstart-up\tstartup\n", encoding="utf-8")
    for suffix in FORMS:
        file = out / f"{SEED}.{suffix}"
        assert run("check", file).code == 0
        edit(file, "startup", "young company")
        for arguments in ([], ["-g", terms]):
            if suffix == "csv" and not arguments:
                continue  # a table has no receipts to check by
            done = run("check", file, *arguments)
            assert done.code == 3 and "p1.s2: error: term-missed: start-up" in done.out, (suffix, arguments)


def test_translate_writes_them_and_keeps_what_a_person_has_changed(run: Run, folder: Path, tmp_path: Path) -> None:  # noqa: F811
    place = tmp_path / "out"
    arguments = ("translate", folder / "a.txt", "-o", place, "--format", "jsonl,tmx,xliff,xliff2", "--no-glossary")
    assert run(*arguments).code == 0
    assert sorted(p.name for p in place.iterdir()) == ["a.fr-en.jsonl", "a.fr-en.tmx", "a.fr-en.xlf", "a.fr-en.xliff"]
    assert "1 up to date" in run(*arguments).err
    for suffix in ("tmx", "xlf", "xliff"):
        file = place / f"a.fr-en.{suffix}"
        before = file.read_text(encoding="utf-8")
        edit(file, "DORT", "SLEEPS")
        assert "1 up to date" in run(*arguments).err
        done = run(*arguments, "--beam", "5")
        assert done.code == 2 and "1 sentence changed and not imported; left alone" in done.err
        assert "SLEEPS" in file.read_text(encoding="utf-8")
        file.write_text(before, encoding="utf-8")
    table = ("translate", folder / "a.txt", "-o", place, "--format", "csv", "--no-glossary")
    assert run(*table).code == 0 and run(*table).code == 0
    file = place / "a.fr-en.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("DORT", "SLEEPS"), encoding="utf-8")
    assert run(*table).code == 2 and run(*table, "--force").code == 0
