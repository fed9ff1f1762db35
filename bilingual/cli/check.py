"""``bilingual check``: what is wrong with a translation, for a translator and for a CI log."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bilingual.cli.console import note, set_verbosity

if TYPE_CHECKING:
    from bilingual.checks import Finding
    from bilingual.document import Segment
    from bilingual.glossary import Glossary

EXAMPLES = """\
Examples:

  bilingual check outputs/                         every .jsonl of a folder, by the receipts that it carries

  bilingual check outputs/ -g glossary/tech.fr-en.tsv    the terms looked for anew

  bilingual check article.xlf memory.tmx -g house.tsv    what a translation tool has saved: TMX, XLIFF, CSV

  bilingual check article.fr.txt article.en.txt    a French file and its English, line by line

  bilingual check outputs/ --fail-on warning --json
"""


class FailOn(StrEnum):
    """Values of ``--fail-on``."""

    error = "error"
    warning = "warning"


def check(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="Our .jsonl, TMX, XLIFF or CSV files, folders of .jsonl, or a French and an English file."
        ),
    ],
    glossary: Annotated[list[Path] | None, typer.Option("-g", "--glossary", help="Look for the terms of this glossary.")] = None,
    fail_on: Annotated[FailOn, typer.Option(help="What makes the exit code 3.")] = FailOn.error,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a finding.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="The findings alone, no last line.")] = False,
) -> None:
    """Check translations: terms, numbers and names lost, French left over, loops, lengths, quotes, and what is rendered in two ways."""
    set_verbosity(quiet=quiet)
    from bilingual.checks import check_segments
    from bilingual.glossary import load_glossary, merge

    given = merge([load_glossary(path) for path in glossary]).glossary if glossary else None
    counts: Counter[str] = Counter()
    texts = _texts(files)
    for name, segments, carried in texts:
        for finding in check_segments(segments, given or carried):
            counts[finding.severity] += 1
            print(_line(name, finding) if not as_json else _object(name, finding))
    total = sum(len(segments) for _, segments, _ in texts)
    note(f"checked {total} segments in {len(texts)} files: {counts['error']} errors, {counts['warning']} warnings{_rows(given)}")
    if counts["error"] or (fail_on is FailOn.warning and counts["warning"]):
        raise typer.Exit(3)


def _rows(glossary: Glossary | None) -> str:
    return f" (glossary {glossary.name}, {len(glossary.terms)} entries)" if glossary else " (terms by the receipts in the files)"


def _line(name: str, finding: Finding) -> str:
    return f"{name}:{finding.segment}: {finding.severity}: {finding.kind}: {finding.message}"


def _object(name: str, finding: Finding) -> str:
    return json.dumps(
        {
            "file": name,
            "segment": finding.segment,
            "severity": finding.severity,
            "kind": finding.kind,
            "message": finding.message,
            "source": finding.source,
            "target": finding.target,
        },
        ensure_ascii=False,
    )


def _texts(files: Sequence[Path]) -> list[tuple[str, Sequence[Segment], Glossary | None]]:
    """Names, segments and the glossary in the file: of each JSONL, TMX, XLIFF and CSV, or of one pair of plain files."""
    from bilingual.cli.files import read_bytes
    from bilingual.errors import InputError
    from bilingual.writing.exchange import SUFFIXES
    from bilingual.writing.jsonl import from_jsonl

    named = [path for given in files for path in (_ours(given) if given.is_dir() else [given])]
    for path in named:
        if not path.exists():
            raise InputError(f"{path}: there is no such file or folder; check the path")
    if not named:
        raise InputError(f"{', '.join(map(str, files))}: no .jsonl here")
    plain = [path for path in named if path.suffix.lower() not in SUFFIXES | {".jsonl"}]
    if plain:
        if len(named) != 2 or len(plain) != 2:
            raise InputError("give .jsonl, .tmx, .xlf, .xliff or .csv files, or one French file and its English one")
        return [(str(named[1]), _pair(named[0], named[1]), None)]
    texts: list[tuple[str, Sequence[Segment], Glossary | None]] = []
    for path in named:
        data = read_bytes(path)
        if path.suffix.lower() in SUFFIXES:
            texts.append((str(path), *_exchanged(data, str(path))))
            continue
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"{path}: not UTF-8 (byte {error.start}); JSONL of this tool always is") from error
        texts.append((str(path), from_jsonl(text, str(path)).segments, None))
    return texts


def _exchanged(data: bytes, name: str) -> tuple[Sequence[Segment], Glossary | None]:
    """The segments of a file of a translation tool, and the glossary that it carries.

    One that this tool wrote has its receipts, found anew where a person has changed the English; of others, pairs without English
    are left out.
    """
    from bilingual.document import Segment
    from bilingual.glossary import Glossary, Term
    from bilingual.revision import revise
    from bilingual.writing.exchange import read_exchange

    file = read_exchange(data, name)
    for message in file.notes:
        note(message)
    if file.document is not None:
        return revise(file.document, file, overwrite=True).document.segments, None
    terms = tuple(Term(french, english) for french, english in file.glossary if french and english)
    pairs = [unit for unit in file.units if unit.target is not None]
    if len(pairs) < len(file.units):
        note(f"{name}: {len(file.units) - len(pairs)} of {len(file.units)} pairs have no English and are left out")
    times: Counter[str] = Counter()
    segments = []
    for unit in pairs:
        times[unit.id] += 1
        label = unit.id if times[unit.id] == 1 else f"{unit.id}#{times[unit.id]}"
        segments.append(Segment(label, unit.source, block="line", target=unit.target or ""))
    return segments, Glossary(terms, f"{name}, its glossary") if terms else None


def _ours(folder: Path) -> list[Path]:
    from bilingual.cli.files import is_digest

    return [path for path in sorted(folder.rglob("*.jsonl")) if not is_digest(path)]


def _pair(french: Path, english: Path) -> list[Segment]:
    from bilingual.cli.files import read_bytes
    from bilingual.document import Segment
    from bilingual.errors import InputError
    from bilingual.reading import read_lines

    sides = [[block.text for block in read_lines(read_bytes(path), str(path)).blocks] for path in (french, english)]
    if len(sides[0]) != len(sides[1]):
        raise InputError(f"{french} has {len(sides[0])} lines and {english} {len(sides[1])}: they must agree line by line")
    return [
        Segment(f"p{i}.s1", source, block="line", target=target) for i, (source, target) in enumerate(zip(*sides, strict=True), 1)
    ]
