"""``bilingual watch``: a folder whose articles are translated as they arrive."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bilingual.cli import memory as remembering
from bilingual.cli import options
from bilingual.cli.console import detail, note, one_line, set_verbosity, warn
from bilingual.cli.tally import Tally
from bilingual.cli.translate import choose_settings, load_chosen, read_source, settled
from bilingual.cli.watching import Stillness, mark_of, read_ledger, scan, write_ledger
from bilingual.errors import BilingualError, InputError, OutputError

if TYPE_CHECKING:
    from bilingual.cli.outputs import Job
    from bilingual.document import Document
    from bilingual.engines import Engine
    from bilingual.memory import Memory
    from bilingual.pipeline import Settings

EXAMPLES = """\
Examples:

  bilingual watch depeches/ -o out/                 a line on stdout for each article that arrives; ends with Ctrl-C or a SIGTERM

  bilingual watch depeches/ -o out/ --format html   pages, and an index.html that grows with them

  bilingual watch depeches/ -o out/ --once          what is there now, then the end: for cron
"""

UNSTAMPED = frozenset({"txt", "csv", "same"})
"""Formats that do not carry what they were made of, `same` in some forms: the ledger says it for them."""

PATIENCE = 60.0
"""Seconds, beside ten times ``--settle``, that ``--once`` waits for files that do not stand still."""

RETRY = 60.0
"""Seconds until an article is tried again whose outputs could not be written: a full disk is not its fault."""


class _Stopped(KeyboardInterrupt):
    """A SIGTERM, where the process is in Python."""


@dataclass(slots=True)
class _Watch:
    """What stays the same while a folder is watched, and what is known of it so far."""

    folder: Path
    output: Path
    formats: list[str]
    summary: bool
    force: bool
    once: bool
    engine: Engine
    settings: Settings
    memory: Memory | None
    still: Stillness
    tally: Tally = field(default_factory=Tally)
    jobs: dict[PurePosixPath, Job] = field(default_factory=dict)
    ledger: dict[str, Any] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    away: bool = False
    index_is_old: bool = False


def watch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to watch, with those below it.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write to.", file_okay=False)],
    format_: Annotated[
        str | None, typer.Option("--format", help="Comma-separated, as for translate.  [default: md,jsonl]")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Translate what is there now, and end.")] = False,
    settle: Annotated[
        float, typer.Option("--settle", min=0.0, max=3600.0, help="Seconds that a file has to stand still before it is taken.")
    ] = 2.0,
    every: Annotated[float, typer.Option("--every", min=0.05, max=3600.0, help="Seconds between two looks at the folder.")] = 1.0,
    glossary: options.Glossaries = None,
    no_glossary: options.NoGlossary = False,
    enforce: options.Enforcing = None,
    model: options.Model = None,
    engine: options.EngineOption = None,
    device: options.Device = None,
    beam: options.Beam = None,
    threads: options.Threads = None,
    memory: options.MemoryOption = None,
    keep_clutter: options.KeepClutter = False,
    summary: options.Summarize = True,
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Translate the articles of a folder as they arrive, a line for each."""
    set_verbosity(quiet=quiet, verbose=verbose)
    from bilingual.cli.files import check_writable
    from bilingual.cli.outputs import parse_formats
    from bilingual.config import find_config

    config = find_config(Path.cwd())
    if config.path:
        detail(f"settings from {config.path}")
    formats = parse_formats(format_ or config.format or "md,jsonl", same=True)
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder; watch one that is there")
    settings = choose_settings(config, glossary, no_glossary, enforce, beam, keep_clutter, formats)
    check_writable(output)
    _refuse_index(output, formats)
    with ExitStack() as stack:
        loaded = load_chosen(config, model, engine, device, threads)
        held = stack.enter_context(remembering.using_memory(memory, config))
        watched = _Watch(folder, output, formats, summary, force, once, loaded, settings, held, Stillness(settle))
        watched.ledger = read_ledger(output)
        code = _run(watched, every)
    raise typer.Exit(code)


def _refuse_index(output: Path, formats: list[str]) -> None:
    """Refuse a folder whose ``index.html`` is somebody else's, before any work."""
    from bilingual.cli.outputs import Job, plan_index
    from bilingual.reading import FoundInput

    if "html" in formats:
        nobody = FoundInput(output / ".nobody", PurePosixPath(".nobody"))
        plan_index([Job(nobody, (("html", output / name),)) for name in (".1", ".2")], output)


def _run(watched: _Watch, every: float) -> int:
    """Look, wait and translate until a signal comes, or (``--once``) until all that is there is done."""
    patience = time.monotonic() + PATIENCE + 10 * watched.still.settle
    try:
        with _terminable():
            note(f"watching {watched.folder}" + ("" if watched.once else " (Ctrl-C ends it)"))
            while True:
                found = _look(watched)
                for path in list(watched.still.ready(found, time.monotonic())) if found is not None else []:
                    _take(watched, path, (found or {})[path])
                _index(watched)
                if watched.once and (not watched.still.waiting or time.monotonic() > patience):
                    break
                time.sleep(min(every, max(watched.still.settle / 2, 0.05)) if watched.once else every)
    except KeyboardInterrupt as stop:
        from bilingual.writing.receipt import count

        warn(
            f"{'terminated' if isinstance(stop, _Stopped) else 'interrupted'}; {count(watched.tally.written, 'article')} written"
        )
        return 143 if isinstance(stop, _Stopped) else 130
    for path in watched.still.waiting:
        warn(f"{path}: is still being written; left for the next run")
        watched.tally.unreadable += 1
    watched.tally.unreadable += watched.away
    return watched.tally.exit_code(watched.settings)


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends what is inside as Ctrl-C does; an output is whole or not there whenever it comes."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _Stopped

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _look(watched: _Watch) -> dict[PurePosixPath, tuple[int, int]] | None:
    """What is in the folder; None where it cannot be read, which is said once."""
    try:
        found, others = scan(watched.folder, watched.output)
    except OSError as error:  # a server that is away for a while
        if not watched.away:
            warn(f"{watched.folder}: cannot be read ({error.strerror or error}); looked for again")
        watched.away = True
        return None
    watched.away = False
    for suffix in sorted(others - watched.told):
        note(f"files with {'the suffix ' + suffix if suffix else 'no suffix'} are left alone")
    watched.told |= others
    return found


def _take(watched: _Watch, path: PurePosixPath, mark: tuple[int, int]) -> None:
    """Translate one article and say so; whatever goes wrong with it is one line, and the watch goes on."""
    began = time.monotonic()
    source = watched.folder / path
    try:
        job = _job(watched, path)
        document = _made(watched, job)
        if (after := mark_of(source)) != mark:  # written to while it was read, or gone: what was made of it is nothing
            watched.still.waiting.pop(path, None)
            if after is not None:
                watched.still.again(path, after, time.monotonic())
            return
        if document is not None:
            _write(watched, job, document)
    except OutputError as error:
        warn(str(error) if watched.once else f"{error}; tried again in {RETRY:.0f} seconds")
        watched.tally.unreadable += 1
        document = None
        if not watched.once:
            watched.still.again(path, mark, began + RETRY)
            return
    except Exception as error:  # a signal alone ends a watch
        if mark_of(source) is None:
            return
        known = isinstance(error, BilingualError)
        warn(str(error) if known else f"{path}: could not be translated ({type(error).__name__}: {error}); left until it changes")
        document = None
        watched.tally.failed += getattr(error, "exit_code", 1) == 1
        watched.tally.unreadable += getattr(error, "exit_code", 1) != 1
    watched.still.taken[path] = mark
    if document is not None:
        print(one_line(_line(path, document, time.monotonic() - began, job)), flush=True)


def _job(watched: _Watch, path: PurePosixPath) -> Job:
    """What the article is to become. Raises `InputError` where another one that is there becomes the same."""
    from bilingual.cli.outputs import plan_outputs
    from bilingual.reading import FoundInput

    def planned(article: PurePosixPath) -> Job:
        [job] = plan_outputs([FoundInput(watched.folder / article, article)], watched.output, watched.formats)
        return job

    job = planned(path)
    wanted = {target for _, target in job.targets}
    for name in watched.ledger:  # what an earlier run has written keeps its place
        other = PurePosixPath(name)
        if other.stem == path.stem and other not in watched.jobs and other != path:
            watched.jobs[other] = planned(other)
    for other, known in list(watched.jobs.items()):
        if other != path and wanted & {target for _, target in known.targets}:
            if known.source.path.exists():
                raise InputError(f"{path}: would become {job.targets[0][1]}, as {other} does; left alone until it changes")
            del watched.jobs[other]
    watched.jobs[path] = job
    return job


def _made(watched: _Watch, job: Job) -> Document | None:
    """The article translated; None where its outputs are up to date."""
    from bilingual.pipeline import translate
    from bilingual.summary import summarize

    document = read_source(job.source)
    if not watched.force:
        made = watched.ledger.get(str(job.source.relative))
        known = made is not None and UNSTAMPED.intersection(watched.formats) and made == _entry(watched, job, document)
        if known or settled(document, job, watched.summary, watched.engine, watched.settings, watched.memory):
            detail(f"{job.source.relative}: up to date")
            watched.tally.current += 1
            return None
    done = translate(document, watched.engine, watched.settings, watched.memory)
    return replace(done, summary=summarize(done)) if watched.summary else done


def _entry(watched: _Watch, job: Job, document: Document) -> dict[str, Any] | None:
    """What the ledger says of an article whose outputs are there; None where one is not."""
    from bilingual.document import CLUTTER
    from bilingual.pipeline import made_ready, signature

    if not all(target.is_file() for _, target in job.targets):
        return None
    signed = {key: value for key, value in asdict(signature(watched.engine, watched.settings)).items() if key != "origins"}
    left_out = 0 if watched.settings.keep_clutter else sum(block.kind in CLUTTER for block in document.blocks)
    used: dict[str, str] = {}
    if watched.memory is not None:
        used = watched.memory.corrections(segment.source for segment in made_ready(document, watched.settings).segments)
    return {
        "source_sha256": document.source_sha256,
        "signature": signed,
        "left_out": left_out or document.left_out,
        "summary": watched.summary,
        "formats": watched.formats,
        "corrections": sha256(json.dumps(sorted(used.items())).encode()).hexdigest() if used else None,
    }


def _write(watched: _Watch, job: Job, document: Document) -> None:
    from bilingual.cli.files import write_whole
    from bilingual.writing import render

    for name, target in job.targets:
        write_whole(target, render(document, name))
    watched.tally.add(document.segments)
    watched.tally.written += 1
    watched.index_is_old = True
    watched.ledger[str(job.source.relative)] = _entry(watched, job, document)
    write_ledger(watched.output, watched.ledger)


def _index(watched: _Watch) -> None:
    """Make the index of the pages again where one of them is new."""
    from bilingual.cli.files import write_whole
    from bilingual.cli.outputs import make_index, plan_index

    if not watched.index_is_old:
        return
    watched.index_is_old = False
    try:
        if index := plan_index(list(watched.jobs.values()), watched.output):
            write_whole(index, make_index(watched.jobs.values(), watched.output))
    except BilingualError as error:
        warn(str(error))


def _line(path: PurePosixPath, document: Document, seconds: float, job: Job) -> str:
    """What is said of an article: its name, sentences, terms kept and violated, seconds, and where it went."""
    from bilingual.enforcement import violations
    from bilingual.writing.receipt import count

    segments = document.segments
    kept = sum(hit.status in ("kept", "enforced") for segment in segments for hit in segment.terms)
    violated = sum(violations(segment.terms) for segment in segments)
    failed = sum(segment.origin == "failed" for segment in segments)
    parts = [count(len(segments), "sentence"), f"terms {kept} kept {violated} violated"]
    parts += [f"{failed} failed"] if failed else []
    targets = ", ".join(os.fspath(target) for _, target in job.targets)
    return f"{path}: {', '.join(parts)}, {seconds:.1f} s -> {targets}"


__all__ = ["EXAMPLES", "watch"]
