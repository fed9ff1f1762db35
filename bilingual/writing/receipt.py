"""What every page says about itself: how much of it a person has read, what it was made with, its terms and its warnings.

No clock, no host, no path: the same document gives the same words. Nothing here is escaped; the formats do that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bilingual.document import Document, Segment, TermHit

FLAG_MEANINGS = {
    "low-confidence": "the model gave its own translation a low score",
    "loop": "words are repeated over and over",
    "omission": "short for its source, something may be left out",
    "too-long": "long for its source, something may be made up",
    "untranslated": "the sentence, or much of it, is still French",
    "number-changed": "a number does not have the value that it has in French",
    "name-lost": "a name in the French is not in the English",
    "unbalanced-quotes": "quotation marks are opened and not closed",
    "cut": "translated in parts",
    "empty": "nothing came out",
    "failed": "could not be translated",
    "missing": "the translation does not have it",
    "added": "the translation has it, the French has not",
    "moved": "it stands elsewhere in the translation",
    "unsure": "paired by place and length alone",
    "term missed": "the English does not have the glossary's word",
    "term conflict": "another entry of the glossary forbids the word that this one wants",
}
"""Flag → what a reader should look for. Other flags are shown without an explanation."""

ORIGINS = {
    "mt": "by machine",
    "memory": "from memory",
    "post-edited": "post-edited",
    "given": "given",
    "copied": "copied",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True)
class TermTally:
    """One entry of the glossary in an article: its French words and their renderings as they stand there, in order of appearance,
    and what became of them. ``wanted``: the preferred English of those that are not rendered."""

    french: tuple[str, ...]
    english: tuple[str, ...]
    wanted: tuple[str, ...] = ()
    statuses: Counter[str] = field(default_factory=Counter)

    @property
    def times(self) -> int:
        """How often the term is in the French text."""
        return self.statuses.total()


def notice(document: Document) -> str:
    """Whether a person has reviewed the translation, in one sentence.

    Sentences that hold nothing to translate (copied ones, empty ones) do not count. Reviewed means `origin` "post-edited". Of a given
    translation nobody here knows who made it; what this tool did is the alignment.

    >>> from bilingual.document import Block
    >>> notice(Document("a.txt", (Block(1, "paragraph", "Oui.", segments=(Segment("p1.s1", "Oui.", target="Yes."),)),)))
    'Machine translation, unreviewed'
    """
    counted = [s for s in document.segments if s.origin != "copied" and s.source.strip()]
    edited = sum(s.origin == "post-edited" for s in counted)
    made = "Given translation, aligned by machine" if is_given(document) else "Machine translation"
    if not counted:
        return "Nothing to translate"
    if not edited:
        return f"{made}, unreviewed"
    if edited == len(counted):
        return f"{made}, post-edited: {count(edited, 'sentence')}"
    return f"{made}, unreviewed but for {edited} of {count(len(counted), 'sentence')} post-edited"


def is_given(document: Document) -> bool:
    """Whether the translation was there before: no model chose its words."""
    return bool(document.target_sha256) or any(segment.origin == "given" for segment in document.segments)


def origins(document: Document) -> str:
    """Where the sentences come from, counted; from the segments themselves, whatever the signature says.

    >>> from bilingual.document import Block
    >>> origins(Document("a.txt", (Block(1, "paragraph", "Oui.", segments=(Segment("p1.s1", "Oui.", target="Yes."),)),)))
    '1 sentence: 1 by machine'
    """
    counts = Counter(str(s.origin) for s in document.segments)
    parts = [f"{counts[name]} {words}" for name, words in ORIGINS.items() if counts[name]]
    return count(counts.total(), "sentence") + (": " + ", ".join(parts) if parts else "")


def made_with(document: Document) -> tuple[tuple[str, str], ...]:
    """The signature as labels and values, hashes cut to 12 digits; without origins, so that it is known before the first sentence.

    >>> dict(made_with(Document("articles/a.txt", (), source_sha256="0123456789abcdef")))
    {'source': 'a.txt', 'source sha256': '0123456789ab'}
    """
    items = [("source", short_name(document)), ("source sha256", document.source_sha256[:12])]
    if document.target_sha256:
        items += [("translation", _last(document.target_name)), ("translation sha256", document.target_sha256[:12])]
    if signature := document.signature:
        glossary = signature.glossary_sha256
        items = [
            ("bilingual", signature.version),
            ("model", signature.model),
            ("engine", signature.engine),
            ("beam", str(signature.beam)),
            ("splitter", signature.splitter),
            ("glossary sha256", glossary[:12] if glossary else "none"),
            ("enforce", signature.enforce),
            *items,
        ]
    return tuple((label, value) for label, value in items if value)


def short_name(document: Document) -> str:
    """The last part of the document's name; "" for standard input.

    >>> short_name(Document("presse/2024/a.txt", ())), short_name(Document("-", ()))
    ('a.txt', '')
    """
    name = _last(document.name)
    return "" if name == "-" else name


def _last(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name


def term_tallies(document: Document) -> list[TermTally]:
    """The glossary terms of the article, the most frequent first, then in order of appearance.

    >>> from bilingual.document import Block
    >>> hits = (TermHit((3, 7), "chip", (4, 9), "kept"), TermHit((11, 16), "chip", None, "missed"))
    >>> segment = Segment("p1.s1", "La puce, 2 puces.", target="The chips.", terms=hits)
    >>> [(t.french, t.english, t.wanted) for t in term_tallies(Document("a", (Block(1, "paragraph", "", segments=(segment,)),)))]
    [(('puce', 'puces'), ('chips',), ('chip',))]
    """
    found: dict[str, list[tuple[Segment, TermHit]]] = {}
    for segment in document.segments:
        for term in segment.terms:
            found.setdefault(term.entry or term.wanted, []).append((segment, term))
    tallies = [
        TermTally(
            _spellings(french_of(segment, term) for segment, term in hits),
            _spellings(segment.target[slice(*term.target)] for segment, term in hits if term.target),
            _spellings(term.wanted for _, term in hits if term.status in ("missed", "conflict")),
            Counter(term.status for _, term in hits),
        )
        for hits in found.values()
    ]
    return sorted(tallies, key=lambda tally: -tally.times)


def _spellings(words: Iterable[str]) -> tuple[str, ...]:
    """Different words in order of appearance; of two that differ by capitals the more frequent spelling."""
    counts: dict[str, Counter[str]] = {}
    for word in words:
        counts.setdefault(word.casefold(), Counter())[word] += 1
    return tuple(spellings.most_common(1)[0][0] for spellings in counts.values())


def french_of(segment: Segment, term: TermHit) -> str:
    """The words of the source that a hit covers."""
    return segment.source[slice(*term.source)]


def warnings(segment: Segment) -> Iterator[str]:
    """What a reader has to know about a sentence: its flags with the reason, and the terms that it does not obey.

    >>> list(warnings(Segment("p1.s1", "Une puce.", target="A flea.", flags=("loop",), terms=(TermHit((4, 8), "chip"),))))
    ['loop', 'term missed: puce → chip']
    """
    marks = flags(segment)
    if marks or segment.reason:
        yield ", ".join(marks) + (": " if marks and segment.reason else "") + segment.reason
    for term in segment.terms:
        if term.status in ("missed", "conflict"):
            level = "" if term.level == "strict" else f" ({term.level})"
            reason = f" ({term.reason})" if term.reason else ""
            yield f"term {term.status}{level}: {french_of(segment, term)} → {term.wanted}{reason}"


def flags(segment: Segment) -> tuple[str, ...]:
    """The flags of a segment, with "failed" where it failed, and where it has a source, no target and no other explanation.

    >>> flags(Segment("p1.s1", "Oui."))
    ('failed',)
    """
    if "failed" in segment.flags:
        return segment.flags
    empty = segment.source.strip() and not segment.target.strip() and segment.origin != "post-edited"
    return ("failed", *segment.flags) if segment.origin == "failed" or (empty and not segment.flags) else segment.flags


def flagged(document: Document) -> dict[str, list[str]]:
    """Flag → the ids of its sentences, in order of first appearance; missed and conflicting terms count as flags of their own."""
    found: dict[str, list[str]] = {}
    for segment in document.segments:
        kinds = [*flags(segment), *(f"term {t.status}" for t in segment.terms if t.status in ("missed", "conflict"))]
        for kind in dict.fromkeys(kinds):
            found.setdefault(kind, []).append(segment.id)
    return found


def count(number: int, noun: str) -> str:
    """A number and what it counts.

    >>> count(1, "block"), count(0, "block")
    ('1 block', '0 blocks')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
