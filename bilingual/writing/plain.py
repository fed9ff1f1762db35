"""The English of a document as plain text, for programs that read nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

from bilingual.document import Block, Document, Segment
from bilingual.writing import receipt
from bilingual.writing.escape import BULLET, LINE_BREAKS, visible

_SURROGATE = re.compile("[\ud800-\udfff]")


def to_text(document: Document, *, footer: bool = True) -> str:
    r"""The English alone, LF line ends, a final newline.

    An article: paragraphs parted by a blank line, items of a list on lines of their own; a sentence that has no translation stands
    there in French as ``[not translated: …]``, so that no gap goes unseen; `footer` adds a last paragraph in brackets that says
    that the text is machine translation, and how it was made. Lines (`--lines`): N lines in, N lines out, and no word beside them.
    Line breaks within a target become a space, surrogates U+FFFD; other characters stay.

    >>> blocks = [Block(n, "line", fr, segments=(Segment(f"p{n}.s1", fr, block="line", target=en),))
    ...           for n, fr, en in [(1, "Un.", "One."), (2, "", ""), (3, "Trois.", "Three.")]]
    >>> to_text(Document("a.txt", tuple(blocks)))
    'One.\n\nThree.\n'
    """
    if all(block.kind == "line" for block in document.blocks):
        return "".join(line_of(segment) + "\n" for block in document.blocks for segment in block.segments or (_EMPTY,))
    text, before = "", ""
    for block in document.blocks:
        if not (words := _words(block)):
            continue
        if text:
            text += "\n" if before == block.kind == "list-item" else "\n\n"
        text, before = text + words, block.kind
    if footer:
        text += ("\n\n" if text else "") + closing(document)
    return text + "\n" if text else ""


def closing(document: Document) -> str:
    """The paragraph in brackets that says that a text is machine translation, and how it was made.

    >>> closing(Document("a.txt", ()))
    '[Nothing to translate. Signature: source a.txt.]'
    """
    made = ", ".join(f"{label} {visible(value)}" for label, value in receipt.made_with(document))
    return f"[{receipt.notice(document)}.{' Signature: ' + made + '.' if made else ''}]"


def line_of(segment: Segment) -> str:
    r"""The target of one segment as one line, without a line end: what `--lines` writes as it goes.

    >>> line_of(Segment("p1.s1", "Un deux.", target="One\ntwo."))
    'One two.'
    """
    return _SURROGATE.sub("\ufffd", LINE_BREAKS.sub(" ", segment.target))


_EMPTY = Segment("p1.s1", "", block="line")


def _words(block: Block) -> str:
    words = " ".join(filter(None, map(_sentence, block.segments)))
    return f"- {words}" if words and block.kind == "list-item" and not BULLET.match(words) else words


def _sentence(segment: Segment) -> str:
    source, target = segment.source.strip(), segment.target.strip()
    if source and ((segment.origin == "failed" and target == source) or (not target and segment.origin != "post-edited")):
        return f"[not translated: {line_of(replace(segment, target=source))}]"
    return line_of(replace(segment, target=target))
