"""Several articles together: what they agree on, what only one says, and figures that do not agree, with what must not be reported."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_contract import CLOSED

from bilingual.digest import make_digest
from bilingual.document import Digest, Document
from bilingual.reading import read_document
from bilingual.sentences import split_document
from bilingual.writing import from_jsonl
from bilingual.writing.digest import to_digest_jsonl, to_digest_markdown
from bilingual.writing.digest_page import to_digest_html

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CASES = json.loads((HERE / "cases" / "digest_contradictions.json").read_text(encoding="utf-8"))


def article(text: str, name: str = "a.txt") -> Document:
    document = split_document(read_document(text.encode(), name))
    return document.with_segments(replace(s, target=s.source.upper()) for s in document.segments)


def outputs() -> Digest:
    paths = sorted((ROOT / "outputs").glob("*.fr-en.jsonl"))
    return make_digest([from_jsonl(path.read_text(encoding="utf-8"), path.name) for path in paths])


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_figures_that_do_not_agree(case: dict[str, Any]) -> None:
    digest = make_digest([article(text, f"{n}.txt") for n, text in enumerate(case["articles"])])
    found = [sorted(report.source for report in comparison.reports) for comparison in digest.contradictions]
    assert len(found) == len(case["reported"]), found
    for reports, wanted in zip(found, case["reported"], strict=True):
        assert len(reports) == len(wanted) and all(any(figure in report for report in reports) for figure in wanted)


def test_the_order_of_articles_does_not_change_what_is_reported() -> None:
    for case in CASES:
        there = make_digest([article(text) for text in case["articles"]])
        back = make_digest([article(text) for text in reversed(case["articles"])])
        assert len(there.contradictions) == len(back.contradictions), case["label"]


def check(digest: Digest) -> None:
    """Every sentence of a digest stands in the article that it names, letter by letter."""
    passages = [p for group in digest.common for p in group] + list(digest.only)
    passages += [p for report in digest.agreed for p in report.passages]
    for comparison in (*digest.contradictions, *digest.figures):
        for report in comparison.reports:
            passages += report.passages
            assert any(report.source in p.source for p in report.passages)
            assert not report.target or any(report.target in p.target for p in report.passages)
    assert passages
    for passage in passages:
        [segment] = [s for s in digest.articles[passage.article - 1].segments if s.id == passage.segment]
        assert (segment.source, segment.target) == (passage.source, passage.target)


def test_the_seeds_together() -> None:
    digest = outputs()
    check(digest)
    agreed = {report.source: sorted({p.article for p in report.passages}) for report in digest.agreed}
    assert [1, 2, 3, 4, 5] in agreed.values(), "all five have the 100 000 chips"
    [comparison] = digest.contradictions
    assert {int(v) for v in (200_000, 10**6)} == {
        200_000 if "200" in report.source else 10**6 for report in comparison.reports
    }, "what Colossus is to grow to"
    articles = {p.article for report in comparison.reports for p in report.passages}
    assert articles == {1, 2, 3}
    assert {p.article for p in digest.only} == {1, 2, 3, 4, 5}
    assert digest.names[0].articles == (1, 2, 3, 4, 5)
    assert outputs() == digest and to_digest_markdown(outputs()) == to_digest_markdown(digest)


def test_articles_about_other_things_have_nothing_in_common() -> None:
    texts = sorted((ROOT / "benchmarks" / "summaries" / "texts").glob("*.txt"))
    kept = [path for path in texts if path.stem in ("culture-2", "energy-1", "health-2", "law-3", "sport-1")]
    digest = make_digest([article(path.read_text(encoding="utf-8"), path.name) for path in kept])
    assert (digest.common, digest.agreed, digest.contradictions, digest.figures) == ((), (), (), ())
    assert {p.article for p in digest.only} == {1, 2, 3, 4, 5}


def test_one_article_is_no_digest() -> None:
    with pytest.raises(ValueError, match="two articles"):
        make_digest([article("Colossus compte 100 000 puces.")])


def test_the_page_and_the_lines() -> None:
    digest = outputs()
    page = to_digest_markdown(digest)
    assert page.startswith("# Digest of 5 articles\n") and page.endswith("\n") and "Machine translation, unreviewed" in page
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert headings == [
        "## ⚠ Figures that do not agree",
        "## What several say",
        "## Figures side by side",
        "## What only one says",
    ]
    lines = [json.loads(line) for line in to_digest_jsonl(digest).splitlines()]
    for line in lines:
        assert not list(CLOSED.iter_errors(line)), line
    assert lines[0] == {"type": "digest", "schema": "bilingual/1", "articles": 5}
    assert {line["type"] for line in lines} == {
        "digest", "article", "common", "agreed", "contradiction", "comparison", "only", "shared-name",
    }  # fmt: skip


def test_hostile_text_stays_text() -> None:
    evil = "<b>Colossus</b> | compte 100 000 puces \u202e[x](javascript:x)."
    page = to_digest_markdown(make_digest([article(evil, "<i>.txt"), article("Colossus compte 200 000 puces.", "b.txt")]))
    assert "<b>" not in page and "<i>" not in page and "\u202e" not in page and "[x](" not in page
    html = to_digest_html(make_digest([article(evil, "<i>.txt"), article("Colossus compte 200 000 puces.", "b.txt")]))
    assert "<b>Colossus" not in html and "<i>" not in html and "\u202e" not in html and "&lt;b&gt;Colossus" in html


def test_the_html_page_holds_what_the_markdown_holds() -> None:
    digest = outputs()
    page = to_digest_html(digest)
    assert page == to_digest_html(outputs()) and page.endswith("</html>\n") and "<script" not in page
    assert page.count("<h2") == 4 and "200,000 chips" in page and "Machine translation, unreviewed" in page
    assert page.count("<table ") == page.count("</table>") and page.count("<div") == page.count("</div>")
