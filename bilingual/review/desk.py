"""What is being reviewed: an article, what was typed into it, and its file, which is written whole after each correction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Protocol

from bilingual.checks import Finding, check_segments
from bilingual.document import Document, Segment
from bilingual.enforcement import receipts
from bilingual.errors import InputError, OutputError
from bilingual.glossary.matching import Matcher
from bilingual.review.lines import Lines, read_lines, with_segments
from bilingual.review.view import Record, label, sentence
from bilingual.revision import confirmed, corrected, forms_of, machine_text
from bilingual.writing import receipt
from bilingual.writing.escape import LINE_BREAKS, visible

MOST_TOGETHER = 600
"""Sentences up to which an article is checked whole after each correction, so that what is rendered in two ways is seen at once; a
quarter of a second on a slow core. In a larger one the sentence is checked by itself."""


class ChangedElsewhere(InputError):
    """The file on the disk is not what this review has read or written last."""


class Store(Protocol):
    """Where the file is: read whole, written whole or not at all."""

    def read(self) -> bytes:
        """The bytes that are there. Raises `InputError`."""

    def write(self, data: bytes) -> None:
        """Put others in their place. Raises `OutputError`; what was there before stays then."""


class Remembering(Protocol):
    """A memory of corrections, open or to be opened."""

    def corrections(self, sources: Iterable[str]) -> Mapping[str, str]:
        """What is remembered of some sentences."""

    def correct(self, pairs: Iterable[tuple[str, str]]) -> int:
        """Remember corrected sentences. Raises `OutputError`."""

    def withdraw(self, sources: Iterable[str]) -> None:
        """Forget those of some sentences. Raises `OutputError`."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of a sentence: the English `target`, or with `restore` what stood there before this review.

    `base` is the English that the page believes to be saved: where it is another by now, the wish is not granted.
    """

    id: str
    target: str
    base: str
    restore: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How many sentences this review has corrected, and how many it has only confirmed."""

    corrected: int = 0
    confirmed: int = 0


class Desk:
    """An article under review. Every method leaves file and article in agreement, or raises and changes neither."""

    def __init__(self, store: Store, name: str, matcher: Matcher | None = None, memory: Remembering | None = None):
        """Read the file; `name` is for messages. Terms are looked for with `matcher`, without one by the receipts in the file.

        Raises `InputError` where it is not one of our JSONL files.
        """
        self.name = name
        self._store, self._matcher, self._memory = store, matcher, memory
        self._drafts: dict[str, str] = {}
        self._owed: dict[str, str | None] = {}
        self._remembered: dict[str, str | None] = {}
        self._first: dict[str, tuple[Segment, bytes]] = {}
        self._open(read_lines(store.read(), name))

    def _open(self, lines: Lines) -> None:
        self._lines = lines
        self._segments = {segment.id: segment for segment in lines.document.segments}
        self._forms = forms_of(self._segments.values())
        self._findings = self._checked(self._segments.values())
        there = {identity: (segment, lines.raw[lines.places[identity]]) for identity, segment in self._segments.items()}
        self._first = there | {identity: first for identity, first in self._first.items() if identity in there}

    # --- looking ----------------------------------------------------------------------------------------------------------------

    def article(self) -> Record:
        """The whole article for the page: blocks in order, their sentences, with what was typed into them and not saved."""
        document = self._lines.document
        title = document.title[1] or document.title[0] or receipt.short_name(document)
        return {
            "file": visible(PurePath(self.name).name),
            "title": visible(title),
            "glossary": visible(self._matcher.glossary.name) if self._matcher else None,
            "memory": self._memory is not None,
            "given": receipt.is_given(document),
            "blocks": [
                {"kind": block.kind, "level": block.level, "sentences": [self._shown(segment.id) for segment in block.segments]}
                for block in document.blocks
                if block.segments
            ],
        }

    def is_current(self) -> bool:
        """Whether the file is as this review has read or left it."""
        try:
            return self._store.read() == self._lines.data
        except InputError:
            return False

    def look(self, identity: str, text: str) -> Record:
        """What there is to be said of an English that is being typed, which is kept until it is saved or typed back.

        Raises `InputError` for a sentence that there is not.
        """
        segment = self._segment(identity)
        if text == segment.target:
            self._drafts.pop(identity, None)
            return self._shown(identity)
        self._drafts[identity] = text
        tried = self._corrected(segment, text)
        return self._shown(identity) | sentence(tried, self._checked([tried]).get(identity, ())) | {"origin": segment.origin}

    def _shown(self, identity: str) -> Record:
        segment, first = self._segments[identity], self._first[identity][0]
        seen = replace(segment, terms=receipts(self._matcher, segment.source, segment.target)) if self._matcher else segment
        touched = first.origin == "post-edited"
        more: Record = {
            "label": label(identity),
            "saved": segment.target,
            "machine": machine_text(segment).target if touched else first.target,
            "restorable": segment.origin == "post-edited" and not touched,
        }
        if identity in self._drafts:
            more["draft"] = self._drafts[identity]
        return sentence(seen, self._findings.get(identity, ())) | more

    def _segment(self, identity: str) -> Segment:
        if identity not in self._segments:
            raise InputError(f"{self.name}: there is no sentence {identity[:40]}")
        return self._segments[identity]

    def _checked(self, segments: Iterable[Segment]) -> dict[str, list[Finding]]:
        found: dict[str, list[Finding]] = {}
        for finding in check_segments(segments, self._matcher):
            found.setdefault(finding.segment, []).append(finding)
        return found

    # --- correcting -------------------------------------------------------------------------------------------------------------

    def save(self, wishes: Sequence[Wish]) -> Record:
        """Grant wishes, in the file and in the memory; ``sentences``: those that look otherwise now, ``refused``: what was not granted.

        Raises `ChangedElsewhere` where another program has written the file, and `OutputError` where it cannot be written: then nothing
        is changed. A memory that cannot be written is said (``warning``) and tried again with the next sentence.
        """
        if not self.is_current():
            self._store.read()  # says what is wrong where it cannot be read
            raise ChangedElsewhere(f"{self.name}: another program has changed it; nothing was written over it")
        changed: dict[str, Segment] = {}
        raw: dict[str, bytes] = {}
        refused: list[dict[str, str]] = []
        for wish in wishes:
            segment, (first, line) = self._segment(wish.id), self._first[wish.id]
            text = segment.target if wish.target == segment.target else LINE_BREAKS.sub(" ", wish.target)
            if wish.base != segment.target:
                refused.append({"id": wish.id, "why": "it was changed in another window; save again to write over that"})
            elif wish.restore and first.origin != "post-edited":
                changed[wish.id], raw[wish.id] = first, line
            elif segment.source.strip() and not text.strip():
                refused.append({"id": wish.id, "why": "there is no English: write some, or take the machine's back"})
            else:
                after = self._wished(segment, text)
                if after != segment:
                    changed[wish.id] = after
        lines = with_segments(self._lines, changed, raw)
        if lines.data != self._lines.data:
            self._store.write(lines.data)
        before = self._findings
        self._lines = lines
        self._segments.update(changed)
        for wish in wishes:
            if not any(one["id"] == wish.id for one in refused):
                self._drafts.pop(wish.id, None)
        self._check_again(changed)
        self._owe(changed, raw)
        shown = dict.fromkeys([wish.id for wish in wishes if wish.id in self._segments])
        shown |= dict.fromkeys(i for i in self._segments if before.get(i) != self._findings.get(i))
        tally = self.tally()
        return {
            "sentences": [self._shown(identity) for identity in shown],
            "refused": refused,
            "warning": self._pay(),
            "changed": tally.corrected + tally.confirmed,
        }

    def _wished(self, segment: Segment, text: str) -> Segment:
        if text != segment.target or segment.origin == "failed":
            return self._corrected(segment, text)
        return segment if segment.origin in ("post-edited", "copied") else confirmed(segment)

    def _corrected(self, segment: Segment, text: str) -> Segment:
        """The segment with the English of a person, as one change to what stood there before any person.

        Made from the segment as it was when the review began: without a glossary a receipt that a correction settled may be needed again.
        """
        return corrected(machine_text(self._first[segment.id][0]), text, self._matcher, self._forms)

    def _check_again(self, changed: Mapping[str, Segment]) -> None:
        if len(self._segments) <= MOST_TOGETHER:
            self._findings = self._checked(self._segments.values())
        else:
            anew = self._checked(changed.values())
            self._findings = {i: f for i, f in self._findings.items() if i not in changed} | anew

    def reload(self) -> Record:
        """Read the file again after another program has written it; what was typed and not saved stays typed. Raises `InputError`."""
        lines = read_lines(self._store.read(), self.name)
        old = self._lines
        same = {i for i, place in lines.places.items() if i in old.places and lines.raw[place] == old.raw[old.places[i]]}
        self._first = {identity: first for identity, first in self._first.items() if identity in same}
        french = {segment.id: segment.source for segment in lines.document.segments}
        self._drafts = {i: text for i, text in self._drafts.items() if french.get(i) == self._segments[i].source}
        self._open(lines)
        return self.article()

    # --- the end ----------------------------------------------------------------------------------------------------------------

    def tally(self) -> Tally:
        """What this review has done so far."""
        pairs = [(first, self._segments[identity]) for identity, (first, _) in self._first.items()]
        words = sum(first.target != now.target for first, now in pairs)
        return Tally(words, sum(first.target == now.target and first.origin != now.origin for first, now in pairs))

    def finish(self) -> str | None:
        """Save what was typed and not confirmed, and pay what the memory is owed; what the memory says where that fails.

        Raises like `save`; `drafts` are kept then.
        """
        if self._drafts:
            self.save([Wish(i, text, self._segments[i].target) for i, text in self._drafts.items()])
        return self._pay()

    @property
    def document(self) -> Document:
        """The article as it stands in the file."""
        return read_lines(self._lines.data, self.name).document

    @property
    def drafts(self) -> Mapping[str, str]:
        """What was typed and is not saved, by the ids of the sentences."""
        return dict(self._drafts)

    # --- the memory -------------------------------------------------------------------------------------------------------------

    def _owe(self, changed: Mapping[str, Segment], restored: Mapping[str, bytes]) -> None:
        """Note what the memory is to learn, and to unlearn where a sentence is again what it was before."""
        if self._memory is None:
            return
        new = [s.source for s in changed.values() if s.source not in self._remembered]
        if new:
            known = self._memory.corrections(new)
            self._remembered |= {source: known.get(source) for source in new}
        by_hand = {s.source: s.target for s in self._segments.values() if s.origin == "post-edited"}
        for identity, segment in changed.items():
            if not _is_text(segment.source + segment.target):
                continue
            source = segment.source
            back = by_hand.get(source, self._remembered[source])
            self._owed[source] = back if identity in restored else segment.target

    def _pay(self) -> str | None:
        if self._memory is None or not self._owed:
            return None
        try:
            if gone := [source for source, target in self._owed.items() if target is None]:
                self._memory.withdraw(gone)
            self._memory.correct([(source, target) for source, target in self._owed.items() if target is not None])
        except (InputError, OutputError) as error:
            return str(error)
        self._owed.clear()
        return None


def _is_text(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:  # half a character: nothing that a memory can hold
        return False
