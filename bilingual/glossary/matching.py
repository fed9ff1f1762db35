"""The glossary against a sentence and its translation: what stands in the French, what the English makes of it.

    hits = find_hits(matcher, french)            which terms, where, in which number, and the English that is allowed for each
    find_renderings(hits, english)               one rendering or None for each hit, no two overlapping
    find_forbidden(matcher, french, english)     renderings that must not come out

Exclusive maximal matching on both sides: among overlapping terms those are kept that cover the most characters with the fewest terms,
and as many hits as possible are given a rendering of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bilingual.document import Span
from bilingual.glossary.acronyms import tell_apart
from bilingual.glossary.hits import Hit, Matcher, compile_matcher, exclusive_hits, hits_and_rows, number_forms
from bilingual.glossary.model import Term
from bilingual.glossary.renderings import Form, Rendering, accepted_forms, find_form, find_renderings
from bilingual.inflection import english_plural

__all__ = [
    "Forbidden",
    "Form",
    "Hit",
    "Matcher",
    "Rendering",
    "accepted_forms",
    "compile_matcher",
    "find_banned",
    "find_forbidden",
    "find_form",
    "find_hits",
    "find_renderings",
    "find_terms",
    "forbidden_forms",
    "forbidden_places",
    "number_forms",
]


def find_hits(matcher: Matcher, source: str) -> tuple[Hit, ...]:
    """The terms that stand in a French sentence, in order, disjoint, none inside a longer one.

    Found in every inflected form, with either apostrophe, hyphen or space, capitals with or without accents; short acronyms in
    capitals alone. Not found inside a word, an address, a handle, a hashtag or a dotted name, nor where `unless` says so.
    Where an acronym stands beside its long form, « unités de traitement graphique (GPU) », the long form may only be rendered in
    full and the acronym as an acronym.

    >>> from bilingual.glossary.model import Glossary, Term
    >>> matcher = compile_matcher(Glossary((Term("réseau neuronal", "neural network"), Term("réseau", "network"))))
    >>> [(hit.text, hit.wanted) for hit in find_hits(matcher, "Le réseau des RESEAUX NEURONAUX")]
    [('réseau', 'network'), ('RESEAUX NEURONAUX', 'neural networks')]
    """
    return tell_apart(exclusive_hits(matcher, source), source)


def find_terms(matcher: Matcher, source: str) -> tuple[tuple[Hit, ...], tuple[tuple[Term, Span], ...]]:
    """What `find_hits` and `forbidden_places` give, the sentence read once."""
    hits, rows = hits_and_rows(matcher, source)
    return tell_apart(hits, source), rows


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A rendering that must not come out, at ``span`` of the English; ``source`` is the span of the term in the French."""

    term: Term
    source: Span
    span: Span
    text: str


def find_forbidden(matcher: Matcher, source: str, target: str) -> tuple[Forbidden, ...]:
    """The forbidden renderings in `target` of the terms that stand in `source`, by position; each span once.

    A forbidden word inside the accepted rendering of another term is none (with « centre → centre » forbidden, "data centre" may
    stand where it is allowed for centre de données). One that another word of the French has brought in is reported all the same.

    >>> from bilingual.glossary.model import Glossary, Term
    >>> matcher = compile_matcher(Glossary((Term("supercalculateur", "supercalculator", status="forbidden"),)))
    >>> [found.text for found in find_forbidden(matcher, "Deux supercalculateurs.", "Two supercalculators.")]
    ['supercalculators']
    """
    rows = forbidden_places(matcher, source)
    return find_banned(rows, find_hits(matcher, source), target) if rows else ()


def forbidden_places(matcher: Matcher, source: str) -> tuple[tuple[Term, Span], ...]:
    """The rows that forbid an English for something in `source`, and where that stands."""
    return hits_and_rows(matcher, source)[1]


def find_banned(rows: Sequence[tuple[Term, Span]], hits: Sequence[Hit], target: str) -> tuple[Forbidden, ...]:
    """`find_forbidden` for a source whose `forbidden_places` and hits are known already."""
    if not rows:
        return ()
    accepted = [r.span for r in find_renderings(hits, target) if r]
    found: dict[Span, Forbidden] = {}
    for term, where in rows:
        for form in forbidden_forms(term):
            for span in find_form(form, target, term.case):
                if span not in found and not any(s <= span[0] and span[1] <= e for s, e in accepted):
                    found[span] = Forbidden(term, where, span, target[span[0] : span[1]])
    return tuple(found[span] for span in sorted(found))


def forbidden_forms(term: Term) -> tuple[str, ...]:
    """The forms of the English that a row forbids, singular and plural.

    >>> forbidden_forms(Term("puce", "flea", status="forbidden"))
    ('flea', 'fleas')
    """
    return tuple(
        dict.fromkeys(
            form
            for banned in term.targets
            for form in (banned, english_plural(banned, term.plural if banned == term.target else None))
        )
    )
