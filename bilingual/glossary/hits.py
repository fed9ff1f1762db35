"""Where the terms of a glossary stand in a French sentence.

The glossary is indexed once by keys that all number forms of a word share (`french_key`), so that nothing is enumerated; a place whose
keys fit is then read letter by letter. Of the places that overlap those are kept that cover the most characters, with the fewest terms.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from bilingual.document import Span
from bilingual.errors import GlossaryError
from bilingual.glossary.context import Context, holds, parse_context
from bilingual.glossary.model import Case, Glossary, Term, is_acronym
from bilingual.glossary.number import (
    Number,
    english_number_forms,
    is_complement,
    is_listed_in_plural,
    may_be_adjective,
    number_in_text,
)
from bilingual.glossary.tokens import Tokens, tokenize
from bilingual.inflection import (
    FRENCH_LINKS,
    fold,
    french_adjective_forms,
    french_key,
    french_plurals,
    french_singular,
    french_verb_forms,
    is_brand_like,
)

_ELISIONS = frozenset("l d qu j m t s n c jusqu lorsqu puisqu quoiqu presqu quelqu".split())
_AFTER_HYPHEN = frozenset("la ci t il elle on ils elles je tu nous vous ce moi lui leur y en".split())
_RESPELLED = ("evenement", "reglement", "allegement", "abregement", "secheresse", "cremerie", "celeri")
_BEFORE_HYPHEN = frozenset(("ex", "quasi"))
_HALVES = frozenset("start super data mega giga cyber semi micro multi hyper block crypto deep".split())
"""First halves of words that French also writes in two: « super calculateur », « start up »."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A term of the glossary as it stands in a sentence.

    ``span`` and ``text``: where, in code points, and how it is written there; ``targets``: the English that is allowed here as
    dictionary forms, the preferred first; ``complement``: it hangs on a noun before it (fabricant de puces), so that English may make
    it a modifier, in the singular.
    """

    term: Term
    span: Span
    text: str
    number: Number
    targets: tuple[str, ...]
    complement: bool = False

    @property
    def wanted(self) -> str:
        """The preferred English in the number of the French; its dictionary form where that is unknown.

        >>> Hit(Term("puce", "chip"), (0, 5), "puces", "plural", ("chip",)).wanted
        'chips'
        """
        target = self.targets[0]
        english = target if self.number == "invariant" else number_forms(self, target)[self.number == "plural"]
        if is_verb(self.term, target):
            english = english.removeprefix("to ")
        return english.upper() if self.term.case == "upper" else english

    @property
    def case(self) -> Case | Literal["proper"]:
        """How capitals of the English are held: as the row says; ``proper`` where it has capitals that its French has not.

        >>> Hit(Term("assemblée", "Parliament"), (0, 9), "assemblée", "singular", ("Parliament",)).case
        'proper'
        """
        term = self.term
        if term.case == "match" and term.source[:1].islower() and any(word[:1].isupper() for word in self.targets[0].split()):
            return "proper"
        return term.case


def is_verb(term: Term, target: str) -> bool:
    """Whether `target` is conjugated: the row says so, or it is "to …" for a French infinitive.

    >>> is_verb(Term("vendre", "to sell"), "to sell"), is_verb(Term("à ce jour", "to date"), "to date")
    (True, False)
    """
    if term.pos:
        return term.pos == "verb"
    return target.startswith("to ") and term.source.split()[0].endswith(("er", "ir", "re"))


def number_forms(hit: Hit, target: str) -> tuple[str, str]:
    """The singular and plural that one of a hit's targets has; the same word twice where it does not inflect.

    >>> number_forms(Hit(Term("indice", "index", plural="indices"), (0, 6), "indice", "singular", ("index",)), "index")
    ('index', 'indices')
    """
    term = hit.term
    if term.status == "do-not-translate" or term.pos in ("verb", "adjective", "adverb", "proper noun"):
        return target, target
    return english_number_forms(term.source, target, term.plural if target == term.target else "")


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One spelling under which a term is found: its words, the gaps between them, and signs before and after (C++)."""

    term: Term
    source: str
    words: tuple[str, ...]
    gaps: tuple[str, ...]
    prefix: str
    suffix: str
    unless: tuple[Context, ...]
    order: int


@dataclass(frozen=True, slots=True)
class Matcher:
    """A glossary made ready for finding; make it once with `compile_matcher`, it can be shared and pickled."""

    glossary: Glossary
    patterns: dict[tuple[str, ...], tuple[_Pattern, ...]] = field(repr=False)
    lengths: dict[str, tuple[int, ...]] = field(repr=False)
    keys: frozenset[str] = field(repr=False)


def compile_matcher(glossary: Glossary) -> Matcher:
    """Index a glossary; time and memory are linear in its letters. Raises `GlossaryError` for an `unless` that cannot be read.

    >>> matcher = compile_matcher(Glossary((Term("centre de données", "data center"),)))
    >>> [hit.text for hit in exclusive_hits(matcher, "Des centres de données.")]
    ['centres de données']
    """
    patterns: dict[tuple[str, ...], list[_Pattern]] = {}
    always: set[str] = set()  # sources that an earlier row takes wherever they stand: a later row cannot have them
    for order, term in enumerate(glossary.terms):
        for source in term.sources:
            if term.status == "preferred":
                if source in always:
                    continue
                if not term.unless:
                    always.add(source)
            for pattern, keys in _patterns(term, source, order):
                patterns.setdefault(keys, []).append(pattern)
    lengths: dict[str, set[int]] = {}
    for keys in patterns:
        lengths.setdefault(keys[0], set()).add(len(keys))
    return Matcher(
        glossary,
        {keys: tuple(row) for keys, row in patterns.items()},
        {key: tuple(sorted(sizes)) for key, sizes in lengths.items()},
        frozenset(key for keys in patterns for key in keys),
    )


def _patterns(term: Term, source: str, order: int) -> Iterator[tuple[_Pattern, tuple[str, ...]]]:
    tokens = tokenize(source)
    if not tokens.words:
        return
    prefix, suffix = source[: tokens.spans[0][0]].strip(), source[tokens.spans[-1][1] :].strip()
    try:
        unless = parse_context(term.unless) if term.unless else ()
    except ValueError as error:
        raise GlossaryError(f"{f'line {term.line}: ' if term.line else ''}{term.source}: {error}") from None
    whole = _Pattern(term, source, tokens.words, tokens.gaps[:-1], prefix, suffix, unless, order)
    keys = tuple(french_key(word) for word in tokens.words)
    yield whole, keys
    if any(_inflects_beyond_number(term, source)) and term.status != "do-not-translate":
        for key in sorted({french_key(form) for form in _forms(whole)[0]} - {keys[0]}):
            yield whole, (key, *keys[1:])
    if set(whole.gaps) == {"-"}:
        fused = "".join(tokens.words)
        yield replace(whole, source=fused, words=(fused,), gaps=()), (french_key(fused),)


def _inflects_beyond_number(term: Term, source: str) -> tuple[bool, bool]:
    """Whether a source has feminine forms, and whether it is conjugated; where the glossary does not say, the English tells."""
    adjectival = term.pos == "adjective" or may_be_adjective(term, source)
    return adjectival, is_verb(term, term.target)


def _forms(pattern: _Pattern) -> tuple[frozenset[str], ...]:
    source, target = pattern.source, pattern.term.target
    both_plural = is_listed_in_plural(source) and english_number_forms(source, target)[0] != target
    return _word_forms(source, *_inflects_beyond_number(pattern.term, source), both_plural)


@lru_cache(maxsize=65536)
def _word_forms(source: str, adjectival: bool, verb: bool, both_plural: bool) -> tuple[frozenset[str], ...]:
    """The small-letter forms allowed at each word of a source. In a compound singular and plural may mix (« centre de donnée »)."""
    words = tokenize(source).words
    forms: list[frozenset[str]] = []
    for i, word in enumerate(words):
        allowed = {word}
        if verb and i == 0:
            allowed |= french_verb_forms(word.lower())
        elif word.lower() not in FRENCH_LINKS:
            allowed |= set(french_plurals(word))
            if len(words) > 1 or both_plural:
                allowed |= {french_singular(word), *french_plurals(french_singular(word))}
            if len(words) == 1 and adjectival:
                allowed |= french_adjective_forms(word)
        forms.append(frozenset(form.lower() for form in allowed))
    return tuple(forms)


# --- finding -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """A pattern that reads right at the words ``first`` … ``last`` of a sentence."""

    pattern: _Pattern
    span: Span
    first: int
    last: int
    tokens: Tokens


def exclusive_hits(matcher: Matcher, source: str) -> tuple[Hit, ...]:
    """The terms that stand in a French sentence, in order, disjoint, none inside a longer one; forbidden rows left out."""
    return hits_and_rows(matcher, source)[0]


def hits_and_rows(matcher: Matcher, source: str) -> tuple[tuple[Hit, ...], tuple[tuple[Term, Span], ...]]:
    """`exclusive_hits`, and the forbidden rows of `all_places`, the sentence read once."""
    places = _places(matcher, source)
    if not places:
        return (), ()
    hits = tuple(_hit(place) for place in _exclusive([p for p in places if p.pattern.term.status != "forbidden"]))
    banned = sorted((p for p in places if p.pattern.term.status == "forbidden"), key=lambda p: (p.span, p.pattern.order))
    return hits, tuple((place.pattern.term, place.span) for place in banned)


def all_places(matcher: Matcher, source: str) -> tuple[tuple[Term, Span], ...]:
    """Every place of every row, forbidden and overlapping ones included, by position."""
    return tuple(
        (place.pattern.term, place.span) for place in sorted(_places(matcher, source), key=lambda p: (p.span, p.pattern.order))
    )


def _hit(place: _Place) -> Hit:
    pattern, (start, end), tokens = place.pattern, place.span, place.tokens
    text = tokens.text[start:end]
    targets = (text,) if pattern.term.status == "do-not-translate" else pattern.term.targets
    number = number_in_text(pattern.term, pattern.source, tokens, place.first, place.last)
    return Hit(pattern.term, place.span, text, number, targets, is_complement(tokens, place.first))


def _places(matcher: Matcher, source: str) -> list[_Place]:
    tokens = tokenize(source)
    found = list(_places_in(matcher, tokens))
    fused = _fuse(matcher, tokens)
    if fused is not None:
        seen = {(place.span, place.pattern.order) for place in found}
        found += [place for place in _places_in(matcher, fused) if (place.span, place.pattern.order) not in seen]
    return found


def _places_in(matcher: Matcher, tokens: Tokens) -> Iterator[_Place]:
    keys = tuple(french_key(word) for word in tokens.words)
    for first, key in enumerate(keys):
        for length in matcher.lengths.get(key, ()):
            last = first + length - 1
            if last >= len(keys):
                break
            for pattern in matcher.patterns.get(keys[first : last + 1], ()):
                span = _reads(pattern, tokens, first, last)
                if span and not (pattern.unless and holds(pattern.unless, tokens, first, last)):
                    yield _Place(pattern, span, first, last, tokens)


def _fuse(matcher: Matcher, tokens: Tokens) -> Tokens | None:
    """The sentence with « super-calculateur » and « super calculateur » as one word, where the glossary has that word."""
    words, spans, gaps, chains = [], [], [], []
    at, changed = 0, False
    while at < len(tokens.words):
        word, span = tokens.words[at], tokens.spans[at]
        joins = tokens.gaps[at] == "-" or (tokens.gaps[at] == " " and fold(word) in _HALVES)
        if joins and french_key(word + tokens.words[at + 1]) in matcher.keys:
            at, changed = at + 1, True
            word, span = word + tokens.words[at], (span[0], tokens.spans[at][1])
        words.append(word)
        spans.append(span)
        gaps.append(tokens.gaps[at])
        chains.append(tokens.chains[at])
        at += 1
    return Tokens(tokens.text, tuple(words), tuple(spans), tuple(gaps), tuple(chains)) if changed else None


def _reads(pattern: _Pattern, tokens: Tokens, first: int, last: int) -> Span | None:
    """The span of a pattern at the words `first` … `last`, whose keys fit, or None where the letters do not or it is part of more."""
    exact = pattern.term.status == "do-not-translate"
    for gap, found in zip(pattern.gaps, tokens.gaps[first:last], strict=True):
        if gap == found or (not exact and gap in (" ", "-") and found in (" ", "-")):
            continue
        if gap in (" ", "-", "'") or gap.strip() != found.strip():
            return None
    words = tokens.words[first : last + 1]
    if words != pattern.words:
        if exact:
            return None
        forms = _forms(pattern)
        proper = pattern.term.pos == "proper noun"
        for listed, word, allowed in zip(pattern.words, words, forms, strict=True):
            if not _same_word(listed, word, allowed) or (proper and listed[0].isupper() and not word[0].isupper()):
                return None
    start, end = tokens.spans[first][0], tokens.spans[last][1]
    text = tokens.text
    if not (text[:start].endswith(pattern.prefix) and text.startswith(pattern.suffix, end)):
        return None
    span = (start - len(pattern.prefix), end + len(pattern.suffix))
    return span if _stands_alone(pattern, tokens, first, last, span) else None


def _same_word(listed: str, word: str, allowed: frozenset[str]) -> bool:
    if is_acronym(listed):
        return word in (listed, listed + "s")
    if word.lower() in allowed:
        return True
    folded = fold(word)
    return any(fold(form) == folded and _same_but_for_accents(word, form) for form in allowed)


def _same_but_for_accents(word: str, form: str) -> bool:
    """ENERGIE and Energie for énergie; the spellings of 1990 (entrainement, évènement). Other accents are part of the word."""
    word, form = word.replace("œ", "oe").replace("Œ", "OE"), form.replace("œ", "oe")
    if len(word) != len(form):
        return False
    respelled = fold(form).startswith(_RESPELLED)  # not différent for diffèrent
    for have, want in zip(word, form, strict=True):
        low = have.lower()
        bare_capital = have != low and low.isascii()
        spelling = ({low, want} in ({"i", "î"}, {"u", "û"}) and len(word) > 4) or ({low, want} == {"é", "è"} and respelled)
        if low != want and not bare_capital and not spelling:
            return False
    return True


def _stands_alone(pattern: _Pattern, tokens: Tokens, first: int, last: int, span: Span) -> bool:
    text, (start, end) = tokens.text, span
    chains = tokens.chains
    for at in {first, last}:
        # A whole dotted name may be a term (X.AI), a part of one may not.
        if chains[at] >= 0 and chains[at] in (chains[first - 1] if first else -1, *chains[last + 1 : last + 2]):
            return False
    before, after = tokens.gaps[first - 1] if first else "", tokens.gaps[last]
    if (start and text[start - 1] in "@#") or text[end : end + 1] in ("+", "#") or "&" in (before, after):
        return False
    if before == "'" and fold(tokens.words[first - 1]) not in _ELISIONS:
        return False
    if after == "'" and tokens.words[last + 1] not in ("s", "S"):
        return False
    if before == "-" and fold(tokens.words[first - 1]) not in _BEFORE_HYPHEN and not _takes_hyphen(pattern.words[0]):
        return False
    if after == "-":
        following = tokens.words[last + 1]
        if following[0].isdigit() or not (fold(following) in _AFTER_HYPHEN or _takes_hyphen(pattern.words[-1])):
            return False
    return True


def _takes_hyphen(listed: str) -> bool:
    """Names and acronyms stay themselves beside a hyphen (multi-GPU, Nvidia-OpenAI); common nouns make another word (sous-réseau)."""
    return is_brand_like(listed) or listed[:1].isupper()


def _exclusive(places: list[_Place]) -> list[_Place]:
    """Weighted interval scheduling: disjoint places that cover the most characters, with the fewest terms, the first rows first."""
    if len(places) < 2:
        return places
    places = sorted(places, key=lambda p: (p.span[1], p.span[0], p.pattern.order))
    ends = [place.span[1] for place in places]
    best: list[tuple[int, int]] = [(0, 0)]
    taken: list[int] = [-1]  # the place that the best choice among the first n takes last, -1 for the choice among the first n-1
    for n, place in enumerate(places):
        start, end = place.span
        compatible = bisect_right(ends, start, 0, n)
        covered, count = best[compatible]
        with_it = (covered + end - start, count - 1)
        best.append(max(best[n], with_it))
        taken.append(compatible if with_it > best[n] else -1)
    chosen = []
    n = len(places)
    while n:
        if taken[n] < 0:
            n -= 1
        else:
            chosen.append(places[n - 1])
            n = taken[n]
    return chosen[::-1]
