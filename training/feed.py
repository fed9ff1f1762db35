"""From a prepared folder to batches, without end, and from any batch on: what comes next hangs on the seed and the position alone."""

from __future__ import annotations

import random
import signal
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing import get_context
from pathlib import Path

from training.annotation import TAGS
from training.augmentation import PLACEHOLDERS, Lessons, corpus_names, teach
from training.corpus import Pair, read_shard
from training.packing import Batch, Example, fill, lengths, pack
from training.pieces import Pieces, encode, present
from training.prepare import read_kept_out, read_manifest
from training.settings import RunSettings
from training.state import Position

Turn = tuple[int, int, Path]
Rows = list[list[list[Example]]]
"""The batches of a shard: lists of rows of examples."""

_ENCODED = 4096
"""Pairs that are cut into pieces in one call."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Where batches come from."""

    data: Path
    settings: RunSettings
    pieces: Pieces

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows and widths of a batch."""
        return self.settings.rows, self.settings.source_width, self.settings.target_width


def batches(feed: Feed, position: Position) -> Generator[tuple[Batch, Position], None, None]:
    """The batches from `position` on, each with the position after it; `step` and `pieces` of positions are the caller's affair.

    An epoch goes through all shards in an order of its own. The heaviest pairs are in every epoch, the others in as large a share of
    them as they weigh against those: no pair twice, so that none is learnt by heart while its shard is open. Order and lessons are new each
    time. Ends where the folder holds nothing that can be trained on.
    """
    files = [feed.data / shard["file"] for shard in read_manifest(feed.data)["shards"] if shard["pairs"]]
    skipped, without = position.batch, 0
    for (epoch, shard, _), made in _prepared(feed, _turns(feed, files, position)):
        without = 0 if made else without + 1
        if without == len(files):
            return
        for number in range(skipped, len(made)):
            last = number + 1 == len(made)
            after = replace(position, epoch=epoch, shard=shard + last, batch=0 if last else number + 1)
            yield fill(made[number], feed.shape, feed.pieces.end, feed.pieces.start), after
        skipped = 0


def _turns(feed: Feed, files: Sequence[Path], position: Position) -> Iterator[Turn]:
    """Epoch, place in it, and file of every shard from `position` on, without end."""
    first = position.shard
    for epoch in count(position.epoch) if files else ():
        order = random.Random(f"{feed.settings.seed} {epoch}").sample(files, len(files))
        yield from ((epoch, shard, order[shard]) for shard in range(first, len(order)))
        first = 0


def _prepared(feed: Feed, turns: Iterator[Turn]) -> Iterator[tuple[Turn, Rows]]:
    """The batches of each turn; with workers, so many shards ahead are made by other processes, which changes nothing else."""
    if not feed.settings.workers:
        yield from ((turn, shard_batches(feed, turn[2], turn[0])) for turn in turns)
        return
    pool = ProcessPoolExecutor(feed.settings.workers, get_context("spawn"), initializer=_let_be)
    waiting: deque[tuple[Turn, Future[Rows]]] = deque()
    try:
        for turn in turns:
            waiting.append((turn, pool.submit(shard_batches, feed, turn[2], turn[0])))
            if len(waiting) > feed.settings.workers:
                first, future = waiting.popleft()
                yield first, future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _let_be() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; what it means is for the run itself to say


def shard_batches(feed: Feed, path: Path, epoch: int) -> Rows:
    """The rows of all batches that a shard gives in an epoch; the last batch may have fewer."""
    chance = random.Random(f"{feed.settings.seed} {epoch} {path.name}")
    pairs = read_shard(path)
    lessons = Lessons(
        feed.settings.mixture,
        corpus_names(pairs),
        present(feed.pieces, PLACEHOLDERS),
        TAGS if len(present(feed.pieces, TAGS)) == len(TAGS) else None,
    )
    heaviest = max((float(weight) for weight in read_manifest(feed.data)["weights"]), default=1.0)
    drawn = [pair for pair in pairs if chance.random() * heaviest < pair.weight]
    chance.shuffle(drawn)
    examples = encode_all([teach(pair, chance, lessons) for pair in drawn], feed)
    rows = [[examples[i] for i in row] for row in pack(map(lengths, examples), feed.shape[1:])]
    chance.shuffle(rows)
    return [rows[i : i + feed.shape[0]] for i in range(0, len(rows), feed.shape[0])]


def encode_all(pairs: list[Pair], feed: Feed) -> list[Example]:
    """The examples of pairs; those that do not fit a row or cannot be produced are left out."""
    made = (encode(pairs[i : i + _ENCODED], feed.pieces, feed.shape[1:]) for i in range(0, len(pairs), _ENCODED))
    return [example for some in made for example in some if example is not None]


def held_out_batches(feed: Feed, most: int = 8) -> list[Batch]:
    """At most so many batches of the kept-out pairs, without lessons."""
    examples = encode_all(read_kept_out(feed.data), feed)
    rows = [[examples[i] for i in row] for row in pack(map(lengths, examples), feed.shape[1:])]
    groups = [rows[i : i + feed.shape[0]] for i in range(0, len(rows), feed.shape[0])][:most]
    return [fill(group, feed.shape, feed.pieces.end, feed.pieces.start) for group in groups]
