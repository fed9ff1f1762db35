"""A digest of several articles, as Markdown and as JSON Lines.

The page: the articles with a letter each; figures that do not agree, first, since they are what a desk must see; what several say; figures
beside each other; what only one says. Every sentence stands in both languages, with its article and paragraph (B ¶ 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bilingual.document import Comparison, Digest, Document, Passage, Report, Segment
from bilingual.writing import receipt
from bilingual.writing.escape import escape
from bilingual.writing.jsonl import SCHEMA, line_of_record, signature_record
from bilingual.writing.summary import sides, where

_HEAD = ["| French | English |", "|:---|:---|"]


def letter(article: int) -> str:
    """The sign of an article: A, B … Z, then 27, 28 …

    >>> letter(1), letter(27)
    ('A', '27')
    """
    return chr(64 + article) if article <= 26 else str(article)


def to_digest_markdown(digest: Digest) -> str:
    """The page, LF line ends, a final newline. The same articles give the same bytes."""
    sections = [
        [*_articles(digest)],
        [*_contradictions(digest)],
        [*_common(digest)],
        [*_figures(digest)],
        [*_only(digest)],
        [*_footer(digest)],
    ]
    return "\n\n---\n\n".join("\n\n".join(section) for section in sections if section) + "\n"


def _articles(digest: Digest) -> Iterator[str]:
    yield f"# Digest of {len(digest.articles)} articles"
    rows = ["| | French | English |", "|:---|:---|:---|"]
    for number, document in enumerate(digest.articles, 1):
        french, english = _headline(document)
        name = escape(receipt.short_name(document)).strip()
        rows.append(f"| **{letter(number)}** | {french}{f'<br>_{name}_' if name else ''} | {english} |")
    yield "\n".join(rows)


def _headline(document: Document) -> tuple[str, str]:
    """The title of an article, else its first sentence."""
    french, english = document.title
    if not french.strip():
        first = next((s for s in document.segments if s.source.strip()), Segment("p1.s1", ""))
        french, english = first.source, first.target
    return escape(french).strip(), escape(english).strip()


def _contradictions(digest: Digest) -> Iterator[str]:
    if not digest.contradictions:
        return
    yield "## ⚠ Figures that do not agree"
    for comparison in digest.contradictions:
        yield f"### {_thing(comparison)}"
        rows = ["| Figure | French | English |", "|:---|:---|:---|"]
        for report in comparison.reports:
            for passage in report.passages:
                french, english = _cells(digest, passage)
                rows.append(f"| **{_pair(report)}** | {french} {_place(passage)} | {english} |")
        yield "\n".join(rows)
    yield "The same thing counted, as far as the sentences around the figures show: read both before you choose."


def _common(digest: Digest) -> Iterator[str]:
    if not (digest.agreed or digest.common or digest.names):
        return
    yield "## What several say"
    lines = [f"- **{_pair(report)}**{_qualified(report)}: {_places(report.passages)}" for report in digest.agreed]
    if lines:
        yield "\n".join(lines)
    names = [f"{escape(name.source).strip()} ({_letters(name.articles, len(digest.articles))})" for name in digest.names]
    if names:
        yield "Named by several: " + " · ".join(names)
    for group in digest.common:
        yield "\n".join([*_HEAD, *(_row(digest, passage) for passage in group)])
    if digest.common:
        yield "Sentences in one table are the closest to each other in words, names and figures."


def _figures(digest: Digest) -> Iterator[str]:
    if not digest.figures:
        return
    yield "## Figures side by side"
    for comparison in digest.figures:
        yield f"### {_thing(comparison)}"
        rows = ["| French | English | With it | Where |", "|:---|:---|:---|:---|"]
        for report in comparison.reports:
            source, target = escape(report.source).strip(), escape(report.target).strip()
            rows.append(f"| {source} | {target or '—'} | {_qualifiers(report)} | {_places(report.passages)} |")
        yield "\n".join(rows)
    yield "One thing counted, not always of the same owner or at the same time: “with it” says who and what stands beside the figure."


def _only(digest: Digest) -> Iterator[str]:
    if not digest.only:
        return
    yield "## What only one says"
    for number in sorted({passage.article for passage in digest.only}):
        rows = [_row(digest, passage, head=False) for passage in digest.only if passage.article == number]
        yield "\n".join([f"| French · **{letter(number)}** | English |", "|:---|:---|", *rows])


def _footer(digest: Digest) -> Iterator[str]:
    notices = dict.fromkeys(receipt.notice(document) for document in digest.articles)
    yield "**" + " · ".join(f"{escape(notice).strip()}." for notice in notices) + "**"
    how = [
        tuple(item for item in receipt.made_with(document) if not item[0].startswith("source")) for document in digest.articles
    ]
    for signature in dict.fromkeys(how):
        of = "" if len(set(how)) == 1 else f" ({', '.join(letter(n) for n, one in enumerate(how, 1) if one == signature)})"
        if signature:
            yield f"Signature{of}: " + " · ".join(f"{label} {escape(value).strip()}" for label, value in signature)
    hashes = [
        f"{letter(n)} {document.source_sha256[:12]}" for n, document in enumerate(digest.articles, 1) if document.source_sha256
    ]
    if hashes:
        yield "Source sha256: " + " · ".join(escape(text) for text in hashes)


def _row(digest: Digest, passage: Passage, *, head: bool = True) -> str:
    french, english = _cells(digest, passage)
    return f"| {french} {_place(passage) if head else where([passage.segment])} | {english} |"


def _cells(digest: Digest, passage: Passage) -> tuple[str, str]:
    segments = (s for s in digest.articles[passage.article - 1].segments if s.id == passage.segment)
    french, english = sides(passage.source, passage.target, next(segments, None))
    return french, english


def _place(passage: Passage) -> str:
    return f"**{letter(passage.article)}** {where([passage.segment])}"


def _places(passages: Iterable[Passage]) -> str:
    found: dict[int, list[str]] = {}
    for passage in passages:
        found.setdefault(passage.article, []).append(passage.segment)
    return " · ".join(f"**{letter(article)}** {where(segments)}" for article, segments in found.items())


def _letters(articles: tuple[int, ...], total: int) -> str:
    return "all" if len(articles) == total else ", ".join(map(letter, articles))


def _thing(comparison: Comparison) -> str:
    source, target = escape(comparison.source).strip(), escape(comparison.target).strip()
    return f"{source or 'Figures'} → {target}" if target and target != source else source or "Figures"


def _pair(report: Report) -> str:
    source, target = escape(report.source).strip(), escape(report.target).strip()
    return source if source == target or not target else f"{source} → {target}"


def _qualifiers(report: Report) -> str:
    return ", ".join(escape(word).strip() for word in report.qualifiers)


def _qualified(report: Report) -> str:
    return f" ({_qualifiers(report)})" if report.qualifiers else ""


# -------------------------------------------------------------------------------------------------------------------- JSONL


def to_digest_jsonl(digest: Digest) -> str:
    """The digest as JSON Lines: a ``digest`` line, an ``article`` line for each article, then what was found, kind by kind."""
    lines: list[dict[str, object]] = [{"type": "digest", "schema": SCHEMA, "articles": len(digest.articles)}]
    for number, document in enumerate(digest.articles, 1):
        french, english = document.title
        lines.append(
            {
                "type": "article",
                "article": number,
                "name": document.name,
                "title": {"fr": french, "en": english},
                "source_sha256": document.source_sha256,
                "signature": signature_record(document.signature),
            }
        )
    lines += [{"type": "common", "passages": [_passage(p) for p in group]} for group in digest.common]
    lines += [{"type": "agreed", **_report(report)} for report in digest.agreed]
    for kind, found in (("contradiction", digest.contradictions), ("comparison", digest.figures)):
        for one in found:
            reports = [_report(report) for report in one.reports]
            lines.append({"type": kind, "source": one.source, "target": one.target, "reports": reports})
    lines += [{"type": "only", **_passage(passage)} for passage in digest.only]
    lines += [{"type": "shared-name", "source": n.source, "target": n.target, "articles": list(n.articles)} for n in digest.names]
    return "".join(map(line_of_record, lines))


def _passage(passage: Passage) -> dict[str, object]:
    return {"article": passage.article, "segment": passage.segment, "source": passage.source, "target": passage.target}


def _report(report: Report) -> dict[str, object]:
    return {
        "source": report.source,
        "target": report.target,
        "qualifiers": list(report.qualifiers),
        "passages": [_passage(passage) for passage in report.passages],
    }
