"""``bilingual glossary``: lint, find, suggest, convert, as a person or a script calls them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result as ClickResult
from conftest import ROOT
from typer.testing import CliRunner

from bilingual.cli.glossary import app
from bilingual.document import Block, Document, Segment, Signature
from bilingual.enforcement import MARGIN
from bilingual.errors import BilingualError
from bilingual.glossary.files import load
from bilingual.glossary.lint import POS
from bilingual.glossary.model import LEVELS
from bilingual.glossary.tables import COLUMNS, read_table
from bilingual.glossary.tbx import read_tbx
from bilingual.writing.jsonl import to_jsonl

Run = Callable[..., "Result"]


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.split("\n")[:-1]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object, stdin: bytes | None = None) -> Result:
        done: ClickResult = CliRunner().invoke(app, list(map(str, arguments)), input=stdin)
        error = done.exception
        if isinstance(error, BilingualError):  # as main() does
            return Result(error.exit_code, done.stdout, f"{done.stderr}bilingual: {error}\n")
        assert error is None or isinstance(error, SystemExit), repr(error)
        return Result(done.exit_code, done.stdout, done.stderr)

    return call


@pytest.fixture
def house(tmp_path: Path) -> Path:
    path = tmp_path / "house.tsv"
    rows = ["source\ttarget\tlevel\tstatus", "puce\tchip\tprefer", "xAI\t\t\tdo-not-translate", "puce\tflea\t\tforbidden"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_every_command_has_examples(run: Run) -> None:
    assert run().code == 2
    for command in ("lint", "find", "suggest", "convert"):
        result = run(command, "--help")
        assert result.code == 0 and f"bilingual glossary {command}" in result.out
        assert run(command).code == 2


# --- lint --------------------------------------------------------------------------------------------------------------------


def test_lint_says_nothing_of_a_good_glossary(run: Run, house: Path) -> None:
    assert run("lint", house) == Result(0, "", "0 errors, 0 warnings, 0 notes in 1 file\n")
    assert run("lint", house, "-q").err == ""


def test_lint_says_where_and_what(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("source\ttarget\nla puce\tchip\nzéro\u200bwidth\tx\nIA\tAI\n", encoding="utf-8")
    result = run("lint", "a.tsv")
    assert result.code == 3
    assert result.lines == [
        "a.tsv:2: warning: 'la puce' starts with an article and is only found with it; leave it out",
        "a.tsv:3: error: 'zéro\u200bwidth' has characters that cannot be seen (U+200B); remove them",
    ]
    assert result.err == "1 error, 1 warning, 1 note (--notes shows them) in 1 file\n"
    assert run("lint", "a.tsv", "--notes").lines[-1].startswith("a.tsv:4: note: 'IA' is short")


def test_lint_warnings_alone_are_no_failure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("source\ttarget\nla puce\tchip\n", encoding="utf-8")
    assert run("lint", "a.tsv").code == 0


@pytest.mark.model
def test_lint_asks_the_vocabulary_unless_told_not_to(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("source\ttarget\npuce\tчип\n", encoding="utf-8")
    result = run("lint", "a.tsv")
    assert result.code == 3 and "a.tsv:2: error: the model cannot spell 'чип'" in result.out
    assert run("lint", "a.tsv", "--no-spelling").code == 0


def test_lint_gives_broken_rows_as_findings_and_goes_on(run: Run, house: Path, tmp_path: Path) -> None:
    (tmp_path / "b.tsv").write_text("source\ttarget\tlevel\npuce\t\t\ncarte\tcard\thard\n", encoding="utf-8")
    (tmp_path / "c.tbx").write_text("<tmx/>", encoding="utf-8")
    (tmp_path / "d.tsv").write_text("source\ttarget\nla puce\tchip\n", encoding="utf-8")
    result = run("lint", house, "b.tsv", "c.tbx", "d.tsv")
    assert result.code == 2
    assert [line.split(" ")[:2] for line in result.lines] == [
        ["b.tsv:2:", "error:"],
        ["b.tsv:3:", "error:"],
        ["c.tbx:1:", "error:"],
        ["d.tsv:2:", "warning:"],
    ]
    assert "3 errors, 1 warning, 0 notes in 4 files" in result.err


def test_lint_says_what_is_missing_and_goes_on(run: Run, house: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.tsv").write_text("source\ttarget\npuce\n", encoding="utf-8")
    result = run("lint", "nofile", "bad.tsv")
    assert result.code == 2 and result.err.splitlines()[0].startswith("bilingual: nofile: there is no such file")
    assert result.err.splitlines()[1:] == ["1 error, 0 warnings, 0 notes in 1 file"]
    assert "nofile" not in result.out and "bad.tsv:2: error" in result.out


def test_find_and_suggest_go_on_where_a_file_is_missing(run: Run, house: Path, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("La puce de l’ASNR. La puce de l’ASNR.\n", encoding="utf-8")
    for command in ("find", "suggest"):
        result = run(command, "nofile.txt", "one.txt", "-g", house, "-q")
        assert result.code == 2 and result.out and result.err.startswith("bilingual: nofile.txt: there is no such file")
        assert len(result.err.splitlines()) == 1


def test_convert_advises_what_it_can_take(run: Run, house: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run("convert", house, "file/x.tsv")
    assert result.code == 2 and result.err.rstrip().endswith("; give another name") and "-o" not in result.err


def test_lint_json_is_one_object_a_finding(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("source\ttarget\nla puce\tchip\nIA\tAI\n", encoding="utf-8")
    found = [json.loads(line) for line in run("lint", "a.tsv", "--json").lines]
    assert [(f["file"], f["line"], f["severity"], f["kind"]) for f in found] == [
        ("a.tsv", 2, "warning", "article"),
        ("a.tsv", 3, "note", "short"),
    ]
    (tmp_path / "b.tsv").write_text("source\ttarget\npuce\t\n", encoding="utf-8")
    (broken,) = [json.loads(line) for line in run("lint", "b.tsv", "--json").lines]
    message = "target is empty; fill it in or remove the row"
    assert broken == {"file": "b.tsv", "line": 2, "severity": "error", "kind": "row", "message": message}


# --- find --------------------------------------------------------------------------------------------------------------------


def test_find_shows_terms_in_their_sentences(run: Run, house: Path, tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    text = "Les nouveautés de la semaine\n\nLa société xAI présente des puces. Il pleut.\n\nPartager :\n"
    (tmp_path / "news" / "a.txt").write_text(text, encoding="utf-8")
    long = "Pour entraîner ses modèles de langage, la société a commandé une puce dont personne ne connaît encore le prix.\n"
    (tmp_path / "news" / "b.txt").write_text(long, encoding="utf-8")
    result = run("find", "news", "-g", house)
    assert result.lines == [
        "a.txt:p2.s1: « La société xAI présente des puces. » -> xAI (strict, do-not-translate)",
        "a.txt:p2.s1: « La société xAI présente des puces. » -> chips (prefer)",
        "b.txt:p1.s1: « … la société a commandé une puce dont personne ne connaît … » -> chip (prefer)",
    ]
    assert result.code == 0
    assert result.err == f"glossary: {house}, 3 entries\n3 hits of 2 terms in 2 articles\n"


def test_find_json_has_spans(run: Run, house: Path) -> None:
    (line,) = run("find", "-", "-g", house, "--json", stdin="Trois puces\u00a0!".encode()).lines
    assert json.loads(line) == {
        "file": "stdin", "segment": "p1.s1", "span": [6, 11], "text": "puces", "source": "puce", "wanted": "chips",
        "allowed": ["chip"], "number": "plural", "status": "preferred", "level": "prefer", "line": 2,
    }  # fmt: skip


def test_find_takes_the_packaged_glossary_or_the_configured_one(run: Run, house: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Un supercalculateur et une puce.\n", encoding="utf-8")
    result = run("find", "a.txt")
    assert "-> supercomputer (strict)" in result.out and "of the package" in result.err
    (tmp_path / "bilingual.toml").write_text('glossary = ["house.tsv"]\n', encoding="utf-8")
    result = run("find", "a.txt")
    assert result.lines == ["a.txt:p1.s1: « Un supercalculateur et une puce. » -> chip (prefer)"]
    assert run("find", "a.txt", "-q").err == ""


def test_find_goes_on_where_an_article_cannot_be_read(run: Run, house: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\x00\x01\x02\x03" * 100)
    (tmp_path / "b.txt").write_text("Une puce.\n", encoding="utf-8")
    result = run("find", "a.txt", "b.txt", "-g", house)
    assert result.code == 2
    assert len(result.lines) == 1 and "a.txt" in result.err


def test_find_says_what_is_missing(run: Run, house: Path) -> None:
    assert run("find", "missing.txt", "-g", house).code == 2
    result = run("find", house, "-g", "missing.tsv")
    assert result.code == 2 and "missing.tsv" in result.err


def test_nothing_hidden_reaches_the_terminal(run: Run, house: Path) -> None:
    text = "Une puce \u202e\x1b[31m rouge."
    result = run("find", "-", "-g", house, stdin=text.encode())
    assert "\u202e" not in result.out and "\x1b" not in result.out and "chip" in result.out
    line = run("find", "-", "-g", house, "--json", stdin="Une p\u00adu\u200bce.".encode()).lines[0]
    assert line.isprintable() and json.loads(line)["text"] == "p\u00adu\u200bce"


# --- suggest -----------------------------------------------------------------------------------------------------------------

PAIRS = [
    ("La puce chauffe.", "The chip heats up."), ("Une puce coûte.", "A chip costs."), ("Cette puce brille.", "This chip shines."),
    ("Une puce saute.", "A flea jumps."), ("La puce pique.", "The flea bites."), ("Il pleut.", "It rains."),
    ("Elle dort.", "She sleeps."), ("Trop tard.", "Too late."), ("On mange.", "We eat."), ("Tu chantes.", "You sing."),
    ("Nous partons demain.", "We leave tomorrow."), ("Vous riez encore.", "You still laugh."), ("Rien ne bouge.", "Nothing moves."),
    ("Un réseau électrique vieillit.", "Too bad."), ("Des réseaux électriques vieillissent.", "So long."),
]  # fmt: skip


def translation(name: str, sha256: str = "0" * 64) -> str:
    segments = tuple(Segment(f"p1.s{n}", s, target=t) for n, (s, t) in enumerate(PAIRS, 1))
    signature = Signature("1", "m", "e", 4, "s", origins={"mt": len(PAIRS)})
    return to_jsonl(Document(name, (Block(1, "paragraph", "", segments=segments),), source_sha256=sha256, signature=signature))


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a.fr-en.jsonl").write_text(translation("a.txt"), encoding="utf-8")
    (folder / "a.fr-en.md").write_text("# Le réseau électrique\n\nLe réseau électrique.\n", encoding="utf-8")
    return folder


@pytest.fixture
def none(tmp_path: Path) -> Path:
    path = tmp_path / "none.tsv"
    path.write_text("source\ttarget\nzzz\tzzz\n", encoding="utf-8")
    return path


def test_suggest_for_a_reader(run: Run, outputs: Path, none: Path) -> None:
    result = run("suggest", outputs, "-g", none)
    assert result.lines == [
        "Rendered in two ways or more",
        "  puce (5 times in 1 article) -> chip 3 (a.fr-en.jsonl:p1.s1), flea 2 (a.fr-en.jsonl:p1.s4)",
        "      a.fr-en.jsonl:p1.s1: La puce chauffe.",
        "",
        "Frequent",
        "  réseau électrique (2 times in 1 article)",
        "      a.fr-en.jsonl:p1.s14: Un réseau électrique vieillit.",
    ]
    assert result.code == 0
    assert result.err.endswith("2 suggestions from 1 article, 1 of them translated\n")


def test_suggest_rows_to_paste(run: Run, outputs: Path, none: Path, tmp_path: Path) -> None:
    text = run("suggest", outputs, "-g", none, "--format", "tsv", "-q").out
    (term,) = read_table(text).terms
    assert (term.source, term.target, term.level) == ("puce", "chip", "prefer")
    assert term.note == "suggested: chip 3 (a.fr-en.jsonl:p1.s1), flea 2 (a.fr-en.jsonl:p1.s4)"
    waiting = text.split("\n")[-2]
    assert waiting.startswith("# réseau électrique\t\t")
    filled = text.replace("# réseau électrique\t", "réseau électrique\tnew grid")
    assert [t.source for t in read_table(filled).terms] == ["puce", "réseau électrique"]


def test_suggest_json(run: Run, outputs: Path, none: Path) -> None:
    found = [json.loads(line) for line in run("suggest", outputs, "-g", none, "--format", "json").lines]
    assert [f["kind"] for f in found] == ["two renderings", "phrase"]
    assert found[0]["renderings"][1] == {"text": "flea", "count": 2, "example": "a.fr-en.jsonl:p1.s4"}


def test_suggest_leaves_out_what_the_glossary_has(run: Run, outputs: Path, house: Path) -> None:
    assert "puce" not in run("suggest", outputs, "-g", house, "--format", "tsv").out


def test_suggest_options(run: Run, outputs: Path, none: Path) -> None:
    assert "réseau" not in run("suggest", outputs, "-g", none, "--least", "3").out
    assert run("suggest", outputs, "-g", none, "--most", "1").out.count(" times ") == 2
    assert run("suggest", outputs, "-g", none, "--format", "xml").code == 2


def test_suggest_reads_each_article_once(run: Run, outputs: Path, none: Path, tmp_path: Path) -> None:
    from hashlib import sha256

    text = "".join(f"{french} " for french, _ in PAIRS).encode()
    (outputs / "a.txt").write_bytes(text)
    (outputs / "a.fr-en.jsonl").write_text(translation("a.txt", sha256(text).hexdigest()), encoding="utf-8")
    (outputs / "copy.jsonl").write_text(translation("a.txt", sha256(text).hexdigest()), encoding="utf-8")
    result = run("suggest", outputs, outputs / "a.txt", "-g", none)
    assert "puce (5 times in 1 article)" in result.out
    assert "from 1 article, 1 of them translated" in result.err
    result = run("suggest", outputs / "a.txt", "-g", none)
    assert "from 1 article, 0 of them translated" in result.err and "chip" not in result.out


def test_suggest_goes_on_where_a_file_is_broken(run: Run, outputs: Path, none: Path) -> None:
    (outputs / "b.jsonl").write_text("{}\n", encoding="utf-8")
    (outputs / "c.jsonl").write_bytes(b"\xff\xfe\n")
    result = run("suggest", outputs, "-g", none)
    assert result.code == 2 and "puce" in result.out
    assert "b.jsonl:1" in result.err and "c.jsonl: is not UTF-8" in result.err
    assert run("suggest", outputs / "nothing").code == 2


def test_suggest_on_the_seeds(run: Run) -> None:
    result = run("suggest", ROOT / "seeds", "--most", "5")
    assert result.code == 0
    assert result.out == run("suggest", ROOT / "seeds", "--most", "5").out


# --- convert -----------------------------------------------------------------------------------------------------------------


def test_convert_by_the_suffix(run: Run, house: Path, tmp_path: Path) -> None:
    result = run("convert", house, "house.tbx")
    assert (result.code, result.out) == (0, "")
    assert result.err.split("\n")[:-1] == [
        f"bilingual: {house}: line 2: puce: level (prefer) is lost",
        "house.tbx: tbx, 3 rows read, 1 loss",
    ]
    assert [t.source for t in read_tbx((tmp_path / "house.tbx").read_bytes())[0].terms] == ["puce", "puce", "xAI"]
    assert run("convert", "house.tbx", "again.tsv").code == 0
    assert [t.target for t in load(tmp_path / "again.tsv").terms] == ["chip", "flea", "xAI"]


@pytest.mark.parametrize(
    ("to", "name", "first"),
    [
        ("deepl", "x.tsv", "puce\tchip"),
        ("deepl", "x.csv", "puce,chip"),
        ("google", "x.csv", "puce,chip"),
        ("amazon", "x.csv", "fr,en"),
        ("amazon", "x.txt", "fr\ten"),
        ("tsv", "x.anything", "source\ttarget\tsource variants"),
        ("tbx", "x.xml", '<?xml version="1.0" encoding="UTF-8"?>'),
    ],
)
def test_convert_for_a_service(run: Run, house: Path, tmp_path: Path, to: str, name: str, first: str) -> None:
    assert run("convert", house, name, "--to", to).code == 0
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(first)


def test_convert_to_stdout(run: Run, house: Path) -> None:
    result = run("convert", house, "-", "--to", "deepl")
    assert result.out == "puce\tchip\nxAI\txAI\n"
    assert "the forbidden rendering 'flea' is lost" in result.err
    assert run("convert", house, "-").code == 2


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x"])
def test_convert_asks_where_the_name_does_not_tell(run: Run, house: Path, tmp_path: Path, name: str) -> None:
    result = run("convert", house, name)
    assert result.code == 2 and "--to deepl|google|amazon|tsv|tbx" in result.err
    assert not (tmp_path / name).exists()


def test_convert_refuses_a_form_that_the_service_does_not_take(run: Run, house: Path, tmp_path: Path) -> None:
    assert run("convert", house, "x.tbx", "--to", "deepl").code == 2
    assert not (tmp_path / "x.tbx").exists()


def test_convert_does_not_write_over_what_it_reads(run: Run, house: Path, tmp_path: Path) -> None:
    before = house.read_bytes()
    os.link(house, tmp_path / "same.tsv")
    for target in (house, Path("house.tsv"), Path("./house.tsv"), Path("same.tsv")):
        result = run("convert", house, target)
        assert result.code == 2 and "would overwrite" in result.err
    assert house.read_bytes() == before


def test_convert_leaves_nothing_where_the_glossary_is_broken(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("source\ttarget\npuce\t\n", encoding="utf-8")
    result = run("convert", "a.tsv", "b.tbx")
    assert result.code == 2 and "a.tsv:2: target is empty" in result.err
    assert not (tmp_path / "b.tbx").exists()


def test_convert_says_what_tbx_left_out_and_what_our_form_does_not_take(run: Run, tmp_path: Path) -> None:
    entries = ""
    for french, english in (("puce", "chip"), ("puce", "flea")):
        sets = (f'<langSet xml:lang="{c}"><tig><term>{t}</term></tig></langSet>' for c, t in (("fr", french), ("en", english)))
        entries += f"<termEntry>{''.join(sets)}</termEntry>"
    (tmp_path / "a.tbx").write_text(f"<martif><text><body>{entries}</body></text></martif>", encoding="utf-8")
    result = run("convert", "a.tbx", "a.tsv")
    assert result.code == 0
    assert "a.tbx:1: 'puce' is 'flea' here and 'chip' in line 1; the first wins" in result.err
    assert (
        "written, but it cannot be used before this is put right" in result.err and "a.tsv:3: 'puce' is 'flea' here" in result.err
    )


def test_convert_warns_of_files_that_are_too_large(run: Run, house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("bilingual.cli.glossary", fromlist=["x"]).SERVICE_BYTES, "deepl", 10)
    assert "larger than the 10 bytes" in run("convert", house, "x.tsv", "--to", "deepl").err
    assert "larger" not in run("convert", house, "x.tsv", "--to", "google").err


def test_what_is_converted_means_the_same(run: Run, tmp_path: Path) -> None:
    run("convert", ROOT / "glossary" / "tech.fr-en.tsv", "a.tsv", "-q")
    original = load(ROOT / "glossary" / "tech.fr-en.tsv")
    assert load(tmp_path / "a.tsv").sha256 == original.sha256


# --- the page for translators ------------------------------------------------------------------------------------------------


@pytest.mark.model
def test_the_page_shows_what_the_commands_say(run: Run, tmp_path: Path) -> None:
    """docs/glossary.md: its files are made, its commands are run, and what it shows of them is what they say."""
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    for name, content in re.findall(r"^```\w+ (\S+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        (tmp_path / name).write_text(content, encoding="utf-8")
    shown = "".join(re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    said = ""
    commands = re.findall(r"^\$ bilingual glossary (.*)$", shown, re.MULTILINE)
    for command in commands:
        result = run(*command.split())
        said += f"$ bilingual glossary {command}\n{result.out}{result.err}"
    assert said == shown and len(commands) > 3


def test_the_page_lists_the_columns_and_levels() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    columns = re.findall(r"^\| `([a-z ]+)` \|", page.split("### Levels")[0], re.MULTILINE)
    assert tuple(columns) == COLUMNS
    levels = re.findall(r"^\| `([a-z]+)`", page.split("### Levels")[1].split("### `unless`")[0], re.MULTILINE)
    assert tuple(levels) == LEVELS
    parts = next(row for row in page.split("\n") if row.startswith("| `pos`")).split("|")[2].split(";")[0]
    assert set(re.findall(r"`([a-z ]+)`", parts)) == POS - {""}
    assert f"more than {MARGIN} in mean log-probability" in page
