"""Scores of translations against references: thin views on sacrebleu and jiwer, and the term scores of the WMT terminology tasks.

    hypotheses, references ──> BLEU, chrF, TER (sacrebleu)   WER, CER, edit alignment (jiwer)
    … sources, glossary    ──> exact, lemma, exclusive accuracy   window overlap   1-TERm   consistency

All scores are percentages. The term scores follow the definitions of the tasks; the terms of a segment are those that the glossary finds
in its French, and what counts as a rendering is what the glossary allows. They look at words alone: a right word in a wrong sentence is
right.

    Alam et al. 2021    M. M. I. Alam et al., "On the Evaluation of Machine Translation for Terminology Consistency", arXiv 2106.11891;
                        the scores of the WMT21 task: exact match, window overlap, 1-TERm
    WMT23, WMT25        the terminology tasks of those years: success in surface or lemma space, consistency
    WMT26               "Term matching" of its evaluation: exclusive maximal matching, references scored as an oracle
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import fmean
from typing import Any

from bilingual.document import Span
from bilingual.errors import InputError
from bilingual.glossary.assignment import Option, assign
from bilingual.glossary.matching import Hit, accepted_forms, compile_matcher, find_form, find_hits
from bilingual.glossary.model import Glossary
from bilingual.inflection import french_key

WINDOWS = (2, 3)
"""Words on either side of a term that the window overlap looks at."""

TERM_EDIT = 2
"""What an edit of a word of a term costs in TERm; any other edit and a shift cost 1."""


@dataclass(frozen=True, slots=True)
class TermScores:
    """How a glossary was obeyed, in per cent of ``occurrences``, the terms found in the French; see `score_terms`.

    ``oracle`` is the exclusive accuracy of the references themselves: what a perfect translation by their authors would score.
    ``window_overlap`` is by size of the window; it and ``one_minus_term`` are None where no reference renders a term.
    """

    occurrences: int
    exact: float
    lemma: float
    exclusive: float
    oracle: float
    window_overlap: Mapping[int, float] | None
    one_minus_term: float | None
    consistency: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of a set of translations, in per cent; ``signatures`` say how each was computed; ``terms`` where a glossary was given."""

    segments: int
    bleu: float
    chrf: float
    ter: float
    wer: float
    cer: float
    signatures: Mapping[str, str]
    terms: TermScores | None = None


def score_translation(
    hypotheses: Sequence[str],
    references: Sequence[str],
    sources: Sequence[str] | None = None,
    glossary: Glossary | None = None,
) -> Scores:
    """Score `hypotheses` against one reference each; with `sources` and a `glossary` their terms as well.

    BLEU, chrF (chrF2) and TER are sacrebleu's with its defaults: 13a tokens for BLEU, case kept in BLEU and chrF and not in TER. WER and
    CER are jiwer's with its defaults: words are what white space divides, with case and punctuation; runs of spaces count as one.

    Raises `InputError` where the texts differ in number, where there are none, or where a reference is empty.

    >>> scores = score_translation(["The cat sleeps."], ["The cat sleeps."])
    >>> scores.segments, round(scores.chrf), scores.wer
    (1, 100, 0.0)
    """
    _demand_pairs(hypotheses, references, sources, glossary)
    import jiwer
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF
    from sacrebleu.metrics.ter import TER

    given, wanted = list(hypotheses), list(references)
    metrics: dict[str, Any] = {"BLEU": BLEU(), "chrF": CHRF(), "TER": TER()}
    found = {name: float(metric.corpus_score(given, [wanted]).score) for name, metric in metrics.items()}
    signatures = {name: str(metric.get_signature()) for name, metric in metrics.items()}
    version = _version("jiwer")
    signatures["WER"] = f"case:mixed|punct:yes|tok:spaces|version:jiwer-{version}"
    signatures["CER"] = f"case:mixed|punct:yes|spaces:one|version:jiwer-{version}"
    return Scores(
        segments=len(given),
        bleu=found["BLEU"],
        chrf=found["chrF"],
        ter=found["TER"],
        wer=100 * jiwer.process_words(wanted, given).wer,
        cer=100 * jiwer.process_characters([" ".join(t.split()) for t in wanted], [" ".join(t.split()) for t in given]).cer,
        signatures=signatures,
        terms=score_terms(given, wanted, sources, glossary) if sources is not None and glossary is not None else None,
    )


def edit_alignment(hypothesis: str, reference: str) -> str:
    """The words of two texts one under the other, with the edits between them (S substituted, I inserted, D deleted), as jiwer shows it.

    Raises `InputError` where the reference is empty.

    >>> print(edit_alignment("the new chip", "a chip"))
    REF: ***   a chip
    HYP: the new chip
           I   S
    """
    _demand_pairs([hypothesis], [reference], None, None)
    import jiwer

    output = jiwer.process_words([reference], [hypothesis])
    shown = jiwer.visualize_alignment(output, show_measures=False, skip_correct=False)
    return "\n".join(line.rstrip() for line in shown.split("\n\n", 1)[1].rstrip().split("\n"))


def _demand_pairs(
    hypotheses: Sequence[str], references: Sequence[str], sources: Sequence[str] | None, glossary: Glossary | None
) -> None:
    if len(hypotheses) != len(references):
        raise InputError(
            f"{len(hypotheses)} translations and {len(references)} references: give one reference for each, line by line"
        )
    if sources is not None and len(sources) != len(hypotheses):
        raise InputError(f"{len(hypotheses)} translations and {len(sources)} sources: give one source for each, line by line")
    if glossary is not None and sources is None:
        raise InputError("terms are found in the French: give the sources with the glossary")
    if not references:
        raise InputError("no translations to score: both files are empty")
    empty = [number for number, text in enumerate(references, 1) if not text.strip()]
    if empty:
        where = ", ".join(map(str, empty[:5])) + (" …" if len(empty) > 5 else "")
        raise InputError(
            f"{len(empty)} of {len(references)} references are empty (line {where}): fill them or leave those lines out"
        )


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


# --- terms ----------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Segment:
    """The terms of a segment: where the hypothesis and the reference render each, one rendering a term and none twice."""

    hits: tuple[Hit, ...]
    hypothesis: str
    reference: str
    rendered: tuple[Span | None, ...]
    referred: tuple[Span | None, ...]


def score_terms(
    hypotheses: Sequence[str], references: Sequence[str], sources: Sequence[str], glossary: Glossary
) -> TermScores | None:
    """How `hypotheses` obey `glossary`; None where no source has one of its terms.

    ``exact``: share of the terms that stand in the hypothesis as the glossary lists them, or as the reference inflects them, each term
    looked for by itself (WMT21 exact match, WMT26 base or inflection match; hyphen and space count alike, capitals as the glossary says).
    ``lemma``: likewise, in any inflected form, by rule or in lemma space (simplemma): an upper bound of the next.
    ``exclusive``: the largest number of terms that can be given renderings of their own, no two of them overlapping, in surface or lemma
    space (WMT26 exclusive match): n terms need n renderings.
    ``window_overlap``: see `window_overlap`; ``one_minus_term``: see `term_error_rate`; both over the segments whose reference renders a
    term, as the mean over segments.
    ``consistency``: share of the terms that are rendered like the first occurrence of the same French term in the text, in lemma space
    (WMT23; a term that is not rendered is never consistent, one that is first not rendered never is).
    """
    matcher = compile_matcher(glossary)
    segments = [
        _read(find_hits(matcher, source), hypothesis, reference)
        for source, hypothesis, reference in zip(sources, hypotheses, references, strict=True)
    ]
    total = sum(len(segment.hits) for segment in segments)
    if not total:
        return None
    with_terms = [segment for segment in segments if any(segment.referred)]
    return TermScores(
        occurrences=total,
        exact=100 * sum(_is_exact(s, i) for s in segments for i in range(len(s.hits))) / total,
        lemma=100 * sum(bool(_options(hit, s.hypothesis)) for s in segments for hit in s.hits) / total,
        exclusive=100 * sum(span is not None for s in segments for span in s.rendered) / total,
        oracle=100 * sum(span is not None for s in segments for span in s.referred) / total,
        window_overlap={
            size: 100 * fmean(window_overlap(s.hypothesis, s.reference, _spans(s.referred), size) for s in with_terms)
            for size in WINDOWS
        }
        if with_terms
        else None,
        one_minus_term=100 * fmean(1 - term_error_rate(s.hypothesis, s.reference, _spans(s.referred)) for s in with_terms)
        if with_terms
        else None,
        consistency=100 * _consistent(segments) / total,
    )


def _read(hits: tuple[Hit, ...], hypothesis: str, reference: str) -> _Segment:
    rendered, referred = (
        tuple(option.span if option else None for option in assign([_options(hit, text) for hit in hits]))
        for text in (hypothesis, reference)
    )
    return _Segment(hits, hypothesis, reference, rendered, referred)


def _spans(spans: Sequence[Span | None]) -> list[Span]:
    return [span for span in spans if span is not None]


def _is_exact(segment: _Segment, index: int) -> bool:
    hit, attested = segment.hits[index], segment.referred[index]
    forms = [*hit.targets, *([segment.reference[slice(*attested)]] if attested else [])]
    exact = hit.term.status == "do-not-translate"
    return any(find_form(form, segment.hypothesis, hit.case, exact) for form in forms)


def _options(hit: Hit, text: str) -> list[Option]:
    """Everything in `text` that renders `hit`: the forms that the glossary allows, and its targets in lemma space."""
    exact = hit.term.status == "do-not-translate"
    found = {span: form.rank for form in reversed(accepted_forms(hit)) for span in find_form(form.text, text, hit.case, exact)}
    if not exact:
        for rank, target in enumerate(hit.targets):
            if target.islower():  # acronyms and names have no lemma, and "IT" is not "it"
                for span in _in_lemma_space(target.removeprefix("to "), text):
                    found.setdefault(span, rank)
    return [Option(span, True, rank) for span, rank in sorted(found.items())]


_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_TOKEN = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*|[^\w\s]|_")


def _in_lemma_space(form: str, text: str) -> Iterator[Span]:
    wanted = _lemmas(form)
    words = list(_WORD.finditer(text))
    lemmas = [_lemma(word[0]) for word in words]
    for first in range(len(lemmas) - len(wanted) + 1 if wanted else 0):
        last = first + len(wanted) - 1
        if tuple(lemmas[first : last + 1]) == wanted and not re.search(r"[^\s\-]", _between(text, words, first, last)):
            yield words[first].start(), words[last].end()


def _between(text: str, words: Sequence[re.Match[str]], first: int, last: int) -> str:
    return "".join(text[words[i].end() : words[i + 1].start()] for i in range(first, last))


def _lemmas(text: str) -> tuple[str, ...]:
    return tuple(_lemma(word) for word in _WORD.findall(text))


def _lemma(word: str) -> str:
    import simplemma

    return simplemma.lemmatize(re.sub(r"['’]s?$", "", word.lower()) or word, lang="en").lower()


def _consistent(segments: Sequence[_Segment]) -> int:
    first: dict[tuple[str, ...], tuple[str, ...] | None] = {}
    count = 0
    for segment in segments:
        for hit, span in zip(segment.hits, segment.rendered, strict=True):
            words = _lemmas(segment.hypothesis[slice(*span)]) if span else None
            wanted = first.setdefault(tuple(french_key(word) for word in _WORD.findall(hit.text)), words)
            count += words is not None and words == wanted
    return count


# --- window overlap -------------------------------------------------------------------------------------------------------------


def window_overlap(hypothesis: str, reference: str, terms: Sequence[Span], size: int) -> float:
    """How well the words around the terms agree: the window overlap of Alam et al. 2021, between 0 and 1.

    For each of `terms`, spans of the reference, the `size` words on either side of it (punctuation left out, capitals ignored) are
    compared with those around the same words in the hypothesis; the overlap is the share of the reference's words that are found again.
    Where a term occurs several times the best pairs are taken first. The result is the mean over the terms that the hypothesis has, 0
    where it has none.

    >>> window_overlap("A new data center opens today.", "The new data center opens in May.", [(8, 19)], 2)
    0.5
    """
    groups: dict[str, list[Span]] = {}
    for span in terms:
        groups.setdefault(reference[slice(*span)].lower(), []).append(span)
    overlaps: list[float] = []
    for form, places in groups.items():
        found = find_form(form, hypothesis.lower())
        pairs = []
        for j, place in enumerate(places):
            wanted = _window(reference, place, size)
            for k, other in enumerate(found):
                common = (wanted & _window(hypothesis, other, size)).total()
                pairs.append((-common / wanted.total() if wanted else 0.0, j, k))
        taken: tuple[set[int], set[int]] = (set(), set())
        for overlap, j, k in sorted(pairs):
            if j not in taken[0] and k not in taken[1]:
                taken[0].add(j)
                taken[1].add(k)
                overlaps.append(-overlap)
    return fmean(overlaps) if overlaps else 0.0


def _window(text: str, span: Span, size: int) -> Counter[str]:
    before = [m[0].lower() for m in _WORD.finditer(text, 0, span[0])][-size:]
    after = [m[0].lower() for m in islice(_WORD.finditer(text, span[1]), size)]
    return Counter(before + after)


# --- TERm -----------------------------------------------------------------------------------------------------------------------

_LONGEST_SHIFT, _FARTHEST_SHIFT, _MOST_SHIFTS = 10, 50, 60
_MOST_CELLS = 250_000  # words times words; above it no shifts are looked for


def term_error_rate(hypothesis: str, reference: str, terms: Sequence[Span]) -> float:
    """TERm, the translation edit rate that is biased towards terms (Alam et al. 2021): edits over the words of the reference.

    As in TER (Snover et al. 2006) words are inserted, deleted, substituted and blocks of them shifted; inserting or substituting a word of
    one of `terms`, spans of the reference, costs `TERM_EDIT`. Shifts are searched greedily, blocks of at most ten words over at most fifty,
    and not in segments of more than about 500 words.
    Words and signs of punctuation are tokens, capitals are ignored. The score of the task is one minus this rate; it can be negative.

    >>> term_error_rate("A big computer hall opens.", "A big data center opens.", [(6, 17)])  # two words of a term in six
    0.6666666666666666
    """
    tokens = list(_TOKEN.finditer(reference))
    if not tokens:
        return 0.0
    wanted = [m[0].lower() for m in tokens]
    costs = [TERM_EDIT if any(a < m.end() and m.start() < b for a, b in terms) else 1 for m in tokens]
    words = [m[0].lower() for m in _TOKEN.finditer(hypothesis)]
    shifts, edits = 0, _edits(words, wanted, costs)
    while edits > 0 and len(words) * len(wanted) <= _MOST_CELLS:
        best, shifted = min(((_edits(s, wanted, costs), s) for s in _shifts(words, wanted)), default=(edits, words))
        if best + 1 >= edits:
            break
        shifts, edits, words = shifts + 1, best, shifted
    return (edits + shifts) / len(wanted)


def _edits(words: Sequence[str], wanted: Sequence[str], costs: Sequence[int]) -> int:
    row = [0]
    for cost in costs:
        row.append(row[-1] + cost)
    for word in words:
        diagonal, row[0] = row[0], row[0] + 1
        for j, (want, cost) in enumerate(zip(wanted, costs, strict=True), 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + cost, diagonal + (0 if word == want else cost))
    return row[-1]


def _shifts(words: list[str], wanted: list[str]) -> Iterator[list[str]]:
    """`words` with a block that stands elsewhere in `wanted` moved there; the longest blocks first."""
    at: dict[str, list[int]] = {}
    for j, want in enumerate(wanted):
        at.setdefault(want, []).append(j)
    blocks = []
    for i, word in enumerate(words):
        for j in at.get(word, ()):
            if i == j or abs(i - j) > _FARTHEST_SHIFT or (i and j and words[i - 1] == wanted[j - 1]):
                continue
            size = 1
            while size < _LONGEST_SHIFT and words[i + size : i + size + 1] == wanted[j + size : j + size + 1] != []:
                size += 1
            blocks += [(-length, i, j) for length in range(1, size + 1)]
    for length, i, j in sorted(blocks)[:_MOST_SHIFTS]:
        block, rest = words[i : i - length], words[:i] + words[i - length :]
        yield rest[:j] + block + rest[j:]
