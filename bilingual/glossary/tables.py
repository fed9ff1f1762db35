"""Glossary files as tables: our own TSV, and the two-column forms of the translation services.

Our own form has a header; columns are found by name, in any order, and all but the first two may be left out::

    source  target  source variants  target variants  pos  plural  case  status  level  unless  note

Variants are separated by ``|``. A line that starts with ``#`` is a comment. UTF-8 with or without byte order mark, any line end; what
a spreadsheet quotes is unquoted.

Also read: tables without a header (DeepL: source, target, perhaps the two language codes; Google) and with a header of language codes
(Amazon; Google's equivalent term sets). The separator is told from the first row.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Literal, cast

from bilingual.errors import GlossaryError
from bilingual.glossary.context import parse_context
from bilingual.glossary.model import CASES, LEVELS, STATUSES, Case, Glossary, Level, Status, Term, same_source_key
from bilingual.inflection import fold

Form = Literal["bilingual", "deepl-tsv", "deepl-csv", "google-tsv", "google-csv", "amazon-tsv", "amazon-csv"]

COLUMNS = (
    "source", "target", "source variants", "target variants", "pos", "plural", "case", "status", "level", "unless", "note"
)  # fmt: skip
"""The columns of our own form, in the order in which they are written."""

LONGEST_CELL = 1000
DEEPL_BYTES, AMAZON_BYTES = 1024, 200

_ALIASES = {"part of speech": "pos", "source variant": "source variants", "target variant": "target variants", "notes": "note"}
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][A-Za-z]{2,4})?")


def load_glossary(path: Path | str) -> Glossary:
    """Read a glossary file of any of the forms above; its name is the file's.

    Raises `GlossaryError` with one line for every row that cannot be used, or where the file cannot be read at all.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GlossaryError(f"{path}: {error.strerror or error}; give the path of a glossary file") from None
    return read_table(data, path.name, str(path))


def default_glossary() -> Glossary:
    """The glossary that the package carries: technology news on AI, supercomputing, energy and business."""
    name = "tech.fr-en.tsv"
    return read_table((resources.files("bilingual.glossary") / name).read_bytes(), name)


def read_table(data: bytes | str, name: str = "", where: str = "") -> Glossary:
    """Read a table; `where` is what messages call it (the name if empty). Raises `GlossaryError` with every broken row.

    >>> read_table("source\\ttarget\\tlevel\\npuce\\tchip\\tprefer\\n", "mine").terms[0].level
    'prefer'
    """
    where = where or name or "glossary"
    if isinstance(data, bytes):
        try:
            data = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            raise GlossaryError(f"{where}:{line}: is not UTF-8; save the file as UTF-8") from None
    problems: list[_Problem] = []
    rows = [(n, cells) for n, cells in _rows(data.removeprefix("\ufeff"), problems) if any(cell.strip() for cell in cells)]
    if not rows and not problems:
        problems.append((1, "has no row; write a header (source, target) and one row a term"))
    terms: list[Term] = []
    if rows:
        number, header = rows[0]
        names = [_column(cell) for cell in header]
        codes = [cell.strip()[:2].lower() for cell in header]
        if "source" in names or "target" in names:
            terms = _named(rows[1:], names, number, problems)
        elif len(header) > 1 and all(_LANGUAGE.fullmatch(cell.strip()) for cell in header):
            terms = _by_language(rows[1:], codes, number, problems)
        else:
            terms = _headerless(rows, problems)
    _contradictions(terms, problems)
    if problems:
        raise GlossaryError(
            "\n".join(f"{where}:{line}: {what}" for line, what in sorted(problems, key=lambda problem: problem[0]))
        )
    return Glossary(tuple(terms), name)


_Problem = tuple[int, str]
_Row = tuple[int, list[str]]


def _rows(text: str, problems: list[_Problem]) -> Iterator[_Row]:
    lines = re.split(r"\r\n|\n|\r", text)
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    if "\t" in first:
        for number, line in enumerate(lines, 1):
            if not line.startswith("#"):
                yield number, [_unquoted(cell) for cell in line.split("\t")]
        return
    separator = ";" if first.count(";") > first.count(",") else ","
    blanked = "\n".join("" if line.startswith("#") else line for line in lines)
    reader = csv.reader(io.StringIO(blanked), delimiter=separator, strict=True)
    start = 1
    try:
        for cells in reader:
            yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        problems.append((start, f"cannot be cut into columns ({error}); close or double the quotation mark"))


def _unquoted(cell: str) -> str:
    # Spreadsheets quote cells that hold quotation marks; a mark that is not closed stays what it is.
    cell = cell.strip(" ")
    inside = cell[1:-1].replace('""', "")
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inside
    return cell[1:-1].replace('""', '"') if quoted else cell


def _column(cell: str) -> str:
    name = re.sub(r"[\s_-]+", " ", cell.strip().lower())
    return _ALIASES.get(name, name)


def _named(rows: list[_Row], names: list[str], header: int, problems: list[_Problem]) -> list[Term]:
    problems += [(header, f"has no column '{name}'; add it to the header") for name in ("source", "target") if name not in names]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    problems += [(header, f"has two columns '{name}'; keep one") for name in twice]
    unknown = [name for name in names if name and name not in COLUMNS]
    problems += [(header, f"column '{name}' is not known; use one of {', '.join(COLUMNS)}") for name in unknown]
    if problems:
        return []
    terms = []
    for number, cells in rows:
        if any(cell.strip() for cell in cells[len(names) :]):
            problems.append(
                (number, f"has {len(cells)} columns, the header has {len(names)}; remove one or add it to the header")
            )
        else:
            row = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
            terms += _term(row, number, problems)
    return terms


def _by_language(rows: list[_Row], codes: list[str], header: int, problems: list[_Problem]) -> list[Term]:
    if codes.count("fr") != 1 or codes.count("en") != 1:
        problems.append((header, f"has the languages {', '.join(codes)}; one column fr and one column en are needed"))
        return []
    terms = []
    for number, cells in rows:
        if len(cells) > len(codes):
            problems.append(
                (number, f"has {len(cells)} columns, the header has {len(codes)}; quote a cell that holds a separator")
            )
        else:
            cells += [""] * (len(codes) - len(cells))
            terms += _term({"source": cells[codes.index("fr")], "target": cells[codes.index("en")]}, number, problems)
    return terms


def _headerless(rows: list[_Row], problems: list[_Problem]) -> list[Term]:
    terms = []
    for number, cells in rows:
        codes = [cell.strip() for cell in cells[2:]]
        if len(cells) not in (2, 4) or not all(_LANGUAGE.fullmatch(code) for code in codes):
            problems.append(
                (number, f"has {len(cells)} columns, 2 are needed (source, target); or write a header with their names")
            )
        elif not codes or [code[:2].lower() for code in codes] == ["fr", "en"]:  # else a row for another pair of languages
            terms += _term({"source": cells[0], "target": cells[1]}, number, problems)
    return terms


def _term(row: dict[str, str], number: int, problems: list[_Problem]) -> list[Term]:
    """The term of a row, or nothing and what is wrong with it."""
    row = {name: unicodedata.normalize("NFC", cell.strip()) for name, cell in row.items()}
    wrong = list(_what_is_wrong(row))
    problems += [(number, what) for what in wrong]
    if wrong:
        return []
    source = row["source"]
    target = row["target"] or source
    return [
        Term(
            source=source,
            target=target,
            source_variants=tuple(v for v in _variants(row.get("source variants", "")) if v != source),
            target_variants=tuple(v for v in _variants(row.get("target variants", "")) if v != target),
            pos=row.get("pos", "").lower(),
            plural=row.get("plural", ""),
            case=cast(Case, row.get("case", "").lower() or "match"),
            status=cast(Status, row.get("status", "").lower() or "preferred"),
            level=cast(Level, row.get("level", "").lower() or "strict"),
            unless=row.get("unless") or None,
            note=row.get("note", ""),
            line=number,
        )
    ]


def _variants(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(variant.strip() for variant in cell.split("|"))) if cell else ()


def _what_is_wrong(row: dict[str, str]) -> Iterator[str]:
    for name, cell in row.items():
        if control := next((c for c in cell if unicodedata.category(c) == "Cc"), None):
            yield f"{name} has the control character U+{ord(control):04X}; remove it"
        if len(cell) > LONGEST_CELL:
            yield f"{name} is longer than {LONGEST_CELL} characters; shorten it"
    for name, allowed in (("case", CASES), ("status", STATUSES), ("level", LEVELS)):
        if row.get(name, "").lower() not in ("", *allowed):
            yield f"{name} '{row[name]}' is not known; use {', '.join(allowed[:-1])} or {allowed[-1]}"
    source, target = row.get("source", ""), row.get("target", "")
    same = row.get("status", "").lower() == "do-not-translate"
    for name, cell in (("source", source), ("target", source if same and not target else target)):
        if not cell:
            yield f"{name} is empty; fill it in or remove the row"
        elif not any(c.isalnum() for c in cell):
            yield f"{name} '{cell}' has no letter or digit; a term needs one"
    if same and target not in ("", source):
        yield f"'{source}' is do-not-translate but has the target '{target}'; leave the target empty or change the status"
    for name in ("source variants", "target variants"):
        if any(not any(c.isalnum() for c in variant) for variant in _variants(row.get(name, ""))):
            yield f"{name} has an empty variant; remove the | or fill it in"
    try:
        parse_context(row.get("unless") or "x")
    except ValueError as error:
        yield str(error)


def _contradictions(terms: list[Term], problems: list[_Problem]) -> None:
    """Rows that cannot both be obeyed. Contexts (`unless`) tell rows of one source apart; identical rows are for ``lint``."""
    wanted: dict[tuple[str, str], Term] = {}
    allowed: dict[tuple[str, str], Term] = {}
    for term in terms:
        if term.status != "forbidden":
            other = wanted.setdefault((same_source_key(term.source), term.pos), term)
            if (other.target, other.status) != (term.target, term.status) and not (term.unless or other.unless):
                what = f"'{term.source}' is '{term.target}' here and '{other.target}' in line {other.line}"
                problems.append((term.line, f"{what}; keep one, or make the other a target variant"))
            for source, target in product(term.sources, term.targets):
                allowed.setdefault((same_source_key(source), fold(target)), term)
    for term in terms:
        if term.status == "forbidden":
            for source, target in product(term.sources, term.targets):
                rival = allowed.get((same_source_key(source), fold(target)))
                if rival:
                    problems.append(
                        (term.line, f"'{target}' is forbidden for '{source}' but allowed in line {rival.line}; remove one")
                    )


# --- writing -----------------------------------------------------------------------------------------------------------------


def write_table(glossary: Glossary, form: Form = "bilingual") -> tuple[str, tuple[str, ...]]:
    """A glossary as text in one of the forms, and a line for everything that the form cannot carry.

    The services know one target a source: variants of the source become rows of their own, all else beside the preferred target is
    lost. A term that is not to be translated becomes a row with itself. Rows over a service's length limit are left out.

    >>> text, lost = write_table(Glossary((Term("puce", "chip", unless="déchets", line=2),)), "deepl-tsv")
    >>> text, lost
    ('puce\\tchip\\n', ('line 2: puce: unless (déchets) is lost',))
    """
    if form == "bilingual":
        return _write_own(glossary), ()
    service, kind = form.split("-")
    limit = {"deepl": DEEPL_BYTES, "amazon": AMAZON_BYTES}.get(service)
    rows: dict[str, str] = {}
    lost: list[str] = []
    for term in glossary.terms:
        at = f"line {term.line}: {term.source}" if term.line else term.source
        if term.status == "forbidden":
            lost.append(f"{at}: the forbidden rendering '{term.target}' is lost")
            continue
        lost += [f"{at}: {what} is lost" for what in _beyond_two_columns(term)]
        for source in term.sources:
            if limit and max(len(source.encode()), len(term.target.encode())) > limit:
                lost.append(f"{at}: is longer than {limit} bytes and left out")
            elif source in rows:
                lost.append(f"{at}: '{source}' is '{rows[source]}' already; '{term.target}' is left out")
            else:
                rows[source] = source if term.status == "do-not-translate" else term.target
    table = [["fr", "en"]] if service == "amazon" else []
    table += [[source, target] for source, target in rows.items()]
    if kind == "tsv":
        return "".join(f"{source}\t{target}\n" for source, target in table), tuple(lost)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    return out.getvalue(), tuple(lost)


def _beyond_two_columns(term: Term) -> Iterator[str]:
    plain = Term(term.source, term.target)
    if term.target_variants:
        yield f"target variants ({' | '.join(term.target_variants)})"
    for name in ("pos", "plural", "case", "level", "unless", "note"):
        if getattr(term, name) != getattr(plain, name):
            yield f"{name} ({getattr(term, name)})"


def _write_own(glossary: Glossary) -> str:
    lines = ["\t".join(COLUMNS)]
    for t in glossary.terms:
        cells = (
            t.source, t.target, " | ".join(t.source_variants), " | ".join(t.target_variants), t.pos, t.plural,
            "" if t.case == "match" else t.case, "" if t.status == "preferred" else t.status,
            "" if t.level == "strict" else t.level, t.unless or "", t.note,
        )  # fmt: skip
        line = "\t".join(_quoted(re.sub(r"[\t\r\n]+", " ", cell)) for cell in cells)
        lines.append(f'"{t.source}"' + line[len(t.source) :] if line.startswith("#") else line)  # a source that starts with #
    return "\n".join(lines) + "\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell
