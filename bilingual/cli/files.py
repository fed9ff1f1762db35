"""Files of the command line: inputs read as bytes, outputs written whole or not at all."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from bilingual.errors import InputError, OutputError

STDIN = Path("-")
DIGEST = "digest.fr-en"
"""The stem of a digest's files."""


def is_digest(path: Path) -> bool:
    """Whether a file is a digest by its name: no article stands in it.

    >>> is_digest(Path("out/digest.fr-en.jsonl")), is_digest(Path("out/a.fr-en.jsonl"))
    (True, False)
    """
    return path.stem == DIGEST


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, or of stdin for ``-``. Raises `InputError` in one line."""
    try:
        return sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error


def count_lines(path: Path) -> int | None:
    """How many lines a file has, for a progress bar: None where nobody sees one, or where it cannot be read twice."""
    if not (sys.stderr.isatty() and path.is_file()):
        return None
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b"")) or None


def write_whole(path: Path, text: str | bytes, advice: str = "choose another folder with -o") -> None:
    """Write `text` (as UTF-8 where it is not bytes already) to `path`, through a temporary file beside it: a reader sees the old file or
    the new one, never a half. Who may read and write it stays as it was.

    Raises `OutputError` in one line, with `advice`; what was there before stays.
    """
    # The name is known before the file is there, so that a signal at any moment leaves none behind.
    scratch = path.parent / f".{path.name[:40]}.{secrets.token_hex(4)}.part"
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as error:
            raise OutputError(f"{path.parent}: cannot be written ({error.strerror or error}); {advice}") from error
        with os.fdopen(descriptor, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace"))
            file.flush()
            os.fsync(file.fileno())
        scratch.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        scratch.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror or error})") from error
    finally:
        with suppress(OSError):
            scratch.unlink()


def check_writable(folder: Path) -> None:
    """Make `folder` and see that a file can be put there, before any work. Raises `OutputError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror or error}); choose another folder with -o") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
