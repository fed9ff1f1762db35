"""A document as GitHub-flavoured Markdown: French and English side by side, sentence by sentence.

The layout: a table of two columns for each paragraph, a row for each sentence; titles and headings are headings of the page, the
English first, the French under it. Of the layouts tried on real articles this one reads best on paper, on a screen and raw:

- A table for each paragraph keeps paragraphs apart without a word of markup, its first row can say what the paragraph is (a tweet,
  a caption …) and which number it has, and a word too long for a telephone makes only its own paragraph scroll. In one table for
  the whole article neither headings nor paragraphs can be seen, and a column of numbers pushes the English off a telephone.
- Whole paragraphs one above the other leave the reader to count sentences; sentences one above the other, French as quotations,
  tear the text apart and take half as many lines again on a screen.

Under the title stands the summary, where there is one (`bilingual.writing.summary`): a table of the same two columns, then figures,
names and terms in a line each, a rule below. Sentences to check, terms and signature follow. Everything that came from outside goes
through `bilingual.writing.escape`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile

from bilingual.document import Block, Document, Segment
from bilingual.writing import receipt
from bilingual.writing.escape import BULLET, escape, mark
from bilingual.writing.stamp import stamp
from bilingual.writing.summary import summary_parts

_GROUPED = frozenset({"list-item", "line", "byline"})
"""Kinds whose neighbours share a table: one of them is too short for a table of its own."""

_BEFORE_TITLE = frozenset({"title", "byline", "caption", "source", "share", "other"})
"""Kinds that may stand above the title of an article."""

_UNSAID = frozenset({"paragraph", "line"})
"""Kinds that the head of a table does not name."""

_SHOWN = 20
"""How many sentences a warning lists."""

_MISSED = "\u00a0⚠"


def to_markdown(document: Document) -> str:
    r"""The side-by-side article, LF line ends, a final newline. The same document gives the same bytes.

    Glossary terms are bold on both sides; a French term whose English is not there has ⚠. A sentence with flags, a reason or a
    missed term says so under its English. Text renders as it is, but for what `bilingual.writing.escape.visible` replaces.

    >>> segment = Segment("p1.s1", "Une puce coûte 2 €.", target="A chip costs €2.")
    >>> page = to_markdown(Document("a.txt", (Block(1, "paragraph", segment.source, segments=(segment,)),)))
    >>> print("\n".join(page.splitlines()[:5]))
    # a.txt
    <BLANKLINE>
    | French ¶ 1 | English |
    |:---|:---|
    | Une puce coûte 2 €. | A chip costs €2. |
    """
    sections = [[*_article(document)], [*_check(document), *_terms(document)], [*_footer(document)]]
    return "\n\n---\n\n".join("\n\n".join(section) for section in sections if section) + "\n\n" + stamp(document)


def to_summary_markdown(document: Document) -> str:
    """The summary alone, under the article's title: what ``bilingual summarize`` writes. LF line ends, a final newline."""
    parts = [*_top(document), *_footer(document)]
    return "\n\n".join(parts) + "\n\n" + stamp(document)


def _top(document: Document) -> Iterator[str]:
    yield from _name(document, _title_block(document))
    yield from summary_parts(document)


def _title_block(document: Document) -> Block | None:
    blocks = [block for block in document.blocks if block.segments]
    # A title further down stays in its place.
    opening = takewhile(lambda block: block.kind in _BEFORE_TITLE, (block for block in blocks if any(_sides(block))))
    return next((block for block in opening if block.kind == "title"), None)


def _name(document: Document, title: Block | None) -> Iterator[str]:
    if title:
        yield from _title(title)
    elif name := escape(receipt.short_name(document)).strip():
        yield f"# {_closed(name)}"


def _article(document: Document) -> Iterator[str]:
    title = _title_block(document)
    yield from _name(document, title)
    if summary := [*summary_parts(document)]:
        yield from summary
        yield "---"
    body = [block for block in document.blocks if block.segments and block is not title]
    for _, group in groupby(body, key=lambda block: block.kind if block.kind in _GROUPED else block.number):
        together = list(group)
        if together[0].kind in ("title", "heading"):
            for block in together:
                yield from _heading(block)
        else:
            yield _table(together)


def _title(block: Block) -> Iterator[str]:
    french, english = _sides(block)
    yield f"# {_closed(english or french)}"
    if english and french:
        yield f"_{french}_"
    yield from _remarks(block)


def _heading(block: Block) -> Iterator[str]:
    french, english = _sides(block)
    text = "<br>".join(part for part in (english, french and f"_{french}_") if part)
    if text:
        yield "#" * min(max(block.level, 2), 6) + " " + _closed(text)
    yield from _remarks(block)


def _table(blocks: Sequence[Block]) -> str:
    first, last = blocks[0], blocks[-1]
    numbers = f"¶ {first.number}" if first is last else f"¶ {first.number}–{last.number}"
    kind = "" if first.kind in _UNSAID else " · " + ("list" if first.kind == "list-item" else first.kind)
    rows = [f"| French {numbers}{kind} | English{kind} |", "|:---|:---|"]
    for block in blocks:
        for place, segment in enumerate(block.segments):
            bulleted = block.kind == "list-item" and place == 0
            french = _bulleted(_french(segment), segment.source, bulleted)
            english = _bulleted(_english(segment), segment.target, bulleted)
            remark = _remark(segment)
            rows.append(f"| {french} | {english}{'<br>' if english and remark else ''}{remark} |")
    return "\n".join(rows)


def _sides(block: Block) -> tuple[str, str]:
    french = " ".join(filter(None, map(_french, block.segments)))
    return french, " ".join(filter(None, map(_english, block.segments)))


def _french(segment: Segment) -> str:
    unheard = ("missed", "conflict")
    return mark(segment.source, [(t.source, _MISSED if t.status in unheard else "") for t in segment.terms]).strip()


def _english(segment: Segment) -> str:
    return mark(segment.target, [(t.target, "") for t in segment.terms if t.target]).strip()


def _remark(segment: Segment) -> str:
    warnings = " · ".join(escape(warning).strip() for warning in receipt.warnings(segment))
    return f"⚠ _{warnings}_" if warnings else ""


def _remarks(block: Block) -> Iterator[str]:
    yield from filter(None, map(_remark, block.segments))


def _bulleted(cell: str, text: str, bulleted: bool) -> str:
    return f"• {cell}" if bulleted and cell and not BULLET.match(text) else cell


def _closed(text: str) -> str:
    """The text of a heading: number signs at its end, after a space, would be taken for the end of the heading."""
    before = text.rstrip("#")
    return text[:-1] + "\\#" if before != text and before[-1:] in ("", " ") else text


def _check(document: Document) -> Iterator[str]:
    found = receipt.flagged(document)
    if not found:
        return
    yield "## ⚠ Sentences to check"
    lines = []
    for flag, ids in found.items():
        meaning = receipt.FLAG_MEANINGS.get(flag)
        where = escape(", ".join(ids[:_SHOWN])) + (f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else "")
        lines.append(f"- ⚠ {escape(flag).strip()}, {len(ids)}× ({where}){': ' + meaning if meaning else ''}")
    yield "\n".join(lines)
    yield "p4.s2 is the second sentence of ¶ 4, and so on."


def _terms(document: Document) -> Iterator[str]:
    tallies = receipt.term_tallies(document)
    if not tallies:
        return
    yield "## Terms in this article"
    rows = ["| French | English | Times | Status |", "|:---|:---|---:|:---|"]
    for tally in tallies:
        french = escape(", ".join(tally.french)).strip()
        english = escape(", ".join(tally.english)).strip()
        if tally.wanted:
            english += f"{' ' if english else ''}⚠ _{escape(', '.join(tally.wanted)).strip()}_"
        rows.append(f"| {french} | {english} | {tally.times} | {_statuses(tally)} |")
    yield "\n".join(rows)
    note = "Kept: the model chose the term itself. Enforced: the glossary put it in."
    if receipt.is_given(document):
        note = "Kept: the translation has the glossary's word."
    if any(tally.statuses["missed"] or tally.statuses["conflict"] for tally in tallies):
        note += " Missed: the English does not have it (⚠ in the French, and the English that was wanted)."
    yield note


def _statuses(tally: receipt.TermTally) -> str:
    names = ("kept", "enforced", "missed", "conflict")
    return ", ".join(
        f"{'⚠ ' if name in ('missed', 'conflict') else ''}{tally.statuses[name]} {name}" for name in names if tally.statuses[name]
    )


def _footer(document: Document) -> Iterator[str]:
    clutter = f" Left out as page clutter: {receipt.count(document.left_out, 'block')}." if document.left_out else ""
    yield f"**{receipt.notice(document)}.** {receipt.origins(document)}.{clutter}"
    if notes := [escape(note).strip() for note in document.notes if note.strip()]:
        yield "Notes on the source: " + " · ".join(notes)
    if signature := receipt.made_with(document):
        yield "Signature: " + " · ".join(f"{label} {escape(value).strip()}" for label, value in signature)
