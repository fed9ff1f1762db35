"""What the command line says on stderr: notes, warnings, progress. Results go to stdout or to files, never through here."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Protocol

_quiet = 0
"""Set once from the command's options: -1 verbose, 0 normal, 1 quiet."""


class _Closed(io.RawIOBase):
    """A stdout that was closed before the start (``>&-``): what is written to it fails, like what is written to a full disk."""

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def open_missing_streams() -> None:
    """Give a process whose stdout or stderr is closed streams that behave: the one refuses what is written, the other swallows it.

    Their descriptors are taken, so that no output file gets the number of stdout and what a library prints there.
    """
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        if stream is None:
            _occupy(number)
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(_Closed()), encoding="utf-8", errors="backslashreplace")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - as long as the process


def _occupy(number: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        null = os.open(os.devnull, os.O_RDWR)
        if null != number:
            os.dup2(null, number)
            os.close(null)


def set_verbosity(*, quiet: bool = False, verbose: bool = False) -> None:
    """Choose what is said: errors and warnings always; notes unless quiet; details only when verbose."""
    global _quiet
    _quiet = 1 if quiet else -1 if verbose else 0


def printable(text: str) -> str:
    """`text` with whatever a terminal might obey spelled out: file names, articles and messages may hold anything."""
    return "".join(c if c == "\n" or c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def one_line(text: str) -> str:
    """`printable` text without a line end: for a message that holds the name of a file."""
    return printable(text).replace("\n", "\\x0a")


def warn(text: str) -> None:
    """A warning or an error: always said."""
    print(f"bilingual: {one_line(text)}", file=sys.stderr)


def note(text: str) -> None:
    """A note: said unless ``--quiet``."""
    if _quiet < 1:
        print(one_line(text), file=sys.stderr)


def detail(text: str) -> None:
    """A detail: said with ``--verbose`` only."""
    if _quiet < 0:
        print(one_line(text), file=sys.stderr)


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

        shown = _Shown(bar, task)
        yield shown
        shown.flush()


class _Shown:
    """Units are added up between two drawings: a bar that is told of each line would take longer than a remembered line."""

    def __init__(self, bar: Any, task: Any):
        self._bar, self._task = bar, task
        self._units, self._label, self._drawn = 0, "", 0.0

    def step(self, units: int = 1, label: str | None = None) -> None:
        self._units += units
        self._label = label or self._label
        if monotonic() - self._drawn > 0.1:
            self.flush()

    def flush(self) -> None:
        state = self._bar.tasks[self._task]
        rate = f"{(state.completed + self._units) / state.elapsed:.0f}/s" if state.elapsed else ""
        text = printable(self._label) if self._label else state.description
        self._bar.update(self._task, advance=self._units, description=text, rate=rate)
        self._units, self._drawn = 0, monotonic()
