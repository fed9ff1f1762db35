"""Pairs out of files: TSV as OPUS and Tatoeba have it, Moses pairs of files, TMX; and the pairs of a prepared folder.

A source is named by its path, or ``NAME=PATH``. Its name tells its kind (``.gz``, ``.bz2`` or ``.xz`` may come after it):

- ``x.tsv``: French, tab, English; with ``x.links`` beside it, word links of the pairs, line by line
- ``x.fr`` with ``x.en`` beside it (and ``x.links``)
- ``x.tmx``

Lines end at LF alone. Bytes that are not UTF-8 end the reading; what is empty on one side is passed on, for a filter to count.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

from bilingual.errors import InputError

Link = tuple[int, int]
Span = tuple[int, int]
_BROKEN = (OSError, EOFError, lzma.LZMAError, zlib.error)
_OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


@dataclass(frozen=True, slots=True)
class Pair:
    """A French sentence and its English one, and what is known of them.

    ``links``: words of both sides that render each other, counted by `training.links.words`; None where nobody looked, empty where
    there are none. ``terms``: spans of the French and the English that could be a glossary's, in code points. ``weight``: how often the
    pair is drawn.
    """

    french: str
    english: str
    links: tuple[Link, ...] | None = None
    terms: tuple[tuple[Span, Span], ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Source:
    """A named place of pairs: the file, and the kind that its name says (``tsv``, ``moses``, ``tmx``)."""

    name: str
    path: Path
    kind: str


def find_source(text: str) -> Source:
    """The source that an argument names. Raises `InputError` where it is not there or of no known kind.

    >>> find_source("talks=nowhere.tsv")
    Traceback (most recent call last):
    bilingual.errors.InputError: nowhere.tsv: no such file
    """
    name, equals, rest = text.partition("=")
    path = Path(rest if equals else text)
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    plain = path.name.removesuffix(path.suffix) if path.suffix in _OPENERS else path.name
    kind = {".tsv": "tsv", ".fr": "moses", ".tmx": "tmx"}.get(Path(plain).suffix)
    if kind is None:
        unpack = "; unpack it first (zstd -d)" if path.suffix == ".zst" else ""
        raise InputError(f"{path}: not .tsv, .fr with .en beside it, or .tmx{unpack}")
    return Source(name if equals else Path(plain).stem, path, kind)


def read_pairs(source: Source) -> Iterator[Pair]:
    """The pairs of a source, in order, with the links that lie beside it. Raises `InputError` with the line where one is broken."""
    if source.kind == "tmx":
        yield from _read_tmx(source)
        return
    if source.kind == "moses":
        other = _sibling(source.path, ".en")
        if other is None:
            raise InputError(f"{source.path}: no {_bare(source.path)}.en beside it")
        rows: Iterable[tuple[str, ...]] = _together(source.path, other)
    else:
        rows = (tuple(line.split("\t")) for line in read_lines(source.path))
    beside = _sibling(source.path, ".links")
    marked = _together(source.path, beside) if beside else None
    for number, row in enumerate(rows, 1):
        if len(row) < 2:
            raise InputError(f"{source.path}:{number}: no tab between French and English")
        links = parse_links(next(marked)[1], f"{beside}:{number}") if marked else None
        yield Pair(row[0].strip(), row[1].strip(), links)


def parse_links(text: str, place: str) -> tuple[Link, ...]:
    """Links out of ``0-0 1-2``. Raises `InputError`.

    >>> parse_links("0-0 1-2", "a.links:1")
    ((0, 0), (1, 2))
    """
    try:
        return tuple((int(i), int(j)) for i, j in (link.split("-") for link in text.split()))
    except ValueError:
        raise InputError(f"{place}: not word links such as 0-0 1-2") from None


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a text file, compressed or not, without their ends. Raises `InputError`.

    >>> list(read_lines(Path("nowhere.fr")))
    Traceback (most recent call last):
    bilingual.errors.InputError: nowhere.fr: cannot be read (No such file or directory)
    """
    opener = _OPENERS.get(path.suffix, open)
    try:
        with opener(path, "rt", encoding="utf-8", newline="\n") as file:
            for line in file:
                yield line.removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error.reason})") from error
    except _BROKEN as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})")


def _together(one: Path, other: Path) -> Iterator[tuple[str, str]]:
    for number, (a, b) in enumerate(zip_longest(read_lines(one), read_lines(other)), 1):
        if a is None or b is None:
            raise InputError(f"{one if a is None else other}: ends at line {number - 1}, {other if a is None else one} goes on")
        yield a, b


def _bare(path: Path) -> str:
    name = path.name.removesuffix(path.suffix) if path.suffix in _OPENERS else path.name
    return Path(name).stem


def _sibling(path: Path, suffix: str) -> Path | None:
    stem = path.parent / _bare(path)
    return next((p for end in ("", *_OPENERS) if (p := Path(f"{stem}{suffix}{end}")).is_file()), None)


def _read_tmx(source: Source) -> Iterator[Pair]:
    from bilingual.writing.exchange.tmx import read_tmx

    opener = _OPENERS.get(source.path.suffix, open)
    try:
        with opener(source.path, "rb") as file:
            data: bytes = file.read()
    except _BROKEN as error:
        raise _unreadable(source.path, error) from error
    for unit in read_tmx(data, str(source.path)).units:
        yield Pair(" ".join(unit.source.split()), " ".join((unit.target or "").split()))


def to_json(pair: Pair) -> str:
    """A pair as a line of a shard.

    >>> to_json(Pair("Oui.", "Yes.", ((0, 0), (1, 1)), weight=2.0))
    '{"fr": "Oui.", "en": "Yes.", "weight": 2.0, "links": "0-0 1-1"}'
    """
    value: dict[str, Any] = {"fr": pair.french, "en": pair.english, "weight": pair.weight}
    if pair.links is not None:
        value["links"] = " ".join(f"{i}-{j}" for i, j in pair.links)
    if pair.terms:
        value["terms"] = [[*french, *english] for french, english in pair.terms]
    return json.dumps(value, ensure_ascii=False)


def from_json(line: str) -> Pair:
    """A pair out of a line of a shard; `to_json` the other way.

    >>> pair = Pair("Le chat dort.", "The cat sleeps.", ((1, 1),), (((3, 7), (4, 7)),), 0.5)
    >>> from_json(to_json(pair)) == pair
    True
    """
    value = json.loads(line)
    links = value.get("links")
    return Pair(
        value["fr"],
        value["en"],
        None if links is None else parse_links(links, "shard"),
        tuple(((a, b), (c, d)) for a, b, c, d in value.get("terms", ())),
        value["weight"],
    )


def read_shard(path: Path) -> list[Pair]:
    """All pairs of a prepared file. Raises `InputError`."""
    return [from_json(line) for line in read_lines(path)]


def write_shard(path: Path, pairs: Iterable[Pair]) -> str:
    """Write pairs, one a line, and give the SHA-256 of the file."""
    digest = hashlib.sha256()
    file: IO[bytes]
    with path.open("wb") as file:
        for pair in pairs:
            line = (to_json(pair) + "\n").encode()
            digest.update(line)
            file.write(line)
    return digest.hexdigest()
