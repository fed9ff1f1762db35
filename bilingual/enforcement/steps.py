"""The steps of the cascade: from the cases that are open to further drafts of each, one batch a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bilingual.drafts import Draft, Plan, make_drafts, make_plan, redraft
from bilingual.enforcement.case import Case, rendered
from bilingual.enforcement.repair import english_of, linked_drafts, links_of, renumbered, repaired
from bilingual.engines.engine import Engine, Search
from bilingual.glossary.matching import Hit, find_banned, forbidden_forms
from bilingual.inflection import capitalize
from bilingual.mending import opens_sentence, spelled_out
from bilingual.protect import ProtectedSpan

MOST_ANNOTATED = 3
"""Terms annotated in one sentence: what the embedded model saw in training."""

Made = list[list[tuple[Plan, Draft]]]
Step = Callable[[list[Case], Engine, Search], Made]


def _reformed(cases: list[Case], engine: Engine, search: Search) -> Made:
    """The plain translation with its renderings put into the number of the French, and with signs said in words ($3, 3 dollars)."""
    made: Made = []
    for case in cases:
        plan, draft = case.plain.plan, case.plain.draft
        wrong = [(r.span, hit) for r, hit in zip(case.plain.renderings, case.hits, strict=True) if r and not r.number_agrees]
        draft = renumbered(plan, draft, wrong)
        for hit in case.violated(case.plain):
            taken = [r.span for r in rendered(case.hits, plan.source, draft.text) if r]
            edit = spelled_out(draft.text, english_of(hit), taken)
            draft = redraft(plan, draft, [edit] if edit else [])
        made.append([(plan, draft)] if draft is not case.plain.draft else [])
    return made


def _annotated(cases: list[Case], engine: Engine, search: Search) -> Made:
    """The wanted English beside each violated term and, as far as there is room, beside the others: told one, the model may forget
    another."""
    todo = [i for i, case in enumerate(cases) if case.hits]
    plans = []
    for case in (cases[i] for i in todo):
        violated = case.violated(case.plain)
        others = [hit for hit in case.hits if hit not in violated and hit.term.status != "do-not-translate"]
        told = [*violated, *others][: max(MOST_ANNOTATED, len(violated))]
        plans.append(_plan(case, [_annotation(hit, case.plain.plan.source, engine) for hit in told], engine))
    made: Made = [[] for _ in cases]
    for index, drafts in zip(todo, _paired(plans, make_drafts(plans, engine, replace(search, n_best=search.beam))), strict=True):
        made[index] = drafts
    return made


def _annotation(hit: Hit, source: str, engine: Engine) -> ProtectedSpan:
    assert engine.abilities.annotation is not None
    opening, separator, closing = engine.abilities.annotation
    start, end = hit.span
    space = " " if source[start - 1 : start] == " " else ""
    surface = source[start:end]
    shown = f"{opening}{space}{surface}{separator} {english_of(hit)}{closing}"
    return ProtectedSpan((start - len(space), end), "term", surface, shown)


def _plan(case: Case, spans: Sequence[ProtectedSpan], engine: Engine) -> Plan:
    """A plan with `spans`, with the lost names that the plain draft had masked, and with what is not to be translated masked too."""
    plan = case.plain.plan
    names = [span for span in plan.protected if span.kind == "name"]
    if engine.abilities.placeholders:
        taken = {span.span[1] for span in (*spans, *names)}
        copied = (hit for hit in case.hits if hit.term.status == "do-not-translate" and hit.span[1] not in taken)
        names += [ProtectedSpan(hit.span, "name", hit.text) for hit in copied]
    return make_plan(plan.source, engine, sorted([*spans, *names], key=lambda span: span.span))


def _paired(plans: Sequence[Plan], made: Sequence[Sequence[Draft]]) -> Made:
    return [[(plan, draft) for draft in drafts] for plan, drafts in zip(plans, made, strict=True)]


def _replaced(cases: list[Case], engine: Engine, search: Search) -> Made:
    """What the lead still violates, replaced in the source: by a placeholder where the model has them, else by the English itself.

    The other terms stay annotated where the model reads annotations.
    """
    plans = []
    for case in cases:
        violated = case.lacking(case.lead()) or case.lacking(case.plain)
        spans = [
            ProtectedSpan(hit.span, "term", english_of(hit), None if engine.abilities.placeholders else english_of(hit))
            for hit in violated
        ]
        if engine.abilities.annotation:
            unasked = case.violated(case.plain)  # what is only preferred was asked for once
            others = [
                hit
                for hit in case.hits
                if hit not in violated
                and hit.term.status != "do-not-translate"
                and not (hit.term.level == "prefer" and hit in unasked)
            ]
            spans += [_annotation(hit, case.plain.plan.source, engine) for hit in others[:MOST_ANNOTATED]]
        plans.append(_plan(case, spans, engine))
    return _paired(plans, make_drafts(plans, engine, replace(search, n_best=search.beam), rescue=False))


def _n_best(cases: list[Case], engine: Engine, search: Search) -> Made:
    plans = [case.plain.plan for case in cases]
    return _paired(plans, make_drafts(plans, engine, replace(search, beam=2 * search.beam, n_best=2 * search.beam)))


def _suppressed(cases: list[Case], engine: Engine, search: Search) -> Made:
    """Another translation of the plain source, in which the forbidden renderings of the lead cannot be spelled as they were."""
    groups: dict[tuple[tuple[str, ...], ...], list[int]] = {}
    for index, case in enumerate(cases):
        lead = case.lead()
        words = {form for found in find_banned(case.banned, case.hits, lead.draft.text) for form in forbidden_forms(found.term)}
        if words and not case.lacking(lead):
            spelled = engine.vocabulary.encode_target(sorted(words | {capitalize(word) for word in words}))
            groups.setdefault(tuple(tuple(pieces) for pieces in spelled), []).append(index)
    made: Made = [[] for _ in cases]
    for pieces, indexes in groups.items():
        plans = [cases[i].lead().plan for i in indexes]
        how = replace(search, n_best=search.beam, suppress=pieces)
        for index, plan, drafts in zip(indexes, plans, make_drafts(plans, engine, how), strict=True):
            made[index] = [(plan, draft) for draft in drafts]
    return made


def _prefixed(cases: list[Case], engine: Engine, search: Search) -> Made:
    """The lead's words up to the first wrong rendering, the wanted English after them, and the model goes on.

    A lead that has every term, or that was translated in parts, has nothing to put a prefix to.
    """
    todo = [
        i
        for i, case in enumerate(cases)
        if case.violated(lead := case.lead()) and len(lead.plan.parts) == 1 and lead.draft.parts == lead.plan.parts
    ]
    leads = [cases[i].lead() for i in todo]
    wanted: list[tuple[int, Plan, str]] = []
    for index, lead, draft in zip(todo, leads, linked_drafts([lead.draft for lead in leads], engine), strict=True):
        linked = [found for found in links_of(cases[index].violated(lead), lead.plan, draft, engine) if found.spans]
        if linked:
            first = min(linked, key=lambda found: found.spans[0])
            words = draft.words[0][: first.spans[0][0]]
            english = english_of(first.hit)
            wanted.append((index, lead.plan, words + (capitalize(english) if opens_sentence(words) else english)))
    made: Made = [[] for _ in cases]
    if wanted:
        plans = [plan for _, plan, _ in wanted]
        prefixes = engine.vocabulary.encode_target([text for _, _, text in wanted])
        wide = replace(search, n_best=search.beam)
        for (index, plan, _), drafts in zip(wanted, make_drafts(plans, engine, wide, prefixes), strict=True):
            made[index] = [(plan, draft) for draft in drafts]
    return made


def _repaired(cases: list[Case], engine: Engine, search: Search) -> Made:
    """What the candidate with the fewest faults still violates, put in place of the words that render it; where every candidate that
    obeys has lost something else on the way (a number, a name …), what the plain translation violates."""
    bases = [
        case.plain if case.damaged() else min((case.plain, *case.tried), key=lambda c: (c.faults, len(case.lacking(c)), -c.score))
        for case in cases
    ]
    todo = [i for i, (case, base) in enumerate(zip(cases, bases, strict=True)) if case.lacking(base)]
    leads = [bases[i] for i in todo]
    made: Made = [[] for _ in cases]
    for index, lead, draft in zip(todo, leads, linked_drafts([lead.draft for lead in leads], engine), strict=True):
        if draft.words:
            made[index] = [(lead.plan, repaired(cases[index], lead.plan, draft, engine))]
    return made


STEPS: tuple[tuple[str, Step], ...] = (
    ("form", _reformed),
    ("annotated", _annotated),
    ("suppressed", _suppressed),
    ("prefix", _prefixed),
    ("source", _replaced),
    ("repair", _repaired),
)
"""The cascade for a model that reads annotated terms."""

STOCK_STEPS: tuple[tuple[str, Step], ...] = (
    ("form", _reformed),
    ("n-best", _n_best),
    ("suppressed", _suppressed),
    ("prefix", _prefixed),
    ("source", _replaced),
    ("repair", _repaired),
)
"""The cascade for any other."""
