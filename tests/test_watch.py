"""``bilingual watch``: articles translated as they arrive, whatever state they arrive in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pytest
from conftest import ROOT
from fakes import FakeEngine
from office import docx
from test_cli import Result, Run, engine, run  # noqa: F401 - fixtures

from bilingual.cli import watch
from bilingual.cli.watching import Stillness, scan
from bilingual.errors import OutputError
from bilingual.memory import open_memory

A = PurePosixPath("a.txt")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "a.txt").write_text("Le chat dort. Il pleut.\n", encoding="utf-8")
    return folder


@pytest.fixture
def once(run: Run, inbox: Path) -> Callable[..., Result]:  # noqa: F811
    return lambda *more: run("watch", inbox, "-o", "out", "--once", "--settle", "0.1", "--no-glossary", *more)


def test_a_file_is_taken_when_it_stands_still() -> None:
    still = Stillness(2.0)
    assert list(still.ready({A: (0, 1)}, 0.0)) == []
    assert list(still.ready({A: (5, 2)}, 1.9)) == [], "it has grown"
    assert list(still.ready({A: (5, 3)}, 3.8)) == [], "its time has changed"
    assert list(still.ready({A: (5, 3)}, 5.7)) == []
    assert list(still.ready({A: (5, 3)}, 5.8)) == [A]
    still.taken[A] = (5, 3)
    assert list(still.ready({A: (5, 3)}, 99.0)) == [] and not still.waiting
    assert list(still.ready({A: (5, 4)}, 100.0)) == [] and list(still.ready({A: (5, 4)}, 102.0)) == [A], "changed: once more"
    assert list(still.ready({}, 103.0)) == [] and not still.waiting and not still.taken, "gone: forgotten"


def test_what_is_looked_at(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    names = [
        "a.txt",
        "b.docx",
        "c.md.part",
        ".d.txt",
        "~$e.docx",
        "f.txt~",
        "g.tmp",
        "h.xyz",
        "i.fr-en.md",
        "j.en.txt",
        "K.TXT",
        "l",
    ]
    names += ["deep/m.txt", ".hidden/n.txt", "out/o.txt", "out/index.html", "deep/p.txt.crdownload", "#q.txt#", ".~lock.r.odt#"]
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (folder / "loop").symlink_to(folder)
    (folder / "link.txt").symlink_to(folder / "a.txt")
    (folder / "broken.txt").symlink_to(folder / "nowhere")
    found, others = scan(folder, folder / "out")
    assert [str(path) for path in found] == ["K.TXT", "a.txt", "b.docx", "deep/m.txt", "link.txt"]
    assert others == {".xyz", ""}
    with pytest.raises(OSError, match="No such file"):
        scan(tmp_path / "nowhere", tmp_path)


def test_once(once: Callable[..., Result], inbox: Path, tmp_path: Path, engine: FakeEngine) -> None:  # noqa: F811
    (inbox / "note.docx").write_bytes(docx("<w:p><w:r><w:t>Le chien court.</w:t></w:r></w:p>"))
    (inbox / "b.xyz").write_text("?")
    result = once()
    assert result.code == 0
    first, second = result.out.splitlines()
    assert first.startswith("a.txt: 2 sentences, terms 0 kept 0 violated, ") and first.endswith(
        " s -> out/a.fr-en.md, out/a.fr-en.jsonl"
    )
    assert second.startswith("note.docx: 1 sentence, ")
    assert result.err.count("files with the suffix .xyz are left alone") == 1
    assert "LE CHAT DORT." in (tmp_path / "out" / "a.fr-en.jsonl").read_text(encoding="utf-8")
    calls = len(engine.calls)
    again = once()
    assert (again.code, again.out) == (0, "") and len(engine.calls) == calls, "what is done is done"
    (inbox / "a.txt").write_text("Le chat mange.\n", encoding="utf-8")
    assert [line.partition(":")[0] for line in once().out.splitlines()] == ["a.txt"]
    assert "LE CHAT MANGE." in (tmp_path / "out" / "a.fr-en.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("formats", ["txt", "same", "csv,md", "same,jsonl", "html"])
def test_what_is_done_is_known_in_every_format(once: Callable[..., Result], inbox: Path, tmp_path: Path, formats: str) -> None:
    (inbox / "note.docx").write_bytes(docx("<w:p><w:r><w:t>Le chien court.</w:t></w:r></w:p>"))
    (inbox / "film.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nIl pleut.\n", encoding="utf-8")
    assert len(once("--format", formats).out.splitlines()) == 3
    assert once("--format", formats).out == ""
    assert len(once("--format", formats, "--force").out.splitlines()) == 3
    assert len(once("--format", formats, "--beam", "2").out.splitlines()) == 3, "other settings"
    for output in (tmp_path / "out").glob("a.*"):
        output.unlink()
    assert [line[:6] for line in once("--format", formats, "--beam", "2").out.splitlines()] == ["a.txt:"]
    (tmp_path / "out" / ".bilingual-watch.json").write_text("{", encoding="utf-8")
    assert once("--format", formats).code == 0, "a broken ledger costs a translation"


@pytest.mark.parametrize("formats", ["txt", "csv", "jsonl"])
def test_a_correction_that_came_later_is_taken_in_every_format(once: Callable[..., Result], tmp_path: Path, formats: str) -> None:
    memory = tmp_path / "m.sqlite"
    asked = ("--format", formats, "--memory", str(memory))
    assert len(once(*asked).out.splitlines()) == 1
    assert once(*asked).out == ""
    with open_memory(memory) as held:
        held.correct([("Il pleut.", "It pours.")])
    assert len(once(*asked).out.splitlines()) == 1
    [written] = (tmp_path / "out").glob("a.*")
    assert "It pours." in written.read_text(encoding="utf-8")
    assert once(*asked).out == ""


def test_who_has_written_an_output_keeps_it_over_a_restart(once: Callable[..., Result], inbox: Path, tmp_path: Path) -> None:
    assert once().code == 0
    (inbox / "a.md").write_text("Le chien mange.\n", encoding="utf-8")
    result = once()
    assert result.code == 2 and "a.md: would become out/a.fr-en.md, as a.txt does" in result.err
    assert "LE CHAT DORT." in (tmp_path / "out" / "a.fr-en.jsonl").read_text(encoding="utf-8")
    (inbox / "a.txt").unlink()
    assert [line.partition(":")[0] for line in once().out.splitlines()] == ["a.md"]


def test_a_broken_file_is_one_line(once: Callable[..., Result], inbox: Path) -> None:
    (inbox / "bad.docx").write_bytes(b"PK\x03\x04 half")
    (inbox / "empty.txt").write_bytes(b"")
    result = once()
    assert result.code == 2 and len(result.out.splitlines()) == 1
    said = [line for line in result.lines if line.startswith("bilingual: ")]
    assert len(said) == 2 and "bad.docx: is damaged" in said[0] and "empty.txt: the file is empty" in said[1]


def test_what_nobody_thought_of_is_one_line(once: Callable[..., Result], inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(source, lines=False):
        raise RecursionError("too deep")

    monkeypatch.setattr(watch, "read_source", read)
    result = once()
    assert result.code == 1 and "bilingual: a.txt: could not be translated (RecursionError: too deep)" in result.err


def test_two_files_that_become_one(once: Callable[..., Result], inbox: Path) -> None:
    (inbox / "a.md").write_text("# Un titre\n\nLe chien court.\n", encoding="utf-8")
    result = once()
    assert result.code == 2 and result.out.startswith("a.md: ") and len(result.out.splitlines()) == 1
    assert "bilingual: a.txt: would become out/a.fr-en.md, as a.md does; left alone until it changes" in result.err


def test_outputs_that_cannot_be_written(once: Callable[..., Result], inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path, text, advice=""):
        raise OutputError(f"{path}: cannot be written (No space left on device)")

    monkeypatch.setattr("bilingual.cli.files.write_whole", refuse)
    result = once()
    assert result.code == 2 and result.err.count("No space left on device") == 1 and result.out == ""


def test_corrected_outputs_are_left_alone(once: Callable[..., Result], inbox: Path, tmp_path: Path) -> None:
    once()
    path = tmp_path / "out" / "a.fr-en.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    lines[1]["origin"] = "post-edited"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    (inbox / "a.txt").write_text("Le chat mange.\n", encoding="utf-8")
    result = once()
    assert result.code == 2 and "holds 1 corrected sentence; left alone" in result.err


def test_pages_get_an_index(once: Callable[..., Result], inbox: Path, tmp_path: Path) -> None:
    (inbox / "b.txt").write_text("Le chien court.\n", encoding="utf-8")
    assert once("--format", "html").code == 0
    assert "b.fr-en.html" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    (tmp_path / "out" / "index.html").write_text("mine")
    assert once("--format", "html").code == 2
    assert (tmp_path / "out" / "index.html").read_text() == "mine"


def test_usage(run: Run, tmp_path: Path) -> None:  # noqa: F811
    assert run("watch", tmp_path / "nowhere", "-o", "out").code == 2
    assert run("watch", tmp_path).code == 2
    assert run("watch", tmp_path, "-o", "out", "--format", "docx", "--once").code == 2
    assert run("watch", tmp_path, "-o", "out", "--once", "--settle", "0").code == 0


def test_a_file_that_is_written_slowly_is_translated_whole(once: Callable[..., Result], inbox: Path, tmp_path: Path) -> None:
    (inbox / "a.txt").unlink()

    def write() -> None:
        with (inbox / "slow.txt").open("w", encoding="utf-8") as file:
            for number in range(12):
                file.write(f"Le chat {number} dort.\n\n")
                file.flush()
                time.sleep(0.05)

    writer = threading.Thread(target=write)
    writer.start()
    while not (inbox / "slow.txt").exists():
        time.sleep(0.01)
    result = once("--settle", "0.3")
    writer.join()
    assert [line.partition(",")[0] for line in result.out.splitlines()] == ["slow.txt: 12 sentences"]


def test_a_file_that_changes_while_it_is_translated(
    once: Callable[..., Result],
    inbox: Path,
    tmp_path: Path,
    engine: FakeEngine,  # noqa: F811
) -> None:
    told = engine.say

    def say(text, search):
        if "dort" in text and not (inbox / "done").exists():
            (inbox / "done").touch()
            (inbox / "a.txt").write_text("Le chat mange tout.\n", encoding="utf-8")
        return told(text, search)

    engine.say = say
    result = once()
    assert len(result.out.splitlines()) == 1 and result.code == 0
    assert "LE CHAT MANGE TOUT." in (tmp_path / "out" / "a.fr-en.md").read_text(encoding="utf-8")


def test_a_file_that_vanishes_while_it_is_translated(
    once: Callable[..., Result],
    inbox: Path,
    tmp_path: Path,
    engine: FakeEngine,  # noqa: F811
) -> None:
    told = engine.say

    def say(text, search):
        (inbox / "a.txt").unlink(missing_ok=True)
        return told(text, search)

    engine.say = say
    result = once()
    assert (result.code, result.out) == (0, "") and not (tmp_path / "out" / "a.fr-en.md").exists()


# --------------------------------------------------------------------------------------------------------- a process that goes on

PROGRAM = """
import sys
sys.path[:0] = [{root!r}, {tests!r}]
import bilingual.engines
from fakes import FakeEngine
bilingual.engines.load_engine = lambda *a, **k: FakeEngine(lambda text, search: text.upper())
sys.argv = ["bilingual", "watch", "inbox", "-o", "inbox/out", "--no-glossary", "--settle", "0.2", "--every", "0.05", *sys.argv[1:]]
from bilingual.cli.main import main
main()
"""


@pytest.fixture
def going(inbox: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    code = PROGRAM.format(root=str(ROOT), tests=str(ROOT / "tests"))
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize(("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")])
def test_it_goes_on_until_a_signal(going: subprocess.Popen[str], inbox: Path, number: int, code: int, word: str) -> None:
    assert next_line(going).startswith("a.txt: 2 sentences, ")
    (inbox / "bad.docx").write_bytes(b"PK\x03\x04 half")
    time.sleep(0.5)
    (inbox / "b.txt.part").write_text("Le chien", encoding="utf-8")
    time.sleep(0.4)
    (inbox / "b.txt.part").write_text("Le chien court.", encoding="utf-8")
    (inbox / "b.txt.part").rename(inbox / "b.txt")
    assert next_line(going).startswith("b.txt: 1 sentence, ")
    (inbox / "a.txt").write_text("Le chat mange.", encoding="utf-8")
    assert next_line(going).startswith("a.txt: 1 sentence, ")
    (inbox / "bad.docx").write_bytes(docx("<w:p><w:r><w:t>Il pleut.</w:t></w:r></w:p>"))
    assert next_line(going).startswith("bad.docx: 1 sentence, "), "mended"
    going.send_signal(number)
    out, err = going.communicate(timeout=20)
    assert going.returncode == code and out == ""
    assert err.splitlines()[-1] == f"bilingual: {word}; 4 articles written"
    assert err.count("bad.docx: is damaged") == 1 and "Traceback" not in err
    assert not list((inbox / "out").glob(".*.part"))


def test_the_reader_of_the_lines_leaves(going: subprocess.Popen[str], inbox: Path) -> None:
    assert next_line(going)
    assert going.stdout is not None
    going.stdout.close()
    (inbox / "b.txt").write_text("Le chien court.", encoding="utf-8")
    assert going.wait(timeout=20) == 141
    going.stdout = None


def test_a_folder_that_goes_away_and_comes_back(going: subprocess.Popen[str], inbox: Path, tmp_path: Path) -> None:
    assert next_line(going)
    inbox.rename(tmp_path / "away")
    time.sleep(0.3)
    (tmp_path / "away" / "b.txt").write_text("Le chien court.", encoding="utf-8")
    (tmp_path / "away").rename(inbox)
    assert next_line(going).startswith("b.txt: 1 sentence, ")
    going.send_signal(signal.SIGTERM)
    out, err = going.communicate(timeout=20)
    assert out == "" and err.count("inbox: cannot be read (No such file or directory); looked for again") == 1
