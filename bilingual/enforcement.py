"""Makes a translation obey the glossary, and accounts for every term.

A sentence that obeys already is left alone. For the others a cascade of candidates, each step one batch over all sentences that are
still open; a sentence is settled by the first candidate that satisfies every hit within `MARGIN` of the plain translation's score,
or at the end by the best-scoring one that satisfies what is strict:

1. ``annotated``: the source with the wanted English beside each term, for a model that was trained to read it
   (Dinu et al. 2019, "Training Neural Machine Translation to Apply Terminology Constraints")
2. ``n-best``: another hypothesis of a wider beam, read out of the same plain source
3. ``prefix``: the words before the wrong rendering kept, the wanted form put after them, and the model goes on
4. ``source``: the term replaced in the source, by a placeholder that is put back as the wanted English where the model has them
5. ``repair``: the words that the term is linked to, replaced in the text
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bilingual.checks import looks_bad
from bilingual.document import Edit, Span, TermHit, TermStatus, move_span
from bilingual.drafts import Draft, Plan, make_drafts, make_plan, redraft
from bilingual.engines.engine import Engine, Search
from bilingual.glossary.matching import Hit, Matcher, Rendering, find_forbidden, find_hits, find_renderings
from bilingual.inflection import capitalize, match_case
from bilingual.links import link_span
from bilingual.mending import agreement_edits, doubled_words
from bilingual.protect import ProtectedSpan, locate

Enforce = Literal["strict", "report", "off"]

MARGIN = 0.25
"""How much mean log-probability per piece, given the plain source, obeying the glossary may cost before the next step is tried (and
before a ``prefer`` entry yields)."""

MOST_ANNOTATED = 3
"""Terms annotated in one sentence: what the embedded model saw in training."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft measured against the hits of its sentence. ``score`` is given the plain source, whatever the draft was made from."""

    draft: Draft
    method: str
    renderings: tuple[Rendering | None, ...]
    forbidden: int
    score: float


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence with hits: its plain translation and the candidates so far."""

    plan: Plan
    hits: tuple[Hit, ...]
    plain: Candidate
    tried: tuple[Candidate, ...] = ()

    def obeyed(self, candidate: Candidate, levels: tuple[str, ...]) -> bool:
        """Whether `candidate` renders every hit of these levels in its number, and nothing that is forbidden."""
        return not candidate.forbidden and not any(
            hit.term.level in levels and not _rendered(rendering)
            for hit, rendering in zip(self.hits, candidate.renderings, strict=True)
        )

    def settled(self) -> bool:
        """Whether a candidate satisfies every hit, as well written as the plain one and within the margin of its score."""
        return any(self.obeyed(c, ("strict", "prefer")) and self._fine(c) for c in (self.plain, *self.tried))

    def _fine(self, candidate: Candidate) -> bool:
        worse = set(candidate.draft.flags) - set(self.plain.draft.flags)
        return candidate is self.plain or (candidate.score >= self.plain.score - MARGIN and not looks_bad(tuple(worse)))

    def best(self) -> Candidate:
        """The candidate to keep: all hits within the margin; else what is strict, at the best score; else the most hits."""
        choices = (self.plain, *self.tried)
        for levels, fine in ((("strict", "prefer"), True), (("strict",), True), (("strict",), False)):
            good = [c for c in choices if self.obeyed(c, levels) and (not fine or self._fine(c))]
            if good:
                return max(good, key=lambda c: (c is self.plain, not looks_bad(c.draft.flags), c.score))
        return max(choices, key=lambda c: (sum(_rendered(r) for r in c.renderings), -c.forbidden, c.score))


def _rendered(rendering: Rendering | None) -> bool:
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
            wanted = tuple(hit for hit in hits if hit.term.level != "report" and not plan.empty)
            if wanted or (hits and not plan.empty):
                case = Case(plan, wanted, _measure(plan, wanted, matcher, draft, "plain", 0.0))
                if not case.settled():
                    cases[index] = case
        cases = _cascade(cases, matcher, engine, search)
    results = []
    for index, ((plan, draft), hits) in enumerate(zip(drafted, found, strict=True)):
        open_case = cases.get(index)
        chosen = open_case.best() if open_case else None
        cost = chosen.score - open_case.plain.score if open_case and chosen and chosen is not open_case.plain else 0.0
        before = find_renderings(hits, draft.text) if open_case else ()
        kept = chosen.draft if chosen else draft
        receipts = _receipts(plan, hits, kept, before, chosen.method if chosen else "plain", cost, matcher)
        results.append((plan, kept, receipts))
    return results


def _measure(plan: Plan, hits: Sequence[Hit], matcher: Matcher, draft: Draft, method: str, score: float) -> Candidate:
    surplus = 0 if method == "plain" else len(doubled_words(draft.text)) + _surplus(hits, draft.text)
    forbidden = len(find_forbidden(matcher, plan.source, draft.text))
    return Candidate(draft, method, find_renderings(hits, draft.text), forbidden + surplus, score)


def _surplus(hits: Sequence[Hit], text: str) -> int:
    """Renderings beyond one a hit: a term that the model was made to say must not be said twice."""
    extra = 0
    for target, count in Counter(hit.targets for hit in hits).items():
        sample = next(hit for hit in hits if hit.targets == target)
        found = find_renderings([sample] * (count + 1), text)
        extra += sum(r is not None for r in found) > count
    return extra


Step = Callable[[list[Case], Engine, Search], list[list[Draft]]]


def _cascade(cases: dict[int, Case], matcher: Matcher, engine: Engine, search: Search) -> dict[int, Case]:
    """Run the steps over the cases that are open; each with all its candidates at the end."""
    if not cases:
        return cases
    base = _scores([case.plan for case in cases.values()], [case.plain.draft for case in cases.values()], engine)
    for (index, case), score in zip(list(cases.items()), base, strict=True):
        cases[index] = replace(case, plain=replace(case.plain, score=score))
    for method, step in STEPS:
        if method == "annotated" and engine.abilities.annotation is None:
            continue
        todo = [index for index, case in cases.items() if not case.settled()]
        if not todo:
            break
        made = step([cases[index] for index in todo], engine, search)
        mended = [[_agreed(cases[i], draft, matcher) for draft in drafts] for i, drafts in zip(todo, made, strict=True)]
        # Only what obeys needs a score: scoring is a pass through the model.
        kept = [
            [c for d in drafts if _useful(cases[i], c := _measure(cases[i].plan, cases[i].hits, matcher, d, method, 0.0))]
            for i, drafts in zip(todo, mended, strict=True)
        ]
        flat = [(cases[i].plan, c.draft) for i, candidates in zip(todo, kept, strict=True) for c in candidates]
        scores = iter(_scores([plan for plan, _ in flat], [draft for _, draft in flat], engine))
        for index, candidates in zip(todo, kept, strict=True):
            scored = tuple(replace(c, score=next(scores)) for c in candidates)
            cases[index] = replace(cases[index], tried=(*cases[index].tried, *scored))
    return cases


def _useful(case: Case, candidate: Candidate) -> bool:
    if case.obeyed(candidate, ("strict",)):
        return True
    return sum(map(_rendered, candidate.renderings)) > sum(map(_rendered, case.plain.renderings))


def _agreed(case: Case, draft: Draft, matcher: Matcher) -> Draft:
    """`draft` with a or an in agreement before its renderings."""
    spans = [r.span for r in find_renderings(case.hits, draft.text) if r]
    return redraft(case.plan, draft, agreement_edits(draft.text, spans))


def _scores(plans: Sequence[Plan], drafts: Sequence[Draft], engine: Engine) -> list[float]:
    """Mean log-probability per piece of each draft given its plain source, protected text masked on both sides."""
    sources = engine.vocabulary.encode_source([plan.masked_source for plan in plans])
    targets = engine.vocabulary.encode_target([plan.masked(draft.text) for plan, draft in zip(plans, drafts, strict=True)])
    short = [i for i, pieces in enumerate(sources) if pieces and len(pieces) <= engine.max_source_pieces >= len(targets[i]) > 0]
    scores = [draft.score if draft.score is not None else 0.0 for draft in drafts]
    for i, score in zip(short, engine.score([sources[i] for i in short], [targets[i] for i in short]), strict=True):
        scores[i] = score
    return scores


def _violated(case: Case) -> list[Hit]:
    return [hit for hit, rendering in zip(case.hits, case.plain.renderings, strict=True) if not _rendered(rendering)]


def _english(hit: Hit) -> str:
    """The wanted English in the case that the French asks for (CENTRE DE DONNÉES: DATA CENTER)."""
    if hit.term.case == "match" and len(hit.text) > 1 and hit.text.isupper() and not hit.term.source.isupper():
        return match_case(hit.wanted, hit.text, hit.term.source)
    return hit.wanted


def _annotated(cases: list[Case], engine: Engine, search: Search) -> list[list[Draft]]:
    assert engine.abilities.annotation is not None
    opening, separator, closing = engine.abilities.annotation
    plans = []
    for case in cases:
        spans = []
        for hit in _with_kept(case, MOST_ANNOTATED):
            start, end = hit.span
            lead = start - 1 if case.plan.source[start - 1 : start] == " " else start
            surface = case.plan.source[lead:end].removeprefix(" ")
            space = " " if lead < start else ""
            shown = f"{opening}{space}{surface}{separator} {_english(hit)}{closing}"
            spans.append(ProtectedSpan((lead, end), "term", surface, shown))
        plans.append(make_plan(case.plan.source, engine, [*_names(case.plan), *spans]))
    return make_drafts(plans, engine, replace(search, n_best=search.beam))


def _names(plan: Plan) -> list[ProtectedSpan]:
    """What the plain draft had masked beyond the ordinary: names that the model had lost."""
    return [span for span in plan.protected if span.kind == "name"]


def _with_kept(case: Case, most: int) -> list[Hit]:
    """The violated hits, and as many of the others as there is room for: told one term, the model may forget another."""
    violated = _violated(case)
    others = [hit for hit in case.hits if hit not in violated]
    return sorted([*violated, *others][: max(most, len(violated))], key=lambda hit: hit.span)


def _n_best(cases: list[Case], engine: Engine, search: Search) -> list[list[Draft]]:
    wide = replace(search, beam=2 * search.beam, n_best=2 * search.beam)
    return make_drafts([case.plan for case in cases], engine, wide)


def _prefix(cases: list[Case], engine: Engine, search: Search) -> list[list[Draft]]:
    linked = _linked(cases, engine, search)
    wanted: list[tuple[int, str]] = []
    for index, (case, draft) in enumerate(zip(cases, linked, strict=True)):
        first = _first_violation(case, draft, engine) if draft else None
        if first:
            (start, _), hit = first
            words = draft.words[:start] if draft else ""
            term = capitalize(_english(hit)) if not words.strip() else _english(hit)
            wanted.append((index, words + term))
    made: list[list[Draft]] = [[] for _ in cases]
    if wanted:
        plans = [cases[index].plan for index, _ in wanted]
        prefixes = engine.vocabulary.encode_target([text for _, text in wanted])
        for (index, _), drafts in zip(wanted, make_drafts(plans, engine, search, prefixes), strict=True):
            made[index] = drafts
    return made


def _linked(cases: list[Case], engine: Engine, search: Search) -> list[Draft | None]:
    """The plain draft of each case again, with its attention; None for a sentence that was translated in parts."""
    whole = [i for i, case in enumerate(cases) if len(case.plan.parts) == 1]
    made: list[Draft | None] = [None] * len(cases)
    for i, drafts in zip(whole, make_drafts([cases[i].plan for i in whole], engine, replace(search, links=True)), strict=True):
        made[i] = drafts[0] if drafts and drafts[0].hypothesis else None
    return made


def _link(case: Case, draft: Draft, hit: Hit, engine: Engine) -> Span | None:
    """Where the words of `draft`, as the model gave them, render `hit`."""
    where = locate(case.plan.source, case.plan.protected, engine.abilities.placeholders, hit.span)
    if where is None or draft.hypothesis is None:
        return None
    return link_span(draft.hypothesis, draft.words, engine.vocabulary, case.plan.parts[0].text, where)


def _first_violation(case: Case, draft: Draft, engine: Engine) -> tuple[Span, Hit] | None:
    spans = [(span, hit) for hit in _violated(case) if (span := _link(case, draft, hit, engine))]
    if not spans:
        return None
    span, hit = min(spans, key=lambda pair: pair[0])
    return _without_article(draft.words, span), hit


def _without_article(text: str, span: Span) -> Span:
    start, end = span
    for article in ("the ", "a ", "an "):
        if text[start:end].lower().startswith(article):
            return start + len(article), end
    return span


def _replaced(cases: list[Case], engine: Engine, search: Search) -> list[list[Draft]]:
    plans = []
    for case in cases:
        spans = []
        for hit in _violated(case):
            english = _english(hit)
            shown = None if engine.abilities.placeholders else english
            spans.append(ProtectedSpan(hit.span, "term", english, shown))
        plans.append(make_plan(case.plan.source, engine, [*_names(case.plan), *spans]))
    return make_drafts(plans, engine, replace(search, n_best=search.beam))


def _repaired(cases: list[Case], engine: Engine, search: Search) -> list[list[Draft]]:
    made: list[list[Draft]] = []
    for case, draft in zip(cases, _linked(cases, engine, search), strict=True):
        made.append([_repair(case, draft, engine)] if draft else [])
    return made


def _repair(case: Case, draft: Draft, engine: Engine) -> Draft:
    """The wanted English in place of the words that each violated hit is linked to, in the finished text."""
    taken = [r.span for r in find_renderings(case.hits, draft.text) if r and r.number_agrees]
    changes: list[tuple[Span, str]] = []
    for hit in _violated(case):
        span = _link(case, draft, hit, engine)
        final = _carried(_without_article(draft.words, span), draft.edits) if span else None
        if final is None or any(a < final[1] and final[0] < b for a, b in (*taken, *(s for s, _ in changes))):
            continue
        english = _english(hit)
        changes.append((final, capitalize(english) if final[0] == 0 and draft.text[:1].isupper() else english))
    edits: list[Edit] = []
    text = draft.text
    for (start, end), english in sorted(changes, reverse=True):
        edits.append(Edit((start, end), text[start:end], english, "repair"))
        text = text[:start] + english + text[end:]
    return redraft(case.plan, draft, edits)


def _carried(span: Span, edits: Sequence[Edit]) -> Span | None:
    moved: Span | None = span
    for edit in edits:
        moved = move_span(moved, edit) if moved else None
    return moved


STEPS: tuple[tuple[str, Step], ...] = (
    ("annotated", _annotated),
    ("n-best", _n_best),
    ("prefix", _prefix),
    ("source", _replaced),
    ("repair", _repaired),
)


def _receipts(
    plan: Plan,
    hits: Sequence[Hit],
    draft: Draft,
    before: Sequence[Rendering | None],
    method: str,
    cost: float,
    matcher: Matcher,
) -> tuple[TermHit, ...]:
    receipts = []
    renderings = find_renderings(hits, draft.text)
    for number, (hit, rendering) in enumerate(zip(hits, renderings, strict=True)):
        fine = _rendered(rendering)
        changed = method != "plain" and not (number < len(before) and _rendered(before[number]))
        status: TermStatus = "missed"
        reason = ""
        if fine:
            status = "enforced" if changed else "kept"
        elif find_forbidden(matcher, plan.source, hit.wanted):
            status, reason = "conflict", "its English is forbidden here by another entry"
        elif rendering is not None:
            reason = "in the wrong number"
        elif hit.term.level == "prefer" and method != "plain":
            reason = "another candidate read better"
        receipts.append(
            TermHit(
                source=hit.span,
                wanted=hit.wanted,
                target=rendering.span if rendering else None,
                status=status,
                method=method if status == "enforced" else "plain",
                score_change=cost if status == "enforced" else 0.0,
                level=hit.term.level,
                reason=reason,
            )
        )
    return tuple(receipts)


def violations(terms: Sequence[TermHit]) -> int:
    """Strict terms that are not rendered as the glossary wants."""
    return sum(term.level == "strict" and term.status in ("missed", "conflict") for term in terms)
