"""Makes a translation obey the glossary, and accounts for every term.

A sentence that obeys already is left alone. For the others a cascade of candidates, each step one batch over all sentences that are
still open, building on the best candidate so far; a sentence is settled by the first that satisfies every hit within `MARGIN` of the
plain translation's score, or at the end by the best-scoring one that satisfies what is strict:

- ``form``: a rendering in the wrong number put right by rule, where nothing else is wrong
- ``annotated``: the source with the wanted English beside each term, for a model that was trained to read it
  (Dinu et al. 2019, "Training Neural Machine Translation to Apply Terminology Constraints")
- ``n-best``: another hypothesis of a wider beam, out of the same plain source (for models that read no annotations)
- ``suppressed``: what a row forbids kept from coming out, where that is all that is wrong
- ``prefix``: the words before the wrong rendering kept, the wanted form put after them, and the model goes on
- ``source``: the term replaced in the source, by a placeholder that is put back as the wanted English where the model has them
- ``repair``: the words that the term is linked to, replaced in the text; always possible

    case ── Case, Candidate: what is wrong, what to keep      steps ── the steps      repair ── the last of them
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from bilingual.checks import flags
from bilingual.document import Edit, TermHit, TermStatus
from bilingual.drafts import Draft, Plan, make_plan, redraft
from bilingual.enforcement.case import MARGIN, Banned, Candidate, Case, agrees, measure, rendered
from bilingual.enforcement.repair import renumbered
from bilingual.enforcement.steps import STEPS, STOCK_STEPS
from bilingual.engines.engine import Engine, Search
from bilingual.glossary.matching import Hit, Matcher, find_banned, find_form, find_hits, forbidden_places
from bilingual.mending import agreement_edits, name_edits, quote_edits

__all__ = ["FORBIDS", "MARGIN", "Enforce", "enforce", "receipts", "violations"]

FORBIDS = "anything but "
"""What the receipt of a row that only forbids says it wants, before the English that must not be there."""

Enforce = Literal["strict", "report", "off"]


def enforce(
    drafted: Sequence[tuple[Plan, Draft]], matcher: Matcher, engine: Engine, search: Search, how: Enforce
) -> list[tuple[Plan, Draft, tuple[TermHit, ...]]]:
    """The draft to keep for each sentence, with the receipt for each of its hits.

    `how`: ``strict`` runs the cascade, ``report`` only looks. Contract: as many results as sentences, in order; a sentence without a
    hit, or that obeys already, keeps the very draft that it came with.
    """
    found = [find_hits(matcher, plan.source) for plan, _ in drafted]
    forbids = any(term.status == "forbidden" for term in matcher.glossary.terms)
    banned = [forbidden_places(matcher, plan.source) if forbids else () for plan, _ in drafted]
    cases: dict[int, Case] = {}
    if how == "strict":
        for index, ((plan, draft), hits) in enumerate(zip(drafted, found, strict=True)):
            if plan.empty or not (hits or banned[index]):
                continue
            wanted = tuple(hit for hit in hits if hit.term.level != "report" and not _conflicts(hit, banned[index]))
            case = Case(wanted, measure(plan, draft, "plain", wanted, banned[index]), banned[index])
            if not case.settled():
                cases[index] = case
        _cascade(cases, engine, search)
    results = []
    for index, ((plan, draft), hits) in enumerate(zip(drafted, found, strict=True)):
        plain = cases[index].plain if index in cases else Candidate(plan, draft, "plain", ())
        chosen = cases[index].best() if index in cases else plain
        terms = _receipts(hits, chosen, plain, banned[index])
        if how == "strict" and banned[index]:
            terms = tuple(sorted([*terms, *_kept_out(terms, hits, chosen, plain, banned[index])], key=lambda term: term.source))
        results.append((chosen.plan, _reflagged(chosen, terms), terms))
    return results


def _reflagged(chosen: Candidate, terms: Sequence[TermHit]) -> Draft:
    """The draft with its flags as they are once it is known what the glossary answers for: names in terms, numbers in renderings."""
    draft = chosen.draft
    if not terms or not {"number-changed", "name-lost"} & set(draft.flags):
        return draft
    renderings = [term.target for term in terms if term.target]
    raised = flags(
        chosen.plan.source, draft.text, draft.score, terms=[t.source for t in terms if t.target], renderings=renderings
    )
    gone = {"number-changed", "name-lost"} - set(raised)
    return replace(draft, flags=tuple(flag for flag in draft.flags if flag not in gone))


def _conflicts(hit: Hit, banned: Banned) -> bool:
    """Whether what the hit wants is forbidden at its place by another entry."""
    return any(
        span[0] < hit.span[1] and hit.span[0] < span[1] and bool(find_form(english, hit.wanted, term.case))
        for term, span in banned
        for english in term.targets
    )


def _cascade(cases: dict[int, Case], engine: Engine, search: Search) -> None:
    """Run the steps over the cases that are open, adding their candidates to them."""
    _score_plain(cases, engine)
    for method, step in STEPS if engine.abilities.annotation else STOCK_STEPS:
        todo = [index for index, case in cases.items() if not case.settled()]
        made = step([cases[index] for index in todo], engine, search) if todo else []
        fresh: list[tuple[int, Candidate]] = []
        for index, drafts in zip(todo, made, strict=True):
            case = cases[index]
            # Measuring takes time, and scoring is half a translation: only the first candidate that obeys is worth them, or else the
            # one nearest to it.
            measured: list[Candidate] = []
            for plan, draft in drafts:
                agreed = _agreed(plan, draft, case)
                measured.append(measure(plan, agreed, method, case.hits, case.banned, case.plain.draft))
                if case.obeyed(measured[-1]):
                    break
            if measured:
                near = min(measured, key=lambda c: (not case.obeyed(c), len(case.violated(c)) + c.faults))
                if near.faults == 0 or not case.tried:
                    fresh.append((index, near))
        fresh_scores = _scores([candidate for _, candidate in fresh], engine)
        for (index, candidate), score in zip(fresh, fresh_scores, strict=True):
            cases[index] = replace(cases[index], tried=(*cases[index].tried, replace(candidate, score=score)))


def _agreed(plan: Plan, draft: Draft, case: Case) -> Draft:
    """`draft` with its renderings in the number of the French, where the plain translation had none, a or an in agreement, and in
    the quotation marks that the French has around them."""
    renderings = rendered(case.hits, plan.source, draft.text)
    wrong = [
        (now.span, hit)
        for hit, before, now in zip(case.hits, case.plain.renderings, renderings, strict=True)
        if now and before is None and not now.number_agrees
    ]
    if wrong:
        draft = renumbered(plan, draft, wrong)
        renderings = rendered(case.hits, plan.source, draft.text)
    untranslated = [hit for hit in case.hits if hit.term.status == "do-not-translate"]
    draft = redraft(plan, draft, agreement_edits(draft.text, [r.span for r in renderings if r]))
    draft = redraft(plan, draft, name_edits(draft.text, [r.span for r in rendered(untranslated, plan.source, draft.text) if r]))
    draft = redraft(plan, draft, _acronyms_apart(case.hits, plan.source, draft.text))
    renderings = rendered(case.hits, plan.source, draft.text)
    quoted = [
        quote_edits(plan.source, hit.span, draft.text, now.span) for hit, now in zip(case.hits, renderings, strict=True) if now
    ]
    return redraft(plan, draft, next(filter(None, quoted), []))


def _acronyms_apart(hits: Sequence[Hit], source: str, text: str) -> list[Edit]:
    """An acronym that French explains in parentheses, said right beside its long form: "GDP gross domestic product"."""
    explained = [
        source[one.span[1] : other.span[0]].strip() == "(" and source[other.span[1] :].lstrip().startswith(")")
        for one, other in pairwise(hits)
    ]
    if not any(explained):
        return []
    for apart, (first, second) in zip(explained, pairwise(rendered(hits, source, text)), strict=True):
        if not (apart and first and second):
            continue
        start, end = min(first.span[0], second.span[0]), max(first.span[1], second.span[1])
        between = text[min(first.span[1], second.span[1]) : max(first.span[0], second.span[0])]
        if between and not between.strip():
            return [Edit((start, end), text[start:end], f"{first.text} ({second.text})", "repair")]
    return []


def _score_plain(cases: dict[int, Case], engine: Engine) -> None:
    """Score the plain translations as candidates are scored: in English form, which is not what the model would write."""
    changed = [
        i for i, case in cases.items() if case.plain.plan.masked(case.plain.draft.text) != " ".join(case.plain.draft.words)
    ]
    for i, score in zip(changed, _scores([cases[i].plain for i in changed], engine), strict=True):
        cases[i] = replace(cases[i], plain=replace(cases[i].plain, score=score))


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


def _receipts(
    hits: Sequence[Hit], chosen: Candidate, plain: Candidate, banned: Banned, given: bool = False
) -> tuple[TermHit, ...]:
    receipts = []
    before = rendered(hits, plain.plan.source, plain.draft.text)
    after = before if chosen is plain else rendered(hits, chosen.plan.source, chosen.draft.text)
    for hit, was, rendering in zip(hits, before, after, strict=True):
        changed = chosen is not plain and not agrees(was)
        status: TermStatus = "missed"
        reason = "" if rendering is None or rendering.number_agrees else "in the other number"
        if rendering is not None:
            status = "enforced" if changed and rendering.number_agrees else "kept"
        elif _conflicts(hit, banned):
            status, reason = "conflict", "its English is forbidden here by another entry"
        elif hit.term.level == "prefer" and not given:
            reason = "the sentence would read worse"
        elif hit.term.level == "strict" and chosen is not plain:
            reason = "no translation could be made to say it"
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


def _kept_out(
    terms: Sequence[TermHit], hits: Sequence[Hit], chosen: Candidate, plain: Candidate, banned: Banned
) -> list[TermHit]:
    """Receipts for rows that forbid an English and for nothing else at their place: what they kept out, and what came out all the same."""
    left = {found.source: found for found in find_banned(banned, hits, chosen.draft.text)}
    before = {found.source: found for found in find_banned(banned, hits, plain.draft.text)}
    receipts = []
    for place, found in (before | left).items():
        told = any(t.source[0] < place[1] and place[0] < t.source[1] for t in terms)
        if place in left or not told:
            done = place not in left
            receipts.append(
                TermHit(
                    source=place,
                    wanted=f"{FORBIDS}{found.text}",
                    status="enforced" if done else "missed",
                    method=chosen.method if done else "plain",
                    score_change=chosen.score - plain.score if done else 0.0,
                    reason=f"{found.text} is forbidden here",
                    entry=found.term.source,
                )
            )
    return receipts


def receipts(matcher: Matcher, source: str, target: str) -> tuple[TermHit, ...]:
    """The receipts of a translation that somebody else made and that stays as it is: each term kept, missed or in conflict.

    >>> from bilingual.glossary import Glossary, Term
    >>> from bilingual.glossary.matching import compile_matcher
    >>> matcher = compile_matcher(Glossary((Term("puce", "chip"),)))
    >>> [(hit.status, hit.target) for hit in receipts(matcher, "Deux puces.", "Two chips.")]
    [('kept', (4, 9))]
    """
    kept = Candidate(Plan(source, (), ()), Draft(target), "plain", ())
    hits, banned = find_hits(matcher, source), forbidden_places(matcher, source)
    terms = _receipts(hits, kept, kept, banned, given=True)
    return tuple(sorted([*terms, *_kept_out(terms, hits, kept, kept, banned)], key=lambda term: term.source))


def violations(terms: Sequence[TermHit]) -> int:
    """Strict terms that are not rendered as the glossary wants."""
    return sum(term.level == "strict" and term.status in ("missed", "conflict") for term in terms)
