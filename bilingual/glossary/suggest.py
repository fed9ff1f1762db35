"""What a glossary might still list: terms that a set of articles renders in two ways, frequent noun phrases, acronyms.

Phrases are found by rule (``phrases.py``) and weighted by C-value (Frantzi, Ananiadou and Mima 2000, « Automatic Recognition of
Multi-Word Terms »): frequency times the logarithm of the length, less what a phrase owes to longer ones that hold it; with the length
counted from two for single words (Barrón-Cedeño and others 2009). Renderings are found by counting (``renditions.py``). Both are
suggestions for a person, not findings: read the examples.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, get_args

from bilingual.document import CLUTTER, Document, Span
from bilingual.glossary.hits import compile_matcher, exclusive_hits
from bilingual.glossary.model import Glossary, Term
from bilingual.glossary.phrases import dictionary_form, find_phrases, learn_nouns, long_forms
from bilingual.glossary.renditions import Rendition, index_pairs, renditions
from bilingual.glossary.tokens import Tokens, tokenize
from bilingual.inflection import french_key

Kind = Literal["two renderings", "phrase", "acronym"]
KINDS: tuple[str, ...] = get_args(Kind)

LEAST_WORD = 3
"""Sentences in which a single word must stand before its renderings are counted."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """An English rendering: in how many sentences it stands, and the first of them, as ``article:id``."""

    text: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A candidate for a glossary.

    ``source`` is its French dictionary form, ``count`` how often it stands in how many ``articles``, ``example`` the first sentence
    (``article:id``) and ``text`` its French. ``renderings`` are what its English was seen to be, the most frequent first; empty where
    the articles are French alone or the counts do not tell. ``stands_for`` is the long form beside which an acronym was found.
    """

    source: str
    kind: Kind
    count: int
    articles: int
    score: float
    example: str
    text: str
    renderings: tuple[Rendering, ...] = ()
    stands_for: str = ""


@dataclass(slots=True)
class _Found:
    """A phrase with all its places."""

    size: int
    texts: Counter[str] = field(default_factory=Counter)
    places: list[tuple[int, Span]] = field(default_factory=list)
    acronym: bool = False
    long_forms: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Sentence:
    article: int
    place: str
    tokens: Tokens
    target: str


def suggest(
    articles: Iterable[Document], glossary: Glossary = Glossary(()), *, least: int = 2, most: int | None = None
) -> list[Suggestion]:
    """Candidates from articles that are split into sentences, translated or not; what `glossary` finds in them is left out.

    A phrase must stand in the articles `least` times; `most` bounds each kind. By kind (``KINDS``), then by score, then by
    letters: the same articles give the same list. Everything is held in memory. An article's sentences without a target, or whose
    translation failed, count as French alone.

    >>> from bilingual.document import Block, Segment
    >>> text = "La puissance de calcul augmente avec la puissance de calcul."
    >>> block = Block(1, "paragraph", text, segments=(Segment("p1.s1", text),))
    >>> [(s.source, s.kind, s.count) for s in suggest([Document("a", (block,))])]
    [('puissance de calcul', 'phrase', 2)]
    """
    sentences = list(_sentences(articles))
    found = _find(sentences, glossary)
    found = {key: phrase for key, phrase in found.items() if len(phrase.places) >= least}
    worth = c_values({key: (phrase.size, len(phrase.places)) for key, phrase in found.items()})
    translated = [number for number, sentence in enumerate(sentences) if sentence.target]
    pair_of = {number: pair for pair, number in enumerate(translated)}
    bitext = index_pairs((sentences[number].tokens.text, sentences[number].target) for number in translated)
    covered = _covered(found, worth)
    suggestions = []
    for key, phrase in found.items():
        if phrase.size > 1 and worth[key] <= 0:  # never stands outside one longer phrase
            continue
        alone = [
            (number, span) for number, span in phrase.places if phrase.size > 1 or not _within(span, covered.get(number, ()))
        ]
        pairs = [(pair_of[number], span) for number, span in alone if number in pair_of]
        enough = len({pair for pair, _ in pairs}) >= (least if phrase.size > 1 else max(least, LEAST_WORD))
        seen = renditions(bitext, tuple(map(french_key, key)), pairs) if enough else []
        is_term = phrase.size > 1 or phrase.acronym or _is_new(dictionary_form(phrase.texts))
        if len(seen) < 2 and (worth[key] <= 0 or not is_term):
            continue
        suggestions.append(_suggestion(phrase, seen, worth[key], sentences, translated))
    suggestions.sort(key=lambda s: (KINDS.index(s.kind), -s.score, s.source))
    taken: Counter[str] = Counter()
    kept = []
    for suggestion in suggestions:
        taken[suggestion.kind] += 1
        if most is None or taken[suggestion.kind] <= most:
            kept.append(suggestion)
    return kept


def _sentences(articles: Iterable[Document]) -> Iterator[_Sentence]:
    for number, article in enumerate(articles):
        for block in article.blocks:
            if block.kind in CLUTTER:
                continue
            for segment in block.segments:
                target = "" if segment.origin in ("failed", "copied") else segment.target
                yield _Sentence(number, f"{article.name}:{segment.id}", tokenize(segment.source), target)


def _find(sentences: Sequence[_Sentence], glossary: Glossary) -> dict[tuple[str, ...], _Found]:
    """All phrases with their places, without those that the glossary knows."""
    matcher = compile_matcher(glossary)
    nouns = learn_nouns(sentence.tokens for sentence in sentences)
    found: dict[tuple[str, ...], _Found] = {}
    for number, sentence in enumerate(sentences):
        known = [hit.span for hit in exclusive_hits(matcher, sentence.tokens.text)] if glossary.terms else []
        phrases = list(find_phrases(sentence.tokens, nouns))
        for phrase in phrases:
            if _within(phrase.span, known):
                continue
            here = found.setdefault(phrase.key, _Found(phrase.size, acronym=phrase.is_acronym))
            here.texts[phrase.text] += 1
            here.places.append((number, phrase.span))
        for acronym, longer in long_forms(sentence.tokens, phrases):
            if acronym.key in found:
                found[acronym.key].long_forms[longer.text] += 1
    return found


def c_values(counts: dict[tuple[str, ...], tuple[int, int]]) -> dict[tuple[str, ...], float]:
    """C-value of each phrase, given its words as keys, its length in content words and its frequency.

    >>> values = c_values({("centre", "de", "calcul"): (2, 5), ("grand", "centre", "de", "calcul"): (3, 2)})
    >>> [round(value, 2) for value in values.values()]
    [4.75, 4.0]
    """
    longer: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for key, (_, count) in counts.items():
        inner = {key[i:j] for i in range(len(key)) for j in range(i + 1, len(key) + 1)} - {key}
        for part in inner:
            if part in counts:
                longer[part].append(count)
    values = {}
    for key, (size, count) in counts.items():
        nested = longer.get(key, [])
        owed = sum(nested) / len(nested) if nested else 0.0
        values[key] = math.log2(size + 1) * (count - owed)
    return values


def _covered(found: dict[tuple[str, ...], _Found], worth: dict[tuple[str, ...], float]) -> dict[int, list[Span]]:
    """Where phrases of several words stand, by sentence: a single word inside one is rendered as a part of it."""
    spans: dict[int, list[Span]] = defaultdict(list)
    for key, phrase in found.items():
        if phrase.size > 1 and worth[key] > 0:
            for number, span in phrase.places:
                spans[number].append(span)
    covered = {}
    for number, inside in spans.items():
        merged: list[Span] = []
        for start, end in sorted(inside):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        covered[number] = merged
    return covered


def _within(span: Span, spans: Sequence[Span]) -> bool:
    """Whether `span` lies inside one of `spans`, which are in order and disjoint."""
    at = bisect_right(spans, (span[0], math.inf)) - 1
    return at >= 0 and span[1] <= spans[at][1]


@lru_cache(maxsize=16384)
def _is_new(word: str) -> bool:
    """Whether no dictionary of general French knows a word (gigafactory, superordinateur): likely a term by itself."""
    import simplemma

    # The dictionary has no words without inflection: adverbs, and nouns in -s or -x.
    invariable = word.endswith(("s", "x", "z", "ment"))
    return word.isalpha() and len(word) > 3 and not invariable and not simplemma.is_known(word, lang="fr")


def _suggestion(
    phrase: _Found, seen: Sequence[Rendition], worth: float, sentences: Sequence[_Sentence], translated: Sequence[int]
) -> Suggestion:
    renderings = tuple(Rendering(r.text, len(r.pairs), sentences[translated[r.pairs[0]]].place) for r in seen)
    kind: Kind = "two renderings" if len(seen) > 1 else "acronym" if phrase.acronym else "phrase"
    score = math.log2(phrase.size + 1) * sum(r.count for r in renderings[1:]) if len(seen) > 1 else worth
    first = sentences[phrase.places[0][0]]
    return Suggestion(
        dictionary_form(phrase.texts),
        kind,
        len(phrase.places),
        len({sentences[number].article for number, _ in phrase.places}),
        round(score, 2),
        first.place,
        first.tokens.text,
        renderings,
        dictionary_form(phrase.long_forms) if phrase.long_forms else "",
    )


def as_glossary(suggestions: Iterable[Suggestion]) -> Glossary:
    """The suggestions whose English was seen as rows to be checked: level ``prefer``, counts and examples in the note.

    >>> row = Suggestion("puce", "phrase", 3, 1, 1.0, "a:p1.s1", "La puce", (Rendering("chip", 3, "a:p1.s1"),))
    >>> as_glossary([row]).terms[0].note
    'suggested: chip 3 (a:p1.s1)'
    """
    terms = []
    for s in suggestions:
        if s.renderings:
            seen = ", ".join(f"{r.text} {r.count} ({r.example})" for r in s.renderings)
            pos = "acronym" if s.source.isupper() else ""
            terms.append(Term(s.source, s.renderings[0].text, pos=pos, level="prefer", note=f"suggested: {seen}"))
    return Glossary(tuple(terms), "suggestions")
