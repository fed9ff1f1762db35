"""``bilingual review``: a page on this machine where a person corrects the English of a JSONL, sentence by sentence."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from bilingual.cli import memory as remembering
from bilingual.cli.console import note, printable, set_verbosity, warn
from bilingual.errors import BilingualError, EngineError, InputError, OutputError

if TYPE_CHECKING:
    from bilingual.config import Config
    from bilingual.memory import Memory
    from bilingual.review.desk import Desk

EXAMPLES = """\
Examples:

  bilingual review out/article.fr-en.jsonl         opens a page in the browser; Ctrl-C ends it

  bilingual review out/article.fr-en.jsonl --memory house.memory    what is corrected is used by later translations

  bilingual review out/article.fr-en.jsonl --format md,html    the page and the Markdown beside it made again at the end

  bilingual review out/article.fr-en.jsonl -g house.tsv --no-browser --port 8765
"""


def review(
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="A translation in our JSONL; corrected in place.")],
    glossary: Annotated[
        list[Path] | None,
        typer.Option(
            "-g", "--glossary", help="Look for the terms of this glossary.  [default: the one that FILE was translated with]"
        ),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(
            "--memory",
            metavar="FILE|off",
            help="Memory that corrections go into.  [default: off, unless the configuration names one]",
        ),
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", help="Other formats to write beside FILE at the end, comma-separated, as for translate.  [default: none]"
        ),
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address and open nothing.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="The address alone, warnings and errors.")] = False,
) -> None:
    """Correct a translation in the browser: terms, numbers and names are checked while you type, each confirmed sentence is saved."""
    set_verbosity(quiet=quiet)
    from bilingual.cli.imports import matcher_for
    from bilingual.config import find_config
    from bilingual.glossary import load_glossary, merge
    from bilingual.review.desk import Desk
    from bilingual.review.door import Keys
    from bilingual.review.lines import read_lines
    from bilingual.review.server import application, listen, server

    config = find_config(Path.cwd())
    path = file.resolve()
    disk = Disk(path, file)
    document = read_lines(disk.read(), str(file)).document
    others = _others(path, format_)
    given = merge([load_glossary(one) for one in glossary]).glossary if glossary else None
    matcher = matcher_for(document, given, config.glossary)
    with alone(path), _heeding_sigterm():
        desk = Desk(disk, str(file), matcher, _memory(memory, config))
        heard = listen(port)
        keys = Keys(heard.getsockname()[1])
        try:
            serving = server(application(desk, keys, warn))
        except ImportError as error:
            heard.close()
            raise EngineError(
                f"bilingual review needs Starlette and uvicorn ({error}): pip install 'bilingual-toolkit[review]'"
            ) from error
        with suppress(KeyboardInterrupt):
            print(keys.address, flush=True)
            note(f"{file}: open the address above in a browser; Ctrl-C ends the review")
            if not no_browser and _has_display():
                _open_browser(keys.ticket_address())
            serving.run(sockets=[heard])
        heard.close()
        _finish(desk)
        _write(desk, others)


def _others(path: Path, formats: str | None) -> dict[str, Path]:
    """What else is written at the end, by format. Raises `InputError` where that would undo what somebody has changed there."""
    from bilingual.cli.outputs import not_imported, parse_formats
    from bilingual.writing import FORMATS
    from bilingual.writing.receipt import count

    names = [name for name in parse_formats(formats) if name != "jsonl"] if formats else []
    targets = {name: path.with_name(path.stem + FORMATS[name].suffix) for name in names}
    for target in targets.values():
        if changed := not_imported(target):
            raise InputError(
                f"{target}: holds {count(changed, 'sentence')} changed and not imported (bilingual import takes them)"
            )
    return targets


def _write(desk: Desk, targets: Mapping[str, Path]) -> None:
    from bilingual.cli.files import write_whole
    from bilingual.writing import render

    for name, target in targets.items():
        write_whole(target, render(desk.document, name), "make the folder writable")
    if targets:
        note(f"written: {', '.join(map(str, targets.values()))}")


def _finish(desk: Desk) -> None:
    """Save what was typed last, and say what was done. Raises where that cannot be saved, with the words themselves on stderr."""
    from bilingual.writing.receipt import count

    try:
        if warning := desk.finish():
            warn(f"{warning}; bilingual memory import {desk.name} takes the corrections in later")
    except BilingualError:
        for identity, text in desk.drafts.items():
            warn(f"not saved: {identity}: {text}")
        raise
    for identity, text in desk.drafts.items():
        warn(f"not saved, since there is no English: {identity}: {text}")
    done = desk.tally()
    note(f"{desk.name}: {count(done.corrected, 'sentence')} changed, {done.confirmed} confirmed as they were")


@dataclass(frozen=True, slots=True)
class Disk:
    """The file that is reviewed, where it really is (`path`) and as it was named."""

    path: Path
    name: Path

    def read(self) -> bytes:
        """Its bytes. Raises `InputError`."""
        from bilingual.cli.files import read_bytes

        try:
            return read_bytes(self.path)
        except InputError as error:
            raise InputError(str(error).replace(str(self.path), str(self.name), 1)) from error

    def write(self, data: bytes) -> None:
        """Other bytes in their place, whole or not at all. Raises `OutputError`."""
        from bilingual.cli.files import write_whole

        try:
            mode = self.path.stat().st_mode
        except OSError as error:
            raise OutputError(f"{self.name}: cannot be written ({error.strerror or error})") from error
        if not mode & 0o222 or not os.access(self.path, os.W_OK):  # the file beside it could take its place all the same
            raise OutputError(f"{self.name}: is read-only; make it writable (chmod u+w) and save again")
        write_whole(self.path, data, "free some space or make the folder writable, and save again")


@dataclass(frozen=True, slots=True)
class Notebook:
    """A memory that is opened for each correction, so that others may have it in between."""

    path: Path

    @contextmanager
    def _open(self) -> Iterator[Memory]:
        from bilingual.memory import open_memory

        with open_memory(self.path, warn) as memory:
            yield memory

    def corrections(self, sources: Iterable[str]) -> Mapping[str, str]:
        """What is remembered of some sentences; nothing where the file cannot be read."""
        with suppress(InputError, OutputError), self._open() as memory:
            return memory.corrections(sources)
        return {}

    def correct(self, pairs: Iterable[tuple[str, str]]) -> int:
        """Remember corrections. Raises `OutputError`."""
        with self._open() as memory:
            return memory.correct(pairs)

    def withdraw(self, sources: Iterable[str]) -> None:
        """Forget corrections. Raises `OutputError`."""
        with self._open() as memory:
            memory.withdraw(sources)


def _memory(given: str | None, config: Config) -> Notebook | None:
    with remembering.using_memory(given, config) as memory:  # what is wrong with the file is to be known before any work
        return None if memory is None else Notebook(memory.path.resolve())


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else reviews `path` meanwhile: two reviews would write over each other. Raises `InputError` where somebody does.

    A lock on a hidden file beside it, which the system drops where a process dies; in a folder that cannot be written, none.
    """
    try:
        import fcntl
    except ImportError:  # not on Windows: there a second review is noticed by what it writes
        yield
        return
    lock = path.with_name(f".{path.name[:200]}.review")
    while True:
        try:
            held = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            warn(f"{path.parent}: cannot be written ({error.strerror or error}); nothing can be saved there")
            yield
            return
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if lock.exists() and os.path.samestat(os.fstat(held), lock.stat()):
                break
        except OSError as error:
            os.close(held)
            raise InputError(f"{path}: is being reviewed already; end that review first") from error
        os.close(held)  # the one before has just ended and taken its file away
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(held)


@contextmanager
def _heeding_sigterm() -> Iterator[None]:
    """SIGTERM ends a review as Ctrl-C does: with everything saved."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _has_display() -> bool:
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open_browser(address: str) -> None:
    import webbrowser

    def start() -> None:
        with suppress(webbrowser.Error, OSError):
            if webbrowser.open(address):
                return
        warn(printable("no browser could be opened; open the address yourself"))

    Thread(target=start, daemon=True).start()
