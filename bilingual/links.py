"""Word links from the model's own attention: which words of a hypothesis render which words of its source.

A Marian checkpoint with guided alignment has one decoder head that was trained to look at the source word that the next target
piece renders (Garg et al. 2019, "Jointly Learning to Align and Translate with Transformer Models"). No second model is needed;
how good the links are is measured in `benchmarks/links.py`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bilingual.document import Span, carry_span
from bilingual.drafts import Draft, Plan
from bilingual.engines.engine import Engine, Hypothesis, Pieces, Search
from bilingual.engines.vocabulary import START_OF_WORD, Vocabulary
from bilingual.protect import Masked, locate, mask

LINKED = 0.3
"""Share of a target word's attention that a stretch of the source must hold for the word to be its rendering."""
_SOURCE_WORD = re.compile(r"[^\W_]+")
FAINT = 0.15
"""Share of its attention that a target word must have on one piece of the source for the two to be linked at all."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the hypothesis: its pieces ``[first, last)`` and its span in the decoded text."""

    first: int
    last: int
    span: Span


def target_words(pieces: Sequence[str], text: str) -> list[Word] | None:
    """The words of a hypothesis, a mark of punctuation being one of its own; None when the pieces do not spell `text`.

    >>> [w.span for w in target_words(["▁The", "▁super", "co", "mputer", "."], "The supercomputer.")]
    [(0, 3), (4, 17), (17, 18)]
    """
    spelled = "".join(pieces).replace(START_OF_WORD, " ")
    offset = len(spelled) - len(spelled.lstrip())
    if spelled.strip() != text:
        return None
    words: list[Word] = []
    position = -offset
    for index, piece in enumerate(pieces):
        start, end = position, position + len(piece)
        position = end
        opens = piece.startswith(START_OF_WORD)
        start = max(0, start + opens)
        body = piece.lstrip(START_OF_WORD)
        if not body:
            continue
        joined = (
            not opens and words and words[-1].span[1] == start and _wordlike(body) and _wordlike(text[slice(*words[-1].span)])
        )
        if joined:
            words[-1] = Word(words[-1].first, index + 1, (words[-1].span[0], end))
        else:
            words.append(Word(index, index + 1, (start, end)))
    return words


def _wordlike(text: str) -> bool:
    return text[0].isalnum() or text[-1].isalnum()


def source_pieces(offsets: Sequence[Span], span: Span) -> list[int]:
    """Indexes of the source pieces that overlap `span` of the text that the model read.

    >>> source_pieces([(0, 2), (2, 8), (8, 18), (18, 19)], (3, 18))
    [1, 2]
    """
    first = max(0, bisect_right([end for _, end in offsets], span[0]))
    return [i for i in range(first, len(offsets)) if offsets[i][0] < span[1] and offsets[i][1] > span[0]]


def link_spans(hypothesis: Hypothesis, text: str, vocabulary: Vocabulary, source: str, span: Span) -> list[Span]:
    """The spans of `text`, the decoded hypothesis, that may render `span` of `source`, the text that the model read; likeliest first.

    The first one is the run of words around the one with the most attention on the span, those that have at least `LINKED`; single
    words by falling attention follow. Empty when the hypothesis has no attention or no words.
    """
    if hypothesis.attention is None:
        return []
    words = target_words(hypothesis.pieces, text)
    wanted = source_pieces(vocabulary.source_offsets(source), span)
    if not words or not wanted:
        return []
    weights = [_weight(hypothesis.attention, word, wanted) for word in words]
    order = sorted(range(len(words)), key=lambda i: -weights[i])
    first = last = order[0]
    while first > 0 and weights[first - 1] >= LINKED:
        first -= 1
    while last + 1 < len(words) and weights[last + 1] >= LINKED:
        last += 1
    wordy = [words[i].span for i in order if text[slice(*words[i].span)].isalnum()]
    return [(words[first].span[0], words[last].span[1]), *wordy]


def attend(sources: Sequence[Pieces], hypotheses: Sequence[Hypothesis], engine: Engine) -> list[Hypothesis]:
    """The same hypotheses with their attention: the model is made to write each once more, its whole text given as a prefix.

    Contract: as many results as hypotheses, in order; `sources` are the pieces that each was made from.
    """
    if not hypotheses:
        return []
    written = engine.translate(sources, Search(beam=1, links=True), [hypothesis.pieces for hypothesis in hypotheses])
    return [
        replace(hypothesis, attention=again[0].attention[: len(hypothesis.pieces)] if again[0].attention else None)
        for hypothesis, again in zip(hypotheses, written, strict=True)
    ]


def _weight(attention: Sequence[Sequence[float]], word: Word, wanted: Sequence[int]) -> float:
    rows = attention[word.first : word.last]
    return max(sum(row[j] for j in wanted) for row in rows)


def word_links(hypothesis: Hypothesis, text: str, vocabulary: Vocabulary, source: str) -> list[tuple[Span, Span]]:
    """Every target word with the source word that its attention lies on most: (source span, target span), in target order.

    Marks of punctuation have none, and neither have words whose attention lies nowhere in particular (`FAINT`).
    """
    if hypothesis.attention is None:
        return []
    words = target_words(hypothesis.pieces, text) or []
    offsets = vocabulary.source_offsets(source)
    links = []
    for word in words:
        rows = hypothesis.attention[word.first : word.last]
        sums = [sum(row[j] for row in rows) for j in range(len(offsets))]
        if not sums or not any(map(str.isalnum, text[slice(*word.span)])):
            continue
        best = max(range(len(sums)), key=sums.__getitem__)
        # A piece may hold an elided word and another (d'échelle): the longest is meant.
        words_in = [m.span() for m in _SOURCE_WORD.finditer(source, *offsets[best])]
        if words_in and sums[best] >= FAINT * len(rows):
            start, end = max(words_in, key=lambda span: span[1] - span[0])
            links.append((_whole_word(source, start, end), word.span))
    return links


def draft_links(plan: Plan, draft: Draft, engine: Engine) -> tuple[tuple[Span, Span], ...]:
    """The words of a finished translation with the words of its source that they render, in target order.

    Protected text is linked to itself. Words that rules or the glossary put in, and parts without attention, have no links.
    """
    found: list[tuple[Span, Span]] = []
    offset, places = 0, _places(plan, draft.parts, engine)
    for part, at, words, hypothesis in zip(draft.parts, places, draft.words, draft.hypotheses, strict=True):
        if hypothesis and hypothesis.attention is not None:
            there = _source_words(plan, part, at, engine)
            for span, (start, end) in word_links(hypothesis, words, engine.vocabulary, part.text):
                target = carry_span((start + offset, end + offset), draft.edits)
                source = next((own for own, read in there if read[0] < span[1] and span[0] < read[1]), None)
                if source and target and target[0] < target[1]:
                    found.append((source, _whole_word(draft.text, *target)))
        for _, original in part.spans:
            if plan.source.count(original) == draft.text.count(original) == 1:
                source, target = ((at := text.index(original), at + len(original)) for text in (plan.source, draft.text))
                found.append((source, target))
        offset += len(words) + 1
    return tuple(sorted(set(found), key=lambda link: (link[1], link[0])))


def _places(plan: Plan, parts: Sequence[Masked], engine: Engine) -> list[int | None]:
    """Where each part begins in what `mask` makes of the whole source; None where that cannot be said."""
    whole = mask(plan.source, plan.protected, engine.abilities.placeholders)
    places: list[int | None] = []
    position = 0
    for part in parts:
        at = whole.text.find(part.text, position) if whole else -1
        places.append(at if at >= 0 else None)
        position = at + len(part.text) if at >= 0 else position
    return places


def _source_words(plan: Plan, part: Masked, at: int | None, engine: Engine) -> list[tuple[Span, Span]]:
    """The words of the source that stand in a part: where in the source, and where in the text that the model read.

    An annotated term comes first, whole: the model looks at the English beside it as much as at the French.
    """
    shown = [(span, found) for span in plan.protected if span.shown and (found := part.text.find(span.shown)) >= 0]
    own = [(s.span[1] - len(s.text), s.span[1]) if plan.source.endswith(s.text, 0, s.span[1]) else s.span for s, _ in shown]
    terms = [(span, (found, found + len(s.shown or ""))) for span, (s, found) in zip(own, shown, strict=True)]
    words = [match.span() for match in _SOURCE_WORD.finditer(plan.source)]
    if plan.source.count(part.text) == 1:
        shift = plan.source.index(part.text)
        return [((a, b), (a - shift, b - shift)) for a, b in words]
    if at is None:
        return []
    read = ((word, locate(plan.source, plan.protected, engine.abilities.placeholders, word)) for word in words)
    inside = [(word, (place[0] - at, place[1] - at)) for word, place in read if place]
    return terms + [(word, place) for word, place in inside if place[0] >= 0 and place[1] <= len(part.text)]


def _whole_word(text: str, start: int, end: int) -> Span:
    if start < len(text) and text[start].isalnum():
        while start > 0 and text[start - 1].isalnum():
            start -= 1
        while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
            end += 1
    return start, end
