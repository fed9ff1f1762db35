"""Articles for commands that look into them: French ones, and the translations in our JSONL."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bilingual.cli.console import note, warn
from bilingual.errors import BilingualError, InputError

if TYPE_CHECKING:
    from bilingual.document import Document
    from bilingual.reading import FoundInput


def find_each(given: Sequence[Path]) -> tuple[list[FoundInput], int]:
    """The inputs that are there, and how many of those given are not; each of these is said.

    Raises `InputError` where the only one is not there, and ends with 2 where none of several is.
    """
    from bilingual.reading import find_inputs

    found: dict[str, FoundInput] = {}
    missing = 0
    for path in given:
        try:
            for one in find_inputs([path]):
                found.setdefault(os.path.abspath(one.path), one)  # noqa: PTH100 - links stay
        except InputError as error:
            missing += _said(error, given)
    if not found:
        raise typer.Exit(2)
    return list(found.values()), missing


def _said(error: InputError, given: Sequence[Path]) -> int:
    if len(given) == 1:
        raise error
    warn(str(error))
    return 1


def find_articles(given: Sequence[Path]) -> tuple[list[tuple[Path, str]], int]:
    """Paths and names: a file as it is; of a folder the ``.jsonl`` files and the articles that are not outputs; each path once.

    And how many of those given are missing, or a folder without either; for them as `find_each`.
    """
    from bilingual.cli.files import is_digest
    from bilingual.reading import find_inputs

    found: dict[Path, str] = {}
    missing = 0
    for path in given:
        ours = sorted(p for p in path.rglob("*.jsonl") if p.is_file() and not is_digest(p)) if path.is_dir() else []
        try:
            articles = find_inputs([path])
        except InputError as error:
            if not ours:
                missing += _said(error, given)
            articles = []
        for file in ours:
            found.setdefault(file, str(file.relative_to(path)))
        for article in articles:
            if not (path.is_dir() and article.path.stem.endswith((".fr-en", ".en"))):
                found.setdefault(article.path, str(article.relative))
    if not found:
        raise typer.Exit(2)
    return list(found.items()), missing


def read_articles(sources: Iterable[tuple[Path, str]]) -> Iterator[Document | None]:
    """Articles split into sentences, or as our JSONL has them; None, and a warning, for one that cannot be read."""
    from bilingual.cli.files import STDIN, read_bytes
    from bilingual.reading import read_document
    from bilingual.sentences import split_document
    from bilingual.writing.jsonl import from_jsonl

    for path, relative in sources:
        name = "stdin" if path == STDIN else relative
        try:
            data = read_bytes(path)
            if path.suffix.lower() == ".jsonl":
                yield replace(from_jsonl(_utf8(data, path), str(path)), name=name)
            else:
                document = read_document(data, name)
                for message in document.notes:
                    note(f"{name}: {message}")
                yield split_document(replace(document, name=name))
        except BilingualError as error:
            warn(str(error))
            yield None


def _utf8(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 (byte {error.start}); our JSONL always is") from error


def each_once(documents: Sequence[Document]) -> list[Document]:
    """Each article once: a translation stands for the French file that it was made from, the first of two for both."""
    ordered = sorted(documents, key=lambda d: d.signature is None)
    first = {d.source_sha256 or str(id(d)): d for d in reversed(ordered)}
    kept = {id(d) for d in first.values()}
    return [d for d in documents if id(d) in kept]
