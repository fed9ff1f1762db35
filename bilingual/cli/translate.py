"""``bilingual translate``: articles in, both languages side by side out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bilingual.cli import memory as remembering
from bilingual.cli import options
from bilingual.cli.console import detail, note, progress, set_verbosity, warn
from bilingual.cli.options import DeviceChoice, EnforceChoice, EngineChoice
from bilingual.cli.tally import Tally
from bilingual.errors import BilingualError, ConfigError, InputError

if TYPE_CHECKING:
    from bilingual.cli.outputs import Job
    from bilingual.config import Config
    from bilingual.document import Document
    from bilingual.enforcement import Enforce
    from bilingual.engines import Engine
    from bilingual.engines.models import EngineName
    from bilingual.glossary import Glossary
    from bilingual.memory import Memory
    from bilingual.pipeline import Crew, Settings

EXAMPLES = """\
Examples:

  bilingual translate seeds/ -o outputs/            every article of a folder, side by side (Markdown) and as JSONL

  bilingual translate article.txt                   one article, Markdown on stdout

  bilingual translate seeds/ -o pages/ --format html   a page for each article, and an index.html of them

  cat article.txt | bilingual translate - --format txt   the English alone

  bilingual translate --lines test.fr > test.en     one segment a line, N lines in, N lines out

  bilingual translate --lines --field text --format jsonl rows.jsonl   JSON objects in, with their translation out

  bilingual translate news/ -o out/ -g house.tsv --model Helsinki-NLP/opus-mt-fr-en
"""


class Place(StrEnum):
    """Values of ``--on``."""

    local = "local"
    ray = "ray"


def translate(
    inputs: Annotated[
        list[Path] | None, typer.Argument(metavar="[INPUT]...", help="Files, folders (searched recursively) or - for stdin.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder to write to.", file_okay=False)] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="Comma-separated: md, jsonl, html, txt, tmx, xliff, xliff2, csv, same (the input's own form). "
            "Default: md,jsonl with -o, md without, txt with --lines.",
        ),
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="One segment a line: N lines in, N lines out.")] = False,
    field: Annotated[
        str | None,
        typer.Option(
            help="With --lines: each line is a JSON object, and this field of it is translated.  [default for .jsonl: source]"
        ),
    ] = None,
    glossary: options.Glossaries = None,
    no_glossary: options.NoGlossary = False,
    enforce: options.Enforcing = None,
    model: options.Model = None,
    engine: options.EngineOption = None,
    device: options.Device = None,
    beam: options.Beam = None,
    threads: options.Threads = None,
    on: Annotated[
        Place, typer.Option("--on", help="ray: workers on this machine, or on the cluster of RAY_ADDRESS.")
    ] = Place.local,
    workers: Annotated[
        int, typer.Option(min=0, help="Workers on Ray, each with --threads cores.  [default: all cores, 1 thread]")
    ] = 0,
    memory: options.MemoryOption = None,
    keep_clutter: options.KeepClutter = False,
    summary: options.Summarize = True,
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Translate French articles into English, both languages side by side."""
    set_verbosity(quiet=quiet, verbose=verbose)
    from bilingual.cli.outputs import parse_formats
    from bilingual.cli.streams import FORMATS, field_of, stream_lines
    from bilingual.config import find_config

    config = find_config(Path.cwd())
    if config.path:
        detail(f"settings from {config.path}")
    formats = parse_formats(format_ or config.format or ("txt" if lines else "md,jsonl" if output else "md"), same=True)
    sources, missing = _inputs(inputs or [], output, formats)
    records = field_of(field, sources, formats, lines=lines, output=output is not None)
    settings = choose_settings(config, glossary, no_glossary, enforce, beam, keep_clutter, formats, lines=lines)
    jobs, index = _jobs(sources, output, formats)

    if workers and on is Place.local:
        raise InputError("--workers goes with --on ray; here, --threads says how many cores to use")
    with ExitStack() as stack:
        loaded: Engine | Crew
        if on is Place.ray:
            from bilingual.distributed import Recipe, hired

            name, runs, where, cores = choose_engine(config, model, engine, device, threads)
            loaded = stack.enter_context(hired(Recipe(name, runs, where, cores or 1), settings, workers, note))
        else:
            loaded = load_chosen(config, model, engine, device, threads)
        detail(f"{loaded.model} on {loaded.name}, beam {settings.beam}")
        held = stack.enter_context(remembering.using_memory(memory, config))
        tally = Tally(unreadable=missing)
        if jobs is None and lines and formats[0] in FORMATS and sources:
            code = stream_lines(sources[0], loaded, settings, held, tally, formats[0], records)
        else:
            code = _translate_all(
                sources, tally, jobs, index, formats, lines, force, summary and not lines, loaded, settings, held
            )
    raise typer.Exit(code)


def configured(config: Config, key: str, choices: type[StrEnum], default: str = "auto") -> Any:
    """The value of `key` in the configuration, else `default`. Raises `ConfigError` where it is none of `choices`."""
    value = getattr(config, key)
    if value is not None and value not in {choice.value for choice in choices}:
        raise ConfigError(f"{config.path}: {key}: one of {', '.join(choices)} is needed, not {value!r}")
    return value or default


def choose_settings(
    config: Config,
    glossary: list[Path] | None,
    no_glossary: bool,
    enforce: EnforceChoice | None,
    beam: int | None,
    keep_clutter: bool,
    formats: list[str],
    lines: bool = False,
) -> Settings:
    """What the pipeline is told, by the options, else the configuration, else the defaults. Raises `ConfigError`, `InputError`."""
    from bilingual.pipeline import Settings

    terms = choose_glossary(glossary or [], no_glossary, lines, config)
    how: Enforce = enforce.value if enforce else configured(config, "enforce", EnforceChoice, "strict")
    return Settings(
        beam=beam or config.beam or 4,
        glossary=None if how == "off" else terms,
        enforce=how,
        keep_clutter=keep_clutter or bool(config.keep_clutter) or lines,
        links="html" in formats or "same" in formats,
    )


def choose_engine(
    config: Config, model: str | None, engine: EngineChoice | None, device: DeviceChoice | None, threads: int | None
) -> tuple[str, EngineName, str, int]:
    """Model, engine, device and cores that the options, else the configuration, else the defaults give. Raises `ConfigError`."""
    runs: EngineName = engine.value if engine else configured(config, "engine", EngineChoice)
    where = device.value if device else configured(config, "device", DeviceChoice)
    return model or config.model or "embedded", runs, where, threads if threads is not None else config.threads or 0


def load_chosen(
    config: Config, model: str | None, engine: EngineChoice | None, device: DeviceChoice | None, threads: int | None
) -> Engine:
    """The engine of `choose_engine`, loaded on this machine."""
    from bilingual.engines import find_model, load_engine

    name, runs, where, cores = choose_engine(config, model, engine, device, threads)
    return load_engine(find_model(name, note=note), runs, device=where, threads=cores, note=note)


def _inputs(given: list[Path], output: Path | None, formats: list[str]) -> tuple[list[Any], int]:
    """The inputs as found, and how many are missing; stdin stands for itself. Raises `InputError` for what one stdout cannot hold."""
    from pathlib import PurePosixPath

    from bilingual.cli.articles import find_each
    from bilingual.cli.files import STDIN
    from bilingual.reading import FoundInput

    if not given:
        if sys.stdin is None or sys.stdin.isatty():
            raise InputError(
                "nothing to translate: give files, a folder, or - for stdin (bilingual translate --help has examples)"
            )
        given = [STDIN]
    if STDIN in given and sys.stdin is None:
        raise InputError("-: stdin is closed")
    if STDIN in given and len(given) > 1:
        raise InputError("-: stdin cannot be mixed with other inputs")
    found, missing = ([FoundInput(STDIN, PurePosixPath("stdin.txt"))], 0) if given == [STDIN] else find_each(given)
    if output is None and len(found) + missing > 1:
        raise InputError(f"{len(found) + missing} inputs and one stdout: give a folder with -o")
    if output is None and len(formats) > 1:
        raise InputError(f"{len(formats)} formats and one stdout: give a folder with -o")
    return found, missing


def choose_glossary(given: list[Path], none: bool, lines: bool, config: Config) -> Glossary | None:
    """The glossary that the options, the configuration or the package give; said on stderr."""
    from bilingual.glossary import default_glossary, load_glossary, merge

    if none:
        if given:
            raise InputError("--no-glossary and -g contradict each other")
        return None
    paths = given or ([] if lines else list(config.glossary))
    if not paths:
        if lines:
            return None
        glossary = default_glossary()
        note(
            f"glossary: {glossary.name} of the package, {len(glossary.terms)} entries (-g FILE for your own, --no-glossary for none)"
        )
        return glossary
    glossaries = [load_glossary(path) for path in paths]
    merged = merge(glossaries)
    glossary = merged.glossary
    note(f"glossary: {', '.join(str(path) for path in paths)}, {len(glossary.terms)} entries")
    for loss in merged.lost:
        warn(loss)
    return glossary


def _jobs(sources: list[Any], output: Path | None, formats: list[str]) -> tuple[list[Job] | None, Path | None]:
    """What is to be written, and where the index of the pages goes, if there is to be one."""
    if output is None:
        return None, None
    from bilingual.cli.files import check_writable
    from bilingual.cli.outputs import plan_index, plan_outputs

    jobs = plan_outputs(sources, output, formats)
    index = plan_index(jobs, output)
    check_writable(output)
    return jobs, index


def _translate_all(
    sources: list[Any],
    tally: Tally,
    jobs: list[Job] | None,
    index: Path | None,
    formats: list[str],
    lines: bool,
    force: bool,
    summary: bool,
    engine: Engine | Crew,
    settings: Settings,
    memory: Memory | None,
) -> int:
    from bilingual.cli.files import write_whole
    from bilingual.cli.outputs import make_index
    from bilingual.pipeline import translate_documents
    from bilingual.summary import summarize
    from bilingual.writing import render

    total = len(sources) + tally.unreadable
    waiting: list[int] = []

    def read() -> Iterator[Document]:
        for index, source in enumerate(sources):
            try:
                document = read_source(source, lines)
                if jobs and not force and settled(document, jobs[index], summary, engine, settings, memory):
                    tally.current += 1
                    continue
            except BilingualError as error:
                warn(str(error))
                tally.unreadable += 1
                continue
            waiting.append(index)
            yield document

    try:
        with progress("translating", "articles", len(sources)) as bar:
            for document in translate_documents(read(), engine, settings, memory):
                place = waiting.pop(0)
                tally.add(document.segments)
                if summary:
                    document = replace(document, summary=summarize(document))
                if jobs is None:
                    sys.stdout.buffer.write(render(document, formats[0]))
                    sys.stdout.buffer.flush()
                else:
                    for name, target in jobs[place].targets:
                        write_whole(target, render(document, name))
                    detail(f"{sources[place].path} -> {', '.join(str(target) for _, target in jobs[place].targets)}")
                tally.written += 1
                bar.step(1, document.name)
        if jobs and index:
            write_whole(index, make_index(jobs, index.parent))
    except KeyboardInterrupt:
        kept = (
            f"{tally.written} of {total} articles are written; the same command goes on from there" if jobs else "nothing written"
        )
        warn(f"interrupted; {kept}")
        return 130
    _say(tally, total, engine)
    return tally.exit_code(settings)


def read_source(source: Any, lines: bool = False) -> Document:
    """The article (`lines`: the lines) of a `FoundInput`, with what is odd about it said on stderr. Raises `InputError`."""
    from bilingual.cli.files import STDIN, read_bytes
    from bilingual.reading import looks_french, read_document, read_lines

    name = "stdin" if source.path == STDIN else str(source.relative)
    document = (read_lines if lines else read_document)(read_bytes(source.path), name)
    for message in document.notes:
        note(f"{name}: {message}")
    french, language = looks_french("\n".join(block.text for block in document.blocks[:200])[:5000])
    if not french:
        warn(f"{name}: looks like {language}, not French; translated all the same")
    return replace(document, name=name)


def settled(
    document: Document, job: Job, summary: bool, engine: Engine | Crew, settings: Settings, memory: Memory | None
) -> bool:
    """Whether the outputs of `job` are to be left alone. Raises `InputError` where a person's corrections would be lost."""
    from bilingual.cli.outputs import corrected, lacks_corrections, not_imported, up_to_date
    from bilingual.document import CLUTTER
    from bilingual.pipeline import made_ready, signature
    from bilingual.writing.receipt import count

    left_out = 0 if settings.keep_clutter else sum(block.kind in CLUTTER for block in document.blocks)
    if up_to_date(document, left_out, signature(engine, settings), job.targets, summary=summary):
        if memory is None:
            return True
        segments = made_ready(document, settings).segments
        if not lacks_corrections(segments, memory.corrections(segment.source for segment in segments), job.targets):
            return True
    for _, target in job.targets:
        kept = corrected(target)
        if kept and not remembering.keeps_corrections(memory, target, kept):
            raise InputError(f"{target}: holds {count(kept, 'corrected sentence')}; left alone (--force translates again)")
        if changed := not_imported(target):
            raise InputError(
                f"{target}: holds {count(changed, 'sentence')} changed and not imported; left alone (bilingual import takes them,"
                " --force translates again)"
            )
    return False


def _say(tally: Tally, total: int, engine: Engine | Crew) -> None:
    from bilingual.writing.receipt import count

    sentences = count(tally.segments, "sentence")
    parts = [f"{tally.written} of {total} articles, {sentences}" if total > 1 else sentences]
    if tally.current:
        parts.append(f"{tally.current} up to date")
    if tally.marked:
        parts.append(f"{tally.marked} marked as doubtful")
    if tally.terms:
        parts.append(f"{count(tally.terms, 'glossary term')}, {tally.missed} not rendered")
    note("; ".join(parts) + f" ({engine.model}, {engine.name})")
    if tally.violations:
        are = "is" if tally.violations == 1 else "are"
        warn(f"{count(tally.violations, 'strict glossary term')} {are} not obeyed; the outputs say which and why")
    if tally.failed:
        stand = "stands" if tally.failed == 1 else "stand"
        warn(f"{count(tally.failed, 'sentence')} could not be translated and {stand} in French, with the reason")


__all__ = [
    "EXAMPLES",
    "DeviceChoice",
    "EnforceChoice",
    "EngineChoice",
    "Tally",
    "choose_glossary",
    "choose_settings",
    "configured",
    "load_chosen",
    "read_source",
    "settled",
    "translate",
]
