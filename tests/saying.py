"""Documents translated word by word by a function, each word linked to its own: what the forms are tested with."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bilingual.document import Document, Segment
from bilingual.reading import read_document
from bilingual.sentences import split_document


def read(text: str | bytes, name: str) -> Document:
    return split_document(read_document(text.encode() if isinstance(text, str) else text, name))


def translated(document: Document, say: Callable[[str], str]) -> Document:
    """The document with every word said by `say`, code and addresses kept, each word linked to its own."""

    def one(segment: Segment) -> Segment:
        target, links = "", []
        for match in re.finditer(r"(`[^`]*`|(?:https?://|www\.)\S+)|([^\W_]+)|([\W_])", segment.source):
            kept, word, sign = match.groups()
            said = kept or (say(word) if word else " " if sign.isspace() else sign)
            if kept or word:
                links.append((match.span(), (len(target), len(target) + len(said))))
            target += said
        return replace(segment, target=target, links=tuple(links))

    return document.with_segments(map(one, document.segments))


def same(document: Document) -> Document:
    return document.with_segments(replace(segment, target=segment.source) for segment in document.segments)
