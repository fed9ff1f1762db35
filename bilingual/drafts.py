"""From a French sentence to a draft in English form: mask, cut, translate, put back, English form, flags; and a second try for bad ones.

A window of sentences goes through together, so that the engine sees large batches. What a sentence gets depends on itself alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from bilingual.checks import flags, looks_bad
from bilingual.clauses import cut_clauses, stretches
from bilingual.coverage import looked_past
from bilingual.document import Edit, Segment, Span, TermHit, move_span, replay
from bilingual.engines.engine import Engine, Hypothesis, Search
from bilingual.english import english_form
from bilingual.mending import term_seams
from bilingual.names import lost_names
from bilingual.protect import Masked, ProtectedSpan, cut_around, find_protected, mask, places_of
from bilingual.restoring import restore

SHORT = 90
"""Characters up to which a sentence is not cut because words of it were looked past."""

CUT = "cut"
"""The flag of a segment that was translated in parts."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A sentence made ready for an engine: what is protected in it, and the parts in which it is translated.

    ``stretches``: as many parts as it has by itself (`bilingual.clauses.stretches`); with more it has been cut.
    """

    source: str
    protected: tuple[ProtectedSpan, ...]
    parts: tuple[Masked, ...]
    stretches: int = 1

    @property
    def masked_source(self) -> str:
        """The whole sentence as one text for the model, protected text masked."""
        return " ".join(part.text for part in self.parts)

    def masked(self, target: str) -> str:
        """A finished translation as the model would write it: placeholders in place of the protected text inside, none around."""
        first, last = self.parts[0], self.parts[-1]
        target = target.removeprefix(first.before).removesuffix(last.after)
        for part in self.parts:
            for placeholder, original in part.spans:
                target = target.replace(original, placeholder, 1)
        return target.strip()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to translate: the text is copied."""
        return not any(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class Draft:
    """A candidate translation of one sentence, finished: ``edits`` lead from the model's words to ``text``.

    ``score``: mean log-probability per piece, over all parts; None for copied text. ``words``: the model's words as text, part by
    part; ``hypotheses``: the same as the model gave them, None for a part that holds nothing to translate; ``parts``: what it read;
    ``past``: how many words of each part it looked past, as far as its attention is known.
    """

    text: str
    edits: tuple[Edit, ...] = ()
    score: float | None = None
    flags: tuple[str, ...] = ()
    hypotheses: tuple[Hypothesis | None, ...] = ()
    words: tuple[str, ...] = ()
    parts: tuple[Masked, ...] = ()
    past: tuple[int, ...] = ()

    @property
    def rank(self) -> tuple[int, float]:
        """What is better sorts first: fewer bad flags, then the better score."""
        return sum(looks_bad((flag,)) for flag in self.flags), -(self.score if self.score is not None else 0.0)


def make_plan(source: str, engine: Engine, extra: Sequence[ProtectedSpan] = ()) -> Plan:
    """Protect and mask `source`, and part it into its stretches, cut where they are too long for `engine`.

    `extra` spans are protected as well.
    """
    protected = find_protected(source, engine.vocabulary.can_read)
    for span in extra:
        if not any(p.span[0] < span.span[1] and span.span[0] < p.span[1] for p in protected):
            protected.append(span)
    protected.sort(key=lambda p: p.span)
    masked = mask(source, protected, engine.abilities.placeholders)
    if masked is None:
        return Plan(source, tuple(protected), tuple(_cut_around(source, protected, engine)))
    own = _stretches(masked)
    return Plan(source, tuple(protected), tuple(_cut(own, engine)), len(own))


def _stretches(part: Masked) -> list[Masked]:
    """`part` in its stretches; whole where a placeholder would stand alone."""
    spans = _read_past_tags(part.text) if "<" in part.text else stretches(part.text)
    pieces = _pieces(part, spans) if len(spans) > 1 else [part]
    lone = any(not any(map(str.isalpha, _without(piece.text, piece.spans))) for piece in pieces)
    return [part] if lone else pieces


def _read_past_tags(text: str) -> list[Span]:
    """The stretches of a text with placeholders, which stand for words, and opening tags, which stand for nothing."""
    plain = _PLACEHOLDER.sub(lambda m: "X" * len(m[0]), text)
    plain = _OPENING_TAG.sub(lambda m: " " * len(m[0]), plain)
    starts = [start for start, _ in stretches(plain)]
    starts = [before.start() if (before := _TAG_BEFORE.search(text, max(0, at - _LONGEST_TAG), at)) else at for at in starts]
    ends = [*(len(text[:at].rstrip()) for at in starts[1:]), len(text)]
    return list(zip(starts, ends, strict=True)) if starts and not text[: starts[0]].strip() else [(0, len(text))]


_PLACEHOLDER = re.compile(r"<r\d+>")
_OPENING_TAG = re.compile(r"<[a-z]+> *")
_TAG_BEFORE = re.compile(r"<[a-z]+> *$")
_LONGEST_TAG = 12


def _without(text: str, spans: Sequence[tuple[str, str]]) -> str:
    for placeholder, _ in spans:
        text = text.replace(placeholder, "")
    return text


def _cut(parts: Sequence[Masked], engine: Engine) -> list[Masked]:
    """`parts`, each that is too long for `engine` cut at clause boundaries."""
    longest = min(engine.abilities.longest, engine.max_source_pieces)

    def fits(text: str) -> bool:
        # A piece is at least one character (a placeholder is one piece of four or more): short texts need no counting.
        return len(text) <= longest or engine.vocabulary.source_length(text) <= longest

    return [cut for part in parts for cut in ([part] if fits(part.text) else _pieces(part, cut_clauses(part.text, fits)))]


def _pieces(part: Masked, spans: Sequence[Span]) -> list[Masked]:
    """`part` cut at `spans` of its text, each piece with the placeholders that stand in it."""
    cut, places = [], places_of(part)
    for number, (start, end) in enumerate(spans):
        following = spans[number + 1][0] if number + 1 < len(spans) else None
        after = part.text[end:following] if following is not None else part.after
        own = tuple(span for span, at in zip(part.spans, places, strict=True) if start <= at and at + len(span[0]) <= end)
        cut.append(Masked(part.text[start:end], own, part.before if number == 0 else "", after))
    return cut


def make_drafts(
    plans: Sequence[Plan],
    engine: Engine,
    search: Search,
    prefixes: Sequence[Sequence[str]] | None = None,
    *,
    rescue: bool = True,
) -> list[list[Draft]]:
    """Translate `plans` in one batch; for each one its drafts, best first: ``search.n_best`` for a sentence in one part, else one.

    Where a protected span did not come back exactly once, the sentence is translated again around its spans; without `rescue` it has
    no draft. With `prefixes`, one for each plan (which is then in one part), the hypotheses begin with these target pieces, and what
    loses a span gives no draft.
    """
    texts = [part.text for plan in plans for part in plan.parts if part.text]
    if prefixes is not None:
        results = _decoded(engine.translate(engine.vocabulary.encode_source(texts), search, prefixes), engine)
        return [_drafts_of(plan, {plan.parts[0].text: result}, engine) for plan, result in zip(plans, results, strict=True)]
    found = _translate(texts, engine, search)
    drafts = [_drafts_of(plan, found, engine) for plan in plans]
    broken = [i for i, made in enumerate(drafts) if not made and rescue]
    if broken:
        again = [replace(plans[i], parts=tuple(_cut_around(plans[i].source, plans[i].protected, engine))) for i in broken]
        found = _translate([part.text for plan in again for part in plan.parts if part.text], engine, replace(search, n_best=1))
        for i, plan in zip(broken, again, strict=True):
            drafts[i] = [
                replace(draft, flags=(*draft.flags, CUT) if CUT not in draft.flags else draft.flags)
                for draft in _drafts_of(plan, found, engine, lenient=True)
            ]
    return drafts


def _cut_around(source: str, protected: Sequence[ProtectedSpan], engine: Engine) -> list[Masked]:
    """The stretches of what stands between the protected spans."""
    return _cut([piece for part in cut_around(source, _copied(protected)) for piece in _stretches(part)], engine)


def _copied(spans: Sequence[ProtectedSpan]) -> list[ProtectedSpan]:
    """The spans whose text is put back; those that the model is only shown something at do not hold without it."""
    return [span for span in spans if span.shown is None]


def _translate(texts: Sequence[str], engine: Engine, search: Search) -> dict[str, list[tuple[str, Hypothesis]]]:
    """Each different text once: its hypotheses as text and as the engine gave them."""
    unique = list(dict.fromkeys(texts))
    if not unique:
        return {}
    results = engine.translate(engine.vocabulary.encode_source(unique), search)
    return dict(zip(unique, _decoded(results, engine), strict=True))


def _decoded(results: Sequence[Sequence[Hypothesis]], engine: Engine) -> list[list[tuple[str, Hypothesis]]]:
    texts = iter(engine.vocabulary.decode([h.pieces for result in results for h in result]))
    return [[(next(texts).strip(), h) for h in result] for result in results]


def _drafts_of(
    plan: Plan, found: dict[str, list[tuple[str, Hypothesis]]], engine: Engine, *, lenient: bool = False
) -> list[Draft]:
    if plan.empty:
        text = "".join(part.before + part.text + part.after for part in plan.parts)
        edits = english_form(plan.source, text)
        return [Draft(replay(text, edits), tuple(edits))]
    choices = [found[part.text] if part.text else [("", None)] for part in plan.parts]
    made = []
    for chosen in _combined(choices):
        draft = _finish(plan, [text for text, _ in chosen], [h for _, h in chosen], engine, lenient)
        if draft:
            made.append(draft)
    return made


Choice = tuple[str, Hypothesis | None]


def _combined(choices: Sequence[Sequence[tuple[str, Hypothesis | None]]]) -> list[list[Choice]]:
    """The best of every part together, then with another one in one of the parts, likeliest first; as many as the longest list has."""
    best = [choice[0] for choice in choices]
    lost = [
        ((choice[0][1].score - other[1].score) * (len(other[1].pieces) + 1), part, other)
        for part, choice in enumerate(choices)
        for other in choice[1:]
        if choice[0][1] and other[1]
    ]
    others = sorted(lost, key=lambda found: (found[0], found[1]))[: max(map(len, choices)) - 1]
    return [best, *([*best[:part], other, *best[part + 1 :]] for _, part, other in others)]


def _finish(
    plan: Plan, hypotheses: Sequence[str], made: Sequence[Hypothesis | None], engine: Engine, lenient: bool
) -> Draft | None:
    restored = restore(hypotheses, plan.parts, lenient=lenient)
    if restored is None:
        return None
    if not lenient and any(span.shown is None and span.text not in restored[0] for span in plan.protected):
        return None
    text, edits, fixed = restored
    terms = {span.text for span in plan.protected if span.kind == "term" and span.shown is None}
    if terms:
        text, edits, fixed = _with_seams(text, edits, fixed, terms)
    edits += english_form(plan.source, text, fixed)
    text = replay(" ".join(hypotheses), edits)
    given = [h for h in made if h]
    lengths = [len(h.pieces) + 1 for h in given]
    score = sum(h.score * n for h, n in zip(given, lengths, strict=True)) / sum(lengths)
    past = tuple(_looked_past(plan, part, hypothesis, engine) for part, hypothesis in zip(plan.parts, made, strict=True))
    raised = flags(plan.source, text, score, past=sum(past))
    if len(given) > plan.stretches:
        raised = (*raised, CUT)
    return Draft(text, tuple(edits), score, raised, tuple(made), tuple(hypotheses), plan.parts, past)


def _looked_past(plan: Plan, part: Masked, hypothesis: Hypothesis | None, engine: Engine) -> int:
    """How many words of a part the model looked past; beside the English of an annotated term it need not look at the French."""
    if hypothesis is None or hypothesis.coverage is None:
        return 0
    shown = [(at, at + len(s.shown)) for s in plan.protected if s.shown and (at := part.text.find(s.shown)) >= 0]
    return len(looked_past(part.text, engine.vocabulary.source_offsets(part.text), hypothesis.coverage, shown))


def _with_seams(text: str, edits: list[Edit], fixed: list[Span], terms: set[str]) -> tuple[str, list[Edit], list[Span]]:
    """Terms parted from what the model glued to them, and their first letter left open to the sentence's capital."""
    places = [span for span in fixed if text[slice(*span)] in terms]
    seams = term_seams(text, places)
    spans: list[Span | None] = list(fixed)
    for edit in seams:
        spans = [move_span(span, edit) if span else None for span in spans]
    kept = [span for span in spans if span]
    text = replay(text, seams)
    return text, edits + seams, [(s + (text[s:e] in terms), e) for s, e in kept]


def redraft(plan: Plan, draft: Draft, edits: Sequence[Edit]) -> Draft:
    """`draft` with further `edits` made to it, its flags raised anew."""
    if not edits:
        return draft
    text = replay(draft.text, edits)
    raised = flags(plan.source, text, draft.score, past=sum(draft.past))
    kept = tuple(flag for flag in draft.flags if flag == CUT)
    return replace(draft, text=text, edits=(*draft.edits, *edits), flags=(*raised, *kept))


def retry(plan: Plan, draft: Draft, engine: Engine, search: Search) -> tuple[Plan, Search]:
    """Another way for a sentence whose `draft` looks bad, chosen by what is wrong with it.

    Lost names come back as placeholders where the model carries them; a loop gets a repetition penalty; lost or invented text is
    translated clause by clause; everything else takes the best of a beam twice as wide.
    """
    wider = replace(search, beam=2 * search.beam, n_best=2 * search.beam)
    raised = set(draft.flags)
    if "loop" in raised:
        return plan, replace(wider, repetition_penalty=1.3, no_repeat=4)
    if "name-lost" in raised and engine.abilities.placeholders:
        names = [ProtectedSpan(span, "name", plan.source[slice(*span)]) for span in lost_names(plan.source, draft.text)]
        named = make_plan(plan.source, engine, names)
        if len(plan.parts) == 1:  # nothing but names: they are copied
            # Told a name, the model nearly always keeps it: a wider beam takes three times as long and keeps one more in seventy.
            return named, search if not looks_bad(tuple(raised - {"name-lost"})) else wider
    if raised & {"omission", "too-long"}:
        smaller = _smaller(plan, draft)
        if smaller is not None:
            return smaller, replace(search, n_best=1)
    return plan, wider


def _smaller(plan: Plan, draft: Draft) -> Plan | None:
    """`plan` with its parts cut at clause boundaries; those alone that the model looked past words of, if there are such, and the long
    ones of them: of a short one a wider beam finds the rest sooner than halves do."""
    known = any(draft.past) and len(draft.past) == len(plan.parts)
    wanted = [past > 0 and len(part.text) > SHORT for past, part in zip(draft.past, plan.parts, strict=True)] if known else None
    parts: list[Masked] = []
    for part, some in zip(plan.parts, wanted or [True] * len(plan.parts), strict=True):
        most = max(12, len(part.text) * 2 // 3)
        spans = cut_clauses(part.text, partial(_fits, most)) if some else []
        parts += _pieces(part, spans) if 1 < len(spans) <= 4 else [part]
    return replace(plan, parts=tuple(parts)) if len(parts) > len(plan.parts) else None


def _fits(most: int, text: str) -> bool:
    return len(text) <= most


def draft_all(sources: Sequence[str], engine: Engine, search: Search) -> list[tuple[Plan, Draft]]:
    """The best draft of each sentence, with the plan that it was made by; those that looked bad were tried once more, another way.

    Contract: as many results as sources, in order.
    """
    plans = [make_plan(source, engine) for source in sources]
    results = [(plan, drafts[0]) for plan, drafts in zip(plans, make_drafts(plans, engine, search), strict=True)]
    ways: dict[Search, list[tuple[int, Plan]]] = {}
    for i, (plan, draft) in enumerate(results):
        if looks_bad(draft.flags):
            another, how = retry(plan, draft, engine, search)
            ways.setdefault(how, []).append((i, another))
    for how, group in ways.items():
        for (i, another), again in zip(group, make_drafts([plan for _, plan in group], engine, how), strict=True):
            results[i] = min([results[i], *((another, draft) for draft in again)], key=lambda made: made[1].rank)
    return results


def to_segment(segment: Segment, plan: Plan, draft: Draft, terms: tuple[TermHit, ...] = ()) -> Segment:
    """`segment` with its translation and the receipts for its terms."""
    return replace(
        segment,
        target=draft.text,
        origin="copied" if plan.empty else "mt",
        score=draft.score,
        flags=draft.flags,
        terms=terms,
        edits=draft.edits,
    )
