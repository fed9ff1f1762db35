"""The best way through two texts: beads of one to three sentences a side, and sentences without a counterpart.

Dynamic programming over a band (Gale & Church, "A Program for Aligning Sentences in Bilingual Corpora", Computational Linguistics 19,
1993), maximising the sum of log-likelihood ratios: of the words that the sides of a bead share, of their lengths, of the kind of bead
and of paragraphs that begin together. Sentences without a counterpart come in runs, so that the first of a run costs more than the
next (Gotoh's affine gaps, "An Improved Algorithm for Matching Biological Sequences", Journal of Molecular Biology 162, 1982).

Time and memory grow with the cells of the band, `bilingual.bitext.anchors.band`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from bilingual.bitext.words import Bag, Weights, joined
from bilingual.symptoms import CHARACTERS, VARIANCE

Move = tuple[int, int]
Step = tuple[int, int, int, int]
"""A bead: French sentences from the first number up to the second, English ones from the third up to the fourth; one side may be empty."""

PRIORS: dict[Move, float] = {
    (1, 1): math.log(0.89),
    (1, 2): math.log(0.045),
    (2, 1): math.log(0.045),
    (2, 2): math.log(0.007),
    (1, 3): math.log(0.003),
    (3, 1): math.log(0.003),
}
"""Kinds of beads and how likely each is: Gale & Church's figures, but for three sentences against one, which they did not count."""
_MOVES = tuple(PRIORS)


GAP, MORE = 4.6, 1.0
"""What the first sentence of a run without a counterpart costs (Gale & Church: one bead in a hundred), and each further one."""
LENGTH = 0.6
"""Weight of the length: Gale & Church's variance is that of close translations."""
TOGETHER = 0.5
"""What it is worth that paragraphs begin together; half of it is what it costs that one begins alone."""
ACROSS = 2.0
"""What it costs to run over the end of a paragraph inside a bead."""
FARTHEST = 16.0
"""Squared deviation of length beyond which nothing more is lost."""


@dataclass(frozen=True, slots=True)
class Side:
    """One text: for each sentence its words, how many characters it has, whether a paragraph begins with it, and where it stands.

    ``places`` are the numbers of the sentences in the whole text, where some were taken out: a bead does not reach over a hole.
    """

    bags: Sequence[Bag]
    lengths: Sequence[int]
    begins: Sequence[bool]
    places: Sequence[int]
    _known: dict[Move, tuple[Bag, int]] = field(default_factory=dict)

    def words(self, start: int, stop: int) -> tuple[Bag, int]:
        """The words of the sentences from `start` up to `stop`, and how many there are."""
        key = (start, stop)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            bag = self.bags[start] if stop == start + 1 else joined(self.bags[start:stop])
            found = self._known[key] = bag, sum(bag.values())
        return found

    def crossed(self, start: int, stop: int) -> float:
        """What it costs that a bead runs over the ends of paragraphs; infinite over a hole."""
        if self.places[stop - 1] - self.places[start] != stop - 1 - start:
            return math.inf
        return ACROSS * sum(self.begins[start + 1 : stop])

    def without(self, gone: set[int]) -> Side:
        """The same without the sentences whose places are in `gone`."""
        kept = [at for at, place in enumerate(self.places) if place not in gone]
        columns = (self.bags, self.lengths, self.begins, self.places)
        return Side(*([column[at] for at in kept] for column in columns))  # type: ignore[arg-type]


_KNOWN = 4096


@dataclass(frozen=True, slots=True)
class Scorer:
    """How good a bead is: the sum of the log-likelihood ratios of what is known of it."""

    french: Side
    english: Side
    weights: Weights

    def evidence(self, step: Step) -> float:
        """What the words say for the two sides of a bead being translations: above 0 for, below 0 against."""
        return self.weights.ratio(*self.french.words(step[0], step[1]), *self.english.words(step[2], step[3]))

    def score(self, step: Step) -> float:
        """All that is known of a bead with two sides."""
        french, english = self.french, self.english
        a, b, c, d = step
        total = PRIORS[b - a, d - c]
        if b - a > 1:
            total -= french.crossed(a, b)
        if d - c > 1:
            total -= english.crossed(c, d)
        if total == -math.inf:
            return total
        size = max(1, sum(french.lengths[a:b]))
        off = (sum(english.lengths[c:d]) - CHARACTERS * size) ** 2 / (VARIANCE * size)
        total -= LENGTH * min(FARTHEST, off) / 2
        if french.begins[a] and english.begins[c]:
            total += TOGETHER
        elif french.begins[a] or english.begins[c]:
            total -= TOGETHER / 2
        return total + self.evidence(step)


_NONE = -math.inf


def best_path(scorer: Scorer, band: Sequence[Move]) -> list[Step]:
    """The beads of the best way from the beginning of both texts to their ends, in order: every sentence stands in one.

    `band`: for each number of French sentences from 0 on, the least and the greatest number of English ones that may go with them; it
    holds (0, 0) and both ends, and its bounds never fall.
    """
    rows = len(band) - 1
    score = scorer.score
    french = [scorer.weights.telling(bag) for bag in scorer.french.bags]
    english = [scorer.weights.telling(bag) for bag in scorer.english.bags]
    values: dict[int, list[list[float]]] = {}
    back: list[bytearray] = []
    for i in range(rows + 1):
        low, high = band[i]
        width = high - low + 1
        row = [[_NONE] * width for _ in range(3)]
        trace = bytearray(3 * width)
        lately = french[max(0, i - 3) : i]
        own: frozenset[str] = frozenset().union(*lately)
        near = [not own.isdisjoint(words) for words in english[max(0, low - 3) : high]]
        for j in range(low, high + 1):
            at = j - low
            if i == j == 0:
                row[0][0] = 0.0
                continue
            best, how = _NONE, 0
            here = j - max(0, low - 3)
            # More than two sentences in one bead are worth a look only where something speaks for it.
            alike = any(near[max(0, here - 3) : here])
            for number, (a, b) in enumerate(_MOVES if alike else _MOVES[:1]):
                if a > i or b > j:
                    continue
                left, right = band[i - a]
                if not left <= j - b <= right:
                    continue
                before = values[i - a]
                cell = j - b - left
                first, second, third = before[0][cell], before[1][cell], before[2][cell]
                previous = first if first >= second and first >= third else second if second >= third else third
                if previous == _NONE:
                    continue
                total = previous + score((i - a, i, j - b, j))
                if total > best:
                    best, how = total, 4 * number + (0 if previous == first else 1 if previous == second else 2)
            row[0][at], trace[at] = best, how
            if i and band[i - 1][0] <= j <= band[i - 1][1]:
                before, cell = values[i - 1], j - band[i - 1][0]
                options = (before[0][cell] - GAP, before[1][cell] - MORE, before[2][cell] - GAP)
                row[1][at] = max(options)
                trace[width + at] = options.index(row[1][at])
            if at:
                options = (row[0][at - 1] - GAP, row[1][at - 1] - GAP, row[2][at - 1] - MORE)
                row[2][at] = max(options)
                trace[2 * width + at] = options.index(row[2][at])
        values[i] = row
        values.pop(i - 3, None)
        back.append(trace)
    return _traced(values[rows], back, band)


def _traced(last: list[list[float]], back: list[bytearray], band: Sequence[Move]) -> list[Step]:
    i, j = len(band) - 1, band[-1][1]
    ends = [row[-1] for row in last]
    state = ends.index(max(ends))
    steps: list[Step] = []
    while i or j:
        low, high = band[i]
        how = back[i][state * (high - low + 1) + j - low]
        a, b = ((1, 0), (0, 1))[state - 1] if state else _MOVES[how // 4]
        state = how % 4 if not state else how
        steps.append((i - a, i, j - b, j))
        i, j = i - a, j - b
    return steps[::-1]
