"""``bilingual summarize``, and summaries in what ``bilingual translate`` writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import ROOT
from fakes import FakeEngine
from test_cli import Run, engine, run  # noqa: F401 - fixtures

from bilingual.writing import from_jsonl, to_jsonl

ARTICLE = """Lormoy rouvre trois écoles

Le maire de Lormoy rouvre trois écoles lundi. Il recevra 200 000 euros de la région. Les parents de Brignac demandent un bus.

Un syndicat craint la fermeture des classes de montagne. Le tribunal examinera la plainte des voisins en juin.
"""
OTHER = "Le maire de Lormoy rouvre trois écoles mardi. La région verse 300 000 euros aux élus de Lormoy.\n"


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text(ARTICLE, encoding="utf-8")
    (folder / "deep" / "b.txt").write_text(OTHER, encoding="utf-8")
    return folder


def written(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_one_article_on_stdout(run: Run, news: Path) -> None:  # noqa: F811
    result = run("summarize", "news/a.txt")
    assert result.code == 0
    assert result.out.startswith("# LORMOY ROUVRE TROIS ÉCOLES\n") and "## Summary" in result.out
    assert "| Le maire de Lormoy rouvre trois écoles lundi. ¶ 2 | LE MAIRE DE LORMOY ROUVRE TROIS ÉCOLES LUNDI. |" in result.out
    assert "Il recevra" not in result.out.split("- **Figures")[0], "it cannot stand alone"


def test_as_many_as_asked_for(run: Run, news: Path) -> None:  # noqa: F811
    for options, wanted in ((["--sentences", 2], 2), (["--ratio", 0.4], 2), (["--sentences", 5], 5), ([], 3)):
        document = from_jsonl(run("summarize", "news/a.txt", "--format", "jsonl", *options).out, "a")
        assert document.summary is not None and len(document.summary.sentences) == wanted
    more = run("summarize", "news/a.txt", "--sentences", 50)
    assert more.code == 0 and "5 sentences, there are no more" in more.err


def test_a_folder_and_our_own_jsonl(run: Run, news: Path, engine: FakeEngine) -> None:  # noqa: F811
    assert run("summarize", "news", "-o", "out").code == 0
    out = news.parent / "out"
    names = [f"{stem}.summary.fr-en.{form}" for stem in ("a", "deep/b") for form in ("jsonl", "md")]
    assert written(out) == names
    before = {name: (out / name).read_bytes() for name in names}
    calls = len(engine.calls)
    assert run("summarize", "out", "-o", "again").code == 0
    assert {name: (news.parent / "again" / name).read_bytes() for name in names} == before, "the same bytes, and no translation"
    assert len(engine.calls) == calls
    for name in names[::2]:
        text = before[name].decode()
        assert to_jsonl(from_jsonl(text, name)) == text


def test_a_digest(run: Run, news: Path) -> None:  # noqa: F811
    result = run("summarize", "news", "--together")
    assert result.code == 0 and result.out.startswith("# Digest of 2 articles\n") and "2 articles:" in result.err
    assert run("summarize", "news", "--together", "-o", "out").code == 0
    assert written(news.parent / "out") == ["digest.fr-en.jsonl", "digest.fr-en.md"]
    first = json.loads((news.parent / "out" / "digest.fr-en.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first == {"type": "digest", "schema": "bilingual/1", "articles": 2}


def test_a_digest_counts_an_article_and_its_translation_once(run: Run, news: Path) -> None:  # noqa: F811
    assert run("translate", "news", "-o", "news").code == 0
    assert run("summarize", "news", "--together").out.startswith("# Digest of 2 articles\n")


def test_a_digest_is_no_article(run: Run, news: Path) -> None:  # noqa: F811
    assert run("translate", "news", "-o", "out").code == 0
    assert run("summarize", "out", "--together", "-o", "out").code == 0
    assert "digest" not in run("check", "out").err
    assert run("summarize", "out", "--together").out.startswith("# Digest of 2 articles\n")
    alone = run("summarize", "out/digest.fr-en.jsonl")
    assert alone.code == 2 and len(alone.lines) == 1 and "no document line" in alone.err


def test_from_stdin(run: Run) -> None:  # noqa: F811
    result = run("summarize", "-", stdin=ARTICLE.encode())
    assert result.code == 0 and "¶ 2" in result.out
    jsonl = run("summarize", "-", "--format", "jsonl", stdin=ARTICLE.encode()).out
    assert run("summarize", stdin=jsonl.encode()).out == result.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["news"], "2 inputs and one stdout"),
        (["news/a.txt", "--format", "md,jsonl"], "2 formats and one stdout"),
        (["news/a.txt", "--together"], "two articles or more"),
        (["news/a.txt", "--sentences", "2", "--ratio", "0.5"], "contradict each other"),
        (["news", "--together", "--sentences", "2"], "do not shape"),
        (["nothing.txt"], "no such file"),
        (["news/a.txt", "--format", "docx"], "no format of a summary: docx"),
        (["news/a.txt", "--sentences", "0"], "--sentences"),
    ],
)
def test_usage_errors_are_one_line(run: Run, news: Path, arguments: list[str], message: str) -> None:  # noqa: F811
    result = run("summarize", *arguments)
    assert result.code == 2 and result.out == "" and message in result.err and len(result.lines) == 1


def test_what_cannot_be_read_is_said_and_the_rest_is_written(run: Run, news: Path) -> None:  # noqa: F811
    (news / "broken.jsonl").write_text("{}\n", encoding="utf-8")
    result = run("summarize", "news", "-o", "out")
    assert result.code == 2 and "broken.jsonl" in result.err and "Traceback" not in result.err
    assert "a.summary.fr-en.md" in written(news.parent / "out")


def test_what_is_missing_is_said_and_the_rest_is_written(run: Run, news: Path) -> None:  # noqa: F811
    result = run("summarize", "news/missing.txt", "news/a.txt", "-o", "out", "--format", "md")
    assert result.code == 2 and written(news.parent / "out") == ["a.summary.fr-en.md"]
    assert any(line.endswith("missing.txt: there is no such file or folder; check the path") for line in result.lines)
    digest = run("summarize", "news/missing.txt", "news/a.txt", "--together")
    assert digest.code == 2 and digest.out == "" and "two articles or more that can be read" in digest.err


def test_an_empty_article_has_one_clear_line(run: Run, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "a.txt").write_text("https://example.org\n", encoding="utf-8")
    result = run("summarize", "a.txt")
    assert result.code in (0, 2) and len([line for line in result.lines if "glossary:" not in line]) == 1


def test_translate_puts_a_summary_on_top(run: Run, news: Path, engine: FakeEngine) -> None:  # noqa: F811
    assert run("translate", "news", "-o", "out").code == 0
    page = news.parent / "out" / "a.fr-en.md"
    assert page.read_text(encoding="utf-8").index("## Summary") < page.read_text(encoding="utf-8").index(
        "| French ¶ 2 | English |"
    )
    engine.calls.clear()
    assert "2 up to date" in run("translate", "news", "-o", "out").err and not engine.calls
    assert "up to date" not in run("translate", "news", "-o", "out", "--no-summary").err and engine.calls
    assert "## Summary" not in page.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in (news.parent / "out" / "a.fr-en.jsonl").read_text(encoding="utf-8").splitlines()]
    assert "summary" not in lines[0] and {line["type"] for line in lines} == {"document", "segment"}


def test_lines_have_no_summary(run: Run) -> None:  # noqa: F811
    assert "summary" not in run("translate", "--lines", "-", "--format", "jsonl", stdin=b"Un.\nDeux.\n").out


def test_the_committed_outputs_together(run: Run) -> None:  # noqa: F811
    result = run("summarize", ROOT / "outputs", "--together")
    assert result.code == 0 and "Figures that do not agree" in result.out and "1 that do not agree" in result.err
