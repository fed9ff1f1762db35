"""What a person has changed in a translation, taken into the document: corrected pairs in, a `Document` and what became of each out.

    revise                  pairs of a file (`Exchange`) against the document that they were made from
    corrected, confirmed    one segment, with what a person made of it, or as a person has found it right
    machine_text            what it was before
    post_edits              from one text to another, as edits of words

A corrected segment is ``post-edited``: no score, its flags and terms found anew, the change itself recorded as edits of method
``post-edit``, so that taking all edits back still gives the model's own words. One that a person has only confirmed keeps its
edits and terms.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from bilingual.checks import flags
from bilingual.document import Document, Edit, Segment, Span, TermHit, TermStatus, unwind
from bilingual.enforcement import FORBIDS, receipts
from bilingual.errors import InputError
from bilingual.glossary.matching import Matcher
from bilingual.inflection import english_plural, english_singular
from bilingual.writing.exchange import Exchange, Unit, restored, shown

POST_EDIT = "post-edit"
"""Method of the edits that a person has made."""

_PIECE = re.compile(r"\w+|\s+|[^\w\s]")
_MOST = 4_000_000
"""Pieces of one text times pieces of the other up to which they are compared piece by piece; beyond, the whole middle is one change."""


@dataclass(frozen=True, slots=True)
class Change:
    """A segment that a person has corrected, or, where both texts are one, confirmed."""

    segment: Segment
    before: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A correction that is not taken, since it would undo another one: ``here`` stands in the document, ``there`` in the file."""

    segment: str
    place: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Revision:
    """What `revise` gives: the document, and what changed in it, in order. Then what was not taken.

    ``conflicts``; ``missing``: segments that the file does not have; ``extra``: pairs that belong to no segment; ``emptied``: an English
    that is empty or gone; ``older``: segments that were translated anew since the file was written, and are in it as they were then.
    """

    document: Document
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[Unit, ...] = ()
    emptied: tuple[Unit, ...] = ()
    older: tuple[str, ...] = ()


def revise(base: Document, file: Exchange, matcher: Matcher | None = None, *, overwrite: bool = False) -> Revision:
    """`base` with what a person has changed in `file`, which was made from it.

    Pairs belong to segments by their ids; those of a file that is not ours, by their French: to all segments that have it. The
    terms of what changed are looked for with `matcher`, without one by the receipts that the document carries (see
    `receipts_anew`). A correction that another one in `base` would be lost to is a conflict, and only taken with `overwrite`.
    An English that is empty or gone is not taken. Raises `InputError` where a segment's French is not that of `base`, or an id
    stands twice.
    """
    segments = base.segments
    original = {s.id: s.target for s in file.document.segments} if file.document else {}
    found, extra = _paired(segments, file)
    changed: dict[str, Change] = {}
    conflicts: list[Conflict] = []
    emptied: list[Unit] = []
    older: list[str] = []
    forms = forms_of(segments)
    for segment in segments:
        units = found.get(segment.id, ())
        if not units:
            continue
        unit = units[0]
        theirs = {other.target for other in units}
        if unit.target is None or not unit.target.strip():
            if segment.target.strip() and segment.origin != "failed":
                emptied.append(unit)
            continue
        if len(theirs) > 1:
            conflicts += [Conflict(segment.id, other.place, segment.target, other.target or "") for other in units]
            continue
        here, there = shown(segment.target), shown(unit.target)
        asked = segment.id in original and there == shown(original[segment.id])
        if there == here and segment.origin != "failed":
            if unit.confirmed and segment.origin not in ("post-edited", "copied"):
                changed[segment.id] = Change(confirmed(segment), segment.target)
        elif asked or unit.untouched:
            if segment.origin != "post-edited":
                older.append(segment.id)
        elif segment.origin == "post-edited" and not overwrite and _is_newer(segment, original):
            conflicts.append(Conflict(segment.id, unit.place, segment.target, unit.target))
        else:
            text = restored(unit.target, segment.target)
            changed[segment.id] = Change(corrected(segment, text, matcher, forms), segment.target)
    missing = tuple(s.id for s in segments if s.id not in found and s.source.strip())
    document = _with_changes(base, {identity: change.segment for identity, change in changed.items()})
    return Revision(document, tuple(changed.values()), tuple(conflicts), missing, tuple(extra), tuple(emptied), tuple(older))


def _is_newer(segment: Segment, original: Mapping[str, str]) -> bool:
    """Whether the document has a correction that the file did not have when it was written, or may not have had."""
    return segment.id not in original or shown(original[segment.id]) != shown(segment.target)


def _paired(segments: Sequence[Segment], file: Exchange) -> tuple[dict[str, list[Unit]], list[Unit]]:
    """The units of each segment, and those of none."""
    by_id = {segment.id: segment for segment in segments}
    by_source: dict[str, list[Segment]] = {}
    for segment in segments:
        by_source.setdefault(_plain(segment.source), []).append(segment)
    foreign = file.document is None and not any(unit.id in by_id for unit in file.units)
    found: dict[str, list[Unit]] = {}
    extra: list[Unit] = []
    for unit in file.units:
        if foreign:
            places = by_source.get(_plain(unit.source), [])
            for segment in places:
                found.setdefault(segment.id, []).append(unit)
        else:
            places = [by_id[unit.id]] if unit.id in by_id else []
            for segment in places:
                if shown(segment.source) != shown(unit.source):
                    raise InputError(
                        f"{unit.place}: the French of {unit.id} is not that of the article ({_short(unit.source)}, there "
                        f"{_short(segment.source)}); give the JSONL that the file was made from with --against"
                    )
                if segment.id in found:
                    first = found[segment.id][0].place
                    raise InputError(f"{unit.place}: {unit.id} is there twice, first in {first}; each id may stand once")
                found[segment.id] = [unit]
        if not places:
            extra.append(unit)
    return found, extra


def _plain(text: str) -> str:
    return " ".join(shown(text).split())


def _short(text: str) -> str:
    text = _plain(text)
    return f"“{text if len(text) <= 40 else text[:39] + '…'}”"


def _with_changes(document: Document, changed: Mapping[str, Segment]) -> Document:
    if not changed:
        return document
    document = document.with_segments(changed.get(s.id, s) for s in document.segments)
    if document.signature is None:
        return document
    counts = Counter(str(segment.origin) for segment in document.segments)
    origins = {**dict.fromkeys(document.signature.origins, 0), **counts}
    return replace(document, signature=replace(document.signature, origins=origins))


def confirmed(segment: Segment) -> Segment:
    """A segment whose English a person has found right: its words, edits and terms as they were.

    >>> confirmed(Segment("p1.s1", "Oui.", target="Yes.", score=-0.2)).origin
    'post-edited'
    """
    terms = [term.source for term in segment.terms]
    raised = flags(segment.source, segment.target, terms=terms, renderings=_renderings(segment.terms))
    return replace(segment, origin="post-edited", score=None, flags=raised, reason="")


def corrected(segment: Segment, target: str, matcher: Matcher | None, forms: Mapping[str, frozenset[str]]) -> Segment:
    """A segment with the English that a person gave it; `forms` (see `forms_of`) serve where there is no `matcher`.

    >>> one = Segment("p1.s1", "Une puce.", target="A flea.", terms=(TermHit((4, 8), "chip"),))
    >>> done = corrected(one, "A chip.", None, forms_of([one]))
    >>> done.origin, done.terms[0].status, [(edit.before, edit.after) for edit in done.edits]
    ('post-edited', 'kept', [('flea', 'chip')])
    """
    terms = receipts(matcher, segment.source, target) if matcher else receipts_anew(segment.terms, target, forms)
    edits: tuple[Edit, ...] = ()
    if segment.origin in ("mt", "memory", "post-edited") and _unwinds(segment):
        edits = (*segment.edits, *post_edits(segment.target, target))
    raised = flags(segment.source, target, terms=[term.source for term in terms], renderings=_renderings(terms))
    return replace(
        segment, target=target, origin="post-edited", score=None, flags=raised, terms=terms, edits=edits, reason="", links=()
    )


def machine_text(segment: Segment) -> Segment:
    """The segment as it was before a person corrected it, as far as its edits tell: `target` and `edits` alone are put back.

    >>> one = Segment("p1.s1", "Une puce.", target="A chip.", edits=post_edits("A flea.", "A chip."))
    >>> machine_text(one).target, machine_text(one).edits
    ('A flea.', ())
    """
    made = len(segment.edits)
    while made and segment.edits[made - 1].method == POST_EDIT:
        made -= 1
    try:
        return replace(segment, target=unwind(segment.target, segment.edits[made:]), edits=segment.edits[:made])
    except ValueError:
        return segment


def _renderings(terms: Iterable[TermHit]) -> list[Span]:
    return [term.target for term in terms if term.target]


def _unwinds(segment: Segment) -> bool:
    try:
        unwind(segment.target, segment.edits)
    except ValueError:
        return False
    return True


# --- differences ----------------------------------------------------------------------------------------------------------------


def differences(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Two texts side by side, word by word: stretches (old, new) in order, equal where nothing changed.

    >>> list(differences("The flea is small.", "The chip is small."))
    [('The ', 'The '), ('flea', 'chip'), (' is small.', ' is small.')]
    """
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    first = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    most = min(len(old), len(new)) - first
    last = next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)
    middle = old[first : len(old) - last], new[first : len(new) - last]
    stretches = [("".join(old[:first]),) * 2]
    if len(middle[0]) * len(middle[1]) > _MOST:
        stretches.append(("".join(middle[0]), "".join(middle[1])))
    else:
        for _, a, b, c, d in SequenceMatcher(None, *middle, autojunk=False).get_opcodes():
            stretches.append(("".join(middle[0][a:b]), "".join(middle[1][c:d])))
    stretches.append(("".join(old[len(old) - last :]),) * 2)
    yield from ((a, b) for a, b in stretches if a or b)


def post_edits(before: str, after: str) -> tuple[Edit, ...]:
    """The edits that lead from one text to the other, in order.

    >>> [(e.span, e.before, e.after) for e in post_edits("A flea ran off.", "Two chips ran off.")]
    [((0, 1), 'A', 'Two'), ((4, 8), 'flea', 'chips')]
    """
    edits, at = [], 0
    for old, new in differences(before, after):
        if old != new:
            edits.append(Edit((at, at + len(old)), old, new, POST_EDIT))
        at += len(new)
    return tuple(edits)


# --- terms ----------------------------------------------------------------------------------------------------------------------


def forms_of(segments: Iterable[Segment]) -> dict[str, frozenset[str]]:
    """For each entry of the glossary, the English that the receipts of a document take for it."""
    forms: dict[str, set[str]] = {}
    for segment in segments:
        for term in segment.terms:
            known = forms.setdefault(term.entry or term.wanted, set())
            for word in (term.wanted, segment.target[slice(*term.target)] if term.target else ""):
                if word.strip():
                    known |= {word, english_singular(word), english_plural(word)}
    return {entry: frozenset(words) for entry, words in forms.items()}


def receipts_anew(terms: Iterable[TermHit], target: str, forms: Mapping[str, frozenset[str]]) -> tuple[TermHit, ...]:
    """The receipts of a segment whose English a person has changed, without the glossary: a term is kept where one of its `forms` stands.

    What other sentences of the article have been allowed is allowed here; variants that the article never used are not known. Of a
    row that only forbids nothing is left where its English is gone.
    """
    taken: list[Span] = []
    found = []
    for term in terms:
        if term.wanted.startswith(FORBIDS):
            banned = term.wanted.removeprefix(FORBIDS)
            pattern = "|".join(map(re.escape, {banned, english_singular(banned), english_plural(banned)}))
            if re.search(rf"(?<!\w)(?:{pattern})(?!\w)", target, re.IGNORECASE):
                found.append(replace(term, status="missed", method="plain", score_change=0.0))
            continue
        words = sorted(forms.get(term.entry or term.wanted, frozenset({term.wanted})), key=lambda word: (-len(word), word))
        pattern = "|".join(re.escape(word) for word in words)
        places = (m.span() for m in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", target, re.IGNORECASE))
        place = next((span for span in places if not any(a < span[1] and span[0] < b for a, b in taken)), None)
        if place is not None:
            taken.append(place)
        status: TermStatus = "kept" if place else "conflict" if term.status == "conflict" else "missed"
        reason = term.reason if status == "conflict" else ""
        found.append(replace(term, target=place, status=status, method="plain", score_change=0.0, reason=reason))
    return tuple(found)
