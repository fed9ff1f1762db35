"""Which files an input on the command line stands for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bilingual.errors import InputError
from bilingual.forms import FORMS

SUFFIXES: frozenset[str] = frozenset({".txt", ".text", *FORMS})
"""Suffixes (lower case) that are looked for in folders."""

STDIN = "-"
"""The input that stands for standard input."""


@dataclass(frozen=True, slots=True)
class FoundInput:
    """A file to be read, and where it was found: ``relative`` is its path below the folder that was given, or its bare name."""

    path: Path
    relative: PurePosixPath

    @property
    def is_stdin(self) -> bool:
        """Whether this stands for standard input; ``relative`` is then ``stdin``."""
        return str(self.path) == STDIN


def find_inputs(paths: Sequence[Path], *, english: bool = False) -> list[FoundInput]:
    """The files that `paths` stand for, in the order given; a file reached twice by the same path counts once.

    A folder stands for the files with a known suffix (`SUFFIXES`) in it and in the folders below, in sorted order. Hidden files and
    folders are skipped, and so are outputs (``a.fr-en.md``; ``a.en.md``, but for `english`); links to files are followed, links to
    folders below the one given are not. A file named outright is taken whatever its suffix. Raises `InputError` for what is missing
    or cannot be read and for a folder without articles.
    """
    found: dict[Path, FoundInput] = {}
    for path in paths:
        for item in _find(Path(path), english):
            found.setdefault(Path(os.path.abspath(item.path)) if not item.is_stdin else item.path, item)  # noqa: PTH100 - links stay
    return list(found.values())


def _find(path: Path, english: bool) -> Iterator[FoundInput]:
    if str(path) == STDIN:
        yield FoundInput(path, PurePosixPath("stdin"))
        return
    try:
        is_folder = path.is_dir()
        if not is_folder and not path.exists():
            raise InputError(f"{path}: there is no such file or folder; check the path")
        articles = sorted(_walk(path, english)) if is_folder else []
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    if not is_folder:
        yield FoundInput(path, PurePosixPath(path.name))
    elif not articles:
        looked_for = ", ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        raise InputError(
            f"{path}: no articles in this folder; put files named {looked_for} there (hidden ones are not looked at)"
        )
    for parts in articles:
        yield FoundInput(path.joinpath(*parts), PurePosixPath(*parts))


def _walk(top: Path, english: bool) -> Iterator[tuple[str, ...]]:
    """The articles below `top`, each as the parts of its relative path."""
    outputs = (".fr-en",) if english else (".fr-en", ".en")

    def fail(error: OSError) -> None:
        raise error

    for folder, subfolders, names in os.walk(top, onerror=fail):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        below = Path(folder).relative_to(top).parts
        for name in names:
            path = Path(folder, name)
            if (
                not name.startswith(".")
                and not path.stem.endswith(outputs)
                and path.suffix.lower() in SUFFIXES
                and path.is_file()
            ):
                yield (*below, name)
