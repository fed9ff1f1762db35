"""Word links of sentence pairs, without a second program: IBM model 1 with a prior for the diagonal, both ways, where both agree.

The model is the one of Dyer, Chahuneau and Smith 2013 ("A Simple, Fast, and Effective Reparameterization of IBM Model 2"): every word is
rendered by a word near the same share of the other sentence, or by none, and what renders what is learnt by expectation
maximisation. Links that both directions give (Och and Ney 2003, intersection) are few and right, which is what guided alignment and
terms need: a word without a link teaches nothing, a wrong link teaches wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from training.corpus import Link, Span

_WORD = re.compile(r"\d(?:[\d.,]*\d)?|[^\W\d_]+(?:['’](?=\w))?|[^\w\s]")
TENSION = 4.0
"""How strongly words are drawn to the diagonal."""
NULL = 0.08
"""How likely a word renders no word."""
_FLOOR = 1e-9

Floats = npt.NDArray[np.float64]


def words(text: str) -> list[Span]:
    """The words that links count: numbers, runs of letters (an elided one with its apostrophe), single signs.

    >>> [text[a:b] for text in ["L’IA coûte 1,5 M€."] for a, b in words(text)]
    ['L’', 'IA', 'coûte', '1,5', 'M', '€', '.']
    """
    return [match.span() for match in _WORD.finditer(text)]


def tokens(text: str) -> list[str]:
    """The words of a text as the aligner tells them apart: case and the form of apostrophes do not matter."""
    return [match.group().casefold().replace("’", "'") for match in _WORD.finditer(text)]


@dataclass(frozen=True, slots=True)
class _Shape:
    """Sentence pairs of one shape: their places in the input, and where each pair of words stands in the table ``[n, F, E]``."""

    places: npt.NDArray[np.int64]
    cells: npt.NDArray[np.int64]
    french: npt.NDArray[np.int64]
    english: npt.NDArray[np.int64]


def learn_links(pairs: Sequence[tuple[Sequence[str], Sequence[str]]], rounds: int = 5) -> list[tuple[Link, ...]]:
    """Links of pairs of token lists (`tokens`), learnt from these very pairs; as many results as pairs, in order.

    Memory grows with the pairs of words that share a sentence: about 2 GB for 100,000 pairs of 25 words. Time is a few seconds for
    10,000 pairs. No chance is in it.

    >>> learn_links([(["le", "chat"], ["the", "cat"]), (["le", "chien"], ["the", "dog"])] * 3)[0]
    ((0, 0), (1, 1))
    """
    if not pairs:
        return []
    shapes, french_of, english_of = _table(pairs)
    sizes = (int(french_of.max(initial=0)) + 1, int(english_of.max(initial=0)) + 1)
    forward, no_french = np.full(len(french_of), 1.0), np.full(sizes[1], 1.0 / sizes[1])
    backward, no_english = np.full(len(french_of), 1.0), np.full(sizes[0], 1.0 / sizes[0])
    forward /= np.bincount(french_of, minlength=sizes[0])[french_of]
    backward /= np.bincount(english_of, minlength=sizes[1])[english_of]
    for _ in range(rounds):
        forward, no_french = _again(shapes, forward, no_french, french_of, across=False)
        backward, no_english = _again(shapes, backward, no_english, english_of, across=True)
    links: list[tuple[Link, ...]] = [()] * len(pairs)
    for shape in shapes:
        ahead = _best(shape, forward, no_french, across=False)
        back = _best(shape, backward, no_english, across=True).swapaxes(1, 2)
        for place, agreed in zip(shape.places, ahead & back, strict=True):
            links[place] = tuple((int(i), int(j)) for i, j in np.argwhere(agreed))
    return links


def _table(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> tuple[list[_Shape], Any, Any]:
    """Pairs by shape, and which French and English word each cell of the table is about."""
    ids: tuple[dict[str, int], dict[str, int]] = ({}, {})
    numbered = [
        tuple(
            np.array([known.setdefault(w, len(known)) for w in side], dtype=np.int64)
            for known, side in zip(ids, pair, strict=True)
        )
        for pair in pairs
    ]
    places: dict[tuple[int, int], list[int]] = {}
    for place, (french, english) in enumerate(numbered):
        if len(french) and len(english):
            places.setdefault((len(french), len(english)), []).append(place)
    width = len(ids[1]) + 1
    keys, sides = [], []
    for group in places.values():
        french, english = (np.stack([numbered[place][side] for place in group]) for side in (0, 1))
        sides.append((french, english))
        keys.append((french[:, :, None] * width + english[:, None, :]).ravel())
    table, cells = (
        np.unique(np.concatenate(keys), return_inverse=True) if keys else (np.zeros(0, np.int64), np.zeros(0, np.int64))
    )
    shapes, at = [], 0
    for group, (french, english) in zip(places.values(), sides, strict=True):
        size = french.shape[1] * english.shape[1] * len(group)
        own = cells[at : at + size].reshape(len(group), french.shape[1], english.shape[1])
        shapes.append(_Shape(np.array(group), own, french, english))
        at += size
    return shapes, table // width, table % width


def _prior(rows: int, columns: int) -> Floats:
    """How likely each of `columns` words renders each of `rows` words by its place alone; columns sum to 1."""
    distance = np.abs((np.arange(rows) + 0.5)[:, None] / rows - (np.arange(columns) + 0.5)[None, :] / columns)
    weight: Floats = np.exp(-TENSION * distance)
    shares: Floats = weight / weight.sum(axis=0)
    return shares


def _posterior(shape: _Shape, rendering: Floats, nothing: Floats, across: bool) -> tuple[Floats, Floats]:
    """How likely each word is the rendering of each ``[n, given, rendered]``, and of none ``[n, rendered]``."""
    cells = shape.cells.swapaxes(1, 2) if across else shape.cells
    rendered = shape.french if across else shape.english
    joint = rendering[cells] * _prior(cells.shape[1], cells.shape[2]) * (1 - NULL)
    none = nothing[rendered] * NULL
    total = joint.sum(axis=1) + none + _FLOOR
    return joint / total[:, None], none / total


def _again(
    shapes: Sequence[_Shape], rendering: Floats, nothing: Floats, given_of: npt.NDArray[np.int64], across: bool
) -> tuple[Floats, Floats]:
    """One round of expectation maximisation in one direction."""
    counts, nulls = np.zeros_like(rendering), np.zeros_like(nothing)
    for shape in shapes:
        joint, none = _posterior(shape, rendering, nothing, across)
        np.add.at(counts, shape.cells.ravel(), (joint.swapaxes(1, 2) if across else joint).ravel())
        np.add.at(nulls, (shape.french if across else shape.english).ravel(), none.ravel())
    totals = np.bincount(given_of, weights=counts)
    return counts / (totals[given_of] + _FLOOR), nulls / (nulls.sum() + _FLOOR)


def _best(shape: _Shape, rendering: Floats, nothing: Floats, across: bool) -> npt.NDArray[np.bool_]:
    joint, none = _posterior(shape, rendering, nothing, across)
    likeliest = np.arange(joint.shape[1])[None, :, None] == joint.argmax(axis=1)[:, None, :]
    best: npt.NDArray[np.bool_] = likeliest & (joint.max(axis=1) > none)[:, None, :]
    return best


def piece_links(
    links: Sequence[Link], french: Sequence[Span], english: Sequence[Span], source: Sequence[Span], target: Sequence[Span]
) -> list[Link]:
    """Links between pieces out of links between words: ``(source piece, target piece)``, every piece of a word standing for it.

    `french`, `english`: spans of the words (`words`); `source`, `target`: spans of the pieces in the same texts.

    >>> piece_links([(0, 0)], [(0, 4)], [(0, 3)], [(0, 2), (2, 4)], [(0, 3)])
    [(0, 0), (1, 0)]
    """
    of_french, of_english = _pieces_of(french, source), _pieces_of(english, target)
    return sorted({(i, j) for f, e in links for i in of_french[f] for j in of_english[e]})


def _pieces_of(spans: Sequence[Span], pieces: Sequence[Span]) -> list[list[int]]:
    owned: list[list[int]] = [[] for _ in spans]
    word = 0
    for index, (start, end) in enumerate(pieces):
        while word < len(spans) and spans[word][1] <= start:
            word += 1
        other = word
        while other < len(spans) and spans[other][0] < end:
            owned[other].append(index)
            other += 1
    return owned
