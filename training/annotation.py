"""Annotated terms: spans that could be a glossary's are found in linked pairs, and some are written into the French with their English.

The form is that of Dinu et al. 2019 ("Training Neural Machine Translation to Apply Terminology Constraints"), with tags that are
pieces of their own: ``Le<term> supercalculateur<as> supercomputer</term> est prêt.`` The opening tag stands before the space, so that
the term keeps the pieces it has in plain text. Half of the plural renderings are given in the singular, the form that a glossary has,
so that the model learns to inflect (Bergmanis and Pinnis 2021 do it with lemmas on all).
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bilingual.inflection import english_plural, english_singular, is_brand_like
from training.corpus import Link, Pair, Span
from training.links import words

Tags = tuple[str, str, str]
TAGS: Tags = ("<term>", "<as>", "</term>")
"""What stands before a term, between it and its English, and after it; pieces of the vocabulary."""
MOST_WORDS = 4
"""Words of a term on either side."""
MOST_TERMS = 3
"""Terms annotated in one sentence."""
_TERMLIKE = re.compile(r"[^\W\d_]{4,}|[A-Z]{2,}s?")
_JOINING_FRENCH = frozenset("de du des d' à au aux en la le les l' -".split())
_JOINING_ENGLISH = frozenset("of the for in to and -".split())


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the words of a corpus are like: those too common to begin or end a term, and the usual rendering of each French word."""

    common_french: frozenset[str]
    common_english: frozenset[str]
    usual: Mapping[str, str]


def learn_lexicon(pairs: Iterable[Pair], common: tuple[int, int] = (250, 180)) -> Lexicon:
    """The lexicon of linked pairs; `common`: how many words of each side are too common, in a small corpus a fifth of them at most."""
    french: Counter[str] = Counter()
    english: Counter[str] = Counter()
    renderings: dict[str, Counter[str]] = defaultdict(Counter)
    for pair in pairs:
        ours, theirs = _cased(pair.french), _cased(pair.english)
        french.update(ours)
        english.update(theirs)
        for i, j in pair.links or ():
            if i < len(ours) and j < len(theirs):
                renderings[ours[i]][theirs[j]] += 1
    tops = [_most_common(side, most) for side, most in zip((french, english), common, strict=True)]
    usual = {word: max(sorted(found), key=found.__getitem__) for word, found in renderings.items()}
    return Lexicon(tops[0], tops[1], usual)


def _most_common(counted: Counter[str], most: int) -> frozenset[str]:
    lettered = Counter({word: n for word, n in counted.items() if word.isalpha()})
    return frozenset(word for word, _ in lettered.most_common(min(most, len(lettered) // 5)))


def _cased(text: str) -> list[str]:
    return [text[a:b].casefold() for a, b in words(text)]


def find_terms(pair: Pair, lexicon: Lexicon) -> tuple[tuple[Span, Span], ...]:
    """Spans of the French and of the English that render each other and could be a term's, the most instructive first.

    Spans are consistent with the links (Koehn, Och and Marcu 2003): no word in one is linked out of the other. They begin and end
    with linked words that mean something, and have nothing but such words and what joins nouns inside. A rendering that is not the usual
    one teaches more, and so do several words.

    >>> pair = Pair("Le centre de calcul chauffe.", "The data center overheats.", ((0, 0), (1, 2), (3, 1), (4, 3), (5, 4)))
    >>> lexicon = Lexicon(frozenset({"chauffe"}), frozenset(), {"centre": "center", "calcul": "data"})
    >>> [(pair.french[a:b], pair.english[c:d]) for (a, b), (c, d) in find_terms(pair, lexicon)]
    [('centre de calcul', 'data center'), ('centre', 'center'), ('calcul', 'data')]
    """
    french, english = words(pair.french), words(pair.english)
    links = [(i, j) for i, j in pair.links or () if i < len(french) and j < len(english)]
    found: list[tuple[int, tuple[Span, Span]]] = []
    ours, theirs = [pair.french[a:b] for a, b in french], [pair.english[a:b] for a, b in english]
    for first in range(len(french)):
        if not _may_bound(ours[first], lexicon.common_french):
            continue
        for last in range(first, min(first + MOST_WORDS, len(french))):
            if not _may_bound(ours[last], lexicon.common_french):
                if ours[last].casefold().replace("’", "'") in _JOINING_FRENCH:
                    continue
                break
            span = _rendering(links, first, last)
            if span is None or span[1] - span[0] >= MOST_WORDS:
                continue
            low, high = span
            if not all(_may_bound(theirs[j], lexicon.common_english) for j in span):
                continue
            inside = theirs[low + 1 : high]
            if not all(word.casefold() in _JOINING_ENGLISH or _may_bound(word, lexicon.common_english) for word in inside):
                continue
            unusual = first == last and low == high and lexicon.usual.get(ours[first].casefold()) != theirs[low].casefold()
            rank = 2 * unusual + (first < last)
            found.append((-rank, ((french[first][0], french[last][1]), (english[low][0], english[high][1]))))
    return tuple(spans for _, spans in sorted(found))


def _may_bound(word: str, common: frozenset[str]) -> bool:
    return _TERMLIKE.fullmatch(word) is not None and word.casefold() not in common


def _rendering(links: Sequence[Link], first: int, last: int) -> Span | None:
    """First and last English word of the phrase that renders French words `first` to `last`; None where there is none."""
    targets = {j for i, j in links if first <= i <= last}
    bounds = {i for i, _ in links} >= {first, last}
    if not targets or not bounds:
        return None
    low, high = min(targets), max(targets)
    return (low, high) if all(first <= i <= last for i, j in links if low <= j <= high) else None


def annotate(pair: Pair, chance: random.Random, tags: Tags = TAGS, singular: float = 0.5) -> Pair | None:
    """The pair with one to three of its terms annotated in the French; None where it has none. Links and terms are gone then.

    >>> pair = Pair("Les puces arrivent.", "The chips arrive.", terms=(((4, 9), (4, 9)),))
    >>> annotate(pair, random.Random(1), singular=1.0).french
    'Les<term> puces<as> chip</term> arrivent.'
    """
    chosen: list[tuple[Span, Span]] = []
    wanted = chance.choice((1, 1, 1, 2, 2, MOST_TERMS))
    open_to = list(pair.terms)
    while open_to and len(chosen) < wanted:
        term = open_to.pop(int(len(open_to) * chance.random() ** 2))
        if all(_apart(term[0], other[0]) and _apart(term[1], other[1]) for other in chosen):
            chosen.append(term)
    if not chosen:
        return None
    french = pair.french
    for (start, end), span in sorted(chosen, reverse=True):
        french = insert_term(french, (start, end), _wanted(pair, (start, end), span, chance, singular), tags)
    return replace(pair, french=french, links=None, terms=())


def insert_term(french: str, span: Span, english: str, tags: Tags = TAGS) -> str:
    """`french` with the term at `span` annotated; the space before it goes inside the tags.

    >>> insert_term("L'ordinateur est prêt.", (2, 12), "computer")
    "L'<term>ordinateur<as> computer</term> est prêt."
    """
    start, end = span
    opening = start - 1 if start and french[start - 1] == " " else start
    return f"{french[:opening]}{tags[0]}{french[opening:end]}{tags[1]} {english}{tags[2]}{french[end:]}"


def _wanted(pair: Pair, french: Span, english: Span, chance: random.Random, singular: float) -> str:
    """The English of a term as a glossary would have it: not raised by the sentence, and now and then in the singular."""
    text, source = pair.english[slice(*english)], pair.french[slice(*french)]
    if english[0] == 0 and source[:1].islower() and not is_brand_like(text):
        text = text[:1].lower() + text[1:]
    lemma = english_singular(text)
    plural = lemma != text and english_plural(lemma) == text and re.search(r"[sx]\b", source) is not None
    return lemma if plural and chance.random() < singular else text


def _apart(one: Span, other: Span) -> bool:
    return one[1] <= other[0] or other[1] <= one[0]
