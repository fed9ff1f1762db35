"""Word links from the model's own attention: which words of a hypothesis render which words of its source.

A Marian checkpoint with guided alignment has one decoder head that was trained to look at the source word that the next target
piece renders (Garg et al. 2019, "Jointly Learning to Align and Translate with Transformer Models"). No second model is needed;
how good the links are is measured in `benchmarks/links.py`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bilingual.document import Span
from bilingual.engines.engine import Engine, Hypothesis, Pieces, Search
from bilingual.engines.vocabulary import START_OF_WORD, Vocabulary

LINKED = 0.3
"""Share of a target word's attention that a stretch of the source must hold for the word to be its rendering."""


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
    """Every target word with the source word that its attention lies on most: (source span, target span), in target order."""
    if hypothesis.attention is None:
        return []
    words = target_words(hypothesis.pieces, text) or []
    offsets = vocabulary.source_offsets(source)
    links = []
    for word in words:
        sums = [sum(row[j] for row in hypothesis.attention[word.first : word.last]) for j in range(len(offsets))]
        if not sums:
            continue
        start, end = offsets[max(range(len(sums)), key=sums.__getitem__)]
        while start < end and source[start].isspace():
            start += 1
        start, end = _whole_word(source, start, end)
        links.append(((start, end), word.span))
    return links


def _whole_word(text: str, start: int, end: int) -> Span:
    if start < len(text) and text[start].isalnum():
        while start > 0 and text[start - 1].isalnum():
            start -= 1
        while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
            end += 1
    return start, end
