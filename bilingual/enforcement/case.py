"""A sentence that does not obey the glossary yet: its hits, its candidates, and which of them is to be kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bilingual.checks import looks_bad
from bilingual.document import Span
from bilingual.drafts import Draft, Plan
from bilingual.glossary.assignment import disjoint
from bilingual.glossary.matching import Hit, Rendering, accepted_forms, find_banned, find_form, find_renderings
from bilingual.glossary.model import Term
from bilingual.mending import doubled_words, only_grammar
from bilingual.names import copied_names

Banned = tuple[tuple[Term, Span], ...]
"""Rows that forbid an English for a place in the source."""

MARGIN = 0.5
"""How much mean log-probability per piece, given the plain source, obeying the glossary may cost before the next step is tried (and
before a ``prefer`` entry yields)."""

NUMBER_MARGIN = 0.1
"""The same for a term that is rendered already, in the other number than the French: English often has its reasons."""

MENDED = ("form",)
"""Methods whose candidates come from rules alone: no margin holds for them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft measured against the hits of its sentence, with the plan that it was made by.

    ``faults``: forbidden renderings, words said twice, a term said more often than the source says it; ``echoes``: words of terms that
    are left over elsewhere ("a large Llama large language model"). ``score`` is given the plain source, whatever the draft was made from.
    """

    plan: Plan
    draft: Draft
    method: str
    renderings: tuple[Rendering | None, ...]
    faults: int = 0
    echoes: int = 0
    score: float = 0.0

    @property
    def agreeing(self) -> int:
        """How many hits are rendered in the number of the French."""
        return sum(agrees(rendering) for rendering in self.renderings)


def agrees(rendering: Rendering | None) -> bool:
    """Whether a hit is rendered, in the number of the French."""
    return rendering is not None and rendering.number_agrees


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence that does not obey yet: its plain translation and the candidates so far; ``banned``: what must not come out."""

    hits: tuple[Hit, ...]
    plain: Candidate
    banned: Banned = ()
    tried: tuple[Candidate, ...] = ()

    def violated(self, candidate: Candidate) -> list[Hit]:
        """The hits that `candidate` leaves without a rendering; one in the wrong number is none where the plain one has none either."""
        return [
            hit
            for hit, before, now in zip(self.hits, self.plain.renderings, candidate.renderings, strict=True)
            if now is None or (before is None and not now.number_agrees)
        ]

    def obeyed(self, candidate: Candidate, levels: tuple[str, ...] = ("strict", "prefer")) -> bool:
        """Whether `candidate` renders every hit of these levels and has no faults."""
        return not candidate.faults and not any(hit.term.level in levels for hit in self.violated(candidate))

    def fine(self, candidate: Candidate) -> bool:
        """Whether `candidate` reads as well as the plain translation: its score within the margin, no new flag that matters."""
        new = self._new_flags(candidate)
        if candidate is self.plain or candidate.method in MENDED:
            return not looks_bad(new)
        if candidate.echoes:
            return False
        return candidate.score >= self.plain.score - MARGIN and not looks_bad(new)

    def damaged(self) -> bool:
        """Whether there are candidates that obey what is strict, and each lost a number or a name that the plain translation has."""
        obeying = [c for c in self.tried if self.obeyed(c, ("strict",))]
        return bool(obeying) and all({"number-changed", "name-lost"} & set(self._new_flags(c)) for c in obeying)

    def _new_flags(self, candidate: Candidate) -> tuple[str, ...]:
        return tuple(set(candidate.draft.flags) - set(self.plain.draft.flags))

    def worth_its_number(self, candidate: Candidate) -> bool:
        """Whether a candidate that only mends numbers may take the place of a translation that obeys; a rule's mend is trusted more."""
        return candidate.score >= self.plain.score - (MARGIN if candidate.method in MENDED else NUMBER_MARGIN)

    def settled(self) -> bool:
        """Whether nothing more is to be tried: all hits are satisfied, by a candidate that is fine.

        A ``prefer`` entry is asked of the model once, and not pursued further.
        """
        if not self.tried:
            return self.obeyed(self.plain) and self.plain.agreeing == len(self.hits)
        asked = any(candidate.method not in MENDED for candidate in self.tried)
        levels = ("strict",) if asked else ("strict", "prefer")
        return any(self.obeyed(c, levels) and self.fine(c) for c in (self.plain, *self.tried))

    def lacking(self, candidate: Candidate) -> list[Hit]:
        """The strict hits that `candidate` violates: all that the last steps care for."""
        return [hit for hit in self.violated(candidate) if hit.term.level == "strict"]

    def lead(self) -> Candidate:
        """The candidate that the next step builds on: the most hits, strict ones first, the fewest faults, the best score."""
        choices = (self.plain, *self.tried)
        return max(choices, key=lambda c: (-len(self.lacking(c)), -len(self.violated(c)), -c.faults, c.score))

    def best(self) -> Candidate:
        """The candidate to keep: all hits and fine; else what is strict, fine first; else one with more of it than the plain translation.

        Among those that obey but do not read well, what is only preferred counts for nothing.
        """
        choices = (self.plain, *self.tried)
        for levels, fine in ((("strict", "prefer"), True), (("strict",), True), (("strict",), False)):
            good = [c for c in choices if self.obeyed(c, levels) and (not fine or self.fine(c))]
            if self.plain in good:
                good = [c for c in good if c.agreeing > self.plain.agreeing and self.worth_its_number(c)] or [self.plain]
            if good and fine:
                return max(good, key=lambda c: (not looks_bad(c.draft.flags), c.agreeing, c.score))
            if good:
                return max(good, key=lambda c: (not looks_bad(c.draft.flags), c.score))
        sound = [c for c in self.tried if not looks_bad(self._new_flags(c))]
        nearer = [c for c in sound if self._distance(c) < self._distance(self.plain)]
        return min(nearer, key=lambda c: (*self._distance(c), -c.score), default=self.plain)

    def _distance(self, candidate: Candidate) -> tuple[int, int]:
        return candidate.faults, len(self.lacking(candidate))


def measure(
    plan: Plan, draft: Draft, method: str, hits: Sequence[Hit], banned: Banned = (), plain: Draft | None = None
) -> Candidate:
    """`draft` as a candidate; what it says twice counts beyond what `plain`, the plain translation, says twice."""
    faults, echoes = len(find_banned(banned, hits, draft.text)), 0
    renderings = rendered(hits, plan.source, draft.text)
    if plain is not None:
        doubled = len(doubled_words(draft.text)) - len(doubled_words(plain.text))
        before = rendered(hits, plan.source, plain.text)
        faults += max(0, doubled) + _surplus(hits, plan.source, (draft.text, renderings), (plain.text, before))
        echoes = _echoes(hits, draft.text, plain.text)
    return Candidate(plan, draft, method, renderings, faults, echoes, draft.score or 0.0)


def _echoes(hits: Sequence[Hit], text: str, plain: str) -> int:
    """Words of terms of several words that are said more often than by those terms and by the plain translation."""
    wanted = Counter(word for hit in hits for word in hit.wanted.lower().split())
    of_several = {word for hit in hits for word in hit.wanted.lower().split() if " " in hit.wanted and not only_grammar(word)}
    said, before = (Counter(_WORD.findall(t.lower())) for t in (text, plain))
    return sum(max(0, said[word] - max(before[word], wanted[word])) for word in of_several)


_WORD = re.compile(r"[^\W_]+")


def rendered(hits: Sequence[Hit], source: str, text: str) -> tuple[Rendering | None, ...]:
    """Where `text` renders each hit of `source`, the words of copied names left to the names."""
    return find_renderings(hits, text, copied_names(source, text, [hit.span for hit in hits])) if hits else ()


_Read = tuple[str, tuple[Rendering | None, ...]]
"""A text and where it renders the hits."""


def _surplus(hits: Sequence[Hit], source: str, read: _Read, plain: _Read) -> int:
    """Renderings beyond one a hit, or beyond what the plain translation has: a term that the model is made to say is not said twice."""
    extra = 0
    for hit in {hit.targets: hit for hit in hits}.values():
        wanted = sum(other.targets == hit.targets for other in hits)
        extra += max(0, _times(hit, hits, source, read) - max(wanted, _times(hit, hits, source, plain)))
    return extra


def _times(hit: Hit, hits: Sequence[Hit], source: str, read: _Read) -> int:
    """How often a text says what `hit` wants: not in names that it copies, and not inside what renders another hit ("data hub")."""
    text, renderings = read
    spans: set[Span] = {span for form in accepted_forms(hit) for span in find_form(form.text, text, hit.case)}
    others = [r.span for other, r in zip(hits, renderings, strict=True) if r and other.targets != hit.targets]
    taken = [*copied_names(source, text, [other.span for other in hits]), *others]
    said = {(s, e) for s, e in spans if not any(a < e and s < b for a, b in taken)}
    return len(disjoint(said))  # "in real time" is said once, though "real time" is a form of its own
