"""Which sentences of two texts are translations of each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bilingual.bitext.anchors import band
from bilingual.bitext.moves import moved_passages
from bilingual.bitext.path import Scorer, Side, Step, best_path
from bilingual.bitext.words import Bag, Weights, bag_of, french_bag, joined

ROUNDS = 8
"""How often passages that moved are looked for, at most; each round finds what the one before it laid open."""


@dataclass(frozen=True, slots=True)
class Bead:
    """Sentences that belong together: up to three of one text and one or two of the other, or one without a counterpart.

    ``french`` and ``english`` are half-open ranges of the numbers of sentences, from 0. ``score``: how much of the translation of the
    French and of the English is in common, 0 to 1, rare words counting more. ``moved``: the English stands elsewhere in its text than its
    neighbours. ``unsure``: the words in common say no more than chance; place and length alone put the two together.
    """

    french: tuple[int, int]
    english: tuple[int, int]
    score: float = 0.0
    moved: bool = False
    unsure: bool = False

    @property
    def kind(self) -> str:
        """How many sentences stand against how many.

        >>> Bead((0, 2), (4, 5)).kind
        '2-1'
        """
        return f"{self.french[1] - self.french[0]}-{self.english[1] - self.english[0]}"


def align_sentences(
    french: Sequence[str],
    translations: Sequence[str],
    english: Sequence[str],
    french_begins: Sequence[bool] = (),
    english_begins: Sequence[bool] = (),
) -> list[Bead]:
    """The beads of `french` and `english`, each sentence in one; in the order of the French, English without French after what it follows.

    `translations`: what a model makes of each French sentence, however roughly. ``…_begins``: whether a paragraph begins with a
    sentence. The same input gives the same beads. Time and memory grow with the number of sentences, as long as the texts are
    translations of one another.

    >>> beads = align_sentences(["Il pleut.", "Paul dort et Anne lit."], ["It rains.", "Paul sleeps and Anne reads."],
    ...                         ["It is raining.", "Paul is asleep.", "Anne is reading."])
    >>> [(bead.kind, bead.french, bead.english) for bead in beads]
    [('1-1', (0, 1), (0, 1)), ('1-2', (1, 2), (1, 3))]
    """
    bags = [bag_of(sentence) for sentence in english]
    whole = joined(bags)
    seen = [french_bag(sentence, made, whole) for sentence, made in zip(french, translations, strict=True)]
    scorer = Scorer(_side(seen, french, french_begins), _side(bags, english, english_begins), Weights(whole))
    moved: list[Step] = []
    for _ in range(ROUNDS):
        rest, path = _path(scorer, moved)
        new = [_placed(rest, step) for step in moved_passages(rest, path)]
        if not new:
            break
        moved += new
    else:
        rest, path = _path(scorer, moved)
    beads = [_bead(scorer, _placed(rest, step)) for step in path]
    return _in_order(beads, [_bead(scorer, step, moved=True) for step in moved])


def _side(bags: Sequence[Bag], sentences: Sequence[str], begins: Sequence[bool]) -> Side:
    return Side(bags, [len(s.strip()) for s in sentences], begins or [False] * len(bags), range(len(bags)))


def _path(scorer: Scorer, moved: Sequence[Step]) -> tuple[Scorer, list[Step]]:
    """The best way through what is left without `moved`, and the scorer that its numbers count in."""
    if moved:
        french = scorer.french.without({k for step in moved for k in range(step[0], step[1])})
        english = scorer.english.without({k for step in moved for k in range(step[2], step[3])})
        scorer = Scorer(french, english, scorer.weights)
    return scorer, best_path(scorer, band(scorer))


def _placed(scorer: Scorer, step: Step) -> Step:
    """A step in the numbers of the whole texts."""
    a, b, c, d = step
    french, english = scorer.french.places, scorer.english.places
    first = (french[a], french[b - 1] + 1) if a < b else (0, 0)
    return (*first, english[c], english[d - 1] + 1) if c < d else (*first, 0, 0)


def _bead(scorer: Scorer, step: Step, moved: bool = False) -> Bead:
    a, b, c, d = step
    if a == b or c == d:
        return Bead((a, b), (c, d))
    likeness = scorer.weights.likeness(scorer.french.words(a, b)[0], scorer.english.words(c, d)[0])
    return Bead((a, b), (c, d), round(likeness, 4), moved, scorer.evidence(step) <= 0)


def _in_order(beads: Sequence[Bead], moved: Sequence[Bead]) -> list[Bead]:
    """All beads by their French; English without French after the bead that has the English before it.

    Where that bead was moved, what follows it in its English text goes with it.
    """
    paired = sorted((bead for bead in (*beads, *moved) if bead.french[0] < bead.french[1]), key=lambda bead: bead.french)
    at = {bead.english[1]: place for place, bead in enumerate(paired) if bead.english[0] < bead.english[1]}
    after: dict[int, list[Bead]] = {}
    for bead in sorted((bead for bead in beads if bead.french[0] == bead.french[1]), key=lambda bead: bead.english):
        place = at.get(bead.english[0], -1)
        at[bead.english[1]] = place
        after.setdefault(place, []).append(bead)
    ordered = after.get(-1, [])
    for place, bead in enumerate(paired):
        ordered += [bead, *after.get(place, ())]
    return ordered
