"""Terms and glossaries: the frozen rows that every other module of the room reads."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from bilingual.inflection import fold

Case = Literal["match", "as is", "upper"]
"""``match``: capitals may differ, as the sentence asks; ``as is``: letter by letter; ``upper``: always in capitals."""

Status = Literal["preferred", "forbidden", "do-not-translate"]
"""``forbidden``: the target must never come out for the source; ``do-not-translate``: the source comes through as it is spelled."""

Level = Literal["strict", "prefer", "report"]
"""How hard a term is enforced: always, unless the sentence suffers, or not at all (only said)."""

CASES: tuple[str, ...] = get_args(Case)
STATUSES: tuple[str, ...] = get_args(Status)
LEVELS: tuple[str, ...] = get_args(Level)


@dataclass(frozen=True, slots=True)
class Term:
    """One row of a glossary.

    ``source`` and its variants are French dictionary forms, found in every inflected form; ``target`` is the preferred English
    and ``target_variants`` what is accepted beside it. ``plural`` is the target's plural where the rules would get it wrong.
    ``pos`` matters as "verb", "adjective", "adverb" and "proper noun"; anything else is taken for a noun. ``unless`` is a context
    in which the row does not hold (see ``context.py``). ``line`` is where the row stands in its file, 0 when it has none.

    >>> Term("puce", "chip", unless="before: marché aux", level="prefer").sources
    ('puce',)
    """

    source: str
    target: str
    source_variants: tuple[str, ...] = ()
    target_variants: tuple[str, ...] = ()
    pos: str = ""
    plural: str = ""
    case: Case = "match"
    status: Status = "preferred"
    level: Level = "strict"
    unless: str | None = None
    note: str = ""
    line: int = 0

    @property
    def sources(self) -> tuple[str, ...]:
        """The source and its variants."""
        return (self.source, *self.source_variants)

    @property
    def targets(self) -> tuple[str, ...]:
        """The target and its variants, the preferred one first."""
        return (self.target, *self.target_variants)


@dataclass(frozen=True, slots=True)
class Glossary:
    """Terms in the order in which they were given: where two disagree about a source, the first wins.

    ``sha256`` identifies what the glossary does: it is taken over the rows in NFC; comments, notes, line numbers, the order of the
    columns, a byte order mark and the kind of line end do not count. It is computed unless given.

    >>> a = Glossary((Term("puce", "chip", line=2),), "a")
    >>> a.sha256 == Glossary((Term("puce", "chip", note="electronics", line=9),), "b").sha256
    True
    """

    terms: tuple[Term, ...]
    name: str = ""
    sha256: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        """Compute the digest where none is given."""
        if not self.sha256:
            object.__setattr__(self, "sha256", digest(self.terms))


def digest(terms: Iterable[Term]) -> str:
    """The sha256 of everything in `terms` that can change a translation, row by row.

    >>> digest([Term("puce", "chip")]) == digest([Term("puce", "chips")])
    False
    """
    seen = hashlib.sha256(b"bilingual glossary 1\n")
    for t in terms:
        fields = (t.source, t.target, "|".join(t.source_variants), "|".join(t.target_variants), t.pos, t.plural)
        row = "\t".join((*fields, t.case, t.status, t.level, t.unless or ""))
        seen.update(unicodedata.normalize("NFC", row).encode("utf-8", "surrogatepass") + b"\n")
    return seen.hexdigest()


def same_source_key(source: str) -> str:
    """Equal for sources that are one entry: capitals, accents, apostrophes, hyphens and spaces do not tell two apart.

    Short words in capitals keep them: IT is not « it ».

    >>> same_source_key("Start-up") == same_source_key("start up"), same_source_key("IT") == same_source_key("it")
    (True, False)
    """
    words = re.split(r"[\s\-‐‑'’]+", source.strip())
    return " ".join(word if is_acronym(word) else fold(word) for word in words)


def is_acronym(word: str) -> bool:
    """Whether a word is a short acronym, which is only found in capitals: two to four characters, no small letter.

    >>> [is_acronym(w) for w in ("IA", "GPU", "H100", "COVID", "xAI", "42")]
    [True, True, True, False, False, False]
    """
    return 2 <= len(word) <= 4 and word.isupper()


@dataclass(frozen=True, slots=True)
class Merged:
    """What `merge` gives: the one glossary, and a line for every row or variant that lost."""

    glossary: Glossary
    lost: tuple[str, ...]


def merge(glossaries: Iterable[Glossary]) -> Merged:
    """One glossary of several: the first wins where two disagree about a source; what lost is said, what agrees is not.

    A later row loses the names (source or variants) that an earlier glossary has already; when none is left it is dropped whole.
    A later row whose target an earlier glossary forbids, or that forbids what an earlier one prefers, is dropped too. Rows of one
    glossary are never weighed against each other: that is for ``lint``.

    >>> both = merge([Glossary((Term("puce", "chip"),), "a"), Glossary((Term("puce", "flea"), Term("carte", "card")), "b")])
    >>> [t.source for t in both.glossary.terms], both.lost
    (['puce', 'carte'], ('b: puce → flea gives way to puce → chip (a)',))
    """
    kept: list[Term] = []
    lost: list[str] = []
    owners: dict[str, tuple[Term, str]] = {}
    banned: dict[tuple[str, str], str] = {}
    wanted: dict[tuple[str, str], str] = {}
    names = []
    for glossary in glossaries:
        names.append(glossary.name)
        fresh = []
        for term in glossary.terms:
            left = _what_is_left(term, glossary.name, owners, banned, wanted, lost)
            if left:
                fresh.append(left)
        for term in fresh:
            keys = [same_source_key(source) for source in term.sources]
            pairs = [(key, fold(target)) for key in keys for target in term.targets]
            if term.status == "forbidden":
                banned.update((pair, glossary.name) for pair in pairs)
            else:
                wanted.update((pair, glossary.name) for pair in pairs)
                for key in keys:
                    owners.setdefault(key, (term, glossary.name))
        kept += fresh
    return Merged(Glossary(tuple(kept), " + ".join(names)), tuple(lost))


def _what_is_left(
    term: Term,
    name: str,
    owners: dict[str, tuple[Term, str]],
    banned: dict[tuple[str, str], str],
    wanted: dict[tuple[str, str], str],
    lost: list[str],
) -> Term | None:
    where = f"{name}:{term.line}" if term.line else name
    pairs = [(same_source_key(source), fold(term.target)) for source in term.sources]
    against = wanted if term.status == "forbidden" else banned
    clash = next((against[pair] for pair in pairs if pair in against), None)
    if clash is not None:
        says = "is wanted" if term.status == "forbidden" else "is forbidden"
        lost.append(f"{where}: {term.source} → {term.target} ({term.status}) is left out: {term.target} {says} ({clash})")
        return None
    if term.status == "forbidden":
        return term
    left = []
    for source in term.sources:
        owner, owner_name = owners.get(same_source_key(source), (None, ""))
        if owner is None:
            left.append(source)
        elif (owner.target, owner.status) != (term.target, term.status):
            lost.append(f"{where}: {source} → {term.target} gives way to {source} → {owner.target} ({owner_name})")
    return replace(term, source=left[0], source_variants=tuple(left[1:])) if left else None
