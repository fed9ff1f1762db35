"""Makes a translation obey the glossary, and accounts for every term.

A sentence that obeys already is left alone. For the others a cascade of candidates, each step one batch over all sentences that are
still open, building on the best candidate so far; a sentence is settled by the first that satisfies every hit within `MARGIN` of the
plain translation's score, or at the end by the best-scoring one that satisfies what is strict:

- ``number``: a rendering in the wrong number put right, where nothing else is wrong
- ``annotated``: the source with the wanted English beside each term, for a model that was trained to read it
  (Dinu et al. 2019, "Training Neural Machine Translation to Apply Terminology Constraints")
- ``n-best``: another hypothesis of a wider beam, out of the same plain source (for models that read no annotations)
- ``source``: the term replaced in the source, by a placeholder that is put back as the wanted English where the model has them
- ``prefix``: the words before the wrong rendering kept, the wanted form put after them, and the model goes on
- ``repair``: the words that the term is linked to, replaced in the text
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bilingual.checks import looks_bad
from bilingual.document import Edit, Span, TermHit, TermStatus, move_span
from bilingual.drafts import Draft, Plan, make_drafts, make_plan, redraft
from bilingual.engines.engine import Engine, Search
from bilingual.glossary.hits import all_places
from bilingual.glossary.matching import (
    Hit,
    Matcher,
    Rendering,
    accepted_forms,
    find_forbidden,
    find_form,
    find_hits,
    find_renderings,
)
from bilingual.inflection import capitalize, match_case
from bilingual.links import link_spans
from bilingual.mending import agreement_edits, doubled_words, number_edits
from bilingual.protect import ProtectedSpan, locate

Enforce = Literal["strict", "report", "off"]

MARGIN = 0.5
"""How much mean log-probability per piece, given the plain source, obeying the glossary may cost before the next step is tried (and
before a ``prefer`` entry yields)."""

NUMBER_MARGIN = 0.1
"""The same for a term that is rendered already, in the other number than the French: English often has its reasons."""

MOST_ANNOTATED = 3
"""Terms annotated in one sentence: what the embedded model saw in training."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft measured against the hits of its sentence, with the plan that it was made by.

    ``faults``: forbidden renderings, words said twice, a term said more often than the source says it. ``score`` is given the plain
    source, whatever the draft was made from.
    """

    plan: Plan
    draft: Draft
    method: str
    renderings: tuple[Rendering | None, ...]
    faults: int = 0
    score: float = 0.0

    @property
    def agreeing(self) -> int:
        """How many hits are rendered in the number of the French."""
        return sum(_agrees(rendering) for rendering in self.renderings)


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence that does not obey yet: its plain translation and the candidates so far."""

    hits: tuple[Hit, ...]
    plain: Candidate
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
        new = tuple(set(candidate.draft.flags) - set(self.plain.draft.flags))
        if candidate is self.plain or candidate.method == "number":
            return not looks_bad(new)
        return candidate.score >= self.plain.score - MARGIN and not looks_bad(new)

    def worth_its_number(self, candidate: Candidate) -> bool:
        """Whether a candidate that only mends numbers may take the place of a translation that obeys; a rule's mend is trusted more."""
        return candidate.score >= self.plain.score - (MARGIN if candidate.method == "number" else NUMBER_MARGIN)

    def settled(self) -> bool:
        """Whether nothing more is to be tried: all hits are satisfied, by a candidate that is fine.

        A ``prefer`` entry is asked of the model once, and not pursued further.
        """
        if not self.tried:
            return self.obeyed(self.plain) and self.plain.agreeing == len(self.hits)
        asked = any(candidate.method != "number" for candidate in self.tried)
        levels = ("strict",) if asked else ("strict", "prefer")
        return any(self.obeyed(c, levels) and self.fine(c) for c in (self.plain, *self.tried))

    def lead(self) -> Candidate:
        """The candidate that the next step builds on: the most hits, the fewest faults, the best score."""
        return max((self.plain, *self.tried), key=lambda c: (-len(self.violated(c)), -c.faults, c.score))

    def best(self) -> Candidate:
        """The candidate to keep: all hits and fine; else what is strict, fine first; else the most hits."""
        choices = (self.plain, *self.tried)
        for levels, fine in ((("strict", "prefer"), True), (("strict",), True), (("strict",), False)):
            good = [c for c in choices if self.obeyed(c, levels) and (not fine or self.fine(c))]
            if self.plain in good:
                good = [c for c in good if c.agreeing > self.plain.agreeing and self.worth_its_number(c)] or [self.plain]
            if good:
                return max(good, key=lambda c: (not looks_bad(c.draft.flags), c.agreeing, c.score))
        return self.lead()


def _agrees(rendering: Rendering | None) -> bool:
    return rendering is not None and rendering.number_agrees


def enforce(
    drafted: Sequence[tuple[Plan, Draft]], matcher: Matcher, engine: Engine, search: Search, how: Enforce
) -> list[tuple[Plan, Draft, tuple[TermHit, ...]]]:
    """The draft to keep for each sentence, with the receipt for each of its hits.

    `how`: ``strict`` runs the cascade, ``report`` only looks. Contract: as many results as sentences, in order; a sentence without a
    hit, or that obeys already, keeps the very draft that it came with.
    """
    found = [find_hits(matcher, plan.source) for plan, _ in drafted]
    cases: dict[int, Case] = {}
    if how == "strict":
        for index, ((plan, draft), hits) in enumerate(zip(drafted, found, strict=True)):
            if not hits or plan.empty:
                continue
            wanted = tuple(hit for hit in hits if hit.term.level != "report" and not _conflicts(hit, plan, matcher))
            case = Case(wanted, _measure(plan, draft, "plain", wanted, matcher, None))
            if not case.settled():
                cases[index] = case
        _cascade(cases, matcher, engine, search)
    results = []
    for index, ((plan, draft), hits) in enumerate(zip(drafted, found, strict=True)):
        if index in cases:
            chosen, plain = cases[index].best(), cases[index].plain
            results.append((chosen.plan, chosen.draft, _receipts(hits, chosen, plain, matcher)))
        else:
            kept = Candidate(plan, draft, "plain", ())
            results.append((plan, draft, _receipts(hits, kept, kept, matcher)))
    return results


def _conflicts(hit: Hit, plan: Plan, matcher: Matcher) -> bool:
    """Whether what the hit wants is forbidden at its place by another entry."""
    return any(
        term.status == "forbidden"
        and span[0] < hit.span[1]
        and hit.span[0] < span[1]
        and bool(find_form(banned, hit.wanted, term.case))
        for term, span in all_places(matcher, plan.source)
        for banned in term.targets
    )


def _measure(plan: Plan, draft: Draft, method: str, hits: Sequence[Hit], matcher: Matcher, plain: Draft | None) -> Candidate:
    faults = len(find_forbidden(matcher, plan.source, draft.text))
    if plain is not None:
        doubled = len(doubled_words(draft.text)) - len(doubled_words(plain.text))
        faults += max(0, doubled) + _surplus(hits, draft.text, plain.text)
    return Candidate(plan, draft, method, find_renderings(hits, draft.text), faults, draft.score or 0.0)


def _surplus(hits: Sequence[Hit], text: str, plain: str) -> int:
    """Renderings beyond one a hit, or beyond what the plain translation has: a term that the model is made to say is not said twice."""
    extra = 0
    for hit in {hit.targets: hit for hit in hits}.values():
        allowed = max(sum(other.targets == hit.targets for other in hits), _times(hit, plain))
        extra += max(0, _times(hit, text) - allowed)
    return extra


def _times(hit: Hit, text: str) -> int:
    return len({span for form in accepted_forms(hit) for span in find_form(form.text, text, hit.term.case)})


Step = Callable[[list[Case], Engine, Search], list[list[tuple[Plan, Draft]]]]


def _cascade(cases: dict[int, Case], matcher: Matcher, engine: Engine, search: Search) -> None:
    """Run the steps over the cases that are open, adding their candidates to them."""
    for method, step in STEPS if engine.abilities.annotation else STOCK_STEPS:
        todo = [index for index, case in cases.items() if not case.settled()]
        made = step([cases[index] for index in todo], engine, search) if todo else []
        fresh: list[tuple[int, Candidate]] = []
        for index, drafts in zip(todo, made, strict=True):
            case = cases[index]
            measured = [
                _measure(plan, _agreed(plan, draft, case.hits), method, case.hits, matcher, case.plain.draft)
                for plan, draft in drafts
            ]
            # Scoring is half a translation: only the first candidate that obeys is worth it, or else the one nearest to it.
            if measured:
                near = min(measured, key=lambda c: (not case.obeyed(c), len(case.violated(c)) + c.faults))
                if near.faults == 0 or not case.tried:
                    fresh.append((index, near))
        scores = _scores([candidate for _, candidate in fresh], engine)
        for (index, candidate), score in zip(fresh, scores, strict=True):
            cases[index] = replace(cases[index], tried=(*cases[index].tried, replace(candidate, score=score)))


def _agreed(plan: Plan, draft: Draft, hits: Sequence[Hit]) -> Draft:
    """`draft` with a or an in agreement before its renderings."""
    spans = [r.span for r in find_renderings(hits, draft.text) if r]
    return redraft(plan, draft, agreement_edits(draft.text, spans))


def _scores(candidates: Sequence[Candidate], engine: Engine) -> list[float]:
    """Mean log-probability per piece of each candidate given its plain source, protected text masked on both sides.

    A sentence that is too long to be scored whole keeps the score that it was made with.
    """
    plain = [make_plan(c.plan.source, engine) for c in candidates]
    sources = engine.vocabulary.encode_source([plan.masked_source for plan in plain])
    targets = engine.vocabulary.encode_target([plan.masked(c.draft.text) for plan, c in zip(plain, candidates, strict=True)])
    scores = [c.score for c in candidates]
    most = engine.max_source_pieces
    short = [i for i, (s, t) in enumerate(zip(sources, targets, strict=True)) if 0 < len(s) <= most and 0 < len(t) <= most]
    for i, score in zip(short, engine.score([sources[i] for i in short], [targets[i] for i in short]), strict=True):
        scores[i] = score
    return scores


def _english(hit: Hit) -> str:
    """The wanted English in the case that the French asks for (CENTRE DE DONNÉES: DATA CENTER)."""
    if hit.term.case == "match" and len(hit.text) > 1 and hit.text.isupper() and not hit.term.source.isupper():
        return match_case(hit.wanted, hit.text, hit.term.source)
    return hit.wanted


def _annotated(cases: list[Case], engine: Engine, search: Search) -> list[list[tuple[Plan, Draft]]]:
    """The wanted English beside each violated term and, as far as there is room, beside the others: told one, the model may forget
    another."""
    plans = []
    for case in cases:
        violated = case.violated(case.plain)
        others = [hit for hit in case.hits if hit not in violated and hit.term.status != "do-not-translate"]
        told = [*violated, *others][: max(MOST_ANNOTATED, len(violated))]
        plans.append(_plan(case, [_annotation(hit, case.plain.plan.source, engine) for hit in told], engine))
    return _paired(plans, make_drafts(plans, engine, replace(search, n_best=search.beam, links=True)))


def _annotation(hit: Hit, source: str, engine: Engine) -> ProtectedSpan:
    assert engine.abilities.annotation is not None
    opening, separator, closing = engine.abilities.annotation
    start, end = hit.span
    space = " " if source[start - 1 : start] == " " else ""
    surface = source[start:end]
    return ProtectedSpan(
        (start - len(space), end), "term", surface, f"{opening}{space}{surface}{separator} {_english(hit)}{closing}"
    )


def _plan(case: Case, spans: Sequence[ProtectedSpan], engine: Engine) -> Plan:
    """A plan with `spans`, with the lost names that the plain draft had masked, and with what is not to be translated masked too."""
    plan = case.plain.plan
    names = [span for span in plan.protected if span.kind == "name"]
    if engine.abilities.placeholders:
        taken = {span.span[1] for span in (*spans, *names)}
        copied = (hit for hit in case.hits if hit.term.status == "do-not-translate" and hit.span[1] not in taken)
        names += [ProtectedSpan(hit.span, "name", hit.text) for hit in copied]
    return make_plan(plan.source, engine, sorted([*spans, *names], key=lambda span: span.span))


def _paired(plans: Sequence[Plan], made: Sequence[Sequence[Draft]]) -> list[list[tuple[Plan, Draft]]]:
    return [[(plan, draft) for draft in drafts] for plan, drafts in zip(plans, made, strict=True)]


def _replaced(cases: list[Case], engine: Engine, search: Search) -> list[list[tuple[Plan, Draft]]]:
    """What the lead still violates, replaced in the source: by a placeholder where the model has them, else by the English itself.

    The other terms stay annotated where the model reads annotations.
    """
    plans = []
    for case in cases:
        violated = case.violated(case.lead()) or case.violated(case.plain)
        spans = [
            ProtectedSpan(hit.span, "term", _english(hit), None if engine.abilities.placeholders else _english(hit))
            for hit in violated
        ]
        if engine.abilities.annotation:
            others = [hit for hit in case.hits if hit not in violated and hit.term.status != "do-not-translate"]
            spans += [_annotation(hit, case.plain.plan.source, engine) for hit in others[:MOST_ANNOTATED]]
        plans.append(_plan(case, spans, engine))
    return _paired(plans, make_drafts(plans, engine, replace(search, n_best=search.beam, links=True)))


def _n_best(cases: list[Case], engine: Engine, search: Search) -> list[list[tuple[Plan, Draft]]]:
    plans = [case.plain.plan for case in cases]
    return _paired(plans, make_drafts(plans, engine, replace(search, beam=2 * search.beam, n_best=2 * search.beam)))


def _prefixed(cases: list[Case], engine: Engine, search: Search) -> list[list[tuple[Plan, Draft]]]:
    """The lead's words up to the first wrong rendering, the wanted English after them, and the model goes on."""
    wanted: list[tuple[int, Plan, str]] = []
    for index, (case, draft) in enumerate(zip(cases, _linked(cases, engine, search), strict=True)):
        plan = case.lead().plan
        linked = [(spans[0], hit) for spans, hit in _links(case, plan, draft, engine)] if draft else []
        if draft and linked:
            (start, _), hit = min(linked, key=lambda pair: pair[0])
            words = draft.words[:start]
            wanted.append((index, plan, words + (_english(hit) if words.strip() else capitalize(_english(hit)))))
    made: list[list[tuple[Plan, Draft]]] = [[] for _ in cases]
    if wanted:
        plans = [plan for _, plan, _ in wanted]
        prefixes = engine.vocabulary.encode_target([text for _, _, text in wanted])
        for (index, plan, _), drafts in zip(wanted, make_drafts(plans, engine, search, prefixes), strict=True):
            made[index] = [(plan, draft) for draft in drafts]
    return made


def _repaired(cases: list[Case], engine: Engine, search: Search) -> list[list[tuple[Plan, Draft]]]:
    linked = _linked(cases, engine, search)
    return [
        [(case.lead().plan, _repair(case, case.lead().plan, draft, engine))] if draft else []
        for case, draft in zip(cases, linked, strict=True)
    ]


def _linked(cases: list[Case], engine: Engine, search: Search) -> list[Draft | None]:
    """The lead of each case with its attention, made again where it has none; None for a sentence that was translated in parts."""
    made = [draft if (draft := case.lead().draft).hypothesis and draft.hypothesis.attention else None for case in cases]
    again = [i for i, case in enumerate(cases) if made[i] is None and len(case.lead().plan.parts) == 1]
    plans = [cases[i].lead().plan for i in again]
    for i, drafts in zip(again, make_drafts(plans, engine, replace(search, links=True)), strict=True):
        made[i] = drafts[0] if drafts and drafts[0].hypothesis else None
    return made


def _links(case: Case, plan: Plan, draft: Draft, engine: Engine) -> list[tuple[list[Span], Hit]]:
    """Where the words of `draft`, as the model gave them, may render the hits that it violates, likeliest first; articles left out."""
    found = []
    renderings = find_renderings(case.hits, draft.text)
    for hit in case.violated(replace(case.plain, renderings=renderings)):
        where = locate(plan.source, plan.protected, engine.abilities.placeholders, hit.span)
        if where is None or draft.hypothesis is None:
            continue
        spans = link_spans(draft.hypothesis, draft.words, engine.vocabulary, plan.parts[0].text, where)
        if spans:
            found.append(([_without_article(draft.words, span) for span in spans], hit))
    return found


def _without_article(text: str, span: Span) -> Span:
    start, end = span
    for article in ("the ", "a ", "an "):
        if text[start:end].lower().startswith(article):
            return start + len(article), end
    return span


def _repair(case: Case, plan: Plan, draft: Draft, engine: Engine) -> Draft:
    """The wanted English in place of the words that each violated hit is linked to, in the finished text."""
    taken = [r.span for r in find_renderings(case.hits, draft.text) if r]
    edits: list[Edit] = []
    changes: list[tuple[Span, str]] = []
    for spans, hit in _links(case, plan, draft, engine):
        carried = [span for words in spans if (span := _carried(words, draft.edits))]
        free = [span for span in carried if not any(a < span[1] and span[0] < b for a, b in taken)]
        if not free:
            continue
        span = free[0]
        taken.append(span)
        english = _english(hit)
        changes.append((span, capitalize(english) if span[0] == 0 and draft.text[:1].isupper() else english))
    for (start, end), english in sorted(changes, reverse=True):
        edits.append(Edit((start, end), draft.text[start:end], english, "repair"))
    return redraft(plan, draft, edits)


def _renumbered(cases: list[Case], engine: Engine, search: Search) -> list[list[tuple[Plan, Draft]]]:
    """The plain translation with its renderings put into the number of the French, where that is all that is wrong with them."""
    made: list[list[tuple[Plan, Draft]]] = []
    for case in cases:
        edits: list[Edit] = []
        pairs = [(r.span, hit) for r, hit in zip(case.plain.renderings, case.hits, strict=True) if r and not r.number_agrees]
        for span, hit in sorted(pairs, key=lambda pair: pair[0], reverse=True):
            edits += number_edits(case.plain.draft.text, span, _english(hit))
        plan = case.plain.plan
        made.append([(plan, redraft(plan, case.plain.draft, edits))] if edits else [])
    return made


def _carried(span: Span, edits: Sequence[Edit]) -> Span | None:
    moved: Span | None = span
    for edit in edits:
        moved = move_span(moved, edit) if moved else None
    return moved


STEPS: tuple[tuple[str, Step], ...] = (
    ("number", _renumbered),
    ("annotated", _annotated),
    ("source", _replaced),
    ("prefix", _prefixed),
    ("repair", _repaired),
)
"""The cascade for a model that reads annotated terms."""

STOCK_STEPS: tuple[tuple[str, Step], ...] = (
    ("number", _renumbered),
    ("n-best", _n_best),
    ("prefix", _prefixed),
    ("source", _replaced),
    ("repair", _repaired),
)
"""The cascade for any other."""


def _receipts(hits: Sequence[Hit], chosen: Candidate, plain: Candidate, matcher: Matcher) -> tuple[TermHit, ...]:
    receipts = []
    before = find_renderings(hits, plain.draft.text)
    after = before if chosen is plain else find_renderings(hits, chosen.draft.text)
    for hit, was, rendering in zip(hits, before, after, strict=True):
        changed = chosen is not plain and not _agrees(was)
        status: TermStatus = "missed"
        reason = "" if rendering is None or rendering.number_agrees else "in the other number"
        if rendering is not None:
            status = "enforced" if changed and rendering.number_agrees else "kept"
        elif _conflicts(hit, chosen.plan, matcher):
            status, reason = "conflict", "its English is forbidden here by another entry"
        elif hit.term.level == "prefer":
            reason = "the sentence would read worse"
        receipts.append(
            TermHit(
                source=hit.span,
                wanted=hit.wanted,
                target=rendering.span if rendering else None,
                status=status,
                method=chosen.method if status == "enforced" else "plain",
                score_change=chosen.score - plain.score if status == "enforced" else 0.0,
                level=hit.term.level,
                reason=reason,
                entry=hit.term.source,
            )
        )
    return tuple(receipts)


def violations(terms: Sequence[TermHit]) -> int:
    """Strict terms that are not rendered as the glossary wants."""
    return sum(term.level == "strict" and term.status in ("missed", "conflict") for term in terms)
