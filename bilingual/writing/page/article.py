"""A document as one HTML page: its parts in the shape that the template wants. What the page does is written in `page.js`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import takewhile

from bilingual.document import CLUTTER, Block, Document, Mention, Summary
from bilingual.writing import receipt
from bilingual.writing.escape import BULLET, visible
from bilingual.writing.page.assets import render
from bilingual.writing.page.index import card
from bilingual.writing.page.rows import Row, entry, row, runs
from bilingual.writing.stamp import stamp

METHODS = {
    "annotated": "the model was told the term beside the French word",
    "n-best": "a translation that the model ranked lower has it",
    "prefix": "the words before it were kept and the model went on from the term",
    "source": "the term was put into the French before translating",
    "repair": "the words that rendered it were replaced",
    "number": "its number, singular or plural, was put right",
}
"""How an enforced term came about, in words."""

STATUSES = {
    "kept": "the model chose it by itself",
    "enforced": "the glossary put it in",
    "missed": "the English does not have it",
    "conflict": "another entry of the glossary forbids it",
}

_ABOVE = CLUTTER | {"title", "byline", "caption"}

_SHOWN = 12
"""Sentences that are linked for one term or one kind of doubt, and figures or names that the summary lists."""

_SECTION = 40
"""Sentences after which a long stretch without headings goes on in a table of its own, so that a browser lays out what is seen."""


@dataclass(frozen=True, slots=True)
class Group:
    """A block of the article: what it is ("own": an item of a list with its own bullet), its number, its sentences."""

    kind: str
    number: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with its level (0 and None where there is none) and the blocks under it."""

    level: int
    heading: Row | None
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence that is linked to."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Found:
    """Something that stands in several sentences: its words on both sides, the first places, and how many more there are."""

    french: str
    english: str
    places: tuple[Place, ...]
    more: int


def to_html(document: Document) -> str:
    """The page, LF line ends. The same document gives the same bytes; text from outside can do nothing in it but appear.

    Its last line is a comment with the document line of the JSONL (`bilingual.writing.stamp`) and the article's `Card`.

    >>> from bilingual.document import Segment
    >>> one = Segment("p1.s1", "Il a dit <i>oui</i>.", target="He said <i>yes</i>.")
    >>> page = to_html(Document("a.txt", (Block(1, "paragraph", one.source, segments=(one,)),)))
    >>> '<td lang="fr">Il a dit &lt;i&gt;oui&lt;/i&gt;.</td>' in page, "<i>" in page
    (True, False)
    """
    tallies = receipt.term_tallies(document)
    counts = Counter(entry(hit) for segment in document.segments for hit in segment.terms)
    numbers = {name: n for n, name in enumerate(sorted(counts, key=lambda name: -counts[name]), 1)}  # the order of the tallies
    blocks = [block for block in document.blocks if block.segments]
    first, title = _title(document, blocks, numbers)
    methods = {hit.method for segment in document.segments for hit in segment.terms if hit.status == "enforced"}
    found = {hit.status for segment in document.segments for hit in segment.terms}
    name = visible(receipt.short_name(document))
    brief = card(document)
    return render(
        "article.html.j2",
        title=title,
        name=name,
        card=brief,
        notice=receipt.notice(document),
        summary=_summary(document.summary),
        mentions=_mentions(document.summary),
        parts=list(_parts([block for block in blocks if block is not first], numbers)),
        checks=list(_checks(document)),
        terms=list(zip(tallies, _terms(document, tallies, numbers), strict=True)),
        methods={name: words for name, words in METHODS.items() if name in methods},
        statuses=STATUSES | {"kept": "the translation has it"} if receipt.is_given(document) else STATUSES,
        found_statuses=found,
        meanings=receipt.FLAG_MEANINGS,
        origins=receipt.origins(document),
        left_out=receipt.count(document.left_out, "block") if document.left_out else "",
        notes=[visible(note).strip() for note in document.notes if note.strip()],
        signature=[(label, visible(value)) for label, value in receipt.made_with(document)],
        count=receipt.count,
        visible=visible,
    ) + stamp(document, card=asdict(brief))


def _title(document: Document, blocks: Sequence[Block], numbers: Mapping[str, int]) -> tuple[Block | None, Row | None]:
    """The title's block and row; the headline of the summary where the article has no title, or nothing.

    Only what is clutter of a head may stand above a title: one that comes later is a heading.
    """
    opening = takewhile(lambda block: block.kind in _ABOVE, blocks)
    block = next((block for block in opening if block.kind == "title"), None)
    if block:
        return block, row(block.segments, numbers)
    headline = document.summary.headline if document.summary else None
    if headline and (headline.source or headline.target):
        french, english = runs(headline.source, ()), runs(headline.target, ())
        return None, Row("", tuple(french), tuple(english), "", "", (), False)
    return None, None


def _parts(blocks: Sequence[Block], numbers: Mapping[str, int]) -> Iterator[Part]:
    """The blocks under their headings. Levels never skip one on the way down, as readers who jump by headings expect."""
    heading, level, deepest = None, 0, 1
    groups: list[Group] = []
    for block in blocks:
        if block.kind in ("title", "heading") or sum(len(group.rows) for group in groups) >= _SECTION:
            if heading or groups:
                yield Part(level, heading, tuple(groups))
            heading, level, groups = None, 0, []
        if block.kind in ("title", "heading"):
            deepest = level = min(max(block.level, 2), deepest + 1, 6)
            heading = row(block.segments, numbers)
        else:
            own = block.kind == "list-item" and BULLET.match(block.segments[0].source)
            groups.append(
                Group(
                    f"{block.kind}{' own' if own else ''}",
                    block.number,
                    tuple(row([segment], numbers) for segment in block.segments),
                )
            )
    if heading or groups:
        yield Part(level, heading, tuple(groups))


def _summary(summary: Summary | None) -> list[tuple[str, str, str, str, tuple[str, ...]]]:
    if summary is None:
        return []
    return [
        (s.segment, _label(s.segment), visible(s.source), visible(s.target), tuple(map(visible, s.marks)))
        for s in summary.sentences
    ]


def _mentions(summary: Summary | None) -> list[tuple[str, list[Found]]]:
    if summary is None:
        return []
    named = (("Figures", summary.figures), ("Names", summary.names), ("Terms", summary.terms))
    return [(label, [_mention(mention) for mention in mentions[:_SHOWN]]) for label, mentions in named if mentions]


def _mention(mention: Mention) -> Found:
    return _found(mention.source, mention.target, mention.segments)


def _checks(document: Document) -> Iterator[tuple[str, int, Found]]:
    for flag, ids in receipt.flagged(document).items():
        yield flag, len(ids), _found(visible(flag), "", ids)


def _terms(document: Document, tallies: Sequence[receipt.TermTally], numbers: Mapping[str, int]) -> list[Found]:
    places: dict[str, list[str]] = {name: [] for name in numbers}
    for segment in document.segments:
        for hit in segment.terms:
            places[entry(hit)].append(segment.id)
    return [
        _found(", ".join(tally.french), ", ".join(tally.english), ids)
        for tally, ids in zip(tallies, places.values(), strict=True)
    ]


def _found(french: str, english: str, ids: Sequence[str]) -> Found:
    once = list(dict.fromkeys(ids))
    places = tuple(Place(id, _label(id)) for id in once[:_SHOWN])
    return Found(visible(french), visible(english), places, len(once) - len(places))


def _label(id: str) -> str:
    """How a sentence is named to a reader.

    >>> _label("p4.s2"), _label("p4.s1")
    ('¶4.2', '¶4')
    """
    block, _, sentence = visible(id).partition(".")
    return f"¶{block.removeprefix('p')}" + (f".{sentence.removeprefix('s')}" if sentence not in ("", "s1") else "")
