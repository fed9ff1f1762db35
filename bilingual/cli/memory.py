"""``bilingual memory``: what is remembered, looked into, carried elsewhere, put right; and the option ``--memory`` of other commands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bilingual.cli.console import note, set_verbosity, warn

if TYPE_CHECKING:
    from bilingual.config import Config
    from bilingual.document import Document
    from bilingual.memory import Memory

app = typer.Typer(help="See, carry and prune what is remembered.", no_args_is_help=True, rich_markup_mode=None)

OFF = "off"
OPTION = "File in which what is translated is remembered, or off.  [default: off, unless the configuration names one]"

Where = Annotated[Path | None, typer.Option("--memory", help="The memory's file.  [default: the configuration's]")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No last line.")]


@contextmanager
def using_memory(given: str | None, config: Config) -> Iterator[Memory | None]:
    """The memory that ``--memory`` or the configuration names, open; None where there is none."""
    path = None if given == OFF else Path(given) if given else config.memory
    if path is None:
        yield None
        return
    from bilingual.memory import open_memory

    note(f"memory: {path}")
    with open_memory(path, warn) as memory:
        yield memory


def keeps_corrections(memory: Memory | None, output: Path, count: int) -> bool:
    """Whether `memory` holds all the `count` corrections of an output, as its JSONL shows them: writing it anew loses none."""
    from bilingual.errors import InputError
    from bilingual.writing.jsonl import from_jsonl

    if memory is None:
        return False
    path = output.with_suffix(".jsonl")
    try:
        segments = from_jsonl(path.read_text(encoding="utf-8"), str(path)).segments
    except (OSError, UnicodeDecodeError, InputError):
        return False
    edited = [segment for segment in segments if segment.origin == "post-edited"]
    kept = memory.corrections(segment.source for segment in edited)
    return len(edited) == count and all(kept.get(segment.source) == segment.target for segment in edited)


@contextmanager
def _memory(given: Path | None, *, must_exist: bool = True) -> Iterator[Memory]:
    from bilingual.config import find_config
    from bilingual.errors import InputError
    from bilingual.memory import open_memory

    path = given or find_config(Path.cwd()).memory
    if path is None:
        raise InputError("which memory? name its file with --memory, or with the key memory in bilingual.toml")
    with open_memory(path, warn, must_exist=must_exist) as memory:
        yield memory


@app.command(epilog="Example:\n\n  bilingual memory stats --memory house.memory")
def stats(memory: Where = None, as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False) -> None:
    """Say what is in a memory."""
    from bilingual.memory.keys import rules

    with _memory(memory) as held:
        query = (
            "SELECT model, engine, beam, rules, count(*), count(DISTINCT source) FROM translations JOIN kinds ON kinds.id = kind"
            " GROUP BY kind ORDER BY model, engine, beam, rules"
        )
        kinds = [
            {"model": row[0], "engine": row[1], "beam": row[2], "rules": row[3], "translations": row[4], "sentences": row[5]}
            | {"outdated": row[3] != rules()}
            for row in held.rows(query)
        ]
        [(corrections,)] = held.rows("SELECT count(*) FROM corrections")
        size = held.path.stat().st_size
        if as_json:
            print(json.dumps({"memory": str(held.path), "bytes": size, "corrections": corrections, "kinds": kinds}))
            return
        print(f"{held.path}: {size / 1e6:.1f} MB, {corrections} corrected sentences")
        for kind in kinds:
            old = " (made by other rules: never used again, prune --outdated forgets it)" if kind["outdated"] else ""
            print(f"{kind['translations']:9} translations  {kind['model']}, {kind['engine']}, beam {kind['beam']}{old}")


@app.command(
    epilog='Example:\n\n  bilingual memory find "centre de données"\n\n  bilingual memory find --in article.txt --least 80'
)
def find(
    phrase: Annotated[str | None, typer.Argument(help="A French sentence.")] = None,
    within: Annotated[Path | None, typer.Option("--in", help="An article: each of its sentences is looked for.")] = None,
    least: Annotated[int, typer.Option("--least", min=1, max=100, help="Likeness in percent.")] = 70,
    most: Annotated[int, typer.Option("--most", min=1, help="How many for each sentence.")] = 3,
    memory: Where = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a match.")] = False,
) -> None:
    """Show remembered sentences that are like a phrase, or like the sentences of an article. They are shown, and never used."""
    from bilingual.errors import InputError
    from bilingual.memory import find_alike

    if (phrase is None) == (within is None):
        raise InputError("give a phrase, or an article with --in")
    sentences = [phrase] if phrase is not None else _sentences_of(within or Path("-"))
    with _memory(memory) as held:
        for sentence, near in zip(sentences, find_alike(held, sentences, least=least, most=most), strict=True):
            if not as_json and within and near:
                print(sentence)
            for alike in near:
                if as_json:
                    fields = {"likeness": alike.likeness, "source": alike.source, "target": alike.target, "origin": alike.origin}
                    print(json.dumps({"sentence": sentence, **fields}, ensure_ascii=False))
                else:
                    print(f"{alike.likeness:4} %  {alike.source}\n        {alike.target}  ({alike.origin})")


def _sentences_of(path: Path) -> list[str]:
    from bilingual.cli.files import STDIN, read_bytes
    from bilingual.reading import read_document
    from bilingual.sentences import split_document

    document = split_document(read_document(read_bytes(path), "stdin" if path == STDIN else path.name))
    return list(dict.fromkeys(segment.source for segment in document.segments))


@app.command(epilog="Example:\n\n  bilingual memory export --memory house.memory > house.jsonl")
def export(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File to write; stdout otherwise.")] = None,
    memory: Where = None,
) -> None:
    """Write a memory as JSON Lines (bilingual-memory/1)."""
    import sys

    from bilingual.cli.files import write_whole
    from bilingual.errors import OutputError
    from bilingual.memory.exchange import export_lines

    with _memory(memory) as held:
        if output is not None:
            if output.exists() and output.samefile(held.path):
                raise OutputError(f"{output}: is the memory itself; name another file with -o")
            write_whole(output, "".join(export_lines(held)))
            return
        for line in export_lines(held):
            sys.stdout.buffer.write(line.encode())
        sys.stdout.buffer.flush()


@app.command("import", epilog="Example:\n\n  bilingual memory import house.jsonl out/corrected.fr-en.jsonl --memory house.memory")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Exported memories, or our JSONL with corrections.")],
    memory: Where = None,
    quiet: Quiet = False,
) -> None:
    """Take in exported memories, and the corrected (post-edited) sentences of translations in our JSONL; begins a memory where none is."""
    set_verbosity(quiet=quiet)
    from bilingual.cli.files import read_bytes
    from bilingual.errors import InputError
    from bilingual.memory.exchange import import_lines, is_export
    from bilingual.writing.jsonl import from_jsonl

    texts = []
    for path in files:
        try:
            texts.append((path, read_bytes(path).decode("utf-8-sig")))
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: not UTF-8 (byte {error.start}); JSONL of this tool always is") from error
    translations = corrections = 0
    with _memory(memory, must_exist=False) as held:
        for path, text in texts:
            if is_export(text):
                made, corrected = import_lines(held, text.removesuffix("\n").split("\n"), str(path))
                translations, corrections = translations + made, corrections + corrected
            else:
                corrections += held.correct(_corrected(from_jsonl(text, str(path))))
    note(f"{translations} translations and {corrections} corrected sentences taken in")


def _corrected(document: Document) -> Sequence[tuple[str, str]]:
    edited = [segment for segment in document.segments if segment.origin == "post-edited"]
    return [(segment.source, segment.target) for segment in edited if segment.target.strip()]


@app.command(epilog="Example:\n\n  bilingual memory prune --outdated --unused-for 90")
def prune(
    unused_for: Annotated[
        int | None,
        typer.Option("--unused-for", min=1, max=100_000, metavar="DAYS", help="Forget what was not used for so many days."),
    ] = None,
    outdated: Annotated[bool, typer.Option("--outdated", help="Forget what other versions of this tool made.")] = False,
    memory: Where = None,
    quiet: Quiet = False,
) -> None:
    """Forget translations that are not used. Corrected sentences are never forgotten."""
    set_verbosity(quiet=quiet)
    from bilingual.errors import InputError
    from bilingual.memory.keys import rules

    if unused_for is None and not outdated:
        raise InputError("what is to be forgotten? give --unused-for DAYS or --outdated")
    with _memory(memory) as held:
        gone = held.forget(unused_for=unused_for, other_rules_than=rules() if outdated else None)
        note(f"{gone} translations forgotten; {held.path} has {held.path.stat().st_size / 1e6:.1f} MB")
