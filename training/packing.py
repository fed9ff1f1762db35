"""Sentence pairs of all lengths into batches of one shape: rows in which pairs stand end to end.

A batch is so many rows, each so many pieces wide on both sides; the pairs of a row stay together, and attention is held inside
a pair by its number in the row. Little is wasted, nothing is cut, and one shape is what compilers, GPUs and memory like. Krell et
al. 2021 ("Efficient Sequence Packing without Cross-contamination") measure what it saves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.corpus import Link

Ids = npt.NDArray[np.int64]
OPEN_ROWS = 64
"""Rows that are being filled at a time: more fill better and take longer to search."""
IGNORED = -100
"""The label of a place where nothing is predicted."""


@dataclass(frozen=True, slots=True)
class Example:
    """A pair in pieces: ``source`` and ``target`` ids without their ends, ``labels`` of the target among the pieces that can be
    produced (its end included), and ``links`` between pieces."""

    source: tuple[int, ...]
    target: tuple[int, ...]
    labels: tuple[int, ...]
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of pairs, as arrays ``[rows, width]``.

    ``source`` ends every sentence with the end piece; ``target`` begins every sentence with the start piece. ``source_pair`` and
    ``target_pair`` number the pairs of a row from 1, 0 is unused; ``…_place`` counts pieces within a sentence. ``labels`` has `IGNORED`
    where nothing is predicted. ``links`` is ``[rows, target_width, source_width]`` with lines that sum to 1 or 0, None without any.
    """

    source: Ids
    source_pair: Ids
    source_place: Ids
    target: Ids
    target_pair: Ids
    target_place: Ids
    labels: Ids
    links: npt.NDArray[np.float32] | None
    pairs: int
    target_pieces: int


def pack(lengths: Iterable[tuple[int, int]], widths: tuple[int, int], open_rows: int = OPEN_ROWS) -> Iterator[list[int]]:
    """Rows of indexes of pairs that fit `widths` together on both sides, each pair in one row: first fit among `open_rows`.

    `lengths`: pieces of source and target, ends included. Raises ValueError for a pair that is longer than a row.

    >>> sorted(pack([(3, 2), (4, 4), (2, 2), (1, 1)], (5, 5)))
    [[0, 2], [1, 3]]
    """
    rows: list[tuple[int, int, list[int]]] = []
    for index, (source, target) in enumerate(lengths):
        if source > widths[0] or target > widths[1]:
            raise ValueError(f"pair {index}: {source} and {target} pieces do not fit {widths}")
        for at, (source_left, target_left, row) in enumerate(rows):
            if source <= source_left and target <= target_left:
                row.append(index)
                rows[at] = (source_left - source, target_left - target, row)
                break
        else:
            rows.append((widths[0] - source, widths[1] - target, [index]))
            if len(rows) > open_rows:
                fullest = min(range(len(rows)), key=lambda r: min(rows[r][0], rows[r][1]))
                yield rows.pop(fullest)[2]
    yield from (row for _, _, row in rows)


def lengths(example: Example) -> tuple[int, int]:
    """Pieces that an example takes in a row, its end and its start included."""
    return len(example.source) + 1, len(example.target) + 1


def fill(rows: Sequence[Sequence[Example]], shape: tuple[int, int, int], end: int, start: int) -> Batch:
    """A batch of `shape` (rows, source width, target width) out of rows of examples; rows that are missing stay empty.

    `end`: the id that ends a source; `start`: the id that a decoder starts from, which also fills what is unused.
    """
    count, source_width, target_width = shape
    source, target = np.full((count, source_width), start), np.full((count, target_width), start)
    source_pair, source_place = np.zeros_like(source), np.zeros_like(source)
    target_pair, target_place = np.zeros_like(target), np.zeros_like(target)
    labels = np.full((count, target_width), IGNORED)
    links = np.zeros((count, target_width, source_width), np.float32) if any(e.links for row in rows for e in row) else None
    pairs = pieces = 0
    for r, row in enumerate(rows):
        i = j = 0
        for number, example in enumerate(row, 1):
            n, m = lengths(example)
            source[r, i : i + n] = (*example.source, end)
            target[r, j + 1 : j + m] = example.target
            labels[r, j : j + m] = example.labels
            source_pair[r, i : i + n], source_place[r, i : i + n] = number, np.arange(n)
            target_pair[r, j : j + m], target_place[r, j : j + m] = number, np.arange(m)
            for of_source, of_target in example.links:
                assert links is not None
                links[r, j + of_target, i + of_source] = 1.0
            i, j, pairs, pieces = i + n, j + m, pairs + 1, pieces + m
    if links is not None:
        links /= np.maximum(links.sum(axis=2, keepdims=True), 1.0)
    return Batch(source, source_pair, source_place, target, target_pair, target_place, labels, links, pairs, pieces)
