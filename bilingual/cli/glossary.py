"""``bilingual glossary``: check a glossary, see where it holds, find what it lacks, bring it into another form."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bilingual.cli.console import note, set_verbosity, warn

if TYPE_CHECKING:
    from bilingual.glossary import Glossary
    from bilingual.glossary.lint import Finding
    from bilingual.glossary.matching import Hit
    from bilingual.glossary.suggest import Suggestion

app = typer.Typer(help="Check, try out, extend and convert glossaries.", no_args_is_help=True, rich_markup_mode=None)

SERVICE_BYTES = {"deepl": 10_000_000, "amazon": 10_000_000}
"""What a service takes in one file."""

_Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say errors and warnings only.")]
_Glossaries = Annotated[
    list[Path] | None,
    typer.Option("-g", "--glossary", help="Glossary file; may be repeated, the first wins.  [default: as translate]"),
]


class SuggestFormat(StrEnum):
    """Values of ``suggest --format``."""

    text = "text"
    tsv = "tsv"
    json = "json"


class ConvertTo(StrEnum):
    """Values of ``convert --to``."""

    deepl = "deepl"
    google = "google"
    amazon = "amazon"
    tsv = "tsv"
    tbx = "tbx"


# --- lint --------------------------------------------------------------------------------------------------------------------

LINT_EXAMPLES = """\
Examples:

  bilingual glossary lint house.tsv                 errors and warnings, one a line; exit code 3 where there are errors

  bilingual glossary lint house.tsv client.tbx --notes    also what is only worth knowing

  bilingual glossary lint house.tsv --json | jq .kind
"""


@app.command(epilog=LINT_EXAMPLES)
def lint(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Glossary files: TSV, CSV, TBX.")],
    notes: Annotated[bool, typer.Option("--notes/--no-notes", help="Also say what is only worth knowing.")] = False,
    spelling: Annotated[
        bool, typer.Option("--spelling/--no-spelling", help="Ask whether the embedded model can spell the English.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a finding, notes included.")] = False,
    quiet: _Quiet = False,
) -> None:
    """Say what is wrong, doubtful or surprising in glossaries: each file by itself."""
    set_verbosity(quiet=quiet)
    from bilingual.errors import GlossaryError
    from bilingual.glossary.files import load
    from bilingual.glossary.lint import lint as find_findings

    can_spell = _speller() if spelling else None
    counts: Counter[str] = Counter()
    broken = missing = 0
    for path in files:
        if not path.exists():
            missing += 1
            warn(f"{path}: there is no such file; give the path of a glossary file")
            continue
        try:
            findings = find_findings(load(path), can_spell)
        except GlossaryError as error:
            broken += 1
            findings = _broken_rows(str(error), path)
        counts.update(finding.severity for finding in findings)
        for finding in findings:
            if as_json:
                record = {"file": str(path), "line": finding.line, "severity": finding.severity}
                _print_json({**record, "kind": finding.kind, "message": finding.message})
            elif notes or finding.severity != "note":
                _print(f"{path}:{finding.line}: {finding.severity}: {finding.message}")
    hidden = " (--notes shows them)" if counts["note"] and not (notes or as_json) else ""
    found = ", ".join(_count(counts[severity], severity) for severity in ("error", "warning", "note"))
    note(f"{found}{hidden} in {_count(len(files) - missing, 'file')}")
    if missing or broken or counts["error"]:
        raise typer.Exit(2 if missing or broken else 3)


def _speller() -> Any:
    from bilingual.engines.models import embedded_folder
    from bilingual.engines.vocabulary import Vocabulary

    return Vocabulary(embedded_folder() / "ct2").can_write


def _broken_rows(message: str, path: Path) -> list[Finding]:
    """The lines of a `GlossaryError` as findings."""
    from bilingual.glossary.lint import Finding

    rows = []
    for text in message.split("\n"):
        number, colon, what = text.removeprefix(f"{path}:").partition(":")
        if text.startswith(f"{path}:") and colon and number.isdigit():
            rows.append(Finding(int(number), "error", "row", what.strip()))
        else:
            rows.append(Finding(0, "error", "file", text.removeprefix(f"{path}: ")))
    return rows


# --- find --------------------------------------------------------------------------------------------------------------------

FIND_EXAMPLES = """\
Examples:

  bilingual glossary find article.txt               the terms of the package's glossary, where they stand

  bilingual glossary find news/ -g house.tsv        every article of a folder

  bilingual glossary find article.txt --json        one JSON object a hit, with spans
"""

_AROUND = 30  # characters of a sentence shown on each side of a term


@app.command(epilog=FIND_EXAMPLES)
def find(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="French articles, folders of them, or - for stdin.")],
    glossary: _Glossaries = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a hit.")] = False,
    quiet: _Quiet = False,
) -> None:
    """Show where the terms of a glossary stand in French articles, and what English they ask for."""
    set_verbosity(quiet=quiet)
    from bilingual.cli.articles import find_each, read_articles
    from bilingual.document import CLUTTER
    from bilingual.glossary.matching import compile_matcher, find_hits

    matcher = compile_matcher(_glossary(glossary))
    inputs, unread = find_each(files)
    sources = [(found.path, str(found.relative)) for found in inputs]
    articles = 0
    terms: Counter[tuple[str, str]] = Counter()
    for document in read_articles(sources):
        if document is None:
            unread += 1
            continue
        articles += 1
        for segment in (s for block in document.blocks if block.kind not in CLUTTER for s in block.segments):
            for hit in find_hits(matcher, segment.source):
                terms[hit.term.source, hit.term.target] += 1
                if as_json:
                    _print_json(_hit_record(document.name, segment.id, hit))
                else:
                    _print(f"{document.name}:{segment.id}: {_around(segment.source, hit)} -> {hit.wanted} ({_rule(hit)})")
    note(f"{_count(sum(terms.values()), 'hit')} of {_count(len(terms), 'term')} in {_count(articles, 'article')}")
    if unread:
        raise typer.Exit(2)


def _hit_record(name: str, segment: str, hit: Hit) -> dict[str, Any]:
    term = hit.term
    return {
        "file": name,
        "segment": segment,
        "span": list(hit.span),
        "text": hit.text,
        "source": term.source,
        "wanted": hit.wanted,
        "allowed": list(hit.targets),
        "number": hit.number,
        "status": term.status,
        "level": term.level,
        "line": term.line,
    }


def _around(text: str, hit: Hit) -> str:
    start, end = max(0, hit.span[0] - _AROUND), min(len(text), hit.span[1] + _AROUND)
    if 0 < start < hit.span[0]:  # not in the middle of a word
        start = text.find(" ", start, hit.span[0]) + 1 or start
    if hit.span[1] < end < len(text):
        cut = text.rfind(" ", hit.span[1], end)
        end = cut if cut > 0 else end
    return f"« {'… ' if start else ''}{text[start:end].strip()}{' …' if end < len(text) else ''} »"


def _rule(hit: Hit) -> str:
    return hit.term.level if hit.term.status == "preferred" else f"{hit.term.level}, {hit.term.status}"


# --- suggest -----------------------------------------------------------------------------------------------------------------

SUGGEST_EXAMPLES = """\
Examples:

  bilingual glossary suggest outputs/               what the translations render in two ways, and frequent terms

  bilingual glossary suggest news/ --most 20        from French articles alone: phrases and acronyms

  bilingual glossary suggest outputs/ --format tsv > new.tsv    rows to check and paste into a glossary
"""


@app.command(epilog=SUGGEST_EXAMPLES)
def suggest(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Our .jsonl files, French articles, folders of both, or - for stdin.")
    ],
    glossary: _Glossaries = None,
    format_: Annotated[
        SuggestFormat, typer.Option("--format", help="text to read, tsv to paste, json: one object a line.")
    ] = SuggestFormat.text,
    most: Annotated[int | None, typer.Option(min=1, help="At most so many of each kind.")] = None,
    least: Annotated[int, typer.Option(min=1, help="Leave out what stands less often.")] = 2,
    quiet: _Quiet = False,
) -> None:
    """Propose terms that a glossary lacks: rendered in two ways, frequent phrases, acronyms."""
    set_verbosity(quiet=quiet)
    from bilingual.cli.articles import each_once, find_articles, read_articles
    from bilingual.glossary.suggest import suggest as find_suggestions

    sources, missing = find_articles(files)
    terms = _glossary(glossary)
    read = [document for document in read_articles(sources) if document]
    documents = each_once(read)
    suggestions = find_suggestions(documents, terms, least=least, most=most)
    if format_ is SuggestFormat.json:
        for suggestion in suggestions:
            _print_json(_suggestion_record(suggestion))
    elif format_ is SuggestFormat.tsv:
        _print_rows(suggestions)
    else:
        _print_suggestions(suggestions)
    translated = sum(any(segment.target for segment in document.segments) for document in documents)
    note(f"{_count(len(suggestions), 'suggestion')} from {_count(len(documents), 'article')}, {translated} of them translated")
    if missing or len(read) < len(sources):
        raise typer.Exit(2)


_HEADINGS = {"two renderings": "Rendered in two ways or more", "phrase": "Frequent", "acronym": "Acronyms"}


def _print_suggestions(suggestions: Sequence[Suggestion]) -> None:
    kind = ""
    for s in suggestions:
        if s.kind != kind:
            _print(("\n" if kind else "") + _HEADINGS[s.kind])
            kind = s.kind
        many = f"{_count(s.count, 'time')} in {_count(s.articles, 'article')}"
        english = ", ".join(f"{r.text} {r.count} ({r.example})" for r in s.renderings)
        long = f", for {s.stands_for}" if s.stands_for else ""
        _print(f"  {s.source} ({many}{long}){f' -> {english}' if english else ''}")
        _print(f"      {s.example}: {s.text if len(s.text) <= 160 else s.text[:159] + '…'}")


def _print_rows(suggestions: Sequence[Suggestion]) -> None:
    """Rows of our own form; what has no English yet as a comment that waits for it."""
    from bilingual.glossary.suggest import as_glossary
    from bilingual.glossary.tables import COLUMNS, write_table
    from bilingual.writing.escape import visible

    _print(write_table(as_glossary(suggestions))[0].rstrip("\n"), lines=True)
    for s in suggestions:
        if not s.renderings:
            row = dict.fromkeys(COLUMNS, "") | {"source": s.source, "level": "prefer"}
            row["note"] = (
                f"suggested: {_count(s.count, 'time')}, {visible(s.example)}{f', for {s.stands_for}' if s.stands_for else ''}"
            )
            _print("# " + "\t".join(row.values()), lines=True)


def _suggestion_record(s: Suggestion) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(s), "renderings": [asdict(rendering) for rendering in s.renderings]}


# --- convert -----------------------------------------------------------------------------------------------------------------

CONVERT_EXAMPLES = """\
Examples:

  bilingual glossary convert house.tsv house.tbx              for Trados, memoQ, MultiTerm …

  bilingual glossary convert client.tbx client.tsv            our own form, to add levels and contexts

  bilingual glossary convert house.tsv deepl.csv --to deepl   what DeepL cannot carry is said on stderr

  bilingual glossary convert house.tsv - --to google          on stdout
"""


@app.command(epilog=CONVERT_EXAMPLES)
def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Glossary file: TSV, CSV, TBX.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="File to write, or - for stdout.")],
    to: Annotated[
        ConvertTo | None, typer.Option("--to", help="Form to write.  [default: by the suffix, .tsv (ours) or .tbx]")
    ] = None,
    quiet: _Quiet = False,
) -> None:
    """Write a glossary in another form, and say what that form cannot carry."""
    set_verbosity(quiet=quiet)
    from bilingual.cli.files import STDIN, write_whole
    from bilingual.errors import GlossaryError, InputError
    from bilingual.glossary.files import load, load_noting

    if target != STDIN and (target == source or (target.exists() and source.exists() and target.samefile(source))):
        raise InputError(f"{target}: would overwrite the glossary that is read; give another name")
    form = _form(target, to)
    glossary, said = load_noting(source)
    text, lost = _written(glossary, form)
    for line in (*said, *(f"{source}: {line}" for line in lost)):
        warn(line)
    limit = SERVICE_BYTES.get(form.split("-")[0])
    if limit and len(text.encode()) > limit:
        warn(f"{target}: is larger than the {limit:,} bytes that the service takes in one file; split the glossary")
    if target == STDIN:
        _print(text.rstrip("\n"), lines=True)
        return
    write_whole(target, text, "give another name")
    note(f"{target}: {form}, {_count(len(glossary.terms), 'row')} read, {_count(len(lost), 'loss', 'losses')}")
    if form in ("bilingual", "tbx"):
        try:
            load(target)
        except GlossaryError as error:  # contradictions that TBX may hold and our own form may not
            warn(f"written, but it cannot be used before this is put right:\n{error}")


def _form(target: Path, to: ConvertTo | None) -> str:
    """``bilingual``, ``tbx``, or one of the services' forms. Raises `InputError` where the name does not tell."""
    from bilingual.errors import InputError

    suffix = target.suffix.lower()
    if to in (ConvertTo.deepl, ConvertTo.google, ConvertTo.amazon):
        if suffix not in (".csv", ".tsv", ".txt", ""):
            raise InputError(f"{target}: --to {to} writes .csv or .tsv; give such a name")
        return f"{to}-{'csv' if suffix == '.csv' else 'tsv'}"
    if to is not None:
        return "tbx" if to is ConvertTo.tbx else "bilingual"
    if suffix in (".tsv", ".tbx"):
        return "tbx" if suffix == ".tbx" else "bilingual"
    raise InputError(f"{target}: the name does not tell the form; say it with --to {'|'.join(ConvertTo)}")


def _written(glossary: Glossary, form: Any) -> tuple[str, tuple[str, ...]]:
    from bilingual.glossary.tables import write_table
    from bilingual.glossary.tbx import write_tbx

    return write_tbx(glossary) if form == "tbx" else write_table(glossary, form)


# --- shared ------------------------------------------------------------------------------------------------------------------


def _glossary(given: Sequence[Path] | None) -> Glossary:
    """The glossaries of ``-g``, else the configuration's, else the package's, as one; what is used is said."""
    from bilingual.config import find_config
    from bilingual.glossary import default_glossary, merge
    from bilingual.glossary.files import load_noting

    paths = given or find_config(Path.cwd()).glossary
    if not paths:
        default = default_glossary()
        note(f"glossary: {default.name} of the package, {len(default.terms)} entries (-g FILE for your own)")
        return default
    read = [load_noting(path) for path in paths]
    merged = merge([glossary for glossary, _ in read])
    note(f"glossary: {', '.join(map(str, paths))}, {len(merged.glossary.terms)} entries")
    for line in (*(line for _, said in read for line in said), *merged.lost):
        warn(line)
    return merged.glossary


def _print(text: str, lines: bool = False) -> None:
    """A line of the result, with nothing hidden in it; `lines` leaves it as it is, for files."""
    from bilingual.writing.escape import visible

    shown = text if lines else "\n".join(map(visible, text.split("\n")))
    sys.stdout.buffer.write(shown.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()


def _print_json(record: dict[str, Any]) -> None:
    text = json.dumps(record, ensure_ascii=False)
    _print("".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text), lines=True)


def _count(number: int, what: str, several: str = "") -> str:
    return f"{number:,} {what if number == 1 else several or what + 's'}"
