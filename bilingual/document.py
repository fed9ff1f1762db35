"""The currency of the house: what every room takes and gives. Frozen, without behaviour beyond itself, importing no other room.

    Document ── blocks ──> Block ── segments ──> Segment ── terms ──> TermHit
       │                                            ├────── edits ──> Edit
       │                                            └── alignment ──> Alignment
       ├── summary ──> Summary ── sentences ──> SummarySentence
       │                  └────── headline, figures, names, terms ──> Mention
       ├── form ──> Form ── parts ──> Part ── places ──> Place ── marks ──> Mark
       └── signature ──> Signature

    Digest ── common, only ──> Passage
       └───── agreed, contradictions, figures ──> Comparison ──> Report ──> Passage

All spans are half-open ``(start, end)`` pairs of code points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Span = tuple[int, int]

BlockKind = Literal[
    "title", "heading", "paragraph", "list-item", "quote", "tweet", "caption", "byline", "source", "share", "other", "line"
]
"""What a block of an article is. ``line`` is a line of ``--lines``; ``other`` is page clutter with no better name."""

CLUTTER: frozenset[str] = frozenset({"share", "source", "other"})
"""Kinds that are left out of the outputs unless ``--keep-clutter`` is given."""

Origin = Literal["mt", "memory", "post-edited", "given", "copied", "failed"]
"""Where a target comes from. ``given``: it was there, and was aligned with its source; ``copied``: nothing to translate (a lone URL,
emoji …); ``failed``: see ``Segment.reason``."""

TermStatus = Literal["kept", "enforced", "missed", "conflict"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to the model's words: ``before`` at ``span`` of the text as it then was became ``after``.

    A segment's edits are in the order in which they were made, so that each span counts in the text that the edits before it left.

    >>> replay("100 000 chips", [Edit((0, 7), "100 000", "100,000", "number")])
    '100,000 chips'
    """

    span: Span
    before: str
    after: str
    method: str
    score_change: float | None = None


@dataclass(frozen=True, slots=True)
class TermHit:
    """A glossary entry found in a segment, and what became of it: the receipt.

    ``source`` is the span in the segment's source, ``target`` the span of its rendering in the segment's target (None where it is not
    rendered), ``entry`` the French term as the glossary lists it, ``wanted`` the preferred English, ``method`` how the rendering came
    about, ``score_change`` the change of the segment's score that obeying it cost (0.0 where the model did it unasked).
    """

    source: Span
    wanted: str
    target: Span | None = None
    status: TermStatus = "missed"
    method: str = "plain"
    score_change: float = 0.0
    level: Literal["strict", "prefer", "report"] = "strict"
    reason: str = ""
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Alignment:
    """How a given translation was found to belong to its source.

    ``bead``: how many French sentences stand against how many English ones, such as ``2-1``; ``score``: how much the model's translation
    of the French and the English have in common, 0 to 1; ``span``: where the English stands in the decoded text of its own file, None
    where there is none.
    """

    bead: str
    score: float
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence and its translation; of a given translation a bead: a few sentences a side, one side perhaps empty.

    ``id`` is ``p<block number>.s<sentence number>``, both from 1; ``span`` counts in the decoded text of the document; ``score`` is
    the mean log-probability of the target pieces, end included; ``edits`` lead from the model's words to ``target``; ``links`` pair
    words of ``source`` with words of ``target`` (source span, target span), in target order, where they were asked for; ``alignment``
    is there where ``origin`` is ``given``.
    """

    id: str
    source: str
    span: Span = (0, 0)
    block: BlockKind = "paragraph"
    target: str = ""
    origin: Origin = "mt"
    score: float | None = None
    flags: tuple[str, ...] = ()
    terms: tuple[TermHit, ...] = ()
    edits: tuple[Edit, ...] = ()
    reason: str = ""
    links: tuple[tuple[Span, Span], ...] = ()
    alignment: Alignment | None = None

    @property
    def block_number(self) -> int:
        """The number of the block that the segment stands in.

        >>> Segment("p3.s2", "Bonjour.").block_number
        3
        """
        return int(self.id.partition(".")[0][1:])


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of an article: ``text`` as it stands at ``span`` of the decoded text, and its sentences once it is split.

    ``number`` counts from 1 over all blocks, clutter included. ``level`` is the depth of a title (1) or heading (2 …), else 0.
    """

    number: int
    kind: BlockKind
    text: str
    span: Span = (0, 0)
    level: int = 0
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """How a document was translated: everything that a reader needs to make it again. No clock, no host, no path."""

    version: str
    model: str
    engine: str
    beam: int
    splitter: str
    glossary_sha256: str | None = None
    enforce: str = "off"
    origins: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """A sentence of a summary: segment ``segment`` of the document, letter by letter in both languages.

    ``rank``: 1 for the sentence that says most, and so on; summaries list their sentences in source order. ``marks``: why the sentence
    would rather not have been taken (it leans on the sentence before it, its English is doubtful …).
    """

    rank: int
    segment: str
    source: str
    target: str
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that the article names (a figure, a name, a term, its headline): the words of both sides, and where they stand.

    ``segments``: the ids of the segments, in order, each as often as it stands there.
    """

    source: str
    target: str
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What an article says, in both languages at once. Everything in it is taken from the segments that it names."""

    sentences: tuple[SummarySentence, ...]
    headline: Mention | None = None
    figures: tuple[Mention, ...] = ()
    names: tuple[Mention, ...] = ()
    terms: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of one of several articles: ``article`` counts from 1, ``segment`` is its id there."""

    article: int
    segment: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Report:
    """A figure as articles give it: the words of both sides, and the sentences that say so.

    ``qualifiers``: what may set it apart from another figure of the same thing: planned, at least, about; the year; who is named beside it.
    """

    source: str
    target: str
    passages: tuple[Passage, ...]
    qualifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What several articles say of one counted thing (``source``, ``target``: its names), figure by figure."""

    source: str
    target: str
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class SharedName:
    """A name that several articles have; ``target`` is empty where no English has it."""

    source: str
    target: str
    articles: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What several articles say together. Every sentence stands in the article that it names.

    ``common``: sentences of different articles that say the same, the fullest first in each group. ``agreed``: figures that several give.
    ``contradictions``: figures of one thing that cannot both be so. ``figures``: other figures of things that several count, beside each
    other. ``only``: what a single article says. ``names``: who and what several articles name.
    """

    articles: tuple[Document, ...]
    common: tuple[tuple[Passage, ...], ...] = ()
    agreed: tuple[Report, ...] = ()
    contradictions: tuple[Comparison, ...] = ()
    figures: tuple[Comparison, ...] = ()
    only: tuple[Passage, ...] = ()
    names: tuple[SharedName, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """An inline mark: emphasis, a link, code, the sign of a footnote …

    ``span``: what it is around, in code points of the block's text; empty for what stands between two letters (a picture, a break).
    ``opens`` and ``closes``: where it begins and ends in the text of its `Part`; marks are nested there. ``anew``: what closes it
    once the words inside have changed, where that is not what stands at ``closes``. The text of an `EXACT` mark is copied with it.
    """

    span: Span
    kind: str
    opens: Span = (0, 0)
    closes: Span = (0, 0)
    anew: str = ""


EXACT: frozenset[str] = frozenset({"code", "address"})
"""Kinds of marks around text that is copied letter by letter, written as it was written."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the translation of a block goes: ``span`` of the text of its part, which holds the block's text and its marks.

    ``runs``: what each stretch of the block's text is written as there, in order: (span of the block's text, span of the part's
    text). Spans of one length are the same letters; the others are an entity, an escape, a line end with what begins the next line.
    ``marks``: in the order in which they open. ``style``: what the writer of the form must know of the place.
    """

    block: int
    span: Span
    runs: tuple[tuple[Span, Span], ...]
    marks: tuple[Mark, ...] = ()
    style: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A text of the original: the file itself (``name`` is empty), or a member of an archive.

    ``swaps``: what else is written anew beside the places: (span of the text, what takes its place), such as the language.
    """

    text: str
    places: tuple[Place, ...] = ()
    name: str = ""
    encoding: str = "utf-8"
    mark: bytes = b""
    swaps: tuple[tuple[Span, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """The original that a document was read from, so that its translation can be written in the same form.

    ``kind``: ``text``, ``markdown``, ``html``, ``srt``, ``vtt``, ``docx``, ``odt`` or ``epub``. ``data``: the bytes of an archive.
    """

    kind: str
    parts: tuple[Part, ...]
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Document:
    """An article: its blocks in order, and how they were read and translated.

    ``name`` is the input's name relative to where it was looked for; ``text`` the text that spans count in ("" when the document
    was read back from JSONL): the decoded text of a plain file, else the text of the blocks with a blank line between them;
    ``encoding`` as found; ``notes`` what the reader wants said to the user; ``form`` the original, where it is at hand.
    ``target_name`` and ``target_sha256`` name the file of a given translation.
    """

    name: str
    blocks: tuple[Block, ...]
    text: str = ""
    source_sha256: str = ""
    encoding: str = "utf-8"
    notes: tuple[str, ...] = ()
    signature: Signature | None = None
    left_out: int = 0
    summary: Summary | None = None
    target_name: str = ""
    target_sha256: str = ""
    form: Form | None = field(default=None, compare=False, repr=False)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All segments of all blocks, in order."""
        return tuple(segment for block in self.blocks for segment in block.segments)

    @property
    def title(self) -> tuple[str, str]:
        """French and English title: the sentences of the first title block; empty strings where the article has none."""
        for block in self.blocks:
            if block.kind == "title":
                return " ".join(s.source for s in block.segments), " ".join(s.target for s in block.segments)
        return "", ""

    def with_segments(self, segments: Iterable[Segment]) -> Document:
        """The same document with its segments replaced, one for one and in order.

        Raises `ValueError` when their number or their ids differ from the document's own.
        """
        incoming: Iterator[Segment] = iter(segments)
        blocks = []
        for block in self.blocks:
            new = tuple(next(incoming, None) for _ in block.segments)
            if any(n is None or n.id != old.id for n, old in zip(new, block.segments, strict=True)):
                raise ValueError(f"{self.name}: the segments of block {block.number} came back changed in number or order")
            blocks.append(replace(block, segments=tuple(n for n in new if n is not None)))
        if next(incoming, None) is not None:
            raise ValueError(f"{self.name}: more segments came back than went in")
        return replace(self, blocks=tuple(blocks))


def replay(text: str, edits: Iterable[Edit]) -> str:
    """Apply `edits` in order to the model's words. Raises `ValueError` where an edit does not fit the text before it.

    >>> replay("a cat", [Edit((2, 5), "cat", "dog", "repair"), Edit((0, 1), "a", "A", "capital")])
    'A dog'
    """
    for edit in edits:
        start, end = edit.span
        if text[start:end] != edit.before:
            raise ValueError(f"edit {edit!r} does not fit {text!r}")
        text = text[:start] + edit.after + text[end:]
    return text


def unwind(text: str, edits: Iterable[Edit]) -> str:
    """Take `edits` back from the last to the first: from a target to the model's words.

    >>> unwind("A dog", [Edit((2, 5), "cat", "dog", "repair"), Edit((0, 1), "a", "A", "capital")])
    'a cat'
    """
    for edit in reversed(list(edits)):
        start = edit.span[0]
        end = start + len(edit.after)
        if text[start:end] != edit.after:
            raise ValueError(f"edit {edit!r} cannot be taken back from {text!r}")
        text = text[:start] + edit.before + text[end:]
    return text


def move_span(span: Span, edit: Edit) -> Span | None:
    """Where `span` of the text before `edit` lies after it; None where the edit cuts into it.

    >>> move_span((10, 15), Edit((0, 7), "100 000", "100,0000", "number"))
    (11, 16)
    """
    (start, end), (a, b) = span, edit.span
    shift = len(edit.after) - (b - a)
    if b <= start:
        return start + shift, end + shift
    if a >= end:
        return span
    if start <= a and b <= end:
        return start, end + shift
    return None


def carry_span(span: Span, edits: Iterable[Edit]) -> Span | None:
    """Where `span` of the text before `edits` lies after them all; None where one of them cuts into it.

    >>> carry_span((3, 8), [Edit((0, 2), "ab", "a", "x"), Edit((0, 0), "", "- ", "y")])
    (4, 9)
    """
    moved: Span | None = span
    for edit in edits:
        moved = move_span(moved, edit) if moved else None
    return moved
