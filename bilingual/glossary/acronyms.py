"""Acronyms beside their long forms: « unités de traitement graphique (GPU) » must not become "GPUs (GPU)"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bilingual.glossary.hits import Hit
from bilingual.inflection import fold

# What stands between the two: « (GPU », « , ou GPU », « (ou unités … », « — GPU pour … ». Only tried on a few characters.
_OR = r"(?:ou|soit|pour|alias|dite?s?|abrégée?s?(?: en)?)\s+"
_BETWEEN = re.compile(rf"\s*[,–—]?\s*(?:[(\[]\s*(?:{_OR})?|{_OR})(?:les? |l['’])?[«“\"]?\s*")
_LONGEST_BETWEEN = 24
_ACRONYM_IN_BRACKETS = re.compile(r"\s{0,2}[(\[]\s?(?=[^a-z]{2})([A-Z][A-Z0-9]{1,5})s?\s?[)\],]")


def tell_apart(hits: Sequence[Hit], source: str) -> tuple[Hit, ...]:
    """The hits of `source` with the acronym taken out of the renderings of a long form that it explains, and the other way round.

    A long form that can only be rendered by the acronym is left out of the hits: what it becomes is the translator's choice.
    """
    told = []
    for i, hit in enumerate(hits):
        short = tuple(target for target in hit.targets if is_short(target))
        full = tuple(target for target in hit.targets if not is_short(target))
        partner = next((o for o in (*hits[max(0, i - 1) : i], *hits[i + 1 : i + 2]) if _explain(hit, o, source)), None)
        if partner and hit.number == "unknown":
            hit = replace(hit, number=partner.number)  # unités (GPU): units (GPUs)
        if is_short(hit.text):
            told.append(replace(hit, targets=short) if partner and short else hit)
        elif not short or not (partner or _ACRONYM_IN_BRACKETS.match(source, hit.span[1])):
            told.append(hit)
        elif full:
            told.append(replace(hit, targets=full))
    return tuple(told)


def is_short(text: str) -> bool:
    """Whether a rendering is an acronym, in the singular or plural.

    >>> is_short("GPUs"), is_short("IA"), is_short("graphics processor"), is_short("X")
    (True, True, False, False)
    """
    word = text.removesuffix("s")
    return 2 <= len(word) <= 6 and word.isupper()


def _explain(hit: Hit, other: Hit, source: str) -> bool:
    """Whether one of two neighbouring hits is short, the other is not, they can be rendered alike, and stand as an explanation."""
    if is_short(hit.text) == is_short(other.text) or not {fold(t) for t in hit.targets} & {fold(t) for t in other.targets}:
        return False
    left, right = sorted((hit.span, other.span))
    between = source[left[1] : right[0]]
    return len(between) <= _LONGEST_BETWEEN and _BETWEEN.fullmatch(between) is not None
