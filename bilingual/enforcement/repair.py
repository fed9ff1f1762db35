"""The last step: the wanted English put in place of the words that render the term, in the finished text.

Which words those are the model's attention says (`bilingual.links`); where it says nothing, the place of the term in the French does.
So a repair is always possible, but it is the one step in which the model has no say: it comes last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bilingual.document import Edit, Span, carry_span
from bilingual.drafts import Draft, Plan, redraft
from bilingual.enforcement.case import Case, rendered
from bilingual.engines.engine import Engine
from bilingual.glossary.matching import Hit
from bilingual.inflection import capitalize, match_case
from bilingual.links import attend, link_spans
from bilingual.mending import (
    content_words,
    number_edits,
    only_grammar,
    opens_sentence,
    whole_words,
    without_article,
    without_echo,
)
from bilingual.protect import locate


def english_of(hit: Hit) -> str:
    """The wanted English in the case that the French asks for (CENTRE DE DONNÉES: DATA CENTER)."""
    if hit.term.case == "match" and len(hit.text) > 1 and hit.text.isupper() and not hit.term.source.isupper():
        return match_case(hit.wanted, hit.text, hit.term.source)
    return hit.wanted


def renumbered(plan: Plan, draft: Draft, wrong: Sequence[tuple[Span, Hit]]) -> Draft:
    """`draft` with the renderings at these spans put into the number of their hits, where what follows allows it."""
    ordered = sorted(wrong, reverse=True, key=lambda pair: pair[0])
    return redraft(plan, draft, [e for span, hit in ordered for e in number_edits(draft.text, span, english_of(hit))])


@dataclass(frozen=True, slots=True)
class Linked:
    """A violated hit and the spans of the model's words that may render it, likeliest first; ``part`` is the one that it stands in."""

    hit: Hit
    part: int
    spans: tuple[Span, ...]


def linked_drafts(drafts: Sequence[Draft], engine: Engine) -> list[Draft]:
    """The same drafts, with the attention of the model while it writes them; one that has no words of the model stays as it is."""
    wanted = [
        (number, part, hypothesis)
        for number, draft in enumerate(drafts)
        for part, hypothesis in enumerate(draft.hypotheses)
        if hypothesis and hypothesis.attention is None
    ]
    sources = engine.vocabulary.encode_source([drafts[number].parts[part].text for number, part, _ in wanted])
    seen = attend(sources, [hypothesis for *_, hypothesis in wanted], engine)
    linked = [list(draft.hypotheses) for draft in drafts]
    for (number, part, _), hypothesis in zip(wanted, seen, strict=True):
        linked[number][part] = hypothesis
    return [replace(draft, hypotheses=tuple(made)) for draft, made in zip(drafts, linked, strict=True)]


def links_of(hits: Sequence[Hit], plan: Plan, draft: Draft, engine: Engine) -> list[Linked]:
    """Where the words of `draft`, as the model gave them, may render `hits`; articles left out."""
    found = []
    for hit in hits:
        part, span = _place(plan, draft, hit, engine)
        words, hypothesis = draft.words[part], draft.hypotheses[part]
        spans = link_spans(hypothesis, words, engine.vocabulary, draft.parts[part].text, span) if hypothesis and span else []
        whole = [span for linked in spans if (span := whole_words(words, without_article(words, linked)))]
        found.append(Linked(hit, part, tuple(dict.fromkeys(whole))))
    return found


def _place(plan: Plan, draft: Draft, hit: Hit, engine: Engine) -> tuple[int, Span | None]:
    """The part that a hit stands in, and where; None where it is masked."""
    if len(draft.parts) == 1:
        return 0, locate(plan.source, plan.protected, engine.abilities.placeholders, hit.span)
    # Cut sentences: the same words in the same order, so the hit is as many-th an occurrence of its words as it is in the source.
    before = plan.source.count(hit.text, 0, hit.span[0])
    for number, part in enumerate(draft.parts):
        at = part.text.find(hit.text)
        while at >= 0:
            if not before:
                return number, (at, at + len(hit.text))
            before -= 1
            at = part.text.find(hit.text, at + 1)
    return 0, None


def repaired(case: Case, plan: Plan, draft: Draft, engine: Engine) -> Draft:
    """`draft` with the wanted English in place of the words that each violated hit is linked to, its neighbours mended."""
    renderings = dict(zip(case.hits, rendered(case.hits, plan.source, draft.text), strict=True))
    wrong = {hit: renderings[hit] for hit in case.lacking(replace(case.plain, renderings=tuple(renderings.values())))}
    taken = [r.span for hit, r in renderings.items() if r and hit not in wrong]
    copied = {span.text for span in plan.protected if span.shown is None and span.kind != "term"}
    taken += [match.span() for text in copied for match in re.finditer(re.escape(text), draft.text)]
    changes: list[tuple[Span, str]] = []
    for linked in links_of(tuple(wrong), plan, draft, engine):
        offset = sum(len(words) + 1 for words in draft.words[: linked.part])
        carried = [carry_span((start + offset, end + offset), draft.edits) for start, end in linked.spans]
        own = wrong.get(linked.hit)  # there already, in the wrong number
        likely = [span for span in carried if span and not only_grammar(draft.text[slice(*span)])]
        places = ([own.span] if own else []) + likely + _near(plan, draft, linked.hit)
        span = next((s for s in places if s[0] < s[1] and not any(a < s[1] and s[0] < b for a, b in taken)), None)
        if span is None:
            continue
        english = english_of(linked.hit)
        span = without_echo(draft.text, span, english)
        taken.append(span)
        opens = opens_sentence(draft.text[: span[0]])
        changes.append((span, capitalize(english) if opens and draft.text[span[0]].isupper() else english))
    edits = [Edit(span, draft.text[slice(*span)], english, "repair") for span, english in sorted(changes, reverse=True)]
    return redraft(plan, draft, edits)


def _near(plan: Plan, draft: Draft, hit: Hit) -> list[Span]:
    """Content words of the draft, those first that stand as far into it as the hit does into the French."""
    share = (hit.span[0] + hit.span[1]) / (2 * max(1, len(plan.source)))
    return sorted(content_words(draft.text), key=lambda span: abs((span[0] + span[1]) / 2 - share * len(draft.text)))
