"""Choosing the sentences of a summary: scored once, on one side, so that both languages say the same thing by construction.

    segments ── words ──> graph: centrality ──┐
        │      lead, headings, names, figures ├──> score ──> tier by tier, without repeating ──> order of the text
        └────── standing: what stands alone ──┘

Extractive summarisation by centrality (LexRank, Erkan & Radev 2004) with the lead prior that news asks for, and maximal marginal relevance
(Carbonell & Goldstein 1998) against saying a thing twice. Every part of a score lies between 0 and 1, so that a weight is what the
part can decide. Everything is linear in the text but for the graph, which is bounded (`bilingual.summary.graph`).
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from bilingual.document import CLUTTER, Document, Segment, Summary, SummarySentence
from bilingual.names import find_names
from bilingual.numerals import Language
from bilingual.summary import mentions
from bilingual.summary.figures import find_figures
from bilingual.summary.graph import Vector, centrality, cosine, inverse_frequencies, vector
from bilingual.summary.standing import LAST, NAMELESS, NEVER, QUOTATION, leans_inside, quoted, tier, voice, why_not
from bilingual.summary.words import content_words

DOUBTFUL = "its English is doubtful"
_LIGHT = frozenset({"cut"})
"""Flags that say nothing bad about the English."""
_GRAVE = frozenset({"failed", "empty", "loop", "omission", "untranslated", "number-changed", "too-long"})


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts, and how much: set by reasoning about French news, never fitted to reference summaries.

    - ``centrality`` 1.0: the measure of the others. What many sentences come back to is what the article is about.
    - ``lead`` 1.0: news says first what matters most; half of it is gone after a paragraph (three sentences), so that it settles the first
      sentence and hardly orders the last ones. As much as centrality: the one is blind to news, the other to everything else.
    - ``opening`` 0.2: the first sentence of a paragraph says what it is about, the others explain it.
    - ``heading`` 0.4: a desk has already said in title and standfirst what matters. Less than half of centrality: titles play.
    - ``names`` 0.2, ``figures`` 0.4, ``terms`` 0.2: who, how much, what. Figures twice as much: names recur, a figure is news.
      Each saturates: the third one adds little, or a list of clubs would win.
    - ``length`` 0.3: a sentence of under eight words seldom tells anything; one of over forty is a paragraph in disguise.
    - ``contrast`` 0.2, ``voice`` 0.3, ``speech`` 0.3: against « pourtant » in the middle of things, against « je » and « vous », and
      against what is mainly somebody's words: they comment on the news.
    - ``doubt`` 0.1, ``grave`` 0.4: flags of the translation. The first only decides between equals; the second is for sentences that
      say something else in English.
    - ``redundancy`` 2.0: a sentence half like one already taken loses a whole point, as much as centrality or the lead can give.
    """

    centrality: float = 1.0
    lead: float = 1.0
    opening: float = 0.2
    heading: float = 0.4
    names: float = 0.2
    figures: float = 0.4
    terms: float = 0.2
    length: float = 0.3
    contrast: float = 0.2
    voice: float = 0.3
    speech: float = 0.3
    doubt: float = 0.1
    grave: float = 0.4
    redundancy: float = 2.0


LEAD_HALVED = 3
"""Sentences after which the lead's weight is halved: a paragraph of French news."""

FEWEST, USUAL, MOST = 3, 4, 5
SHORT, LONG = 12, 24
"""Without a number asked for: four sentences, three of an article of less than `SHORT`, five of one of `LONG` or more. Twenty seconds of
reading are some eighty words, four French sentences; less than three leave out who says otherwise, more than five are an article."""


_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be taken: its place in the text, what speaks against it, its score and its words."""

    segment: Segment
    reasons: tuple[str, ...]
    tier: int
    score: float
    vector: Vector


def summarize(
    document: Document,
    sentences: int | None = None,
    *,
    ratio: float | None = None,
    weights: Weights = Weights(),
    language: Language = "fr",
) -> Summary:
    """The summary of an article that is split (and, for its English side, translated).

    `sentences`: how many; as many as there are where there are fewer. `ratio`: their share of the article's sentences instead. Without
    either, three to five by length (see `FEWEST`); then no caption or byline is taken to make up the number. `language` is the language
    of the sources; "en" is there to compare what either language would choose.

    >>> from bilingual.document import Block
    >>> texts = ["Le port de Brest ferme lundi.", "Il rouvrira.", "Les navires iront au port du Havre."]
    >>> segments = tuple(Segment(f"p1.s{n}", text, target=text.upper()) for n, text in enumerate(texts, 1))
    >>> summary = summarize(Document("a.txt", (Block(1, "paragraph", " ".join(texts), segments=segments),)), 2)
    >>> [(s.segment, s.source) for s in summary.sentences]
    [('p1.s1', 'Le port de Brest ferme lundi.'), ('p1.s3', 'Les navires iront au port du Havre.')]
    """
    if (sentences is not None and sentences < 1) or (ratio is not None and not 0 < ratio <= 1):
        raise ValueError("a summary has one sentence at least, and a ratio lies between 0 and 1")
    found = candidates(document, weights, language)
    good = sum(candidate.tier < 2 for candidate in found)
    if sentences is None and ratio is not None:
        sentences = math.ceil(ratio * len(found))
    if sentences is None:
        sentences = min(default_number(good), good) or min(FEWEST, len(found))
    chosen = choose(found, sentences, weights.redundancy)
    ranks = {place: rank for rank, place in enumerate(chosen, 1)}
    taken = tuple(_taken(found[place], ranks[place], place - 1 in ranks) for place in sorted(chosen))
    shown = [s for s in document.segments if s.block not in NEVER and s.block not in CLUTTER]
    scores = {c.segment.id: max(0.0, c.score) for c in found} | {s.segment: 3.0 for s in taken}
    summary = Summary(taken, mentions.headline(document))
    return replace(summary, figures=mentions.key_figures(shown, scores), names=mentions.names(shown), terms=mentions.terms(shown))


def default_number(sentences: int) -> int:
    """How many sentences a summary has when nobody says, of an article with as many as `sentences` that can be taken.

    >>> [default_number(n) for n in (2, 11, 12, 23, 24, 400)]
    [3, 3, 4, 4, 5, 5]
    """
    return FEWEST if sentences < SHORT else USUAL if sentences < LONG else MOST


def _taken(candidate: Candidate, rank: int, follows: bool) -> SummarySentence:
    """What stands in the summary; `follows`: the sentence before it does, too, so that its pronoun has somebody to mean."""
    segment, marks = candidate.segment, [reason for reason in candidate.reasons if not (follows and reason == NAMELESS)]
    if candidate.tier and segment.block not in ("paragraph", "line"):
        marks.append(segment.block)
    if set(segment.flags) - _LIGHT or segment.origin == "failed":
        marks.append(DOUBTFUL)
    return SummarySentence(rank, segment.id, segment.source, segment.target, tuple(marks))


def candidates(document: Document, weights: Weights = Weights(), language: Language = "fr") -> list[Candidate]:
    """The sentences that may be taken, in order, scored. Titles, headings, page clutter and lines without a word are none."""
    within: list[tuple[Segment, int, bool]] = []  # sentence, its number in the block, whether it is in a quotation
    for block in document.blocks:
        if block.kind in NEVER or block.kind in CLUTTER:
            continue
        for number, (segment, inside) in enumerate(zip(block.segments, quoted(block.segments), strict=True)):
            if segment.origin == "given" and not segment.target:
                continue  # the translation does not have it
            if any(map(str.isalpha, _ADDRESS.sub("", segment.source))):
                within.append((replace(segment, block=block.kind), number, inside))
    bags = [content_words(segment.source, language) for segment, _, _ in within]
    rare = inverse_frequencies(bags)
    vectors = [vector(bag, rare) for bag in bags]
    heading = vector(_heading_words(document, language), rare)
    central = centrality(bags)
    found: list[Candidate] = []
    place = 0
    for index, (segment, number, inside) in enumerate(within):
        reasons = why_not(segment, language) + ((QUOTATION,) if inside else ())
        score = (
            weights.centrality * central[index]
            + weights.opening * (number == 0)
            + weights.heading * min(1.0, 2 * cosine(vectors[index], heading))
            + _matter(segment, weights)
            - _against(segment, len(segment.source.split()), weights, language)
        )
        if segment.block not in LAST:
            scene = bool(heading) and not cosine(vectors[index], heading)
            score += weights.lead * 0.5 ** (place / LEAD_HALVED + scene)
            place += 1
        found.append(Candidate(segment, reasons, tier(segment, reasons), score, vectors[index]))
    return found


def _heading_words(document: Document, language: Language) -> list[str]:
    """The words of the title and of what stands under it; a subheading further down speaks of its section alone."""
    top = takewhile(lambda block: block.kind not in ("paragraph", "line"), document.blocks)
    return [word for b in top if b.kind in NEVER for s in b.segments for word in content_words(s.source, language)]


def _matter(segment: Segment, weights: Weights) -> float:
    """Names, figures and terms of a sentence; each kind saturates: one half, three quarters …"""
    named = len({segment.source[slice(*span)] for span in find_names(segment.source)})
    counted = len(find_figures(replace(segment, target="")))
    known = len({hit.wanted for hit in segment.terms})
    return sum(w * (1 - 0.5**n) for w, n in ((weights.names, named), (weights.figures, counted), (weights.terms, known)))


def _against(segment: Segment, words: int, weights: Weights, language: Language) -> float:
    """What is taken off a score."""
    off = weights.length * (max(0.0, 1 - words / 8) + max(0.0, min(1.0, (words - 40) / 20)))
    off += weights.contrast * leans_inside(segment.source, language) + weights.voice * voice(segment.source, language)
    inside = sum(len(part) for part in _quotations(segment.source))
    off += weights.speech * (inside > 0.4 * len(segment.source))
    flags = set(segment.flags) - _LIGHT
    return off + (weights.grave if flags & _GRAVE or segment.origin == "failed" else weights.doubt if flags else 0.0)


def _quotations(text: str) -> list[str]:
    parts = text.replace("“", "«").replace("”", "»").split("«")[1:]
    return [part.partition("»")[0] for part in parts]


def choose(found: Sequence[Candidate], number: int, redundancy: float) -> list[int]:
    """The places of `number` candidates, the best first: tier by tier, each at its score less what it repeats of those taken before.

    A sentence whose pronoun names nobody stands as soon as the sentence before it is taken. Scores only ever fall, so that a candidate is
    looked at again when it comes to the top and not before (Minoux 1978).
    """
    likest = [0.0] * len(found)
    holders: dict[str, list[int]] = {}
    for place, candidate in enumerate(found):
        for word in candidate.vector:
            holders.setdefault(word, []).append(place)
    heap = [(candidate.tier, -candidate.score, place) for place, candidate in enumerate(found)]
    heapq.heapify(heap)
    chosen: list[int] = []
    taken: set[int] = set()
    while heap and len(chosen) < number:
        level, value, place = heapq.heappop(heap)
        if place in taken:
            continue
        now = redundancy * likest[place] - found[place].score
        if now > value + 1e-12:
            heapq.heappush(heap, (level, now, place))
            continue
        chosen.append(place)
        taken.add(place)
        if place + 1 < len(found) and found[place + 1].reasons == (NAMELESS,) and found[place + 1].tier == 1:
            heapq.heappush(heap, (0, redundancy * likest[place + 1] - found[place + 1].score, place + 1))
        for other in _sharing(found[place].vector, holders):
            likest[other] = max(likest[other], cosine(found[place].vector, found[other].vector))
    return chosen


_WIDEST = 200
"""Sentences that one word may bring up for comparison; a word of more weighs next to nothing."""


def _sharing(words: Vector, holders: Mapping[str, list[int]]) -> list[int]:
    return sorted({place for word in words if len(holders[word]) <= _WIDEST for place in holders[word]})
