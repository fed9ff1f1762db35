"""Where outputs go, and whether they need to be made: decided for all inputs before any work."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bilingual.document import Document, Segment, Signature
from bilingual.errors import InputError
from bilingual.forms import ARCHIVES, FORMS
from bilingual.forms.archive import open_archive, read_member
from bilingual.reading import FoundInput
from bilingual.writing import FORMATS, SAME
from bilingual.writing.exchange import read_exchange, read_head, shown
from bilingual.writing.jsonl import from_jsonl
from bilingual.writing.page import Card, card_of, to_index
from bilingual.writing.page.index import MARK


@dataclass(frozen=True, slots=True)
class Job:
    """One input and the files that it is to become, by format."""

    source: FoundInput
    targets: tuple[tuple[str, Path], ...]


def plan_outputs(inputs: Sequence[FoundInput], folder: Path, formats: Sequence[str]) -> list[Job]:
    """``<relative folder>/<stem>.fr-en.<ext>`` in `folder` for each input and format, ``<stem>.en.<its own ext>`` for `SAME`.

    Raises `InputError` where two inputs would write the same file or an output would overwrite an input.
    """
    jobs: list[Job] = []
    taken: dict[Path, FoundInput] = {}
    sources = {found.path.resolve() for found in inputs}
    for found in inputs:
        targets = []
        for name in formats:
            stem = found.relative.stem or found.relative.name
            ending = f".en{found.relative.suffix}" if name == SAME else f".fr-en{FORMATS[name].suffix}"
            target = folder / found.relative.parent / f"{stem}{ending}"
            place = target.resolve()
            if place in sources:
                raise InputError(f"{target}: would overwrite an input; choose another folder with -o")
            if place in taken:
                raise InputError(
                    f"{taken[place].path} and {found.path} would both become {target}; translate them into two folders"
                )
            taken[place] = found
            targets.append((name, target))
        jobs.append(Job(found, tuple(targets)))
    return jobs


def plan_index(jobs: Sequence[Job], folder: Path) -> Path | None:
    """``index.html`` in `folder` where several articles become pages, else None.

    Raises `InputError` where it would overwrite an input, an article's own page, or a file that this tool did not write.
    """
    pages = [target for job in jobs for name, target in job.targets if name == "html"]
    if len(pages) < 2:
        return None
    index = folder / "index.html"
    place = index.resolve()
    if place in {job.source.path.resolve() for job in jobs} | {page.resolve() for page in pages}:
        raise InputError(f"{index}: would overwrite an article; choose another folder with -o")
    if index.exists() and (_last_comment(index) or {}).get("schema") != MARK:
        raise InputError(f"{index}: is not an index of this tool and would be overwritten; choose another folder with -o")
    return index


def make_index(jobs: Iterable[Job], folder: Path) -> str:
    """The index of the pages that are there, in the order of their inputs, whichever run wrote them."""
    entries = []
    for job in jobs:
        for name, target in job.targets:
            existing = read_existing(target) if name == "html" else None
            if existing and existing.card:
                address = target.relative_to(folder).as_posix().encode("utf-8", "surrogateescape")
                entries.append((quote(address, safe="/"), existing.card))
    return to_index(entries)


def parse_formats(text: str, *, same: bool = False) -> list[str]:
    """The formats of ``--format``, in order, each once; `same` is one of them where asked for. Raises `InputError` naming those there are.

    >>> parse_formats("md, jsonl,md")
    ['md', 'jsonl']
    """
    names = list(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    known = [*FORMATS, *([SAME] if same else [])]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise InputError(f"--format {text}: unknown format {', '.join(unknown) or '(none)'}; known are {', '.join(known)}")
    return names


@dataclass(frozen=True, slots=True)
class Existing:
    """What an output file says of itself."""

    source_sha256: str
    left_out: int
    signature: dict[str, Any]
    card: Card | None = None
    summary: bool = False

    @property
    def post_edited(self) -> int:
        """Sentences that a person has corrected, as the document line counts them; `corrected` asks the sentences."""
        origins = self.signature.get("origins")
        value = origins.get("post-edited", 0) if isinstance(origins, dict) else 0
        return value if isinstance(value, int) else 0


_COMMENT = re.compile(r"<!-- bilingual (\{.*\}) -->\s*$")
_MAIN_MEMBER = re.compile(r"^word/document\d*\.xml$|^content\.xml$|\.opf$")
_TAIL = 1 << 16
_HEAD = 1 << 20
_EXCHANGED = frozenset({".tmx", ".xlf", ".xliff"})


def read_existing(path: Path) -> Existing | None:
    """The document line of an output: the first line of JSONL, the closing comment of a page or document, what the head of TMX and XLIFF
    carries; None where there is none."""
    try:
        if path.suffix == ".jsonl":
            with path.open(encoding="utf-8") as file:
                value = json.loads(file.readline(1 << 20))
        elif path.suffix in _EXCHANGED:
            with path.open("rb") as head:
                value = read_head(head.read(_HEAD)) or {}
        elif FORMS.get(path.suffix.lower()) in ARCHIVES:
            value = _comment_within(path) or {}
        else:
            value = _last_comment(path) or {}
        return Existing(
            value["source_sha256"], value.get("left_out", 0), value["signature"], card_of(value.get("card")), "summary" in value
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InputError):
        return None


def corrected(path: Path) -> int:
    """Sentences in an output that a person has corrected; 0 where that cannot be told.

    JSONL is asked itself, segment by segment: whoever corrects one need not know that its document line counts them. Of the others
    the document line is believed.
    """
    existing = read_existing(path)
    said = existing.post_edited if existing else 0
    if path.suffix != ".jsonl":
        return said
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return max(said, sum(map(_is_corrected, file)))
    except OSError:
        return said


def lacks_corrections(segments: Iterable[Segment], corrections: Mapping[str, str], targets: Iterable[tuple[str, Path]]) -> bool:
    """Whether an output was written before a person's `corrections` (French to English) of its `segments` were known.

    JSONL is asked for their words; of the others it is known how many corrected sentences they hold.
    """
    wanted = [segment for segment in segments if segment.source in corrections]
    for _, path in targets if wanted else ():
        if path.suffix != ".jsonl":
            if corrected(path) < len(wanted):
                return True
            continue
        try:
            found = {s.id: s.target for s in from_jsonl(path.read_text(encoding="utf-8"), str(path)).segments}
        except (OSError, ValueError, InputError):
            return True
        if any(found.get(segment.id) != corrections[segment.source] for segment in wanted):
            return True
    return False


def _is_corrected(line: str) -> bool:
    if "post-edited" not in line:
        return False
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and value.get("type") == "segment" and value.get("origin") == "post-edited"


def not_imported(path: Path) -> int:
    """Sentences that a person has changed in an output, TMX, XLIFF or CSV, since it was written; 0 where that cannot be told."""
    if path.suffix not in _EXCHANGED | {".csv"}:
        return 0
    try:
        file = read_exchange(path.read_bytes(), str(path))
    except (OSError, InputError):
        return 0
    written = {s.id: shown(s.target) for s in file.document.segments} if file.document else {}
    return sum(
        unit.untouched is False or (unit.id in written and unit.target is not None and shown(unit.target) != written[unit.id])
        for unit in file.units
    )


def _last_comment(path: Path) -> dict[str, Any] | None:
    """What the closing comment of a page says; None where it has none, or cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            found = _COMMENT.search(file.read().decode("utf-8", "replace"))
        value = json.loads(found.group(1)) if found else None
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _comment_within(path: Path) -> dict[str, Any] | None:
    """What the closing comment of a document's main member says. Raises `InputError` for what is no document."""
    archive = open_archive(path.read_bytes(), str(path), "a document")
    for name in filter(_MAIN_MEMBER.search, archive.members):
        if found := _COMMENT.search(read_member(archive, name)[-_TAIL:].decode("utf-8", "replace")):
            value = json.loads(found.group(1))
            return value if isinstance(value, dict) else None
    return None


def up_to_date(
    document: Document, left_out: int, wanted: Signature, targets: Iterable[tuple[str, Path]], *, summary: bool = False
) -> bool:
    """Whether every output is there, from the same source bytes, under the same signature (origins apart), with a summary or without."""
    expected = {key: value for key, value in asdict(wanted).items() if key != "origins"}
    for name, path in targets:
        existing = read_existing(path)
        if existing is None or existing.source_sha256 != document.source_sha256 or existing.left_out != left_out:
            return False
        if existing.summary != summary or (name == "html" and existing.card is None):
            return False
        if {key: value for key, value in existing.signature.items() if key != "origins"} != expected:
            return False
    return True
