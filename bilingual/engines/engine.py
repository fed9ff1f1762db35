"""What an engine is: source pieces in, hypotheses out. Everything above this line works on text, everything below on pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bilingual.engines.vocabulary import Vocabulary

Pieces = Sequence[str]


@dataclass(frozen=True, slots=True)
class Search:
    """How an engine looks for a translation; the same settings mean the same search in every engine.

    ``beam``: beam width; ``n_best``: hypotheses returned, at most ``beam``; ``length_penalty``: exponent of the length by which the
    summed log-probability is divided (1 makes the score a mean); ``repetition_penalty``: 1 is none; ``no_repeat``: no run of that many
    pieces twice, 0 is off; ``suppress``: runs of pieces that must not come out; ``max_pieces``: longest output; ``links``: whether
    hypotheses carry their attention; ``coverage``: whether they carry its sums.
    """

    beam: int = 4
    n_best: int = 1
    length_penalty: float = 1.0
    repetition_penalty: float = 1.0
    no_repeat: int = 0
    suppress: tuple[tuple[str, ...], ...] = ()
    max_pieces: int = 384
    links: bool = False
    coverage: bool = False


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One translation: its pieces, its mean log-probability per piece (end included) and, when asked for, its attention.

    ``attention[i][j]`` is how much target piece ``i`` looks at source piece ``j``, in the head that the model's aligner is;
    ``coverage[j]`` is its sum over the target: a window of whole attentions takes a hundred megabytes, of sums two.
    """

    pieces: tuple[str, ...]
    score: float
    attention: tuple[tuple[float, ...], ...] | None = None
    coverage: tuple[float, ...] | None = None


def covered(attention: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """The attention on each source piece, summed over the target.

    >>> covered([[1.0, 0.0], [0.5, 0.5]])
    (1.5, 0.5)
    """
    return tuple(map(sum, zip(*attention, strict=True)))


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a checkpoint can do beyond a stock Marian, as its ``bilingual.json`` declares it.

    ``placeholders``: pieces that it carries through; ``annotation``: the tags (open, as, close) of annotated terms, or None;
    ``aligner``: whether head 0 of its last decoder layer was trained to align words; ``longest``: source pieces above which a
    sentence had better be cut: Marian models are trained on sentences of up to a hundred or so and lose the thread in much longer ones.
    """

    placeholders: tuple[str, ...] = ()
    annotation: tuple[str, str, str] | None = None
    aligner: bool = False
    longest: int = 160


STOCK = Abilities()
"""A Marian checkpoint that declares nothing."""


class Engine(Protocol):
    """A loaded model that translates batches of pieces.

    Contract: as many lists of hypotheses as sources, in order, best first, ``search.n_best`` each; what a source gives does not
    depend on the other sources of the call; ``<unk>`` is never produced; no source may be longer than ``max_source_pieces``.
    """

    @property
    def name(self) -> str:
        """Engine and compute type for the signature, such as ``ctranslate2/int8``."""

    @property
    def model(self) -> str:
        """Model and revision for the signature, such as ``embedded@1a2b3c``."""

    @property
    def abilities(self) -> Abilities:
        """What the model declares beyond a stock Marian."""

    @property
    def vocabulary(self) -> Vocabulary:
        """How text becomes pieces and pieces become text."""

    @property
    def max_source_pieces(self) -> int:
        """The longest source that the model can read, end piece not counted."""

    @property
    def overlaps(self) -> bool:
        """Whether two threads may call it at once, and gain by it: one has work done while the other looks at what it got."""

    def translate(
        self, sources: Sequence[Pieces], search: Search, prefixes: Sequence[Pieces] | None = None
    ) -> list[list[Hypothesis]]:
        """Translate; ``prefixes`` are target pieces that the hypotheses must begin with (and that stand in them)."""

    def score(self, sources: Sequence[Pieces], targets: Sequence[Pieces]) -> list[float]:
        """Mean log-probability per target piece, end included, of each target given its source."""


MOST_PIECES = 512
"""Source pieces in a batch: 16 sentences of 32 pieces, or 32 of 16. More are no faster, and take the memory of all the rest."""


def same_length_batches(lengths: Sequence[tuple[int, int]], most: int) -> list[list[int]]:
    """Indexes of inputs grouped by equal length (longest first), at most `most` a batch, fewer of long ones (`MOST_PIECES`).

    Batches without padding are what makes a translation independent of its neighbours: with padding, attention sums run over
    another number of terms, and the last bits of a score, now and then a word, change with the company that a sentence keeps.

    >>> same_length_batches([(3, 0), (5, 0), (3, 0), (3, 0)], most=2)
    [[1], [0, 2], [3]]
    """
    groups: dict[tuple[int, int], list[int]] = {}
    for index, length in enumerate(lengths):
        groups.setdefault(length, []).append(index)
    return [
        group[start : start + size]
        for (length, _), group in sorted(groups.items(), key=lambda item: item[0], reverse=True)
        for size in [max(1, min(most, MOST_PIECES // max(1, length)))]
        for start in range(0, len(group), size)
    ]
