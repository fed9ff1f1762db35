"""From articles to a digest: sentences that say the same, figures beside each other, and what a single article says.

Sentences of different articles are compared by the cosine of their tf-idf vectors over all articles together, through an index of
their words, so that only those that share a word meet. Two say the same where the cosine is `ALIKE` or more and they share two
names, or a name and a figure: words alone are not enough. What only one says has no sentence like it (`ALONE`) elsewhere, and names or
counts something that no other article does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bilingual.digest.claims import SIGNS, UNITS, Claim, agree, belonging, claims_of, contradictions, entities, named, same_things
from bilingual.document import Comparison, Digest, Document, Mention, Passage, Report, Segment, SharedName
from bilingual.names import fold
from bilingual.summary.figures import find_figures
from bilingual.summary.graph import Vector, cosine, inverse_frequencies, vector
from bilingual.summary.mentions import name_texts
from bilingual.summary.mentions import names as names_of
from bilingual.summary.selection import Candidate, candidates
from bilingual.summary.words import content_words

ALIKE, ALONE = 0.18, 0.18
_COMMON, _ONLY, _NAMES, _FIGURES, _VALUES = 6, 3, 10, 6, 12
"""How many groups of sentences, sentences of one article, names, things, and figures of one thing a digest shows."""
_LARGEST_POSTING = 60
_ONE_STORY = 3
"""Names that two articles must share before their figures are put beside each other."""
_Stories = Sequence[set[int]]


@dataclass(frozen=True, slots=True)
class _Sentence:
    article: int
    place: int
    candidate: Candidate
    vector: Vector
    marks: frozenset[str]

    @property
    def passage(self) -> Passage:
        segment = self.candidate.segment
        return Passage(self.article, segment.id, segment.source, segment.target)


def make_digest(documents: Sequence[Document]) -> Digest:
    """The digest of articles that are split and translated, in the order given.

    Raises `ValueError` for less than two.
    """
    if len(documents) < 2:
        raise ValueError("a digest needs two articles")
    sentences = _sentences(documents)
    likest = _likest(sentences)
    common = _common(sentences, likest)
    shown = {(p.article, p.segment) for group in common for p in group}
    claims = [claim for article, document in enumerate(documents, 1) for claim in claims_of(document, article)]
    known = [frozenset(name for s in document.segments for name in entities(s)) for document in documents]
    opposed = _opposed(contradictions(claims, known, belonging(documents)))
    shown |= {(p.article, p.segment) for comparison in opposed for report in comparison.reports for p in report.passages}
    stories = [{other for other, names in enumerate(known, 1) if len(own & names) >= _ONE_STORY} for own in known]
    return Digest(
        articles=tuple(documents),
        common=common,
        agreed=_agreed(claims, stories),
        contradictions=opposed,
        figures=_compared(claims, stories),
        only=_only(sentences, likest, shown, len(documents)),
        names=_names(documents),
    )


def _sentences(documents: Sequence[Document]) -> list[_Sentence]:
    found = []
    for article, document in enumerate(documents, 1):
        for place, candidate in enumerate(candidates(document)):
            found.append((article, place, candidate, content_words(candidate.segment.source)))
    rare = inverse_frequencies([words for *_, words in found])
    return [
        _Sentence(article, place, candidate, vector(words, rare), _marks(candidate.segment))
        for article, place, candidate, words in found
    ]


def _marks(segment: Segment) -> frozenset[str]:
    """The names and figures of a sentence."""
    return named(segment) | {f"{figure.value}" for figure in find_figures(segment)}


def _likest(sentences: Sequence[_Sentence]) -> list[dict[int, tuple[float, int]]]:
    """For each sentence and each other article, the likest sentence there: how like, and which."""
    postings: dict[str, list[int]] = {}
    for place, sentence in enumerate(sentences):
        for word in sentence.vector:
            postings.setdefault(word, []).append(place)
    found: list[dict[int, tuple[float, int]]] = []
    for sentence in sentences:
        best: dict[int, tuple[float, int]] = {}
        others = {i for word in sentence.vector if len(postings[word]) <= _LARGEST_POSTING for i in postings[word]}
        for other in sorted(others):
            article = sentences[other].article
            if article != sentence.article:
                likeness = cosine(sentence.vector, sentences[other].vector)
                if likeness > best.get(article, (0.0, 0))[0]:
                    best[article] = (likeness, other)
        found.append(best)
    return found


def _common(sentences: Sequence[_Sentence], likest: Sequence[dict[int, tuple[float, int]]]) -> tuple[tuple[Passage, ...], ...]:
    """Groups of sentences that say the same, those of most articles first."""
    groups = []
    for place, sentence in enumerate(sentences):
        if sentence.candidate.tier:
            continue
        alike = [
            (likeness, other)
            for likeness, other in likest[place].values()
            if likeness >= ALIKE and _share(sentence, sentences[other]) and not sentences[other].candidate.tier
        ]
        if alike:
            worth = len(alike) + sum(likeness for likeness, _ in alike) + 0.2 * sentence.candidate.score
            groups.append((worth, place, [place, *(other for _, other in sorted(alike, reverse=True))]))
    taken: set[int] = set()
    found: list[tuple[Passage, ...]] = []
    for _, _, places in sorted(groups, key=lambda group: (-group[0], group[1])):
        if len(found) < _COMMON and not taken.intersection(places):
            taken.update(places)
            found.append(tuple(sentences[place].passage for place in places))
    return tuple(found)


def _share(one: _Sentence, two: _Sentence) -> bool:
    """Whether two sentences name the same: two names, or one name and a figure."""
    return len(one.marks & two.marks) >= 2


def _only(
    sentences: Sequence[_Sentence], likest: Sequence[dict[int, tuple[float, int]]], shown: set[tuple[int, str]], articles: int
) -> tuple[Passage, ...]:
    """For each article up to `_ONLY` sentences that have no like elsewhere and name or count what no other article does."""
    having = Counter(
        mark for article in range(1, articles + 1) for mark in {m for s in sentences if s.article == article for m in s.marks}
    )
    found: list[Passage] = []
    for article in range(1, articles + 1):
        own = [
            (sentence.candidate.score + 0.3 * len({m for m in sentence.marks if having[m] == 1}), -sentence.place, sentence)
            for place, sentence in enumerate(sentences)
            if sentence.article == article
            and sentence.candidate.tier == 0
            and (article, sentence.candidate.segment.id) not in shown
            and all(likeness < ALONE for likeness, _ in likest[place].values())
            and any(having[mark] == 1 for mark in sentence.marks)
        ]
        best = sorted(own, key=lambda item: (-item[0], -item[1]))[:_ONLY]
        found += [sentence.passage for _, _, sentence in sorted(best, key=lambda item: -item[1])]
    return tuple(found)


def _names(documents: Sequence[Document]) -> tuple[SharedName, ...]:
    """Names of two articles or more, those of most articles first."""
    where: dict[str, dict[int, Mention]] = {}
    for article, document in enumerate(documents, 1):
        body = [s for s in document.segments if s.block not in ("byline", "share", "source", "other")]
        for mention in names_of(body, most=200):
            where.setdefault(fold(mention.source).split()[-1], {}).setdefault(article, mention)
    several = sorted((found for found in where.values() if len(found) > 1), key=lambda found: -len(found))
    return tuple(
        SharedName(best.source, best.target, tuple(sorted(found)))
        for found in several[:_NAMES]
        for best in [max(found.values(), key=lambda m: (bool(m.target), len(m.source)))]
    )


# ------------------------------------------------------------------------------------------------------------------ figures


def _passage(claim: Claim) -> Passage:
    return Passage(claim.article, claim.segment.id, claim.segment.source, claim.segment.target)


def _report(claims: Sequence[Claim]) -> Report:
    """One figure as several claims give it, in the words of the fullest."""
    best = max(claims, key=lambda claim: (bool(claim.figure.target), len(claim.figure.source)))
    each = {(claim.article, claim.segment.id): _passage(claim) for claim in claims}
    return Report(best.figure.source, best.figure.target, tuple(each.values()), _qualifiers(claims))


_BOUNDS = {"least": "at least", "most": "at most", "limit": "at most", "about": "about", "range": "one end of a range"}


def _qualifiers(claims: Sequence[Claim]) -> tuple[str, ...]:
    """What all claims have in common of plan, bound, years and names, three of the latter at most."""
    first = claims[0]
    planned = ["planned"] if all(claim.planned for claim in claims) else []
    bound = [_BOUNDS[first.bound]] if first.bound and all(claim.bound == first.bound for claim in claims) else []
    dates = [date for date in sorted(first.dates) if date.isdigit() and all(date in claim.dates for claim in claims)]
    spelled = {fold(name).split()[-1]: name for name in name_texts(first.segment)}
    shared = [name for key, name in spelled.items() if all(key in claim.names for claim in claims)]
    return (*planned, *bound, *dates, *shared[:3])


def _by_thing(claims: Sequence[Claim], stories: _Stories) -> list[list[Claim]]:
    """Claims about one thing that two articles of one story or more count; money, shares and units are no thing."""
    things = same_things(claims)
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.figure.thing not in SIGNS and claim.figure.thing not in UNITS and claim.bound != "range":
            groups.setdefault(things[fold(claim.figure.thing)], []).append(claim)
    found = []
    for group in groups.values():
        articles = {claim.article for claim in group}
        kept = [claim for claim in group if (articles - {claim.article}) & stories[claim.article - 1]]
        if kept:
            found.append(kept)
    return found


def _values(group: Sequence[Claim]) -> list[list[Claim]]:
    """The claims of one thing by value, the largest first."""
    values: dict[object, list[Claim]] = {}
    for claim in sorted(group, key=lambda claim: (-claim.value, claim.article)):
        values.setdefault(claim.value, []).append(claim)
    return list(values.values())


def _agreed(claims: Sequence[Claim], stories: _Stories) -> tuple[Report, ...]:
    found = [
        same for group in _by_thing(claims, stories) for same in _values(group) if len({claim.article for claim in same}) > 1
    ]
    money: dict[tuple[str, object], list[Claim]] = {}
    for claim in claims:
        if claim.figure.thing in SIGNS and claim.bound != "range":
            money.setdefault((claim.figure.thing, claim.value), []).append(claim)
    for same in money.values():
        kept = [claim for claim in same if any(claim.article != other.article and claim.names & other.names for other in same)]
        if kept:
            found.append(kept)
    found.sort(key=lambda same: -len({claim.article for claim in same}))
    return tuple(_report(same) for same in found[:_FIGURES])


def _compared(claims: Sequence[Claim], stories: _Stories) -> tuple[Comparison, ...]:
    found = []
    for group in _by_thing(claims, stories):
        values = _values(group)
        if len(values) > 1:
            values = sorted(values, key=lambda same: -len({claim.article for claim in same}))[:_VALUES]
            values.sort(key=lambda same: -same[0].value)
            found.append((len({claim.article for claim in group}), _comparison(group, values)))
    return tuple(comparison for _, comparison in sorted(found, key=lambda item: -item[0])[:_FIGURES])


def _comparison(group: Sequence[Claim], values: Sequence[Sequence[Claim]]) -> Comparison:
    french: dict[str, str] = {}
    for claim in group:
        start, end = claim.figure.noun
        term = next((hit.source for hit in claim.segment.terms if hit.source[0] == start), None)
        words = claim.segment.source[slice(*term)] if term else claim.segment.source[start:end].split(" ")[0]
        if words:
            french.setdefault(fold(claim.figure.thing), words)
    english = dict.fromkeys(claim.figure.thing for claim in group if claim.segment.terms)
    return Comparison(" · ".join(french.values()), " · ".join(english), tuple(_report(same) for same in values))


def _opposed(pairs: Sequence[tuple[Claim, Claim]]) -> tuple[Comparison, ...]:
    """Pairs that contradict each other, those about one thing and sentence together."""
    groups: list[list[Claim]] = []
    for one, two in pairs:
        home = next((group for group in groups if any(claim in (one, two) for claim in group)), None)
        if home is None:
            groups.append([one, two])
        else:
            home += [claim for claim in (one, two) if claim not in home]
    found = []
    for group in groups:
        values: list[list[Claim]] = []
        for claim in sorted(group, key=lambda claim: (claim.article, claim.value)):
            same = next((other for other in values if agree(other[0], claim)), None)
            if same is None:
                values.append([claim])
            else:
                same.append(claim)
        found.append(_comparison(group, values))
    return tuple(found)
