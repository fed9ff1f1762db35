"""The summary of an article as Markdown: its sentences side by side, each with its paragraph, then figures, names and terms in a line each.

It stands between the title and the text. A sentence says its paragraph (¶ 4) behind the French, as the tables of the article do above
it. Everything that came from outside goes through `bilingual.writing.escape`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bilingual.document import Document, Mention, Segment, SummarySentence
from bilingual.writing.escape import escape, mark

_MISSED = "\u00a0⚠"
_PLACES = 4
"""How many paragraphs a mention lists."""


def summary_parts(document: Document) -> Iterator[str]:
    r"""The parts of the summary, to be parted by blank lines; nothing where there is none.

    >>> from bilingual.document import Block, Summary
    >>> segment = Segment("p4.s1", "Une puce coûte 2 €.", target="A chip costs €2.")
    >>> summary = Summary((SummarySentence(1, "p4.s1", segment.source, segment.target),))
    >>> document = Document("a.txt", (Block(4, "paragraph", segment.source, segments=(segment,)),), summary=summary)
    >>> print("\n\n".join(summary_parts(document)))
    ## Summary
    <BLANKLINE>
    | French | English |
    |:---|:---|
    | Une puce coûte 2 €. ¶ 4 | A chip costs €2. |
    """
    summary = document.summary
    if summary is None or not (summary.sentences or summary.figures or summary.names):
        return
    yield "## Summary"
    segments = {segment.id: segment for segment in document.segments}
    if summary.sentences:
        rows = ["| French | English |", "|:---|:---|"]
        rows += [_row(sentence, segments.get(sentence.segment)) for sentence in summary.sentences]
        yield "\n".join(rows)
    lines = [
        _line("Figures", (f"{_pair(figure)} ({where(figure.segments)})" for figure in summary.figures)),
        _line("Names", (f"{escape(name.source).strip()}{_times(name)}" for name in summary.names)),
        _line("Terms", (f"{_pair(term)}{_times(term)}" for term in summary.terms)),
    ]
    if any(lines):
        yield "\n".join(filter(None, lines))


def where(segments: Iterable[str], most: int = _PLACES) -> str:
    """The paragraphs of some sentences.

    >>> where(["p4.s1", "p4.s2", "p6.s1"])
    '¶ 4, 6'
    """
    numbers = list(dict.fromkeys(segment.partition(".")[0][1:] for segment in segments))
    return "¶ " + ", ".join(numbers[:most]) + (" …" if len(numbers) > most else "")


def sides(source: str, target: str, segment: Segment | None) -> tuple[str, str]:
    """Both sides of a sentence as cells of a table, with the terms of its segment in bold."""
    if segment is None or (segment.source, segment.target) != (source, target):
        return escape(source).strip(), escape(target).strip()
    unheard = ("missed", "conflict")
    french = mark(source, [(t.source, _MISSED if t.status in unheard else "") for t in segment.terms]).strip()
    return french, mark(target, [(t.target, "") for t in segment.terms if t.target]).strip()


def _row(sentence: SummarySentence, segment: Segment | None) -> str:
    french, english = sides(sentence.source, sentence.target, segment)
    remark = " · ".join(escape(note).strip() for note in sentence.marks)
    warning = f"{'<br>' if english else ''}⚠ _{remark}_" if remark else ""
    return f"| {french} {where([sentence.segment])} | {english}{warning} |"


def _line(name: str, items: Iterable[str]) -> str:
    joined = " · ".join(items)
    return f"- **{name}:** {joined}" if joined else ""


def _pair(mention: Mention) -> str:
    source, target = escape(mention.source).strip(), escape(mention.target).strip()
    return source if source == target else f"{source} → {target or '—'}"


def _times(mention: Mention) -> str:
    return f" {len(mention.segments)}×" if len(mention.segments) > 1 else ""
