"""What a watched folder holds, and which of its files stand still: polled, because folders of a newsroom lie on servers that tell nobody.

Nothing here translates. A file is taken when its size and time have not changed for a while; until then somebody may be writing it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from bilingual.cli.files import write_whole
from bilingual.errors import OutputError
from bilingual.reading import SUFFIXES

Mark = tuple[int, int]
"""Size in bytes and time of the last change in nanoseconds: what tells one state of a file from another."""

LEDGER = ".bilingual-watch.json"
"""Beside the outputs: what was made, for formats that do not say themselves what they were made of."""

_SCHEMA = "bilingual-watch/1"
_UNFINISHED = frozenset({".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".swp", ".lock"})


def unfinished(name: str) -> bool:
    """Whether a name is one that programs give to what they have not finished, or to what they lock.

    >>> [unfinished(name) for name in ("a.txt", "#metoo.txt", "a.txt.part", ".a.txt", "~$note.docx", "a.txt~", "#a.txt#")]
    [False, False, True, True, True, True, True]
    """
    return name.startswith((".", "~")) or name.endswith(("~", "#")) or PurePosixPath(name).suffix.lower() in _UNFINISHED


def scan(folder: Path, output: Path) -> tuple[dict[PurePosixPath, Mark], set[str]]:
    """The articles below `folder` by relative path, and suffixes of other files that were seen there.

    Hidden and unfinished files, outputs (``a.fr-en.md``, ``a.en.md``), `output` where it lies inside, and links to folders are passed
    over; what vanishes while it is looked at is not there. Raises `OSError` where `folder` itself cannot be read.
    """
    found: dict[PurePosixPath, Mark] = {}
    others: set[str] = set()
    left = output.resolve()
    waiting = [(folder, PurePosixPath())]
    while waiting:
        place, below = waiting.pop()
        try:
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError:
            if place == folder:
                raise
            continue
        real = place.resolve()
        for entry in entries:
            try:
                if unfinished(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if real / entry.name != left:
                        waiting.append((Path(entry.path), below / entry.name))
                    continue
                path = PurePosixPath(entry.name)
                ours = path.stem.endswith((".fr-en", ".en")) or (real == left and path.name == "index.html")
                if ours or not entry.is_file():
                    continue
                if path.suffix.lower() not in SUFFIXES:
                    others.add(path.suffix.lower())
                    continue
                state = entry.stat()
                found[below / entry.name] = (state.st_size, state.st_mtime_ns)
            except OSError:  # it has just gone
                continue
    return dict(sorted(found.items())), others


@dataclass(slots=True)
class Stillness:
    """Which files stand still, and which were taken already.

    >>> still = Stillness(settle=2.0)
    >>> a = PurePosixPath("a.txt")
    >>> list(still.ready({a: (3, 1)}, 0.0)), list(still.ready({a: (9, 2)}, 2.0)), list(still.ready({a: (9, 2)}, 4.0))
    ([], [], [PurePosixPath('a.txt')])
    >>> still.taken[a] = (9, 2)
    >>> list(still.ready({a: (9, 2)}, 6.0)), still.waiting
    ([], {})
    """

    settle: float
    waiting: dict[PurePosixPath, tuple[Mark, float]] = field(default_factory=dict)
    taken: dict[PurePosixPath, Mark] = field(default_factory=dict)

    def ready(self, found: Mapping[PurePosixPath, Mark], now: float) -> Iterator[PurePosixPath]:
        """The files of `found` that have not changed for `settle` seconds up to `now` and were not taken in this state."""
        for known in (self.waiting, self.taken):
            for path in [path for path in known if path not in found]:
                del known[path]
        for path, mark in found.items():
            if self.taken.get(path) == mark:
                self.waiting.pop(path, None)
                continue
            before, since = self.waiting.get(path, (None, now))
            if before != mark:
                self.waiting[path] = mark, now
                since = now
            if now - since >= self.settle:
                yield path

    def again(self, path: PurePosixPath, mark: Mark, at: float) -> None:
        """Look at `path` again when it has stood still from `at` on."""
        self.waiting[path] = mark, at


def mark_of(path: Path) -> Mark | None:
    """The state that a file is in; None where there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns


def read_ledger(output: Path) -> dict[str, Any]:
    """What was made of each article, by relative path; empty where nobody has written it down, or it cannot be read."""
    try:
        value = json.loads((output / LEDGER).read_text(encoding="utf-8"))
        articles = value["articles"] if value["schema"] == _SCHEMA else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return articles if isinstance(articles, dict) else {}


def write_ledger(output: Path, articles: Mapping[str, Any]) -> None:
    """Write down what was made. A ledger that cannot be written costs a translation at the next start, no more."""
    text = json.dumps({"schema": _SCHEMA, "articles": dict(sorted(articles.items()))}, ensure_ascii=False, indent=1)
    try:
        write_whole(output / LEDGER, text + "\n")
    except OutputError:
        return
