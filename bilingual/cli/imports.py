"""``bilingual import``: what a translator has corrected in TMX, XLIFF or CSV comes back into our JSONL."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bilingual.cli.console import note, printable, set_verbosity, warn
from bilingual.cli.files import STDIN
from bilingual.errors import BilingualError, InputError

if TYPE_CHECKING:
    from bilingual.document import Document
    from bilingual.glossary import Glossary
    from bilingual.glossary.matching import Matcher
    from bilingual.revision import Revision
    from bilingual.writing.exchange import Exchange

EXAMPLES = """\
Examples:

  bilingual import out/article.fr-en.xlf           corrections into out/article.fr-en.jsonl; says what changed

  bilingual import back/*.xlf -o corrected/ --format jsonl,md,txt    new files, the old ones stay

  bilingual import omegat.tmx --against out/article.fr-en.jsonl      a memory without our ids, by its French

  bilingual import out/article.fr-en.csv -g house.tsv
"""


def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="TMX, XLIFF (1.2, 2.x) or our CSV, with corrections.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder to write to; without it the JSONL is corrected in place.", file_okay=False),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="The JSONL that FILE was made from.  [default: the one beside FILE, else what FILE carries]"),
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="What to write, comma-separated, as for translate.  [default: jsonl]")
    ] = None,
    glossary: Annotated[list[Path] | None, typer.Option("-g", "--glossary", help="Look for the terms of this glossary.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Take a correction where another one would be lost to it.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say errors and warnings only.")] = False,
) -> None:
    """Take a translator's corrections back: which sentences changed, how, and which terms they miss."""
    set_verbosity(quiet=quiet)
    from bilingual.cli.outputs import parse_formats
    from bilingual.glossary import load_glossary, merge

    formats = parse_formats(format_ or "jsonl")
    if against and len(files) > 1:
        raise InputError(f"--against names one JSONL for {len(files)} files; import them one by one")
    given = merge([load_glossary(path) for path in glossary]).glossary if glossary else None
    if STDIN in files:
        raise InputError("-: give a file; its name says where its JSONL is")
    plans = _plans(files, output, against, formats)
    codes = set()
    for plan in plans:
        try:
            codes.add(_import_one(plan, given, force))
        except BilingualError as error:
            warn(str(error))
            codes.add(error.exit_code)
    raise typer.Exit(next((code for code in (2, 1, 3) if code in codes), 0))


@dataclass(frozen=True, slots=True)
class Plan:
    """A file to import, the JSONL that it belongs to (None: what it carries), and what is written, by format."""

    file: Path
    jsonl: Path | None
    targets: Mapping[str, Path]
    in_place: bool


def _plans(files: Sequence[Path], output: Path | None, against: Path | None, formats: Sequence[str]) -> list[Plan]:
    """Where everything comes from and goes to, before any work. Raises `InputError` where two would become one, or an input would go."""
    from bilingual.writing import FORMATS

    inputs = {file.resolve() for file in files}
    taken: dict[Path, Path] = {}
    plans = []
    for file in files:
        beside = against or file.with_name(f"{file.stem}.jsonl")
        jsonl = beside if against or beside.is_file() else None
        targets = {name: (output or beside.parent) / f"{beside.stem}{FORMATS[name].suffix}" for name in formats}
        for target in targets.values():
            place = target.resolve()
            if place in inputs:
                raise InputError(f"{target}: would overwrite what is imported; choose another folder with -o or another --format")
            if place in taken:
                raise InputError(f"{taken[place]} and {file} would both become {target}; import them one by one")
            taken[place] = file
        plans.append(
            Plan(file, jsonl, targets, jsonl is not None and {t.resolve() for t in targets.values()} == {jsonl.resolve()})
        )
    return plans


def _import_one(plan: Plan, given: Glossary | None, force: bool) -> int:
    from bilingual.cli.files import read_bytes, write_whole
    from bilingual.revision import revise
    from bilingual.writing import FORMATS
    from bilingual.writing.exchange import read_exchange

    path = plan.file
    file = read_exchange(read_bytes(path), str(path))
    for message in file.notes:
        note(message)
    base = _base(plan, file)
    matcher = matcher_for(base, given)
    revision = revise(base, file, matcher, overwrite=force)
    document = revision.document
    if revision.changes and document.summary is not None:
        from bilingual.summary import summarize

        document = replace(document, summary=summarize(document, len(document.summary.sentences) or None))
    if not force:
        for target in plan.targets.values():
            _refuse_loss(target, plan.jsonl, document)
    violated = _say_changes(path, revision, matcher.glossary if matcher else None)
    if revision.changes or not plan.in_place:
        for name, target in plan.targets.items():
            write_whole(target, FORMATS[name].render(document))
    _say(path, revision, list(plan.targets.values()))
    return 1 if revision.extra or revision.conflicts else 3 if violated else 0


def _refuse_loss(target: Path, base: Path | None, document: Document) -> None:
    """Raise `InputError` where `target`, which is not what the corrections were laid over, holds others that `document` has not."""
    from bilingual.cli.files import read_bytes
    from bilingual.cli.outputs import corrected, not_imported
    from bilingual.writing.jsonl import from_jsonl
    from bilingual.writing.receipt import count

    if not target.is_file() or (base is not None and target.resolve() == base.resolve()):
        return
    there_are = corrected(target)
    lost = not_imported(target)
    if there_are and target.suffix == ".jsonl":
        targets = {segment.id: segment.target for segment in document.segments}
        there = from_jsonl(read_bytes(target).decode("utf-8", "replace"), str(target)).segments
        lost = sum(s.origin == "post-edited" and targets.get(s.id) != s.target for s in there)
    elif there_are:
        here = sum(segment.origin == "post-edited" for segment in document.segments)
        lost = max(lost, there_are - here)
    if lost:
        raise InputError(
            f"{target}: holds {count(lost, 'sentence')} corrected otherwise; left alone (--against {target} adds to them, --force"
            " overwrites them)"
        )


def _base(plan: Plan, file: Exchange) -> Document:
    """The document that the corrections belong to: the JSONL that is named or stands beside the file, else what the file carries."""
    from bilingual.cli.files import read_bytes
    from bilingual.writing.jsonl import from_jsonl

    if plan.jsonl is not None:
        try:
            text = read_bytes(plan.jsonl).decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"{plan.jsonl}: is not UTF-8 (byte {error.start}); our JSONL always is") from error
        return from_jsonl(text, str(plan.jsonl))
    if file.document is None:
        beside = plan.file.with_name(f"{plan.file.stem}.jsonl")
        raise InputError(f"{plan.file}: carries no JSONL of ours, and {beside} is not there; name it with --against")
    return file.document


def matcher_for(base: Document, given: Glossary | None, configured: Sequence[Path] = ()) -> Matcher | None:
    """What terms are looked for with: `given`, else the glossary that the article was translated with, where that is the `configured`
    one or the package's, else (None) the receipts."""
    from bilingual.glossary import default_glossary, load_glossary, merge
    from bilingual.glossary.matching import compile_matcher

    if given is not None:
        return compile_matcher(given)
    made_with = base.signature.glossary_sha256 if base.signature else None
    if made_with is None:
        return None
    usual = default_glossary()
    if made_with == usual.sha256:
        return compile_matcher(usual)
    if configured:
        house = merge([load_glossary(path) for path in configured]).glossary
        if made_with == house.sha256:
            return compile_matcher(house)
    note(f"{base.name}: translated with another glossary than the package's; terms by the receipts (-g FILE looks anew)")
    return None


def _say_changes(path: Path, revision: Revision, glossary: Glossary | None) -> int:
    """What changed, on stdout, each with its errors below it; how many errors."""
    from bilingual.checks import check_segments

    errors = 0
    for change in revision.changes:
        segment = change.segment
        same = change.before == segment.target
        print(
            printable(f"{segment.id}: {'confirmed' if same else ''}")
            + ("" if same else _difference(change.before, segment.target))
        )
        for finding in check_segments([segment], glossary):
            errors += finding.severity == "error"
            if finding.severity == "error" or finding.kind in ("term-missed", "forbidden"):
                print(printable(f"{path}:{segment.id}: {finding.severity}: {finding.kind}: {finding.message}"))
    return errors


def _difference(before: str, after: str) -> str:
    """Both texts in one line: ``[-old-]{+new+}``, in colour on a terminal."""
    from bilingual.revision import differences

    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    red, green, plain = ("\x1b[31m", "\x1b[32m", "\x1b[0m") if coloured else ("", "", "")
    parts = []
    for old, new in differences(before, after):
        if old == new:
            parts.append(printable(old))
            continue
        parts += [f"{red}[-{printable(old)}-]{plain}"] * bool(old) + [f"{green}{{+{printable(new)}+}}{plain}"] * bool(new)
    return "".join(parts).replace("\n", " ")


def _say(path: Path, revision: Revision, written: Sequence[Path]) -> None:
    from bilingual.writing.receipt import count

    for unit in revision.extra:
        warn(f"{unit.place}: {unit.id} is in no sentence of the article; not taken")
    for unit in revision.emptied:
        warn(f"{unit.place}: {unit.id} has no English; left as it was")
    for conflict in revision.conflicts:
        warn(
            f"{conflict.place}: {conflict.segment} was corrected otherwise: “{conflict.here}” stays, “{conflict.there}” is not taken"
            " (--force takes it)"
        )
    if revision.older:
        some = ", ".join(revision.older[:5]) + (" …" if len(revision.older) > 5 else "")
        warn(f"{path}: older than the JSONL, whose English of these sentences stays: {some}")
    if revision.missing:
        some = ", ".join(revision.missing[:5]) + (" …" if len(revision.missing) > 5 else "")
        warn(f"{path}: {count(len(revision.missing), 'sentence')} of the article not in it, left as they were: {some}")
    confirmed = sum(change.before == change.segment.target for change in revision.changes)
    changed = len(revision.changes) - confirmed
    same = len(revision.document.segments) - len(revision.changes)
    where = f" -> {', '.join(map(str, written))}" if revision.changes else ""
    note(f"{path}: {count(changed, 'sentence')} corrected, {confirmed} confirmed, {same} as they were{where}")
