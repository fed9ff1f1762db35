"""What the command line says on stderr: notes, warnings, progress. Results go to stdout or to files, never through here."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

_quiet = 0
"""Set once from the command's options: -1 verbose, 0 normal, 1 quiet."""


def set_verbosity(*, quiet: bool = False, verbose: bool = False) -> None:
    """Choose what is said: errors and warnings always; notes unless quiet; details only when verbose."""
    global _quiet
    _quiet = 1 if quiet else -1 if verbose else 0


def printable(text: str) -> str:
    """`text` with whatever a terminal might obey spelled out: file names, articles and messages may hold anything."""
    return "".join(c if c == "\n" or c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def warn(text: str) -> None:
    """A warning or an error: always said."""
    print(f"bilingual: {printable(text)}", file=sys.stderr)


def note(text: str) -> None:
    """A note: said unless ``--quiet``."""
    if _quiet < 1:
        print(printable(text), file=sys.stderr)


def detail(text: str) -> None:
    """A detail: said with ``--verbose`` only."""
    if _quiet < 0:
        print(printable(text), file=sys.stderr)


class Progress(Protocol):
    """How far a job is: call `step` for each finished unit."""

    def step(self, units: int = 1, label: str | None = None) -> None:
        """Count finished units; `label` is what is being worked on."""


class _Silent:
    def step(self, units: int = 1, label: str | None = None) -> None:
        pass


@contextmanager
def progress(label: str, unit: str, total: int | None = None) -> Iterator[Progress]:
    """A progress bar with rate and time left on stderr; nothing where stderr is no terminal or notes are off."""
    if _quiet > 0 or not sys.stderr.isatty():
        yield _Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns: list[Any] = [SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()]
    columns += [TextColumn(unit), TextColumn("{task.fields[rate]}"), TimeElapsedColumn(), TimeRemainingColumn()]
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total, rate="")

        class _Shown:
            def step(self, units: int = 1, label: str | None = None) -> None:
                state = bar.tasks[task]
                rate = f"{state.completed / state.elapsed:.0f}/s" if state.elapsed else ""
                text = printable(label) if label else state.description
                bar.update(task, advance=units, description=text, rate=rate)

        yield _Shown()
