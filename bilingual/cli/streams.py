"""``--lines`` on stdout: a stream in, a stream out, in memory that does not grow with either."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from bilingual.cli.console import progress, warn
from bilingual.errors import InputError

if TYPE_CHECKING:
    from bilingual.cli.tally import Tally
    from bilingual.document import Segment
    from bilingual.engines import Engine
    from bilingual.memory import Memory
    from bilingual.pipeline import Crew, Settings

FORMATS = ("txt", "jsonl")
"""What streams; everything else is made of a whole document."""


def field_of(given: str | None, sources: list[Any], formats: list[str], *, lines: bool, output: bool) -> str | None:
    """The field of the records that is to be translated; None where the lines are plain text. Raises `InputError` for what cannot be."""
    from bilingual.reading.records import SUFFIXES
    from bilingual.writing.records import OURS

    named = len(sources) == 1 and sources[0].path.suffix.lower() in SUFFIXES
    if given is None and not (lines and named):
        return None
    if not lines:
        raise InputError("--field goes with --lines: each line is a JSON object, and this field of it is translated")
    if output or formats[0] not in FORMATS:
        raise InputError("records go to stdout as txt or jsonl: leave -o out, and write > FILE behind the command")
    field = given or "source"
    if field in OURS:
        raise InputError(f"--field {field}: the translation is written to a field of that name; rename it in the input")
    return field


def stream_lines(
    source: Any, engine: Engine | Crew, settings: Settings, memory: Memory | None, tally: Tally, format_: str, field: str | None
) -> int:
    """Lines or, with a `field`, records from a file or stdin to stdout, window by window; gives the exit code."""
    from bilingual.cli.files import STDIN, count_lines
    from bilingual.pipeline import translate_segments

    try:
        stream = sys.stdin.buffer if source.path == STDIN else source.path.open("rb")
    except OSError as error:
        raise InputError(f"{source.path}: cannot be read ({error.strerror or error})") from error
    out = sys.stdout.buffer
    try:
        with stream, progress("translating", "lines", None if source.path == STDIN else count_lines(source.path)) as bar:
            segments, line = _ways(stream, str(source.path), format_, field)
            if format_ == "jsonl" and field is None:
                out.write(_head(source, engine, settings).encode("utf-8", "backslashreplace"))
            for segment in translate_segments(segments, engine, settings, memory):
                out.write(line(segment).encode("utf-8", "backslashreplace"))
                tally.add([segment])
                bar.step()
                if tally.segments % 64 == 0:
                    out.flush()
        out.flush()
    except InputError:
        out.flush()  # the lines before it; where they cannot be written, that is what is said
        raise
    except KeyboardInterrupt:
        out.flush()
        warn(f"interrupted after {tally.segments} lines")
        return 130
    if tally.failed:
        warn(f"{tally.failed} of {tally.segments} lines could not be translated and stand in French")
    return tally.exit_code(settings)


def _ways(stream: BinaryIO, name: str, format_: str, field: str | None) -> tuple[Iterator[Segment], Callable[[Segment], str]]:
    """The segments of a stream, and what makes a line of each one when it comes back."""
    from bilingual.reading import iter_lines
    from bilingual.reading.records import Record, iter_records
    from bilingual.writing.jsonl import segment_line
    from bilingual.writing.plain import line_of
    from bilingual.writing.records import record_line

    if field is None:
        return iter_lines(stream, name), segment_line if format_ == "jsonl" else lambda segment: line_of(segment) + "\n"
    waiting: deque[Record] = deque()

    def segments() -> Iterator[Segment]:
        for record, segment in iter_records(stream, name, field):
            waiting.append(record)
            yield segment

    def line(segment: Segment) -> str:
        record = waiting.popleft()
        return record_line(record.json, record.fields, segment) if format_ == "jsonl" else line_of(segment) + "\n"

    return segments(), line


def _head(source: Any, engine: Engine | Crew, settings: Settings) -> str:
    """The document line of a stream, which is written before anything is known of its end: no title, no hash, nothing counted."""
    from bilingual.cli.files import STDIN
    from bilingual.document import Document
    from bilingual.pipeline import signature
    from bilingual.writing.jsonl import document_line

    name = "stdin" if source.path == STDIN else str(source.relative)
    return document_line(Document(name, (), signature=signature(engine, settings)))
