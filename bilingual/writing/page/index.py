"""The index of a run: every article of it in a few lines, and the `Card` that each page carries for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bilingual.document import Document
from bilingual.writing import receipt
from bilingual.writing.escape import visible
from bilingual.writing.page.assets import render
from bilingual.writing.stamp import comment

MARK = "bilingual/index"
"""What the last line of an index says it is."""

_SUMMARY = 2
"""Sentences of the summary that an index shows."""

_LONGEST = 600
"""Characters of a title or sentence that a card keeps."""


@dataclass(frozen=True, slots=True)
class Card:
    """An article in short: titles and first lines of the summary (French, English), and what is to be known of the translation."""

    name: str
    title: tuple[str, str]
    summary: tuple[tuple[str, str], ...] = ()
    notice: str = ""
    sentences: int = 0
    doubtful: int = 0
    kept: int = 0
    enforced: int = 0
    missed: int = 0

    @property
    def heading(self) -> str:
        """The title in English, else in French, else the name without its suffix."""
        return self.title[1] or self.title[0] or PurePosixPath(self.name).stem or "Article"

    @property
    def terms(self) -> int:
        """Terms found in the article."""
        return self.kept + self.enforced + self.missed


def card(document: Document) -> Card:
    """The card of a document.

    >>> card(Document("presse/a.txt", ())).name
    'a.txt'
    """
    statuses = Counter(hit.status for segment in document.segments for hit in segment.terms)
    title = document.title
    summary = document.summary
    if not any(title) and summary and summary.headline:
        title = summary.headline.source, summary.headline.target
    return Card(
        _cut(receipt.short_name(document)),
        (_cut(title[0]), _cut(title[1])),
        tuple((_cut(s.source), _cut(s.target)) for s in summary.sentences[:_SUMMARY]) if summary else (),
        receipt.notice(document),
        len(document.segments),
        sum(any(receipt.warnings(segment)) for segment in document.segments),
        statuses["kept"],
        statuses["enforced"],
        statuses["missed"] + statuses["conflict"],
    )


def card_of(record: object) -> Card | None:
    """A card read back from the last line of a page; None where `record` is none.

    >>> from dataclasses import asdict
    >>> made = Card("a.txt", ("Un", "One"), (("Deux.", "Two."),), "", 3)
    >>> card_of(asdict(made)) == made, card_of({"title": 1})
    (True, None)
    """
    if not isinstance(record, Mapping):
        return None
    try:
        value: dict[str, Any] = {key: record[key] for key in Card.__dataclass_fields__}
        value["title"] = _pair(value["title"])
        value["summary"] = tuple(map(_pair, value["summary"]))
        numbers = [value[key] for key in ("sentences", "doubtful", "kept", "enforced", "missed")]
    except (KeyError, TypeError, ValueError):
        return None
    if not all(isinstance(number, int) for number in numbers) or not all(isinstance(value[k], str) for k in ("name", "notice")):
        return None
    return Card(**value)


def to_index(entries: Iterable[tuple[str, Card]]) -> str:
    """The index of `entries`: the relative address of each page, escaped as an address, and its card.

    The same entries give the same bytes. Its last line is a comment that says what it is (`MARK`).

    >>> page = to_index([("a.fr-en.html", Card("a.txt", ("Un chat", "A cat"), sentences=1))])
    >>> '<a href="a.fr-en.html">A cat</a>' in page
    True
    """
    listed = list(entries)
    cards = [entry for _, entry in listed]
    totals = {
        "sentences": sum(entry.sentences for entry in cards),
        "doubtful": sum(entry.doubtful for entry in cards),
        "terms": sum(entry.terms for entry in cards),
        "missed": sum(entry.missed for entry in cards),
    }
    return render("index.html.j2", entries=listed, totals=totals, count=receipt.count) + comment({"schema": MARK})


def _pair(value: Any) -> tuple[str, str]:
    match value:
        case [str(french), str(english)]:
            return french, english
    raise TypeError("a card's texts come in pairs")


def _cut(text: str) -> str:
    shown = visible(text).strip()
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1].rstrip() + "…"
