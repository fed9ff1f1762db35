"""Reviewing without a browser: what the file is after each correction, who is let in, and what happens where something goes wrong."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cli import Run, engine, folder, run  # noqa: F401  (fixtures)
from test_contract import check_lines

from bilingual.checks import check_segments
from bilingual.cli import files
from bilingual.cli.review import Disk, Notebook, alone
from bilingual.document import Block, Document, Segment, Signature, TermHit, replay, unwind
from bilingual.engines import Engine
from bilingual.errors import InputError, OutputError
from bilingual.glossary import Glossary, Term
from bilingual.glossary.matching import compile_matcher
from bilingual.memory import open_memory
from bilingual.review.desk import ChangedElsewhere, Desk, Tally, Wish
from bilingual.review.door import HEADERS, Keys
from bilingual.review.lines import read_lines, with_segments
from bilingual.review.server import application, listen
from bilingual.revision import confirmed, corrected
from bilingual.summary import summarize
from bilingual.writing.jsonl import from_jsonl, to_jsonl

CASES = json.loads((ROOT / "tests" / "cases" / "review.json").read_text(encoding="utf-8"))
TERMS = Glossary(
    (Term("puce", "chip"), Term("puce", "flea", status="forbidden"), Term("supercalculateur", "supercomputer")), "house"
)
MATCHER = compile_matcher(TERMS)
SEED = ROOT / "tests" / "cases" / "exchange" / "memphis-supercalculateur.fr-en.jsonl"


def article(*pairs: tuple[str, str], **fields: Any) -> Document:
    """A paragraph for each pair, the first a title."""
    blocks = []
    for number, (source, target) in enumerate(
        pairs or [("Deux puces ici.", "Two chips here."), ("Il a 40 ans.", "He is 40.")], 1
    ):
        segment = Segment(f"p{number}.s1", source, (0, len(source)), target=target, score=-0.5, **fields)
        kind, level = ("title", 1) if number == 1 else ("paragraph", 0)
        blocks.append(Block(number, kind, source, segment.span, level, (replace(segment, block=kind),)))  # type: ignore[arg-type]
    signature = Signature("1", "m@1", "e/int8", 4, "rules/1", TERMS.sha256, "strict", {"mt": len(blocks)})
    return Document("a.txt", tuple(blocks), "", "0" * 64, signature=signature)


class Shelf:
    """A file in memory, which may be full, read-only or somebody else's."""

    def __init__(self, data: bytes):
        self.data = data
        self.writes = 0
        self.trouble: str | None = None

    def read(self) -> bytes:
        return self.data

    def write(self, data: bytes) -> None:
        if self.trouble:
            raise OutputError(self.trouble)
        self.data, self.writes = data, self.writes + 1

    @property
    def document(self) -> Document:
        return from_jsonl(self.data.decode(), "a.jsonl")

    def segment(self, identity: str) -> Segment:
        return next(s for s in self.document.segments if s.id == identity)


def opened(document: Document | None = None, matcher: Any = MATCHER, memory: Any = None) -> tuple[Desk, Shelf]:
    shelf = Shelf(to_jsonl(document or article()).encode())
    return Desk(shelf, "out/a.fr-en.jsonl", matcher, memory), shelf


def save(desk: Desk, identity: str, text: str, base: str | None = None, **more: Any) -> dict[str, Any]:
    [there] = [s for block in desk.article()["blocks"] for s in block["sentences"] if s["id"] == identity]  # type: ignore[attr-defined]
    return desk.save([Wish(identity, text, there["saved"] if base is None else base, **more)])


# --------------------------------------------------------------------------------------------------------------------- the file


def test_a_correction_is_in_the_file_with_edits_receipts_and_flags() -> None:
    desk, shelf = opened(article(("Deux puces ici.", "Two fleas here."), ("Il a 40 ans.", "He is 50.")))
    done = save(desk, "p1.s1", "Two chips\nhere.")
    now = shelf.segment("p1.s1")
    assert (now.target, now.origin, now.score, now.flags) == ("Two chips here.", "post-edited", None, ())
    assert [(t.entry, t.status, t.target) for t in now.terms] == [("puce", "kept", (4, 9))]
    assert unwind(now.target, now.edits) == "Two fleas here." and {e.method for e in now.edits} == {"post-edit"}
    assert done["refused"] == [] and done["changed"] == 1 and shelf.writes == 1
    lines = check_lines(shelf.data.decode())
    assert lines[0]["title"] == {"fr": "Deux puces ici.", "en": "Two chips here."}
    assert lines[0]["signature"]["origins"] == {"mt": 1, "memory": 0, "post-edited": 1}
    assert shelf.segment("p2.s1").origin == "mt"


def test_corrected_again_and_again_the_machine_is_one_step_away() -> None:
    desk, shelf = opened()
    for text in ("Two chips now.", "Three chips now.", "Two chips here, now."):
        save(desk, "p1.s1", text)
    now = shelf.segment("p1.s1")
    assert unwind(now.target, now.edits) == "Two chips here." and len(now.edits) == 1
    assert replay("Two chips here.", now.edits) == now.target
    save(desk, "p1.s1", "Two chips here.")
    assert shelf.segment("p1.s1").edits == () and desk.tally() == Tally(0, 1)


def test_a_confirmed_sentence_keeps_everything_but_origin_and_score() -> None:
    desk, shelf = opened(article(("Deux puces.", "Two chips."), flags=("low-confidence",)))
    before = shelf.segment("p1.s1")
    save(desk, "p1.s1", before.target)
    assert shelf.segment("p1.s1") == replace(before, origin="post-edited", score=None, flags=())
    writes = shelf.writes
    save(desk, "p1.s1", before.target)
    assert shelf.writes == writes, "confirmed twice is confirmed once"


def test_a_sentence_is_taken_back_to_the_byte() -> None:
    desk, shelf = opened()
    before = shelf.data
    save(desk, "p1.s1", "Something else.")
    save(desk, "p2.s1", "He is 40.")
    assert desk.article()["blocks"][0]["sentences"][0]["machine"] == "Two chips here."  # type: ignore[index]
    save(desk, "p1.s1", "", restore=True)
    save(desk, "p2.s1", "", restore=True)
    assert shelf.data == before and desk.tally() == Tally()


def test_what_was_corrected_before_is_not_restored_but_its_machine_text_is_known() -> None:
    desk, shelf = opened()
    save(desk, "p1.s1", "Two nice chips here.")
    again = Desk(shelf, "a.jsonl", MATCHER)
    [shown] = again.article()["blocks"][0]["sentences"]  # type: ignore[index]
    assert (shown["machine"], shown["restorable"], shown["origin"]) == ("Two chips here.", False, "post-edited")


def test_what_cannot_be_is_refused_and_the_rest_is_saved() -> None:
    desk, shelf = opened()
    done = desk.save([Wish("p1.s1", " \n", "Two chips here."), Wish("p2.s1", "He is 40 now.", "He is 40.")])
    assert [one["id"] for one in done["refused"]] == ["p1.s1"]  # type: ignore[attr-defined,index,union-attr]
    assert [s.origin for s in shelf.document.segments] == ["mt", "post-edited"]
    assert save(desk, "p2.s1", "Mine.", base="He is 40.")["refused"][0]["why"].startswith("it was changed in another window")
    assert shelf.segment("p2.s1").target == "He is 40 now."
    with pytest.raises(InputError, match=r"no sentence p7\.s1"):
        desk.save([Wish("p7.s1", "", "")])


def test_copied_and_failed_sentences() -> None:
    desk, shelf = opened(article(("https://a.fr", "https://a.fr"), origin="copied"))
    save(desk, "p1.s1", "https://a.fr")
    assert shelf.segment("p1.s1").origin == "copied"
    desk, shelf = opened(article(("Il dort.", "Il dort."), origin="failed", reason="the engine failed", flags=("failed",)))
    save(desk, "p1.s1", "He sleeps.")
    assert (shelf.segment("p1.s1").origin, shelf.segment("p1.s1").reason, shelf.segment("p1.s1").flags) == ("post-edited", "", ())
    save(desk, "p1.s1", "He is asleep.")
    assert shelf.segment("p1.s1").edits == (), "no model has said anything here"


def test_without_the_glossary_the_receipts_of_the_file_hold() -> None:
    banned = TermHit((5, 10), "anything but fleas", status="missed", reason="fleas is forbidden here", entry="puce")
    wanted = TermHit((5, 10), "chips", status="missed", entry="puce")
    desk, shelf = opened(article(("Deux puces.", "Two fleas."), terms=(wanted, banned)), None)
    save(desk, "p1.s1", "Two chips.")
    assert [(t.wanted, t.status) for t in shelf.segment("p1.s1").terms] == [("chips", "kept")]
    save(desk, "p1.s1", "Two big fleas.")
    assert [(t.wanted, t.status) for t in shelf.segment("p1.s1").terms] == [("chips", "missed"), ("anything but fleas", "missed")]


def test_what_repeats_a_sentence_follows_it() -> None:
    document = article(
        ("Un centre ouvre.", "A center opens."),
        ("Le centre abrite 100 000 puces.", "The center houses 10,000 chips."),
        ("Nvidia livre les puces lundi matin.", "Nvidia ships chips."),
    )
    document = replace(document, summary=summarize(document, 2))
    assert document.summary and document.summary.sentences[0].marks == ()
    desk, shelf = opened(document)
    before = shelf.data.split(b"\n")
    save(desk, "p2.s1", "The center houses 100,000 chips.")
    now = shelf.document.summary
    assert now and [s.target for s in now.sentences] == ["The center houses 100,000 chips.", "Nvidia ships chips."]
    assert [figure.target for figure in now.figures] == ["100,000 chips"] and now.headline == document.summary.headline
    changed = [a for a, b in zip(before, shelf.data.split(b"\n"), strict=True) if a != b]
    assert all(b"p2.s1" in line or line.startswith(b'{"type":"document"') for line in changed)
    save(desk, "p1.s1", "A centre opens.")
    assert shelf.document.summary and shelf.document.summary.headline
    assert shelf.document.summary.headline.target == shelf.document.title[1] == "A centre opens."
    check_lines(shelf.data.decode())


WORDS = st.text(st.sampled_from('abé 40"\\<>&\u2028😀\x00\ud800'), max_size=12)
FIELDS = st.dictionaries(
    st.sampled_from(["note", "x-id", "später", "mood"]),
    st.one_of(WORDS, st.integers(), st.lists(st.floats(allow_nan=False, allow_infinity=False))),
    max_size=2,
)


@st.composite
def strange_files(draw: st.DrawFn) -> tuple[bytes, Document]:
    """Files that others may have written: unknown fields and lines, other line ends, blank lines, other spacing and orders of fields."""
    pairs = draw(st.lists(st.tuples(st.sampled_from(["Deux puces.", "Il a 40 ans.", "Oui."]), WORDS), min_size=1, max_size=4))
    document = article(*pairs)
    if draw(st.booleans()):
        document = replace(document, summary=summarize(document, 2))
    end = draw(st.sampled_from([b"\n", b"\r\n"]))
    data = b"\xef\xbb\xbf" if draw(st.booleans()) else b""
    for line in to_jsonl(document).split("\n")[:-1]:
        record = json.loads(line)
        if record["type"] == "document" and draw(st.booleans()):
            record["signature"]["weather"] = "fine"
        record |= draw(FIELDS)
        names = draw(st.permutations(list(record)))
        spaced = draw(st.sampled_from([(",", ":"), (", ", ": ")]))
        data += json.dumps({name: record[name] for name in names}, separators=spaced).encode() + end
        if draw(st.booleans()):
            data += draw(st.sampled_from([b"", b'{"type":"remark","text":"by somebody"}', b"   "])) + end
    return data, document


@settings(max_examples=60, deadline=None)
@given(strange_files(), st.data())
def test_any_edit_of_any_sentence_changes_its_own_fields_and_what_repeats_it(
    made: tuple[bytes, Document], data: st.DataObject
) -> None:
    raw, _ = made
    lines = read_lines(raw, "a.jsonl")
    assert lines.data == raw, "N bytes in, N bytes out"
    segment = data.draw(st.sampled_from(lines.document.segments))
    text = data.draw(WORDS)
    after = confirmed(segment) if text == segment.target else corrected(segment, text, MATCHER, {})
    new = with_segments(lines, {segment.id: after})
    there = from_jsonl(new.data.decode(), "a.jsonl")
    assert [s for s in there.segments if s.id != segment.id] == [s for s in lines.document.segments if s.id != segment.id]
    assert to_jsonl(there) == to_jsonl(from_jsonl(to_jsonl(there), "a.jsonl"))
    [now] = [s for s in there.segments if s.id == segment.id]
    assert now == after and there.signature and there.signature.origins["post-edited"] == 1
    assert len(new.raw) == len(lines.raw)
    for old, fresh in zip(lines.raw, new.raw, strict=True):
        if old == fresh:
            continue
        assert old.endswith(b"\r") == fresh.endswith(b"\r") and old.startswith(b"\xef\xbb\xbf") == fresh.startswith(
            b"\xef\xbb\xbf"
        )
        before, later = (json.loads(line.removeprefix(b"\xef\xbb\xbf")) for line in (old, fresh))
        differ = {name for name in before.keys() | later.keys() if before.get(name) != later.get(name)}
        if before["type"] == "segment":
            assert before["id"] == segment.id and differ <= {"target", "origin", "score", "flags", "terms", "edits"}
        elif before["type"] == "document":
            assert differ <= {"title", "signature"}
            assert {k: v for k, v in before["signature"].items() if k != "origins"} == {
                k: v for k, v in later["signature"].items() if k != "origins"
            }
        else:
            assert segment.id in (before.get("segment"), *before.get("segments", ())) and differ <= {"target", "marks"}
    line = lines.raw[lines.places[segment.id]]
    back = with_segments(new, {segment.id: segment}, {segment.id: line})
    assert back.raw[lines.places[segment.id]] == line
    assert from_jsonl(back.data.decode(), "a").segments == lines.document.segments


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["save", "look", "confirm", "restore", "theirs"]), WORDS), max_size=12)
)
def test_whatever_is_done_in_whatever_order_can_be_taken_back(steps: list[tuple[int, str, str]]) -> None:
    document = article(("Deux puces.", "Two fleas."), ("Il a 40 ans.", "He is 40."), ("Deux puces.", "Two chips."))
    document = replace(document, summary=summarize(document, 2))
    pad = Pad(**{"Deux puces.": "A pair of chips."})
    desk, shelf = opened(document, memory=pad)
    first = shelf.data
    for number, what, text in steps:
        there = shelf.segment(f"p{number}.s1")
        if what == "look":
            desk.look(there.id, text)
        elif what == "theirs":
            shelf.data += b"\n"
            with pytest.raises(ChangedElsewhere):
                save(desk, there.id, text)
            shelf.data = shelf.data[:-1]
        else:
            save(desk, there.id, there.target if what == "confirm" else text, restore=what == "restore")
        assert [s.id for s in shelf.document.segments] == ["p1.s1", "p2.s1", "p3.s1"]
        check_lines(shelf.data.decode())
        for segment in shelf.document.segments:
            if segment.origin == "post-edited":
                assert unwind(segment.target, segment.edits) == next(s.target for s in document.segments if s.id == segment.id)
        by_hand = {s.source: s.target for s in shelf.document.segments if s.origin == "post-edited"}
        if what == "restore":
            assert pad.known.get(there.source) == by_hand.get(there.source, "A pair of chips." if number != 2 else None)
    for number in (1, 2, 3):
        save(desk, f"p{number}.s1", "", restore=True)
    assert shelf.data == first and desk.tally() == Tally() and pad.known == {"Deux puces.": "A pair of chips."}


def test_no_file_of_ours_is_refused() -> None:
    for data, message in (
        (b"\xff", "is not UTF-8"),
        (b"{}", "a.jsonl:1"),
        (b"", "no document line"),
        (b'{"type":"digest"}', "no document"),
    ):
        with pytest.raises(InputError, match=message):
            read_lines(data, "a.jsonl")


# ------------------------------------------------------------------------------------------------------------------- the checks


@pytest.mark.parametrize("case", CASES["edits"], ids=lambda case: case["label"])
def test_what_is_said_while_typing(case: dict[str, Any]) -> None:
    desk, shelf = opened(article((case["source"], "Something.")))
    shown: Any = desk.look("p1.s1", case["target"])
    assert [note["kind"] for note in shown["notes"]] == case["notes"]
    assert [note["insert"] for note in shown["notes"] if note["insert"]] == case.get("insert", [])
    assert [[text, kind] for text, kind, _ in shown["source"] if kind] == case.get(
        "french", [[t, k] for t, k, _ in shown["source"] if k]
    )
    if "english" in case:
        assert [[text, kind] for text, kind, _ in shown["english"] if kind] == case["english"]
    if "at" in case:
        assert shown["notes"][0]["at"] == case["at"]
    assert "".join(text for text, _, _ in shown["english"]) == case["target"] and shelf.writes == 0


def test_the_page_says_what_check_says() -> None:
    document = from_jsonl(SEED.read_text(encoding="utf-8"), "a")
    for glossary in (None, TERMS):
        desk, _ = opened(document, compile_matcher(glossary) if glossary else None)
        shown = [s for block in desk.article()["blocks"] for s in block["sentences"]]  # type: ignore[attr-defined]
        said = [(s["id"], n["kind"], n["severity"], n["message"]) for s in shown for n in s["notes"]]
        assert said == [(f.segment, f.kind, f.severity, f.message) for f in check_segments(document.segments, glossary)]


def test_a_correction_is_checked_with_the_others() -> None:
    desk, _ = opened(article(("Deux puces.", "Two chips."), ("Deux puces.", "Two chips.")))
    done: Any = save(desk, "p1.s1", "A pair of chips.")
    assert [(s["id"], [n["kind"] for n in s["notes"]]) for s in done["sentences"]] == [("p1.s1", []), ("p2.s1", ["two-ways"])]


# ---------------------------------------------------------------------------------------------------------- what may go wrong


def test_another_program_is_noticed_and_not_written_over() -> None:
    desk, shelf = opened()
    desk.look("p2.s1", "He is 40 years old.")
    theirs = article(("Deux puces ici.", "Two of their chips."), ("Il a 40 ans.", "He is 40."))
    shelf.data = to_jsonl(theirs).encode()
    assert not desk.is_current()
    with pytest.raises(ChangedElsewhere, match="another program has changed it"):
        save(desk, "p1.s1", "Two of my chips.")
    assert shelf.document.title[1] == "Two of their chips." and shelf.writes == 0
    shown: Any = desk.reload()
    sentences = [s for block in shown["blocks"] for s in block["sentences"]]
    assert [s["saved"] for s in sentences] == ["Two of their chips.", "He is 40."]
    assert sentences[1]["draft"] == "He is 40 years old.", "what was typed stays typed"
    save(desk, "p1.s1", "Two of my chips.")
    assert shelf.document.title[1] == "Two of my chips."
    save(desk, "p1.s1", "", restore=True)
    assert shelf.document.title[1] == "Two of their chips."


def test_a_full_disk_loses_nothing_and_the_next_save_has_it() -> None:
    desk, shelf = opened()
    shelf.trouble = "a.jsonl: no space"
    before = shelf.data
    for _ in range(2):
        with pytest.raises(OutputError):
            save(desk, "p1.s1", "Two good chips.")
    assert shelf.data == before and desk.tally() == Tally()
    desk.look("p1.s1", "Two good chips.")
    with pytest.raises(OutputError):
        desk.finish()
    assert dict(desk.drafts) == {"p1.s1": "Two good chips."}
    shelf.trouble = None
    assert desk.finish() is None and desk.drafts == {} and shelf.segment("p1.s1").target == "Two good chips."


def test_what_was_typed_is_saved_at_the_end() -> None:
    desk, shelf = opened()
    desk.look("p1.s1", "Two chips he")
    desk.look("p1.s1", "Two chips here!")
    desk.look("p2.s1", "He is")
    desk.look("p2.s1", "He is 40.")
    desk.finish()
    assert [(s.target, s.origin) for s in shelf.document.segments] == [("Two chips here!", "post-edited"), ("He is 40.", "mt")]


def test_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"old")
    path.chmod(0o640)
    disk = Disk(path, Path("a.jsonl"))
    disk.write(b"new")
    assert path.read_bytes() == b"new" and path.stat().st_mode & 0o777 == 0o640
    path.chmod(0o440)
    with pytest.raises(OutputError, match=r"^a\.jsonl: is read-only"):
        disk.write(b"no")
    path.chmod(0o640)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        disk.write(b"no")
    assert path.read_bytes() == b"new" and [p.name for p in tmp_path.iterdir()] == ["a.jsonl"]
    path.unlink()
    with pytest.raises(InputError, match=r"^a\.jsonl: cannot be read"):
        disk.read()
    with pytest.raises(OutputError, match=r"^a\.jsonl: cannot be written"):
        disk.write(b"no")


def test_one_review_of_a_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"")
    with alone(path):
        with pytest.raises(InputError, match="is being reviewed already"), alone(path):
            pass
        with alone(tmp_path / "b.jsonl"):
            pass
    with alone(path):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["a.jsonl"]


# ------------------------------------------------------------------------------------------------------------------- the memory


class Pad:
    """A memory of corrections that may be full."""

    def __init__(self, **known: str):
        self.known = known
        self.full = False

    def corrections(self, sources: Iterable[str]) -> Mapping[str, str]:
        return {source: self.known[source] for source in sources if source in self.known}

    def correct(self, pairs: Iterable[tuple[str, str]]) -> int:
        if self.full:
            raise OutputError("m: cannot be written")
        self.known |= dict(pairs)
        return 0

    def withdraw(self, sources: Iterable[str]) -> None:
        for source in sources:
            self.known.pop(source, None)


def test_corrections_go_into_the_memory_and_come_out_of_it_again() -> None:
    pad = Pad(**{"Il a 40 ans.": "He is forty."})
    desk, _ = opened(article(("Oui.", "Yes."), ("Il a 40 ans.", "He is 40."), ("Oui.", "Yes.")), memory=pad)
    save(desk, "p1.s1", "Yeah.")
    save(desk, "p2.s1", "He is 40.")
    save(desk, "p3.s1", "Yep.")
    assert pad.known == {"Oui.": "Yep.", "Il a 40 ans.": "He is 40."}
    save(desk, "p3.s1", "", restore=True)
    save(desk, "p2.s1", "", restore=True)
    assert pad.known == {"Oui.": "Yeah.", "Il a 40 ans.": "He is forty."}
    save(desk, "p1.s1", "", restore=True)
    assert pad.known == {"Il a 40 ans.": "He is forty."}


def test_a_memory_that_is_full_is_said_and_paid_later() -> None:
    pad = Pad()
    desk, shelf = opened(memory=pad)
    pad.full = True
    assert save(desk, "p1.s1", "Two nice chips.")["warning"] == "m: cannot be written"
    assert shelf.segment("p1.s1").target == "Two nice chips." and pad.known == {}
    pad.full = False
    assert desk.finish() is None and pad.known == {"Deux puces ici.": "Two nice chips."}


def test_half_a_character_is_no_matter_for_the_memory(tmp_path: Path) -> None:
    with open_memory(tmp_path / "m"):
        pass
    desk, shelf = opened(memory=Notebook(tmp_path / "m"))
    assert save(desk, "p1.s1", "Two \ud800 chips.")["warning"] is None
    assert shelf.segment("p1.s1").target == "Two \ud800 chips."


def review_of(path: Path, memory: Path | None, identity: str, text: str) -> None:
    desk = Desk(Disk(path, path), str(path), None, Notebook(memory) if memory else None)
    save(desk, identity, text)
    desk.finish()


def test_a_correction_wins_in_the_next_translation(run: Run, folder: Path, tmp_path: Path) -> None:  # noqa: F811
    out, memory = tmp_path / "out", tmp_path / "m"
    one = folder / "one.txt"
    one.write_text("Le chat dort ici depuis lundi.\n\nIl mange bien.\n", encoding="utf-8")
    arguments = ["translate", str(one), "--memory", str(memory), "--no-summary"]
    assert run(*arguments, "-o", str(out)).code == 0
    path = out / "one.fr-en.jsonl"
    review_of(path, memory, "p2.s1", "It eats well.")
    assert run(*arguments, "-o", str(out), "--force").code == 0
    assert [(s.target, s.origin) for s in from_jsonl(path.read_text("utf-8"), "a").segments][1] == (
        "It eats well.",
        "post-edited",
    )
    other = tmp_path / "other.txt"
    other.write_text("Il mange bien.\n", encoding="utf-8")
    assert "It eats well." in run("translate", str(other), "--memory", str(memory), "--format", "txt").out
    assert run("check", str(path)).code in (0, 3)


@pytest.mark.model
def test_a_correction_wins_over_the_embedded_model(embedded: Engine, tmp_path: Path) -> None:
    from bilingual.pipeline import Settings, translate
    from bilingual.reading import read_document

    text = "Le centre abrite 100 000 puces. Il a ouvert lundi."
    path, memory = tmp_path / "a.fr-en.jsonl", tmp_path / "m"
    path.write_text(to_jsonl(translate(read_document(text.encode(), "a.txt"), embedded, Settings())), encoding="utf-8")
    review_of(path, memory, "p1.s2", "It opened on Monday, at last.")
    with open_memory(memory) as held:
        again = translate(read_document(text.encode(), "a.txt"), embedded, Settings(), held)
    assert [s.origin for s in again.segments] == ["mt", "post-edited"]
    assert again.segments[1].target == "It opened on Monday, at last."


# --------------------------------------------------------------------------------------------------------------------- the door


class Visitor:
    """Whoever sends requests: the page itself unless told otherwise."""

    def __init__(self, desk: Desk | None = None):
        self.desk = desk or opened()[0]
        self.keys = Keys(8000)
        self.said: list[str] = []
        self.leaves = False
        self.app = application(self.desk, self.keys, self.said.append)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str | None) -> tuple[int, dict[str, str], bytes]:
        data = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
        sent: dict[str, str | None] = {"host": "127.0.0.1:8000", "cookie": f"{self.keys.cookie}={self.keys.token}"}
        if method != "GET":
            sent |= {"origin": "http://127.0.0.1:8000", "content-type": "application/json", "content-length": str(len(data))}
            sent["sec-fetch-site"] = "same-origin"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        path, _, query = path.partition("?")
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(), "root_path": "",
            "scheme": "http", "query_string": query.encode(), "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 5),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items() if value is not None],
        }  # fmt: skip
        got: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"} if self.leaves else {"type": "http.request", "body": data, "more_body": False}

        async def send(message: Any) -> None:
            got.append(message)

        asyncio.run(self.app(scope, receive, send))
        start = next(message for message in got if message["type"] == "http.response.start")
        answered = b"".join(message.get("body", b"") for message in got if message["type"] == "http.response.body")
        return start["status"], {name.decode().lower(): value.decode() for name, value in start["headers"]}, answered


@pytest.fixture(scope="module")
def visitor() -> Visitor:
    return Visitor()


@pytest.mark.parametrize("case", CASES["door"], ids=lambda case: case["label"])
def test_who_is_let_in(visitor: Visitor, case: dict[str, Any]) -> None:
    words = {"token": visitor.keys.token, "name": visitor.keys.cookie, "half": visitor.keys.token[:20]}
    path, headers = (
        re.sub(r"\{(\w+)\}", lambda m: words[m[1]], text) if isinstance(text, str) else text
        for text in (case["path"], json.dumps(case.get("headers", {})))
    )
    method = case.get("method", "GET")
    body = case.get("body", {"id": "p1.s1", "target": "Two chips."} if method == "POST" else None)
    status, answered, text = visitor(method, path, body, **json.loads(headers))
    assert status == case["status"], text
    assert {name: answered.get(name) for name in HEADERS} == HEADERS, "whatever the answer is"
    if status != 200:
        assert visitor.keys.token.encode() not in text and "set-cookie" not in answered
    assert "server" not in answered


def test_the_token_becomes_a_cookie_and_a_ticket_is_good_for_once() -> None:
    visitor = Visitor()
    _, headers, page = visitor("GET", f"/?token={visitor.keys.token}", cookie=None)
    assert headers["set-cookie"] == f"bilingual-review-8000={visitor.keys.token}; Path=/; HttpOnly; SameSite=Strict"
    assert visitor.keys.token.encode() not in page and b'<script type="module" src' in page and b"style=" not in page
    path = visitor.keys.ticket_address().removeprefix("http://127.0.0.1:8000")
    assert visitor.keys.token not in path
    assert [visitor("GET", path, cookie=None)[0] for _ in range(3)] == [200, 403, 403]
    assert len({Keys(1).token for _ in range(50)}) == 50 and len(Keys(1).token) >= 43


def test_the_page_has_no_markup_of_its_own_making() -> None:
    script = "".join((ROOT / "bilingual" / "review" / name).read_text("utf-8") for name in ("page.js", "words.js"))
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|localStorage|https?://", script
    )
    page = (ROOT / "bilingual" / "review" / "page.html").read_text("utf-8")
    assert not re.search(r"https?://|\son\w+=|style=|<style", page)


@pytest.mark.parametrize("text", CASES["hostile"], ids=range(len(CASES["hostile"])))
def test_hostile_text_is_text(text: str) -> None:
    desk, shelf = opened(article((text, text)))
    visitor = Visitor(desk)
    status, headers, body = visitor("GET", "/article")
    assert status == 200 and headers["content-type"] == "application/json" and headers["x-content-type-options"] == "nosniff"
    assert json.loads(body)["blocks"][0]["sentences"][0]["saved"] == text
    assert body.isascii()
    saved = visitor("POST", "/save", {"sentences": [{"id": "p1.s1", "target": f"{text} {text}", "base": text}]})
    assert saved[0] == 200 and shelf.segment("p1.s1").target == f"{text} {text}".replace("\u2028", " ")
    assert shelf.data.count(b"\n") == 2


def test_trouble_has_a_status_a_kind_and_a_line_on_stderr_once() -> None:
    desk, shelf = opened()
    visitor = Visitor(desk)
    wish = {"sentences": [{"id": "p1.s1", "target": "Two nice chips.", "base": "Two chips here."}]}
    shelf.trouble = "a.jsonl: is read-only"
    for _ in range(2):
        status, _, body = visitor("POST", "/save", wish)
        assert (status, json.loads(body)) == (507, {"error": shelf.trouble, "kind": "disk"})
    assert visitor.said == [shelf.trouble]
    shelf.trouble, shelf.data = None, shelf.data + b"\n"
    status, _, body = visitor("POST", "/save", wish)
    assert status == 409 and json.loads(body)["kind"] == "changed" and len(visitor.said) == 2
    assert json.loads(visitor("GET", "/state")[2]) == {"current": False}
    assert visitor("POST", "/reload", {})[0] == 200 and visitor("POST", "/save", wish)[0] == 200
    shelf.data = b"broken"
    status, _, body = visitor("POST", "/reload", {})
    assert status == 422 and "a.fr-en.jsonl:1: not JSON" in json.loads(body)["error"]


def test_a_visitor_who_leaves_in_the_middle_of_a_request_is_no_error() -> None:
    desk, shelf = opened()
    visitor, before = Visitor(desk), shelf.data
    visitor.leaves = True
    status, _, _ = visitor("POST", "/save", {"sentences": [{"id": "p1.s1", "target": "x", "base": "Two chips here."}]})
    assert status == 400 and visitor.said == [] and shelf.data == before


def test_it_listens_to_this_machine_alone() -> None:
    with closing(listen(0)) as heard:
        address, port = heard.getsockname()
        assert address == "127.0.0.1"
        with pytest.raises(InputError, match=f"--port {port}: cannot be listened to"):
            listen(port)


# ------------------------------------------------------------------------------------------------------------- the command line


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    """Start a review; gives the process and the address that it printed."""
    started = []

    def call(*arguments: str, **environment: str) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-m", "bilingual", "review", *arguments]
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
            **environment,
        }
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=env)
        started.append(process)
        assert process.stdout
        return process, process.stdout.readline().strip()

    yield call
    for process in started:
        process.kill()
        process.communicate()


def test_a_review_from_beginning_to_end(start: Any, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    path = tmp_path / "real" / "a.fr-en.jsonl"
    path.write_text(to_jsonl(article()), encoding="utf-8")
    link = tmp_path / "link.jsonl"
    link.symlink_to(path)
    process, address = start(str(link), "--no-browser", "--memory", "m")
    found = re.fullmatch(r"(http://127\.0\.0\.1:\d+)/\?token=([\w-]{43})", address)
    assert found
    second, nothing = start(str(path), "--no-browser")
    assert nothing == "" and second.wait() == 2 and "is being reviewed already" in second.stderr.read()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(), urllib.request.ProxyHandler({}))
    opener.open(address, timeout=10).read()

    def ask(path: str, body: Any) -> Any:
        headers = {"Origin": found[1], "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{found[1]}/{path}", json.dumps(body).encode(), headers)
        return json.load(opener.open(asked, timeout=10))

    ask("save", {"sentences": [{"id": "p1.s1", "target": "Two fine chips.", "base": "Two chips here."}]})
    assert from_jsonl(path.read_text("utf-8"), "a").title[1] == "Two fine chips."
    ask("look", {"id": "p2.s1", "target": "He is 40 years old."})
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{found[1]}/article", timeout=10)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert "link.jsonl: 2 sentences changed, 0 confirmed as they were" in process.stderr.read()
    assert [s.target for s in from_jsonl(path.read_text("utf-8"), "a").segments] == ["Two fine chips.", "He is 40 years old."]
    assert link.is_symlink() and [p.name for p in path.parent.iterdir()] == [path.name]
    with open_memory(tmp_path / "m") as memory:
        assert memory.corrections(["Deux puces ici.", "Il a 40 ans."]) == {
            "Deux puces ici.": "Two fine chips.",
            "Il a 40 ans.": "He is 40 years old.",
        }
    check_lines(path.read_text("utf-8"))


def test_a_browser_gets_a_ticket_and_other_formats_are_written_at_the_end(start: Any, tmp_path: Path) -> None:
    (tmp_path / "a.fr-en.jsonl").write_text(to_jsonl(article()), encoding="utf-8")
    (tmp_path / "open").write_text('#!/bin/sh\necho "$1" > opened.part && mv opened.part opened\n', encoding="utf-8")
    (tmp_path / "open").chmod(0o755)
    process, address = start("a.fr-en.jsonl", "--format", "jsonl,md,txt", BROWSER=f"{tmp_path / 'open'} %s", DISPLAY=":0")
    for _ in range(100):
        if (tmp_path / "opened").exists():
            break
        time.sleep(0.05)
    opened = (tmp_path / "opened").read_text("utf-8").strip()
    assert opened.partition("token=")[0] == address.partition("token=")[0] and opened != address
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    assert opener.open(opened, timeout=10).status == 200
    with pytest.raises(urllib.error.HTTPError, match="403"):
        opener.open(opened, timeout=10)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert {p.name for p in tmp_path.glob("a.*")} == {"a.fr-en.jsonl", "a.fr-en.md", "a.fr-en.txt"}
    assert "Two chips here." in (tmp_path / "a.fr-en.md").read_text("utf-8")


def test_an_end_that_cannot_save_says_every_word(start: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.fr-en.jsonl"
    path.write_text(to_jsonl(article()), encoding="utf-8")
    process, address = start("a.fr-en.jsonl", "--no-browser", "-q")
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(), urllib.request.ProxyHandler({}))
    opener.open(address, timeout=10).read()
    origin = address.partition("/?")[0]
    body = json.dumps({"id": "p1.s1", "target": "Two lost chips."}).encode()
    opener.open(
        urllib.request.Request(f"{origin}/look", body, {"Origin": origin, "Content-Type": "application/json"}), timeout=10
    )
    path.write_text(to_jsonl(article(("Oui.", "Yes."))), encoding="utf-8")
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 2
    error = process.stderr.read()
    assert "not saved: p1.s1: Two lost chips." in error and "another program has changed it" in error


def test_what_cannot_be_reviewed_is_one_line(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    path = tmp_path / "a.fr-en.jsonl"
    path.write_text(to_jsonl(article()), encoding="utf-8")
    (tmp_path / "b.jsonl").write_text("x", encoding="utf-8")
    (tmp_path / "m.txt").write_text("no memory", encoding="utf-8")
    for arguments, message in (
        (["none.jsonl"], "cannot be read"),
        (["b.jsonl"], "not JSON"),
        ([path.name, "-g", "none.tsv"], "none.tsv"),
        ([path.name, "--memory", "m.txt"], "is text and no memory"),
    ):
        monkeypatch.chdir(tmp_path)
        done = run("review", *arguments)
        assert done.code == 2 and message in done.err.splitlines()[-1] and done.out == ""
    monkeypatch.setitem(sys.modules, "starlette.applications", None)
    done = run("review", path.name, "--no-browser")
    assert done.code == 1 and "pip install 'bilingual-toolkit[review]'" in done.err and done.out == ""
    assert not list(tmp_path.glob(".*"))
