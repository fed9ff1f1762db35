"""A digest as one page of HTML, for a browser: no script, nothing loaded, readable on a telephone and on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from bilingual.document import Comparison, Digest, Document, Passage, Report
from bilingual.writing import receipt
from bilingual.writing.digest import letter
from bilingual.writing.escape import visible
from bilingual.writing.summary import where

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--warn:#b3261e;--soft:#8881}
@media(prefers-color-scheme:dark){:root{--warn:#ff8a80}}
body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2.5rem}h3{font-size:1rem}
table{border-collapse:collapse;width:100%;margin:1rem 0;table-layout:fixed}
td,th{border-top:1px solid var(--line);padding:.5rem .75rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
.articles td:first-child{width:1.5rem}.report p:last-child{margin-bottom:0}
.side{display:grid;grid-template-columns:repeat(auto-fit,minmax(16rem,1fr));gap:1rem;margin:1rem 0}
.report{border-left:.25rem solid var(--warn);padding:.5rem 1rem;background:var(--soft)}
.figure{font-size:1.35rem;font-weight:650;line-height:1.25}
.where,.name{font-size:.85em;opacity:.75}.warn{color:var(--warn)}
@media(max-width:40rem){
td,.articles td:first-child{display:block;border-top:0;padding:.25rem 0;width:auto}
tr{display:block;border-top:1px solid var(--line);padding:.5rem 0}
}
"""


def to_digest_html(digest: Digest) -> str:
    """The page, LF line ends, a final newline. The same articles give the same bytes; no markup of theirs survives.

    >>> page = to_digest_html(Digest((Document("<b>.txt", ()), Document("b.txt", ()))))
    >>> "&lt;b&gt;.txt" in page, "<b>.txt" in page
    (True, False)
    """
    title = f"Digest of {len(digest.articles)} articles"
    head = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="generator" content="bilingual">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    )
    return head + "\n".join(_body(digest)) + "\n</body>\n</html>\n"


def _body(digest: Digest) -> Iterator[str]:
    yield _table(((f"<b>{letter(n)}</b>", *_headline(document)) for n, document in enumerate(digest.articles, 1)), "articles")
    if digest.contradictions:
        yield '<h2 class="warn">⚠ Figures that do not agree</h2>'
        for comparison in digest.contradictions:
            yield f"<h3>{_thing(comparison)}</h3>"
            yield '<div class="side">' + "".join(map(_report, comparison.reports)) + "</div>"
        yield "<p>The same thing counted, as far as the sentences around the figures show: read both before you choose.</p>"
    if digest.agreed or digest.common or digest.names:
        yield "<h2>What several say</h2>"
        items = (
            f"<li><b>{_pair(report)}</b> {_said(report.qualifiers)} {_places(report.passages)}</li>" for report in digest.agreed
        )
        yield "<ul>" + "".join(items) + "</ul>"
        everyone = len(digest.articles)
        names = (
            f"{_text(name.source)} ({'all' if len(name.articles) == everyone else ', '.join(map(letter, name.articles))})"
            for name in digest.names
        )
        yield "<p>" + " · ".join(names) + "</p>"
        for group in digest.common:
            yield _pairs(group)
    if digest.figures:
        yield "<h2>Figures side by side</h2>"
        for comparison in digest.figures:
            yield f"<h3>{_thing(comparison)}</h3>"
            yield _table(
                (_text(r.source), _text(r.target) or "—", _said(r.qualifiers), _places(r.passages)) for r in comparison.reports
            )
        yield "<p>One thing counted, not always of the same owner or at the same time.</p>"
    if digest.only:
        yield "<h2>What only one says</h2>"
        for number in sorted({passage.article for passage in digest.only}):
            yield f"<h3>{letter(number)}</h3>"
            yield _pairs(passage for passage in digest.only if passage.article == number)
    notices = dict.fromkeys(receipt.notice(document) for document in digest.articles)
    yield "<p><b>" + " · ".join(f"{_text(notice)}." for notice in notices) + "</b></p>"
    for signature in dict.fromkeys(receipt.made_with(document) for document in digest.articles):
        yield '<p class="name">' + " · ".join(f"{label} {_text(value)}" for label, value in signature) + "</p>"


def _text(text: str) -> str:
    return escape(visible(text).strip())


def _headline(document: Document) -> tuple[str, str]:
    french, english = document.title
    if not french.strip():
        french, english = next(((s.source, s.target) for s in document.segments if s.source.strip()), ("", ""))
    name = _text(receipt.short_name(document))
    return f'<span lang="fr">{_text(french)}</span><br><span class="name">{name}</span>', _text(english)


def _table(rows: Iterable[Iterable[str]], name: str = "pairs") -> str:
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="{name}"><tbody>{body}</tbody></table>'


def _pairs(passages: Iterable[Passage]) -> str:
    return _table((f'<span lang="fr">{_text(p.source)}</span> {_places([p])}', _text(p.target)) for p in passages)


def _report(report: Report) -> str:
    sentences = "".join(
        f'<p><span lang="fr">{_text(p.source)}</span> {_places([p])}<br>{_text(p.target)}</p>' for p in report.passages
    )
    return f'<div class="report"><div class="figure">{_pair(report)}</div>{_said(report.qualifiers)}{sentences}</div>'


def _pair(one: Report) -> str:
    source, target = _text(one.source), _text(one.target)
    return f'<span lang="fr">{source}</span>' + (f" → {target}" if target and target != source else "")


def _thing(comparison: Comparison) -> str:
    source, target = _text(comparison.source), _text(comparison.target)
    return (f'<span lang="fr">{source}</span>' + (f" → {target}" if target and target != source else "")) if source else "Figures"


def _said(qualifiers: Iterable[str]) -> str:
    text = ", ".join(map(_text, qualifiers))
    return f'<span class="name">{text}</span>' if text else ""


def _places(passages: Iterable[Passage]) -> str:
    found: dict[int, list[str]] = {}
    for passage in passages:
        found.setdefault(passage.article, []).append(passage.segment)
    inner = " · ".join(f"<b>{letter(article)}</b> {where(segments)}" for article, segments in found.items())
    return f'<span class="where">{inner}</span>'
