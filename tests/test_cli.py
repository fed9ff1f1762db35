from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import office
import pytest
from fakes import FakeEngine

from bilingual import __version__
from bilingual.cli.main import main
from bilingual.engines import Search
from bilingual.memory import open_memory
from bilingual.writing.jsonl import from_jsonl

Run = Callable[..., "Result"]
CASES = Path(__file__).parent / "cases"


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.err.splitlines()


def say(text: str, search: Search) -> str:
    return text.upper().replace("<R", "<r")


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(say)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, engine: FakeEngine) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bilingual.engines.load_engine", lambda *args, **kwargs: engine)

    def call(*arguments: object, stdin: bytes | None = None) -> Result:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["bilingual", *map(str, arguments)])
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as stopped:
            main()
        sys.stdout.flush()
        sys.stderr.flush()
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        code = stopped.value.code
        return Result(code if isinstance(code, int) else 0 if code is None else 1, out, err)

    return call


ARTICLE = "Un titre court\n\nLe chat dort. Le chien court.\n\nPartager :\n\nIl pleut sur la ville.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    news = tmp_path / "news"
    (news / "deep").mkdir(parents=True)
    (news / "a.txt").write_text(ARTICLE, encoding="utf-8")
    (news / "deep" / "b.txt").write_text("Une autre histoire commence ici.\n", encoding="utf-8")
    return news


def outputs(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_version_and_help(run: Run) -> None:
    assert run("--version").out == f"bilingual {__version__}\n"
    assert "translate" in run("--help").out
    for command in (
        ["translate"],
        ["doctor"],
        ["models", "list"],
        ["models", "fetch"],
        ["models", "path"],
        ["evaluate"],
        ["check"],
    ):
        result = run(*command, "--help")
        assert result.code == 0 and "xample" in result.out, command
    assert run().code == 2


def test_a_folder_becomes_markdown_and_jsonl_in_the_same_tree(run: Run, folder: Path) -> None:
    result = run("translate", "news", "-o", "out")
    assert (result.code, result.out) == (0, "")
    out = folder.parent / "out"
    assert outputs(out) == ["a.fr-en.jsonl", "a.fr-en.md", "deep/b.fr-en.jsonl", "deep/b.fr-en.md"]
    first, *segments = [json.loads(line) for line in (out / "a.fr-en.jsonl").read_text(encoding="utf-8").splitlines()]
    assert first["schema"] == "bilingual/1" and first["name"] == "a.txt" and first["left_out"] == 1
    assert first["title"] == {"fr": "Un titre court", "en": "UN TITRE COURT"}
    assert [s["id"] for s in segments if s["type"] == "segment"] == ["p1.s1", "p2.s1", "p2.s2", "p4.s1"]
    assert "LE CHAT DORT." in (out / "a.fr-en.md").read_text(encoding="utf-8")
    assert "2 of 2 articles, 5 sentences" in result.err and "glossary:" in result.err


def test_one_input_on_stdout(run: Run, folder: Path) -> None:
    assert "LE CHAT DORT." in run("translate", "news/a.txt").out
    assert json.loads(run("translate", "news/a.txt", "--format", "jsonl").out.splitlines()[0])["type"] == "document"
    assert run("translate", "-", "--format", "txt", stdin=ARTICLE.encode()).out.startswith("UN TITRE COURT")
    assert "LE CHAT" in run("translate", stdin=ARTICLE.encode()).out


def test_clutter_is_kept_on_request(run: Run, folder: Path) -> None:
    assert "PARTAGER" not in run("translate", "news/a.txt").out
    assert "PARTAGER" in run("translate", "news/a.txt", "--keep-clutter").out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("un\ndeux\n", "UN\nDEUX\n"),
        ("un\n\n\ndeux", "UN\n\n\nDEUX\n"),
        ("un. deux.\n", "UN. DEUX.\n"),
        ("a\u2028b\x0bc\x85d\n", None),
        ("", ""),
        ("\n", "\n"),
    ],
)
def test_lines_in_are_lines_out(run: Run, text: str, expected: str | None) -> None:
    result = run("translate", "--lines", "-", stdin=text.encode())
    assert result.code == 0
    assert result.out.count("\n") == len(text.removesuffix("\n").split("\n")) * bool(text)
    if expected is not None:
        assert result.out == expected


def test_lines_of_a_file_to_a_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "set.fr").write_text("un\n\ndeux\n", encoding="utf-8")
    assert run("translate", "--lines", "set.fr", "-o", "out").code == 0
    assert (tmp_path / "out" / "set.fr-en.txt").read_text(encoding="utf-8") == "UN\n\nDEUX\n"
    assert run("translate", "--lines", "set.fr").out == "UN\n\nDEUX\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.txt"], "nowhere.txt"),
        (["news"], "2 inputs and one stdout: give a folder with -o"),
        (["news/a.txt", "--format", "md,jsonl"], "2 formats and one stdout: give a folder with -o"),
        (["news/a.txt", "--format", "docx"], "unknown format docx"),
        (["news/a.txt", "-", "-o", "out"], "stdin cannot be mixed"),
        (["news/a.txt", "--no-glossary", "-g", "x.tsv"], "contradict"),
        (["news/a.txt", "-g", "missing.tsv"], "missing.tsv"),
        (["news/a.txt", "--model", "no such model"], "no such model"),
        (["news/a.txt", "--model", "acme/absent"], "models fetch acme/absent"),
        (["news/a.txt", "--beam", "0"], "--beam"),
        (["news/a.txt", "--engine", "moses"], "--engine"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(run: Run, folder: Path, arguments: list[str], message: str) -> None:
    result = run("translate", *arguments)
    assert result.code == 2 and message in result.err and result.out == ""
    if result.err.startswith("bilingual:"):
        assert len(result.lines) == 1


def test_colliding_outputs_are_refused_before_any_work(run: Run, folder: Path, engine: FakeEngine) -> None:
    (folder / "a.md").write_text(ARTICLE, encoding="utf-8")
    result = run("translate", "news", "-o", "out")
    assert result.code == 2 and "would both become" in result.err
    assert engine.calls == [] and not (folder.parent / "out").exists()


def test_an_output_never_overwrites_an_input(run: Run, tmp_path: Path, engine: FakeEngine) -> None:
    (tmp_path / "a.fr-en.md").write_text("Un texte.\n", encoding="utf-8")
    (tmp_path / "a.txt").write_text("Un texte.\n", encoding="utf-8")
    result = run("translate", "a.txt", "a.fr-en.md", "-o", ".")
    assert result.code == 2 and "would overwrite an input" in result.err and engine.calls == []


BAD = {
    "empty": (b"", "empty"),
    "blank": (b" \n\n", "white space"),
    "binary": (bytes(range(256)) * 20, ""),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
}


@pytest.mark.parametrize("kind", BAD)
def test_unreadable_files_are_one_line_and_the_others_are_written(run: Run, folder: Path, kind: str) -> None:
    data, word = BAD[kind]
    (folder / "bad.txt").write_bytes(data)
    alone = run("translate", "news/bad.txt")
    assert alone.code == 2 and alone.out == "" and word.lower() in alone.err.lower()
    assert len([line for line in alone.lines if line.startswith("bilingual: ")]) == 1
    together = run("translate", "news", "-o", "out")
    assert together.code == 2
    assert outputs(folder.parent / "out") == ["a.fr-en.jsonl", "a.fr-en.md", "deep/b.fr-en.jsonl", "deep/b.fr-en.md"]


def test_a_missing_file_is_one_line_and_the_others_are_written(run: Run, folder: Path) -> None:
    (folder / "void").mkdir()
    result = run("translate", "missing.txt", "news/a.txt", "news/void", "-o", "out")
    assert result.code == 2 and outputs(folder.parent / "out") == ["a.fr-en.jsonl", "a.fr-en.md"]
    said = [line for line in result.lines if line.startswith("bilingual: ")]
    assert len(said) == 2 and "missing.txt: there is no such file" in said[0] and "news/void: no articles" in said[1]
    assert "1 of 3 articles" in result.err
    nothing = run("translate", "missing.txt", "absent.txt", "-o", "none")
    assert nothing.code == 2 and len(nothing.lines) == 2 and not (folder.parent / "none").exists()
    refused = run("translate", "missing.txt", "news/a.txt")
    assert (
        refused.code == 2 and refused.out == "" and refused.lines[-1].endswith("2 inputs and one stdout: give a folder with -o")
    )


def test_an_unreadable_permission_is_one_line(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes

    def refuse(self: Path) -> bytes:
        if self.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return read(self)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    result = run("translate", "news/a.txt")
    assert result.code == 2 and "news/a.txt: cannot be read (Permission denied)" in result.err


def test_a_folder_without_articles(run: Run, tmp_path: Path) -> None:
    (tmp_path / "void").mkdir()
    result = run("translate", "void", "-o", "out")
    assert result.code == 2 and "void" in result.err and ".txt" in result.err


def test_old_encodings_are_read_and_said(run: Run, tmp_path: Path) -> None:
    text = "L’été à Besançon : déjà très chaud, dit-on à l’hôtel.\nLe maire s’est exprimé.\n"
    (tmp_path / "old.txt").write_bytes(text.encode("cp1252"))
    (tmp_path / "wide.txt").write_bytes(text.encode("utf-16"))
    old = run("translate", "old.txt", "--format", "txt")
    assert old.code == 0 and "BESANÇON" in old.out and "cp1252" in old.err
    wide = run("translate", "wide.txt", "--format", "txt")
    assert wide.code == 0 and wide.out.split("\n\n[")[0] == old.out.split("\n\n[")[0]


def test_a_huge_single_line_goes_through(run: Run, tmp_path: Path) -> None:
    sentence = "Le chat de la voisine dort bien au soleil, sur le mur du jardin, et il rêve de souris, de poisson frais "
    sentence += "et de longues nuits d’été passées sur les toits de la ville avec ses amis. "
    (tmp_path / "huge.txt").write_text(sentence * 28_000, encoding="utf-8")
    started = time.process_time()
    result = run("translate", "huge.txt", "--format", "txt", "--no-glossary")
    assert result.code == 0 and result.out.count("LE CHAT DE LA VOISINE") == 28_000
    assert time.process_time() - started < 240


def test_a_text_that_is_not_french_is_warned_about_not_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text(
        "The city council met on Monday and approved the new budget for schools. " * 5, encoding="utf-8"
    )
    result = run("translate", "en.txt")
    assert result.code == 0 and "not French" in result.err and "THE CITY COUNCIL" in result.out


def test_broken_glossary_rows_are_all_said_with_their_lines(run: Run, folder: Path) -> None:
    rows = "source\ttarget\tlevel\npuce\tchip\tstrict\n\tempty side\tstrict\ngrappe\tcluster\tsometimes\ncalcul\t\tprefer\n"
    (folder / "bad.tsv").write_text(rows, encoding="utf-8")
    result = run("translate", "news/a.txt", "-g", "news/bad.tsv")
    assert result.code == 2 and result.out == ""
    for line in (3, 4, 5):
        assert f"bad.tsv:{line}:" in result.err


def test_a_readonly_folder_is_one_line(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, engine: FakeEngine) -> None:
    (folder.parent / "locked").write_text("a file where a folder is wanted")
    result = run("translate", "news", "-o", "locked/out")
    assert result.code == 2 and "cannot be written" in result.err and len(result.lines) <= 2 and engine.calls == []


def test_a_full_disk_loses_nothing(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("translate", "news", "-o", "out")
    before = (folder.parent / "out" / "a.fr-en.md").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = run("translate", "news", "-o", "out", "--force")
    assert result.code == 2 and "No space left on device" in result.err
    assert (folder.parent / "out" / "a.fr-en.md").read_bytes() == before
    assert outputs(folder.parent / "out") == ["a.fr-en.jsonl", "a.fr-en.md", "deep/b.fr-en.jsonl", "deep/b.fr-en.md"]


def test_what_is_up_to_date_is_left_alone(run: Run, folder: Path, engine: FakeEngine) -> None:
    run("translate", "news", "-o", "out")
    engine.calls.clear()
    again = run("translate", "news", "-o", "out")
    assert again.code == 0 and engine.calls == [] and "2 up to date" in again.err
    (folder / "a.txt").write_text(ARTICLE + "\nUne phrase de plus.\n", encoding="utf-8")
    run("translate", "news", "-o", "out")
    assert [len(texts) for texts, _ in engine.calls] and "Une autre histoire commence ici." not in engine.calls[0][0]
    engine.calls.clear()
    assert "2 up to date" not in run("translate", "news", "-o", "out", "--beam", "2").err and engine.calls
    engine.calls.clear()
    run("translate", "news", "-o", "out", "--beam", "2", "--force")
    assert engine.calls


def test_corrections_by_a_person_are_not_overwritten(run: Run, folder: Path) -> None:
    run("translate", "news/a.txt", "-o", "out")
    path = folder.parent / "out" / "a.fr-en.jsonl"
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    document = json.loads(first)
    document["signature"]["origins"] = {"mt": 3, "memory": 0, "post-edited": 1}
    corrected = "\n".join([json.dumps(document, ensure_ascii=False), *rest]) + "\n"
    path.write_text(corrected, encoding="utf-8")
    result = run("translate", "news/a.txt", "-o", "out", "--beam", "2")
    assert result.code == 2 and "1 corrected" in result.err and path.read_text(encoding="utf-8") == corrected
    assert run("translate", "news/a.txt", "-o", "out", "--beam", "2", "--force").code == 0


@pytest.mark.parametrize("first", ["as it was", "{}", "none"])
def test_corrected_segments_count_whatever_the_document_line_says(run: Run, folder: Path, first: str) -> None:
    run("translate", "news/a.txt", "-o", "out")
    path = folder.parent / "out" / "a.fr-en.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    place = next(n for n, line in enumerate(lines) if json.loads(line)["type"] == "segment")
    lines[place] = json.dumps(json.loads(lines[place]) | {"origin": "post-edited", "target": "Mine."})
    lines = lines if first == "as it was" else lines[1:] if first == "none" else [first, *lines[1:]]
    path.write_text(corrected := "\n".join(lines) + "\n", encoding="utf-8")
    result = run("translate", "news/a.txt", "-o", "out", "--beam", "2")
    assert result.code == 2 and "holds 1 corrected sentence; left alone" in result.err
    assert path.read_text(encoding="utf-8") == corrected
    assert run("translate", "news/a.txt", "-o", "out", "--beam", "2", "--force").code == 0
    assert "Mine." not in path.read_text(encoding="utf-8")


def test_a_failed_sentence_is_exit_1_and_everything_is_written(run: Run, folder: Path, engine: FakeEngine) -> None:
    engine.fails_on = "chien"
    result = run("translate", "news", "-o", "out")
    assert result.code == 1 and "1 sentence could not be translated" in result.err
    assert len(outputs(folder.parent / "out")) == 4
    assert "Le chien court." in (folder.parent / "out" / "a.fr-en.md").read_text(encoding="utf-8")


def test_a_violated_strict_term_is_exit_3_and_report_is_not(run: Run, folder: Path, engine: FakeEngine) -> None:
    (folder / "g.tsv").write_text("source\ttarget\nchat\ttomcat\n", encoding="utf-8")
    engine.say = lambda text, search: "THE ANIMAL IS HERE ."
    result = run("translate", "news/a.txt", "-g", "news/g.tsv", "-o", "out")
    assert result.code == 3 and "1 strict glossary term" in result.err
    assert run("translate", "news/a.txt", "-g", "news/g.tsv", "-o", "out", "--enforce", "report").code == 0
    assert run("translate", "news/a.txt", "-g", "news/g.tsv", "-o", "out", "--enforce", "off").code == 0


def test_settings_from_a_file_and_options_over_them(run: Run, folder: Path, engine: FakeEngine) -> None:
    (folder.parent / "bilingual.toml").write_text('beam = 2\nformat = "txt"\n', encoding="utf-8")
    assert run("translate", "news/a.txt").out.startswith("UN TITRE")
    assert engine.calls[-1][1].beam == 2
    run("translate", "news/a.txt", "--beam", "3")
    assert engine.calls[-1][1].beam == 3
    (folder.parent / "bilingual.toml").write_text("bean = 2\n", encoding="utf-8")
    result = run("translate", "news/a.txt")
    assert result.code == 2 and "bilingual.toml: unknown key 'bean'" in result.err


def test_an_interrupted_run_keeps_finished_articles_and_goes_on(run: Run, tmp_path: Path, engine: FakeEngine) -> None:
    news = tmp_path / "many"
    news.mkdir()
    for number in range(40):
        (news / f"n{number:02}.txt").write_text(f"Voici la phrase numéro {number}. " * 6, encoding="utf-8")
    calls = 0

    def interrupt(text: str, search: Search) -> str:
        nonlocal calls
        calls += 1
        if "20" in text:
            raise KeyboardInterrupt
        return text.upper()

    engine.say = interrupt
    result = run("translate", "many", "-o", "out")
    assert result.code == 130 and "interrupted" in result.err
    done = outputs(tmp_path / "out")
    assert 0 < len(done) < 80 and len(done) % 2 == 0
    engine.say = say
    again = run("translate", "many", "-o", "out")
    assert again.code == 0 and f"{len(done) // 2} up to date" in again.err
    assert len(outputs(tmp_path / "out")) == 80


@pytest.mark.model
def test_ctrl_c_in_a_real_run(tmp_path: Path) -> None:
    news = tmp_path / "many"
    news.mkdir()
    for number in range(300):
        (news / f"n{number:03}.txt").write_text(
            f"Le projet numéro {number} avance à grands pas dans la région. Les élus de la ville attendent {number} réponses.\n"
            * 4,
            encoding="utf-8",
        )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "bilingual", "translate", str(news), "-o", str(tmp_path / "out")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("out/*.md")) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "interrupted" in err and "Traceback" not in err
    names = outputs(tmp_path / "out")
    assert 0 < len(names) < 600 and not [name for name in names if name.endswith(".part")]


def test_models_and_doctor(run: Run, tmp_path: Path) -> None:
    listed = run("models", "list")
    assert listed.code == 0 and "embedded@" in listed.out and "Helsinki-NLP/opus-mt-fr-en" in listed.out
    assert Path(run("models", "path").out.strip()).is_dir()
    missing = run("models", "path", "acme/absent")
    assert missing.code == 2 and "acme/absent" in missing.err
    assert run("models", "fetch", "acme/absent").code == 2


@pytest.mark.model
def test_doctor_says_what_would_run() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-m", "bilingual", "doctor"], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    for word in ("embedded@", "ctranslate2/int8", "cache", "sleep"):
        assert word in done.stdout


def test_hostile_names_and_text_do_not_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    name = "a\x1b[31m.txt"
    (tmp_path / name).write_bytes(b"")
    result = run("translate", name)
    assert result.code == 2 and "\x1b" not in result.err


def shell(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """A command line in which ``bilingual`` is this one, as a real process."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = f'bilingual() {{ {sys.executable} -m bilingual "$@"; }}; {command}'
    return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, env=environment)


@pytest.mark.model
def test_a_reader_that_stops_early_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "a.fr").write_text("un\n" * 50_000, encoding="utf-8")
    done = shell(tmp_path, "bilingual translate --lines a.fr | head -n 1; exit ${PIPESTATUS[0]}")
    assert done.stdout.count("\n") == 1 and done.stderr == "" and done.returncode == 141


PRINTING = {
    "translate": "translate a.txt -q",
    "translate --lines": "translate --lines a.txt -q",
    "summarize": "summarize a.txt -q",
    "glossary find": "glossary find a.txt -q",
    "glossary suggest": "glossary suggest a.txt -q --least 1",
    "glossary convert": "glossary convert a.tsv - --to tbx -q",
    "glossary lint": "glossary lint bad.tsv -q --no-spelling",
    "check": "check a.txt b.txt -q",
    "evaluate": "evaluate b.txt --reference a.txt -q",
    "doctor": "doctor",
    "models": "models list",
    "--version": "--version",
    "--help": "--help",
}


@pytest.mark.model
@pytest.mark.parametrize("command", PRINTING)
def test_a_stdout_that_cannot_be_written_is_one_line_and_exit_2(tmp_path: Path, command: str) -> None:
    (tmp_path / "a.txt").write_text("Le superordinateur de l’ASNR compte 100 puces. L’ASNR compte.\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("Le superordinateur compte 100.\n", encoding="utf-8")
    (tmp_path / "a.tsv").write_text("source\ttarget\npuce\tchip\n", encoding="utf-8")
    (tmp_path / "bad.tsv").write_text("source\ttarget\npuce\n", encoding="utf-8")
    for where, why in ((">&-", "Bad file descriptor"), ("> /dev/full", "No space left on device")):
        done = shell(tmp_path, f"bilingual {PRINTING[command]} {where}")
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert done.stderr == f"bilingual: stdout: cannot be written ({why})\n"


@pytest.mark.model
def test_a_broken_record_and_a_stdout_that_cannot_be_written_are_one_line_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"source":"Oui."}\n[]\n', encoding="utf-8")
    for where, why in ((">&-", "Bad file descriptor"), ("> /dev/full", "No space left on device")):
        done = shell(tmp_path, f"bilingual translate --lines a.jsonl {where}")
        assert (done.returncode, done.stderr) == (2, f"bilingual: stdout: cannot be written ({why})\n")


@pytest.mark.model
def test_closed_streams_that_are_not_needed_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
    done = shell(tmp_path, "bilingual translate a.txt -o out >&- <&-; bilingual translate a.txt --format txt 2>&-")
    assert (
        done.returncode == 0 and done.stderr.count("bilingual: ") == 0 and "cat" in done.stdout and "glossary:" not in done.stdout
    )
    assert outputs(tmp_path / "out") == ["a.fr-en.jsonl", "a.fr-en.md"]


@pytest.mark.model
def test_a_reader_that_has_left_ends_it_with_141_and_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
    for command in ("translate a.txt -q", "check a.txt a.txt -q", "models list"):
        done = shell(tmp_path, f"bilingual {command} | true; exit ${{PIPESTATUS[0]}}")
        assert (done.returncode, done.stderr) == (141, "")


def test_evaluate_says_scores_with_their_signatures(run: Run, tmp_path: Path) -> None:
    (tmp_path / "h").write_text("The cat sleeps on the mat.\nA supercomputer is ready.\n", encoding="utf-8")
    (tmp_path / "r").write_text("The cat sleeps on the mat.\nThe supercomputer is ready.\n", encoding="utf-8")
    (tmp_path / "f").write_text("Le chat dort sur le tapis.\nLe supercalculateur est prêt.\n", encoding="utf-8")
    (tmp_path / "g.tsv").write_text("source\ttarget\nsupercalculateur\tsupercomputer\n", encoding="utf-8")
    plain = run("evaluate", "h", "--reference", "r", "--alignment", "2")
    assert plain.code == 0 and "wer       10.00" in plain.out and "version:" in plain.out and "REF:" in plain.out
    scored = json.loads(run("evaluate", "h", "--reference", "r", "--source", "f", "-g", "g.tsv", "--json").out)
    assert scored["segments"] == 2 and scored["terms"] and 0 < scored["bleu"] < 100
    assert run("evaluate", "h", "--reference", "r", "-g", "g.tsv").code == 2
    (tmp_path / "short").write_text("one\n", encoding="utf-8")
    uneven = run("evaluate", "h", "--reference", "short")
    assert uneven.code == 2 and "2" in uneven.err and "1" in uneven.err


def test_check_says_which_file_is_missing(run: Run, folder: Path) -> None:
    for files in (["nofile"], ["nofile", "news/a.txt"], ["nofile.jsonl"], ["news/a.txt", "nofile"]):
        result = run("check", *files)
        name = next(name for name in files if name.startswith("nofile"))
        assert result.code == 2 and result.lines == [f"bilingual: {name}: there is no such file or folder; check the path"]


def test_check_finds_errors_in_our_files_and_in_pairs(run: Run, folder: Path) -> None:
    (folder / "g.tsv").write_text("source\ttarget\nchat\ttomcat\n", encoding="utf-8")
    run("translate", "news", "-o", "out", "--no-glossary", "--format", "jsonl")
    assert run("check", "out").code == 0
    violated = run("check", "out", "-g", "news/g.tsv")
    assert violated.code == 3 and "error" in violated.out and "tomcat" in violated.out and "1 errors" in violated.err
    (folder / "fr").write_text("Il a 40 ans.\nLe chat dort.\n", encoding="utf-8")
    (folder / "en").write_text("He is 50.\nThe cat sleeps.\n", encoding="utf-8")
    pair = run("check", "news/fr", "news/en", "--json")
    assert pair.code == 3
    assert [json.loads(line)["kind"] for line in pair.out.splitlines()] == ["number-changed"]
    (folder / "en").write_text("He is 40.\n", encoding="utf-8")
    assert run("check", "news/fr", "news/en").code == 2
    (folder / "bad.jsonl").write_text("{not json}\n", encoding="utf-8")
    broken = run("check", "news/bad.jsonl")
    assert broken.code == 2 and "bad.jsonl:1" in broken.err


def test_pages_of_a_folder_have_an_index(run: Run, folder: Path, engine: FakeEngine) -> None:
    assert run("translate", "news", "-o", "out", "--format", "html,jsonl").code == 0
    out = folder.parent / "out"
    assert outputs(out) == ["a.fr-en.html", "a.fr-en.jsonl", "deep/b.fr-en.html", "deep/b.fr-en.jsonl", "index.html"]
    index = (out / "index.html").read_text(encoding="utf-8")
    assert '<a href="a.fr-en.html">UN TITRE COURT</a>' in index and '<a href="deep/b.fr-en.html">b</a>' in index
    # Nothing to do: the pages are left alone, the index is made again from them.
    calls = len(engine.calls)
    (out / "index.html").unlink()
    again = run("translate", "news", "-o", "out", "--format", "html,jsonl")
    assert "2 up to date" in again.err and len(engine.calls) == calls
    assert (out / "index.html").read_text(encoding="utf-8") == index


def test_one_page_has_no_index(run: Run, folder: Path) -> None:
    assert run("translate", "news/a.txt", "-o", "out", "--format", "html").code == 0
    assert outputs(folder.parent / "out") == ["a.fr-en.html"]
    assert run("translate", "news/a.txt", "--format", "html").out.startswith("<!doctype html>")


def test_an_index_overwrites_nothing_but_an_index(run: Run, folder: Path, engine: FakeEngine) -> None:
    out = folder.parent / "out"
    out.mkdir()
    (out / "index.html").write_text("<h1>Mine</h1>", encoding="utf-8")
    result = run("translate", "news", "-o", "out", "--format", "html")
    assert result.code == 2 and "index.html: is not an index of this tool" in result.err
    (folder / "index.html").write_text("Une page.\n", encoding="utf-8")
    result = run("translate", "news/index.html", "news/a.txt", "-o", "news", "--format", "html")
    assert result.code == 2 and "would overwrite an article" in result.err
    assert not engine.calls and (out / "index.html").read_text(encoding="utf-8") == "<h1>Mine</h1>"
    assert run("translate", "news", "-o", "out", "--format", "md").code == 0


def test_the_index_lists_what_is_there_when_an_article_fails(run: Run, folder: Path) -> None:
    (folder / "broken.txt").write_bytes(b"\xff\xfe\x00")
    result = run("translate", "news", "-o", "out", "--format", "html")
    index = (folder.parent / "out" / "index.html").read_text(encoding="utf-8")
    assert "a.fr-en.html" in index and ("broken.fr-en.html" in index) == (result.code == 0)


def test_corrections_reach_what_is_written_already(run: Run, folder: Path, tmp_path: Path, engine: FakeEngine) -> None:
    shared = "Le chat dort. "
    (folder / "a.txt").write_text(f"Un titre\n\n{shared}Le chien court.\n", encoding="utf-8")
    (folder / "deep" / "b.txt").write_text(f"Un autre titre\n\n{shared}Il pleut.\n", encoding="utf-8")
    command = ["translate", "news", "-o", "out", "--memory", "m"]
    assert run(*command).code == 0
    with open_memory(tmp_path / "m") as memory:
        memory.correct([("Le chat dort.", "The cat is asleep.")])
    calls = len(engine.calls)
    assert run(*command).code == 0 and len(engine.calls) == calls
    for name in ("a.fr-en", "deep/b.fr-en"):
        for ending in ("md", "jsonl"):
            assert "The cat is asleep." in (tmp_path / "out" / f"{name}.{ending}").read_text(encoding="utf-8")
    again = run(*command)
    assert again.code == 0 and "2 up to date" in again.err
    with open_memory(tmp_path / "m") as memory:
        memory.correct([("Le chat dort.", "The cat sleeps on.")])
    refused = run(*command)  # which of the two is the later word nobody knows
    assert refused.code == 2 and refused.err.count("holds 1 corrected sentence; left alone") == 2
    assert run(*command, "--force").code == 0
    assert "The cat sleeps on." in (tmp_path / "out" / "a.fr-en.md").read_text(encoding="utf-8")
    assert "2 up to date" in run("translate", "news", "-o", "out").err


def test_corrections_in_a_page_are_not_overwritten(run: Run, folder: Path) -> None:
    run("translate", "news", "-o", "out", "--format", "html")
    page = folder.parent / "out" / "a.fr-en.html"
    page.write_text(page.read_text(encoding="utf-8").replace('"post-edited":0', '"post-edited":2'), encoding="utf-8")
    (folder / "a.txt").write_text("Autre chose.\n", encoding="utf-8")
    result = run("translate", "news", "-o", "out", "--format", "html")
    assert result.code == 2 and "holds 2 corrected sentences" in result.err
    assert "a.fr-en.html" in (page.parent / "index.html").read_text(encoding="utf-8")


def test_the_address_of_a_page_is_an_address(run: Run, tmp_path: Path) -> None:
    news = tmp_path / "news"
    news.mkdir()
    for name in ("a b?#.txt", "javascript:alert(1).txt"):
        (news / name).write_text("Un chat.\n", encoding="utf-8")
    run("translate", "news", "-o", "out", "--format", "html")
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert 'href="a%20b%3F%23.fr-en.html"' in index and 'href="javascript%3Aalert%281%29.fr-en.html"' in index


@pytest.mark.parametrize(
    "arguments",
    ["translate --beem 3 a.txt", "translate --beam 0 a.txt", "translate --engine foo a.txt", "evaluate", "nonsense"],
)
def test_a_wrong_command_line_is_one_line_and_exit_2(run: Run, arguments: str) -> None:
    result = run(*arguments.split())
    assert (result.code, result.out, len(result.lines)) == (2, "", 1)
    assert result.lines[0].startswith("bilingual: ") and "--help says more" in result.lines[0]


def test_a_command_without_arguments_shows_its_help(run: Run) -> None:
    for command in ([], ["glossary"]):
        result = run(*command)
        assert (result.code, result.out) == (2, "") and "Commands:" in result.err


@pytest.mark.parametrize("setting", ["beam = 900", "beam = 0", "threads = -1"])
def test_the_configuration_has_the_bounds_of_the_options(run: Run, folder: Path, setting: str) -> None:
    Path("bilingual.toml").write_text(setting + "\n", encoding="utf-8")
    result = run("translate", "news/a.txt")
    assert result.code == 2 and len(result.lines) == 1 and setting.split()[0] in result.err


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("keep_cluter = true", "known are beam, device, enforce, engine, format, glossary, keep-clutter, memory, model, threads"),
        ('beam = "4"', "beam: a whole number is needed, not '4'"),
        ("keep-clutter = 1", "keep-clutter: true or false is needed, not 1"),
        ("model = 3", "model: a text is needed, not 3"),
    ],
)
def test_the_configuration_is_spoken_of_in_its_own_words(run: Run, folder: Path, setting: str, said: str) -> None:
    (folder.parent / "bilingual.toml").write_text(f"{setting}\n", encoding="utf-8")
    result = run("translate", "news/a.txt")
    assert result.code == 2 and len(result.lines) == 1 and result.err.endswith(f"{said}\n")


def test_doctor_ends_with_2_where_the_configuration_is_broken(run: Run) -> None:
    Path("bilingual.toml").write_text("beam =\n", encoding="utf-8")
    result = run("doctor")
    assert result.code == 2 and "\nconfiguration  " in result.out and "not readable as TOML" in result.out


def test_same_form(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    page = "# Le *chat*\n\nIl dort [ici](a.html).\n\nPartager :\n"
    (tmp_path / "in" / "a.md").write_text(page, encoding="utf-8")
    (tmp_path / "in" / "b.txt").write_bytes("Il\r\n\r\ndort l’été.\r\n".encode("cp1252"))
    assert run("translate", "in", "-o", "out", "--format", "same,jsonl", "--no-glossary").code == 0
    out = tmp_path / "out"
    assert outputs(out) == ["a.en.md", "a.fr-en.jsonl", "b.en.txt", "b.fr-en.jsonl"]
    made = (out / "a.en.md").read_text(encoding="utf-8")
    assert made.startswith(
        "# LE *CHAT*\n\nIL DORT [ICI](a.html).\n\nPartager :\n\n<!-- Machine translation, unreviewed. -->\n<!-- bilingual {"
    )
    assert (
        (out / "b.en.txt")
        .read_bytes()
        .startswith("IL\r\n\r\nDORT L’ÉTÉ.\r\n\r\n[Machine translation, unreviewed.".encode("cp1252"))
    )
    assert "up to date" in run("translate", "in/a.md", "-o", "out", "--format", "same,jsonl", "--no-glossary").err
    assert run("translate", "in/a.md", "--format", "same", "--no-glossary").out == made
    assert run("translate", "--lines", "-", "--format", "same", stdin=b"un\ndeux\n").out == "UN\nDEUX\n"
    assert outputs(tmp_path / "in") == ["a.md", "b.txt"]
    run("translate", "in", "-o", "in", "--format", "same")
    assert run("translate", "in", "-o", "in", "--format", "same").err.count("1 of 2 articles, 2 sentences; 1 up to date") == 1, (
        "outputs are no inputs"
    )
    assert run("import", "out/a.fr-en.jsonl", "--format", "same").code == 2


@pytest.mark.parametrize("name", ["note.docx", "note.odt", "note.epub", "note.html", "note.md"])
def test_what_the_same_form_was_made_of_is_known(run: Run, tmp_path: Path, engine: FakeEngine, name: str) -> None:
    made = {
        "note.docx": lambda: office.docx("<w:p><w:r><w:t>Le chat dort.</w:t></w:r></w:p>"),
        "note.odt": lambda: office.odt("<text:p>Le chat dort.</text:p>"),
        "note.epub": lambda: office.epub({"un": "<p>Le chat dort.</p>"}),
        "note.html": lambda: b"<p>Le chat dort.</p>",
        "note.md": lambda: b"Le chat dort.\n",
    }
    (tmp_path / name).write_bytes(made[name]())
    assert run("translate", name, "-o", "out", "--format", "same").code == 0
    written = (tmp_path / "out" / name.replace(".", ".en.")).read_bytes()
    calls = len(engine.calls)
    assert "1 up to date" in run("translate", name, "-o", "out", "--format", "same").err and len(engine.calls) == calls
    assert run("translate", name, "-o", "out", "--format", "same", "--force").code == 0
    assert (tmp_path / "out" / name.replace(".", ".en.")).read_bytes() == written, "the same bytes"
    assert run("translate", name, "-o", "out", "--format", "same", "--beam", "2").code == 0 and len(engine.calls) > calls


@pytest.mark.parametrize("case", json.loads((CASES / "records.json").read_text(encoding="utf-8")), ids=lambda case: case["what"])
def test_records_in_are_records_out(run: Run, case: dict[str, Any]) -> None:
    given = case["in"].replace("DEEP", "[" * 100_000 + "]" * 100_000)
    result = run("translate", "--lines", "--field", "text", "--format", "jsonl", "-", "-q", stdin=given.encode())
    assert result.code == case.get("code", 0) and case.get("error", "") in result.err, result.err
    assert len(result.lines) == ("error" in case)
    made = result.out.split("\n")[:-1]
    assert len(made) == len(case["out"])
    for line, start in zip(made, case["out"], strict=True):
        assert line.startswith(start) and set(json.loads(line)) >= {"target", "origin", "score", "flags", "terms", "edits"}


def test_records_of_a_file_as_english_lines(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"source": "un"}\n{"source": "deux\\ntrois"}\n', encoding="utf-8")
    assert run("translate", "--lines", "rows.jsonl").out == "UN\nDEUX TROIS\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("rows.jsonl --field source", "--field goes with --lines"),
        ("--lines rows.jsonl -o out", "records go to stdout"),
        ("--lines rows.jsonl --format csv", "records go to stdout"),
        ("--lines rows.jsonl --field target", "the translation is written to a field of that name"),
    ],
)
def test_records_have_one_way(run: Run, tmp_path: Path, engine: FakeEngine, arguments: str, said: str) -> None:
    (tmp_path / "rows.jsonl").write_text('{"source": "un", "target": "one"}\n', encoding="utf-8")
    result = run("translate", *arguments.split())
    assert result.code == 2 and result.out == "" and said in result.err and len(result.lines) == 1 and not engine.calls


def test_lines_stream_as_jsonl_that_reads_back(run: Run) -> None:
    result = run("translate", "--lines", "--format", "jsonl", "-", stdin="un\n\n« deux »\n".encode())
    document = from_jsonl(result.out, "stdin")
    assert result.code == 0 and document.name == "stdin" and document.signature is not None and document.signature.beam == 4
    assert [(s.id, s.source, s.target) for s in document.segments] == [
        ("p1.s1", "un", "UN"),
        ("p2.s1", "", ""),
        ("p3.s1", "« deux »", "“DEUX”"),
    ]
