"""How a set of sentence pairs renders a French phrase, found by counting: outputs hold no word links.

A phrase and an English word sequence belong together when they occur in the same pairs: association is the Dice coefficient (Dice 1945;
for translations Smadja, McKeown and Hatzivassiloglou 1996, « Translating Collocations for Bilingual Lexicons ») over pairs, weighted by
how near the two stand to the same relative place, and has to pass the log-likelihood ratio test (Dunning 1993). What another French word
explains better is that word's rendering (competition as in Melamed 2000). When the best rendering is taken, the pairs that hold it are
set aside and the rest are asked again; so a second rendering shows. Where it is shorter than the French, the words around it are taken in
(processing unit: graphics processing unit, chart processing unit). One that occurs once is only believed when it is spelled almost like
the French or the first rendering, since every rare word of the pair occurs once.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from bilingual.document import Span
from bilingual.glossary.tokens import tokenize
from bilingual.inflection import FRENCH_LINKS, english_singular, fold, french_key

LONGEST = 4
"""Words of a rendering."""

LONGEST_PAIR = 2000
"""Characters of a sentence; in longer ones too much stands together."""

LEAST_DICE = 0.4
"""Below this two things are not taken for renderings of each other."""

LEAST_LIKELIHOOD = 6.63
"""Chi-squared at p < 0.01 with one degree of freedom."""

LEAST_LETTERS = 0.8
"""Longest common subsequence over the longer word: what counts as spelled alike (Melamed 1995 took 0.58 for cognates)."""

MOST_RENDITIONS = 4

_ENDING = re.compile(r"(?:ing|ed|e|s)$")

Gram = tuple[str, ...]

_GRAMMAR = frozenset(
    "a an the this that these those of in on at by for to from with without into onto over under between among through during before "
    "after since until against about as than and or but nor so if because while when where which who whom whose what how why not no "
    "yes is are was were be been being am has have had having do does did done will would shall should can could may might must it its "
    "he she him her his hers they them their theirs we us our ours you your yours i me my mine one there here then now also even just "
    "only more most less least very too such other another same each every all any some both either neither own still already yet again "
    "ever never always often s t re ve ll d up out off down per via not".split()
)


@dataclass(frozen=True, slots=True)
class Rendition:
    """An English rendering, in the singular and small letters, and the pairs (by number) in which it stands."""

    text: str
    pairs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bitext:
    """Sentence pairs made ready for counting; make it with `index_pairs`. ``french`` and ``english`` map to sets of pair numbers."""

    pairs: tuple[tuple[str, str], ...]
    french: dict[str, set[int]]
    english: dict[Gram, set[int]]


def index_pairs(pairs: Iterable[tuple[str, str]]) -> Bitext:
    """Index (French, English) pairs. Everything is held in memory: meant for some ten thousand sentences, not for corpora.

    Pairs of more than `LONGEST_PAIR` characters are kept, so that numbers stay what they are, but tell nothing.
    """
    kept = tuple(pair if max(map(len, pair)) <= LONGEST_PAIR else ("", "") for pair in pairs)
    french: dict[str, set[int]] = defaultdict(set)
    english: dict[Gram, set[int]] = defaultdict(set)
    for number, (source, target) in enumerate(kept):
        for word in _french(source):
            french[word].add(number)
        for gram, _ in _grams(target):
            english[gram].add(number)
    return Bitext(kept, dict(french), dict(english))


@lru_cache(maxsize=8192)
def _french(text: str) -> frozenset[str]:
    """The words of a French text, by their keys."""
    return frozenset(map(french_key, tokenize(text).words))


@lru_cache(maxsize=8192)
def _spellings(text: str) -> tuple[tuple[str, str], ...]:
    """The words of a French text, by their keys and as they are written."""
    return tuple((french_key(word), fold(word)) for word in tokenize(text).words if len(word) > 2)


def _beside(text: str, phrase: Gram) -> frozenset[str]:
    """What stands beside a phrase, to be told when it stays as it is: names most of all."""
    return frozenset(form for forms in _spellings(text) if forms[0] not in phrase for form in forms)


@lru_cache(maxsize=8192)
def _grams(text: str) -> tuple[tuple[Gram, Span], ...]:
    """Sequences of up to `LONGEST` words with their places; none begins or ends with a word of grammar or a number."""
    tokens = tokenize(text)
    keys = [fold(english_singular(word)) for word in tokens.words]
    hyphens = [gap == "-" for gap in tokens.gaps]
    ends = [
        ((word.lower() not in _GRAMMAR and len(word) > 1) or hyphens[i] or (i > 0 and hyphens[i - 1])) and word[0].isalpha()
        for i, word in enumerate(tokens.words)
    ]
    grams: list[tuple[Gram, Span]] = []
    for first, begins in enumerate(ends):
        if not begins:
            continue
        for last in range(first, min(first + LONGEST, len(keys))):
            if last > first and tokens.gaps[last - 1] not in (" ", "-"):
                break
            if ends[last]:
                grams.append((tuple(keys[first : last + 1]), (tokens.spans[first][0], tokens.spans[last][1])))
    return tuple(grams)


def renditions(bitext: Bitext, phrase: Gram, places: Sequence[tuple[int, Span]]) -> list[Rendition]:
    """The renderings of a French phrase, the most frequent first; none where the counts do not tell.

    `phrase` are the keys of its words (`french_key`), `places` the pairs in which it stands, with its span in the French.

    >>> pairs = [("La puce chauffe.", "The chip heats."), ("Une puce de plus.", "One more chip."), ("Il pleut.", "It rains.")]
    >>> [r.text for r in renditions(index_pairs(pairs * 2), ("puce",), [(0, (3, 7)), (1, (4, 8)), (3, (3, 7)), (4, (4, 8))])]
    ['chip']
    """
    where: dict[int, list[Span]] = defaultdict(list)
    for number, span in places:
        if bitext.pairs[number][1]:
            where[number].append(span)
    left = dict(where)
    found: list[tuple[Gram, Rendition]] = []
    while left and len(found) < MOST_RENDITIONS:
        settled = set(where) - set(left)
        best = _best(bitext, phrase, left, settled, [gram for gram, _ in found])
        if best is None:
            break
        numbers = sorted(number for number in left if number in bitext.english[best])
        for gram, some in _completed(bitext, phrase, best, numbers, [gram for gram, _ in found]).items():
            found.append((gram, Rendition(_surface(bitext, gram, some), tuple(some))))
        left = {number: spans for number, spans in left.items() if number not in bitext.english[best]}
    return sorted((rendition for _, rendition in found), key=lambda r: (-len(r.pairs), r.text))


def _best(bitext: Bitext, phrase: Gram, left: dict[int, list[Span]], settled: set[int], taken: Sequence[Gram]) -> Gram | None:
    """The word sequence that belongs best to a phrase in the pairs that are left, or None; those settled do not count."""
    near: dict[Gram, list[float]] = defaultdict(list)
    longest = _size(phrase) + 1
    for number, spans in left.items():
        source, target = bitext.pairs[number]
        beside = _beside(source, phrase)
        middles = [(start + end) / 2 / len(source) for start, end in spans]
        nearest: dict[Gram, float] = {}
        for gram, (start, end) in _grams(target):
            if len(gram) > longest or any(
                len(word) > 2 and word in beside for word in gram
            ):  # other words of the French that stay as they are
                continue
            far = min(abs((start + end) / 2 / len(target) - middle) for middle in middles)
            nearest[gram] = min(far, nearest.get(gram, 1.0))
        for gram, far in nearest.items():
            near[gram].append(1 - far)
    scored = []
    for gram, weights in near.items():
        if any(_is_part(gram, other) for other in taken):
            continue
        both, right = len(weights), len(bitext.english[gram] - settled)
        dice = 2 * both / (len(left) + right)
        scored.append((-dice * sum(weights) / both, -len(gram), gram, dice, both, right))
    for _, _, gram, dice, both, right in sorted(scored):
        if both == 1:
            if taken and _is_spelled_alike(bitext, phrase, gram, left, taken):
                return gram
        elif dice >= LEAST_DICE and _is_enough(phrase, gram, both, len(left), bool(taken)):
            likely = _likelihood(both, len(left), right, len(bitext.pairs) - len(settled)) >= LEAST_LIKELIHOOD
            if likely and not _explained(bitext, phrase, gram, set(left), settled, dice):
                return gram
    return None


def _is_enough(phrase: Gram, gram: Gram, both: int, left: int, second: bool) -> bool:
    """Whether so few pairs tell anything. Two do not for a first rendering of one word, unless it is spelled like the French."""
    if both > 2:
        return True
    return both * 2 >= left and (second or len(gram) > 1 or gram == phrase or _alike(gram, phrase) >= LEAST_LETTERS)


def _completed(bitext: Bitext, phrase: Gram, gram: Gram, numbers: Sequence[int], taken: Sequence[Gram]) -> dict[Gram, list[int]]:
    """Pairs by the words around `gram` in each, where it renders less than the whole phrase: computing power, compute power."""
    size = _size(phrase)
    whole: dict[Gram, list[int]] = {gram: list(numbers)}
    if _english_size(gram) >= size:
        return whole
    around: dict[int, list[Gram]] = {}
    for number in numbers:
        source, target = bitext.pairs[number]
        beside = _beside(source, phrase)
        around[number] = [g for g, _ in _grams(target) if _inside(gram, g) and not _stands(g, beside)]
    counts = Counter(g for grams in around.values() for g in set(grams))
    for limit in range(size, _english_size(gram), -1):
        parts: dict[Gram, list[int]] = defaultdict(list)
        for number, grams in around.items():
            fitting = [g for g in grams if _english_size(g) <= limit]
            best = max(fitting, key=lambda g: (_english_size(g), counts[g], g[-len(gram) :] == gram, g), default=gram)
            parts[best].append(number)
        alone = len(parts.pop(gram, ()))
        if alone > 1 or alone * 3 >= len(numbers):  # by itself often enough to be the whole
            return whole
        siblings = any(_english_size(other) == limit and other[-len(gram) :] == gram for other in taken)
        lacks_one = 1 < _english_size(gram) == limit - 1 and not alone and all(part[-len(gram) :] == gram for part in parts)
        if siblings or lacks_one or max(map(len, parts.values())) > 1:  # other words each time are no part of it
            return dict(parts)
    return whole


def _stands(gram: Gram, words: Set[str]) -> bool:
    """Whether a sequence has one of the French words of its sentence, letter by letter: most likely a name beside the phrase."""
    return any(word in words for word in gram)


def _english_size(gram: Gram) -> int:
    return sum(word not in _GRAMMAR for word in gram)


def _size(phrase: Gram) -> int:
    """The words of a French phrase that are no links."""
    return sum(word not in FRENCH_LINKS and word not in ("la", "al") and len(word) > 1 for word in phrase)


def _explained(bitext: Bitext, phrase: Gram, gram: Gram, left: set[int], settled: set[int], dice: float) -> bool:
    """Whether another French word of the pairs goes better with an English word sequence."""
    english = bitext.english[gram] - settled
    words = frozenset().union(*(_french(bitext.pairs[number][0]) for number in left & english))
    for word in sorted(words.difference(phrase)):
        french = bitext.french[word] - settled
        if len(french & bitext.english.get((word,), set())) == len(french):  # a name that stays as it is
            continue
        if 2 * len(french & english) / (len(french) + len(english)) > dice:
            return True
    return False


def _likelihood(both: int, left: int, right: int, total: int) -> float:
    """Dunning's log-likelihood ratio of two events in `total` pairs, 0 where they repel each other.

    >>> round(_likelihood(3, 3, 3, 300), 1), _likelihood(1, 100, 100, 200)
    (33.6, 0.0)
    """
    if both * total <= left * right:
        return 0.0
    cells = (
        (both, left, right),
        (left - both, left, total - right),
        (right - both, total - left, right),
        (total - left - right + both, total - left, total - right),
    )
    return 2 * sum(seen * math.log(seen * total / (row * column)) for seen, row, column in cells if seen > 0)


def _inside(gram: Gram, other: Gram) -> bool:
    return any(other[i : i + len(gram)] == gram for i in range(len(other) - len(gram) + 1))


def _is_part(gram: Gram, other: Gram) -> bool:
    """Whether a sequence is no rendering beside another: the first part of it (data, data center), or the same verb (vote, voting).

    >>> _is_part(("data",), ("data", "center")), _is_part(("voting",), ("vote",)), _is_part(("center",), ("data", "center"))
    (True, True, False)
    """
    if [_ENDING.sub("", word) for word in gram] == [_ENDING.sub("", word) for word in other]:
        return True
    return _inside(gram, other) and other[-len(gram) :] != gram


def _is_spelled_alike(bitext: Bitext, phrase: Gram, gram: Gram, left: dict[int, list[Span]], taken: Sequence[Gram]) -> bool:
    """Whether a sequence that occurs once is spelled like the phrase or its other renderings (data centre, data center), and like
    no other word of the French more.
    """
    alike = max(_alike(gram, other) for other in (phrase, *taken))
    number = next(number for number in left if number in bitext.english[gram])
    words = _french(bitext.pairs[number][0]).difference(phrase)
    return alike >= LEAST_LETTERS and all(
        _alike(gram, (word,)) < _alike(gram, phrase) or _alike(gram, (word,)) == 0 for word in words
    )


def _alike(one: Gram, other: Gram) -> float:
    """How alike the least similar words of two sequences of one length are, 0 where they are the same sequence.

    >>> _alike(("data", "centre"), ("data", "center")) > LEAST_LETTERS, _alike(("data",), ("data", "center"))
    (True, 0.0)
    """
    if len(one) != len(other) or one == other:
        return 0.0
    return min(1.0 if a == b else _letters(a, b) for a, b in zip(one, other, strict=True))


def _letters(one: str, other: str) -> float:
    """The longest common subsequence over the longer of two words; 0 for short words, and for words of other lengths or beginnings."""
    if one[0] != other[0] or abs(len(one) - len(other)) > 2 or not 5 <= len(one) <= 40:
        return 0.0
    row = [0] * (len(other) + 1)
    for a in one:
        previous = 0
        for j, b in enumerate(other, 1):
            previous, row[j] = row[j], previous + 1 if a == b else max(row[j], row[j - 1])
    return row[-1] / max(len(one), len(other))


def _surface(bitext: Bitext, gram: Gram, numbers: Sequence[int]) -> str:
    """How a word sequence is written most often, in the singular; capitals at its beginning do not count."""
    texts: Counter[str] = Counter()
    for number in numbers:
        target = bitext.pairs[number][1]
        for found, (start, end) in _grams(target):
            if found == gram:
                text = target[start:end]
                words = (text.lower() if target.isupper() and len(gram) > 1 else text).split(" ")
                texts[" ".join(w if any(c.isupper() for c in w[1:]) or (len(w) == 1) else w.lower() for w in words)] += 1
    return english_singular(min(texts, key=lambda text: (-texts[text], text)))
