"""Two documents and their beads become one: blocks and sentences of the French, with the English beside them.

Nothing is lost: a French sentence without a counterpart has no target and the flag ``missing``, an English one no source and the flag
``added``; English paragraphs that are new as a whole are blocks of their own. Blocks and sentences are numbered anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bilingual import __version__
from bilingual.bitext.beads import Bead, align_sentences
from bilingual.checks import flags
from bilingual.document import Alignment, Block, BlockKind, Document, Segment, Signature, Span, TermHit
from bilingual.enforcement import receipts
from bilingual.engines.engine import Engine
from bilingual.errors import InputError
from bilingual.glossary import Glossary
from bilingual.glossary.matching import Matcher, compile_matcher
from bilingual.pipeline import Settings, translate_segments
from bilingual.sentences import SPLITTER, split_document

FLAGS = ("missing", "added", "moved", "unsure")
"""What may be said of a bead beside the flags of `bilingual.checks`."""

BEAM = 1
"""Of the translation that the English is compared with: a wider beam aligns no better and takes twice as long."""


def align(french: Document, english: Document, engine: Engine, glossary: Glossary | None = None) -> Document:
    """The document that two documents as read make, a French text and its English translation: sentence beside sentence.

    Its segments are beads in the order of the French, origin ``given``; every sentence of both texts stands in one, clutter included.
    Flags: those of `bilingual.checks.flags`, and ``missing``, ``added``, ``moved``, ``unsure`` (see `Bead`). With a `glossary`, terms are
    looked for and reported; nothing is changed. Raises `InputError` where next to nothing in the one text fits the other.
    """
    french, english = split_document(french), split_document(english, "en")
    if not french.segments or not english.segments:
        empty = english if french.segments else french
        raise InputError(f"{empty.name}: there is no sentence in it")
    translated = translate_segments(french.segments, engine, Settings(beam=BEAM))
    beads = align_sentences(
        [segment.source for segment in french.segments],
        [segment.target for segment in translated],
        [segment.source for segment in english.segments],
        _begins(french),
        _begins(english),
    )
    fewest = min(len(french.segments), len(english.segments))
    if fewest >= ENOUGH and sum(bead.score > 0 and not bead.unsure for bead in beads) < FITTING * fewest:
        raise InputError(f"{english.name}: next to nothing in it fits {french.name}: is this the translation?")
    made = pair_documents(french, english, beads, compile_matcher(glossary) if glossary else None)
    return replace(
        made,
        signature=Signature(
            version=__version__,
            model=engine.model,
            engine=engine.name,
            beam=BEAM,
            splitter=SPLITTER,
            glossary_sha256=glossary.sha256 if glossary else None,
            enforce="report" if glossary else "off",
            origins=dict(Counter(segment.origin for segment in made.segments)),
        ),
    )


ENOUGH, FITTING = 5, 0.1
"""Sentences of the shorter text from which on it is said that it is another text, and the share of them that must fit."""

PARAGRAPHS = 1.15
"""Sentences a paragraph below which paragraphs say nothing: the text has one sentence a line."""


def _begins(document: Document) -> list[bool]:
    """Whether a paragraph begins with a sentence; nowhere, where that says nothing."""
    counts = [len(block.segments) for block in document.blocks if block.segments]
    told = sum(counts) >= PARAGRAPHS * len(counts)
    return [told and number == 0 for count in counts for number in range(count)]


@dataclass(slots=True)
class _Rows:
    """A block that is being filled; ``key`` says which block of which text it is."""

    key: tuple[str, int]
    kind: BlockKind
    level: int
    rows: list[Segment] = field(default_factory=list)


def pair_documents(french: Document, english: Document, beads: Sequence[Bead], matcher: Matcher | None = None) -> Document:
    """The document of two split documents whose sentences `beads` pair, without a signature.

    A bead over the end of a block stands in the first of its blocks.
    """
    homes = {"fr": _homes(french), "en": _homes(english)}
    alone = Counter(homes["en"][b.english[0]][0].number for b in beads if b.french[0] == b.french[1])
    new = {block.number for block in english.blocks if block.segments and alone[block.number] == len(block.segments)}
    filled: list[_Rows] = []
    place = 0
    for bead in beads:
        if bead.french[0] < bead.french[1]:
            block, side = homes["fr"][bead.french[0]][0], "fr"
        else:
            block, side = homes["en"][bead.english[0]][0], "en"
        inside = side == "en" and block.number not in new
        if not (inside and filled) and (not filled or filled[-1].key != (side, block.number)):
            filled.append(_Rows((side, block.number), block.kind, block.level))
        source, span = _text(homes["fr"], bead.french)
        target, where = _text(homes["en"], bead.english)
        span = span or (place, place)
        place = span[1]
        row = _segment(bead, source, target, matcher)
        filled[-1].rows.append(replace(row, span=span, block=filled[-1].kind, alignment=Alignment(bead.kind, bead.score, where)))
    blocks = tuple(_block(number, rows, french.text) for number, rows in enumerate(filled, 1))
    notes = (*french.notes, *(f"translation: {note}" for note in english.notes))
    return replace(french, blocks=blocks, notes=notes, target_name=english.name, target_sha256=english.source_sha256)


_Homes = Sequence[tuple[Block, Segment, str]]


def _homes(document: Document) -> _Homes:
    """For each sentence its block, itself, and the text that spans count in."""
    return [(block, segment, document.text) for block in document.blocks for segment in block.segments]


def _text(homes: _Homes, sentences: tuple[int, int]) -> tuple[str, Span | None]:
    """The sentences of one side of a bead as they stand in their text, and where; blocks are parted by a space."""
    parts: list[list[tuple[Block, Segment, str]]] = []
    for home in homes[sentences[0] : sentences[1]]:
        if parts and parts[-1][0][0].number == home[0].number:
            parts[-1].append(home)
        else:
            parts.append([home])
    if not parts:
        return "", None
    texts = [part[0][2][part[0][1].span[0] : part[-1][1].span[1]] for part in parts]
    return " ".join(texts), (parts[0][0][1].span[0], parts[-1][-1][1].span[1])


def _segment(bead: Bead, source: str, target: str, matcher: Matcher | None) -> Segment:
    terms = _receipts(matcher, source, target) if matcher else ()
    raised: tuple[str, ...] = ("missing",) if source and not target else ("added",) if target and not source else ()
    if source and target:
        raised = flags(source, target, terms=[term.source for term in terms])
        raised += ("moved",) * bead.moved + ("unsure",) * bead.unsure
    return Segment("p1.s1", source, target=target, origin="given", flags=raised, terms=terms)


def _receipts(matcher: Matcher, source: str, target: str) -> tuple[TermHit, ...]:
    reason = "" if target else "the translation does not have the sentence"
    return tuple(replace(hit, reason=hit.reason or reason) for hit in receipts(matcher, source, target))


def _block(number: int, rows: _Rows, text: str) -> Block:
    segments = tuple(replace(row, id=f"p{number}.s{place}") for place, row in enumerate(rows.rows, 1))
    own = [row.span for row in segments if row.source] or [segments[0].span]
    span = own[0][0], own[-1][1]
    return Block(number, rows.kind, text[slice(*span)], span, rows.level, segments)
