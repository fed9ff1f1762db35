"""What the formats of translation tools have in common here: pairs of a segment, and the lines of the JSONL that travel with them.

TMX and XLIFF files carry the JSONL whole: the document line and those of the summary in their head, each segment's line beside
its pair. So the JSONL can be made again from the file alone, letter by letter, and what a person has changed is told from what
the tool wrote.

XML 1.0 has no form for most control characters, for surrogates and for U+FFFE and U+FFFF. Texts show them (``shown``); the
lines have them escaped as JSON does, so that nothing is lost. Marks that reorder text (bidi) stay: a translator's tool has to
show them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

from bilingual.document import Document, Segment
from bilingual.errors import InputError
from bilingual.markup import Node
from bilingual.writing import receipt
from bilingual.writing.jsonl import document_line, from_jsonl, segment_line, summary_lines

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PRIMARY = re.compile(r"[-_]")
FRENCH, ENGLISH = frozenset({"fr", "fra", "fre"}), frozenset({"en", "eng"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A pair as a file has it: ``target`` is None where the file has none, ``place`` says where it stands (``file:line``).

    ``confirmed``: the file says that a person has reviewed it. ``untouched``: whether both texts are as this tool wrote them,
    where the file says so by itself (CSV); None elsewhere.
    """

    id: str
    source: str
    target: str | None
    place: str
    confirmed: bool = False
    untouched: bool | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a file holds: its pairs in order; the document that it carries, None where it was not written by this tool; the terms of its
    glossary (French, English); and what its reader wants said."""

    name: str
    units: tuple[Unit, ...]
    document: Document | None = None
    glossary: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def shown(text: str) -> str:
    r"""`text` as XML can hold it: controls as their pictures, other characters that XML forbids as U+FFFD.

    >>> shown("a\x00b\ud800")
    'a␀b�'
    """
    return NOT_XML.sub(lambda char: chr(0x2400 + ord(char[0])) if char[0] < " " else "\ufffd", text)


def restored(text: str, original: str) -> str:
    r"""`text`, a correction of ``shown(original)``, with the characters that were only shown put back, where it has them all,
    in order.

    >>> restored("The␀ cat.", "A\x00 cat.")
    'The\x00 cat.'
    """
    hidden = NOT_XML.findall(original)
    marks = frozenset(shown("".join(hidden)))
    if not hidden or [c for c in text if c in marks] != [c for c in shown(original) if c in marks]:
        return text
    exact = (c for c, seen in zip(original, shown(original), strict=True) if seen in marks)
    return "".join(next(exact) if c in marks else c for c in text)


def xml(text: str) -> str:
    """`text` as the content of an element."""
    return escape(shown(text), {"\r": "&#13;"})


def head_lines(document: Document) -> list[str]:
    """The lines of the JSONL that are not a segment's, without their ends, fit for XML."""
    text = document_line(document) + (summary_lines(document.summary) if document.summary else "")
    return [_fit(line) for line in text.split("\n")[:-1]]


def has_english(segment: Segment) -> bool:
    """Whether there is English to give: not where a sentence failed, nor where a given translation does not have it."""
    return segment.origin != "failed" and (bool(segment.target) or segment.origin != "given")


def lines(document: Document) -> Iterator[tuple[Segment, str]]:
    """Each segment, with its line of the JSONL, fit for XML."""
    for block in document.blocks:
        for segment in block.segments:
            segment = segment if segment.block == block.kind else replace(segment, block=block.kind)
            yield segment, _fit(segment_line(segment, block.level)[:-1])


def _fit(line: str) -> str:
    return line.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")  # they can only stand in strings


def version(document: Document) -> str:
    """The version of the tool that translated a document, whichever writes it: the same document gives the same bytes."""
    return shown(document.signature.version) if document.signature else "unknown"


def notes_on(segment: Segment) -> list[str]:
    """What a translator should know about a segment: its terms, what looks wrong and what that means."""
    terms = [f"{receipt.french_of(segment, term)} → {term.wanted}" for term in segment.terms]
    notes = ["terms: " + "; ".join(dict.fromkeys(terms))] if terms else []
    for warning in receipt.warnings(segment):
        meaning = receipt.FLAG_MEANINGS.get(warning)
        notes.append(f"{warning}: {meaning}" if meaning else warning)
    return notes


def rebuilt(head: Sequence[str], carried: Sequence[tuple[str, Unit]], name: str) -> Document | None:
    """The document that a file carries; None where it has no document line. Raises `InputError` where the lines are not ours any more."""
    if not head:
        return None
    text = "\n".join([head[0], *(line for line, _ in carried), *head[1:]])
    if text.count("\n") != len(head) + len(carried) - 1:
        raise InputError(f"{name}: a line of our JSONL in it is broken into several; take the file as the tool wrote it")
    try:
        document = from_jsonl(text, "")
    except InputError as error:
        number, _, what = str(error)[1:].partition(": ")
        index = int(number) - 2 if number.isdigit() else -1
        place = carried[index][1].place if 0 <= index < len(carried) else name
        raise InputError(
            f"{place}: what it carries of our JSONL is broken ({what}); take the file as the tool wrote it"
        ) from error
    for segment, (_, unit) in zip(document.segments, carried, strict=True):
        if segment.id != unit.id:
            raise InputError(f"{unit.place}: carries the line of {segment.id} and is called {unit.id}; ids must stay as they are")
    return document


def refuse_twice(units: Sequence[Unit]) -> None:
    """Raise `InputError` where an id stands twice."""
    seen: dict[str, str] = {}
    for unit in units:
        if unit.id in seen:
            raise InputError(f"{unit.place}: {unit.id} is there twice, first in {seen[unit.id]}; each id may stand once")
        seen[unit.id] = unit.place


def text_in(node: Node, space: str, codes: Collection[str] = ()) -> str:
    """The text of an element: marks and pairs of tags are looked through, elements named in `codes` (native code) or of another
    namespace than `space` left out, ``<cp hex="…"/>`` read as the character that it stands for."""
    pieces: list[str] = []
    waiting: list[str | Node] = list(reversed(node.parts))
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            pieces.append(part)
        elif part.space == space and part.tag == "cp":
            pieces.append(_character(part.attributes.get("hex", "")))
        elif part.space == space and part.tag not in codes:
            waiting += reversed(part.parts)
    return "".join(pieces)


def _character(digits: str) -> str:
    return chr(int(digits, 16)) if re.fullmatch(r"[0-9A-Fa-f]{1,6}", digits) and int(digits, 16) < 0x110000 else "\ufffd"


def language(code: str) -> str:
    """The language alone of a code such as ``fr-CA``.

    >>> language("FR_ca")
    'fr'
    """
    return _PRIMARY.split(code.strip().lower())[0]


def check_languages(source: str, target: str, place: str) -> None:
    """Raise `InputError` where a file says that it is not from French into English; what it does not say is taken for that."""
    if language(source) not in FRENCH | {""} or language(target) not in ENGLISH | {""}:
        raise InputError(f"{place}: is from {source or '?'} into {target or '?'}; this tool reads French into English")
