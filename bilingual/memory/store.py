"""The file of a memory: SQLite in WAL mode, which several processes may read and write at once.

What is kept is committed window by window, so that a process that dies loses the window in flight and nothing else. A memory must never
stop a translation: what it cannot read is translated, what it cannot write is said once and left.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from zlib import crc32

from bilingual.document import Segment
from bilingual.errors import InputError, OutputError
from bilingual.memory.keys import Kind
from bilingual.memory.records import from_record, to_record

APPLICATION = 0x62696C67
"""What tells a memory from any other SQLite file ("bilg")."""

SCHEMA = 1
PATIENCE = 30.0
"""Seconds to wait for another process that is writing."""

_TABLES = """
CREATE TABLE IF NOT EXISTS kinds (id INTEGER PRIMARY KEY, model TEXT, engine TEXT, beam INTEGER, rules TEXT,
                                  UNIQUE (model, engine, beam, rules));
CREATE TABLE IF NOT EXISTS translations (key BLOB PRIMARY KEY, kind INTEGER NOT NULL, source TEXT NOT NULL, record TEXT NOT NULL,
                                         crc INTEGER NOT NULL, used INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS corrections (source TEXT PRIMARY KEY, target TEXT NOT NULL);
"""
_AT_ONCE = 500
_BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

Say = Callable[[str], None]


class Memory:
    """An open memory; made by `open_memory`, for one thread. ``path`` is its file."""

    def __init__(self, path: Path, say: Say, *, must_be_sound: bool = False):
        """Open or make the file. Raises `OutputError` or `InputError`; see `open_memory`."""
        self.path = path
        self._say = say
        self._silent = False
        self._kinds: dict[Kind, int] = {}
        self._touched: set[bytes] = set()
        self._db = _opened(path, say, must_be_sound)

    def recall(self, segments: Sequence[Segment], keys: Sequence[bytes], *, linked: bool = False) -> list[Segment | None]:
        """Each segment as it was translated under its key, None where it was not; with `linked`, only those whose words were linked."""
        found: list[Segment | None] = [None] * len(segments)
        with self._bearing("read"):
            rows = {
                key: rest for key, *rest in self._select("SELECT key, record, crc, used FROM translations WHERE key IN", keys)
            }
            now = today()
            for index, (segment, key) in enumerate(zip(segments, keys, strict=True)):
                if key not in rows:
                    continue
                record, crc, used = rows[key]
                with suppress(ValueError):  # what SQLite does not notice: a record that is not what was written
                    if crc == crc32(record.encode()):
                        found[index] = from_record(segment, record, linked=linked)
                if used < now:
                    self._touched.add(key)
        return found

    def keep(self, kind: Kind, translated: Iterable[tuple[bytes, Segment]], *, linked: bool = False) -> None:
        """Remember translations, in one transaction; what failed, and what is no Unicode text, is not remembered."""
        rows = []
        for key, segment in translated:
            if segment.origin == "failed":
                continue
            record = to_record(segment, linked=linked)
            with suppress(UnicodeEncodeError):  # lone surrogates
                segment.source.encode()
                rows.append((key, segment.source, record, crc32(record.encode()), today()))
        if not rows or self._silent:
            return
        with self._bearing("written"), self._writing():
            number = self._number(kind)
            self._db.executemany(
                "INSERT OR REPLACE INTO translations (key, kind, source, record, crc, used) VALUES (?, ?, ?, ?, ?, ?)",
                [(key, number, *rest) for key, *rest in rows],
            )
            self._touch()

    def corrections(self, sources: Iterable[str]) -> dict[str, str]:
        """What a person made of those of `sources` that were corrected."""
        wanted = [source for source in dict.fromkeys(sources) if _is_text(source)]
        with self._bearing("read"):
            return dict(self._select("SELECT source, target FROM corrections WHERE source IN", wanted))
        return {}

    def correct(self, pairs: Iterable[tuple[str, str]]) -> int:
        """Remember what a person made of sentences, all of them or none; the last word on a source stands. Gives how many.

        Raises `OutputError` where it cannot be written: corrections are not to be lost silently.
        """
        count = 0
        with self.writing():
            for source, target in pairs:
                self._db.execute("INSERT OR REPLACE INTO corrections (source, target) VALUES (?, ?)", (source, target))
                count += 1
        return count

    def withdraw(self, sources: Iterable[str]) -> None:
        """Forget the corrections of sentences, all of them or none. Raises `OutputError`."""
        with self.writing() as db:
            db.executemany("DELETE FROM corrections WHERE source = ?", [(source,) for source in sources])

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that succeeds whole or raises `OutputError`."""
        try:
            with self._writing():
                yield self._db
        except (sqlite3.Error, UnicodeEncodeError) as error:
            raise OutputError(f"{self.path}: cannot be written ({error})") from error

    def rows(self, query: str, *arguments: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a query. Raises `InputError` where the file cannot be read."""
        try:
            yield from self._db.execute(query, arguments)
        except sqlite3.Error as error:
            raise InputError(f"{self.path}: cannot be read ({error})") from error

    def forget(self, *, unused_for: int | None = None, other_rules_than: str | None = None) -> int:
        """Forget translations, never corrections: those not used for so many days, those made by other rules. Gives how many."""
        tests: list[tuple[str, Any]] = []
        if unused_for is not None:
            tests.append(("used <= ?", today() - unused_for))
        if other_rules_than is not None:
            tests.append(("kind IN (SELECT id FROM kinds WHERE rules != ?)", other_rules_than))
        gone = 0
        with self.writing() as db:
            for test, value in tests:
                gone += db.execute(f"DELETE FROM translations WHERE {test}", (value,)).rowcount
            db.execute("DELETE FROM kinds WHERE id NOT IN (SELECT kind FROM translations)")
        self._kinds.clear()
        with suppress(sqlite3.Error):  # another process is reading: the space is given back another time
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def close(self) -> None:
        """Note what was used, and close the file."""
        with self._bearing("written"):
            if self._touched and not self._silent:
                with self._writing():
                    self._touch()
        with suppress(sqlite3.Error):
            self._db.close()

    def __enter__(self) -> Memory:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def number_of(self, kind: Kind) -> int:
        """The row of a kind, made where there is none; inside a transaction."""
        return self._number(kind)

    def _number(self, kind: Kind) -> int:
        if kind not in self._kinds:
            fields = (kind.model, kind.engine, kind.beam, kind.rules)
            self._db.execute("INSERT OR IGNORE INTO kinds (model, engine, beam, rules) VALUES (?, ?, ?, ?)", fields)
            [(number,)] = self._db.execute("SELECT id FROM kinds WHERE (model, engine, beam, rules) = (?, ?, ?, ?)", fields)
            self._kinds[kind] = number
        return self._kinds[kind]

    def _select(self, query: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(values), _AT_ONCE):
            some = values[start : start + _AT_ONCE]
            yield from self._db.execute(f"{query} ({','.join('?' * len(some))})", some)

    def _touch(self) -> None:
        self._db.executemany("UPDATE translations SET used = ? WHERE key = ?", [(today(), key) for key in self._touched])
        self._touched.clear()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._kinds.clear()
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _bearing(self, what: str) -> Iterator[None]:
        """Nothing that goes wrong with the file goes further; a damaged one is set aside for a fresh one."""
        try:
            yield
        except sqlite3.Error as error:
            if _damaged(error):
                self._kinds.clear()
                self._touched.clear()
                with suppress(sqlite3.Error):
                    self._db.close()
                self._db = _fresh(self.path, self._say)
            elif not self._silent:
                self._silent = True
                self._say(f"{self.path}: the memory cannot be {what} ({error}); going on, nothing more is remembered in this run")


def open_memory(path: Path, say: Say = lambda _: None, *, must_exist: bool = False) -> Memory:
    """The memory in the file `path`, made where there is none (unless it `must_exist`).

    A file that is damaged is set aside as ``<name>.damaged``, which `say` is told, and a fresh one begins; not where it `must_exist`, since
    it is wanted for what is in it then. Raises `InputError` for that, for a file that is no memory, and for one of another schema: each is
    left as it is; `OutputError` for a place that cannot be written, where it need not exist or holds nothing to look into.
    """
    if must_exist and not path.is_file():
        raise InputError(f"{path}: there is no memory; bilingual translate --memory {path} begins one")
    return Memory(path, say, must_be_sound=must_exist)


def _opened(path: Path, say: Say, must_be_sound: bool) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        head = path.open("rb").read(4096) if path.exists() else b""
    except OSError as error:
        raise OutputError(f"{path}: cannot be used as a memory ({error.strerror or error})") from error
    if head and not head.startswith(b"SQLite format 3\0") and _reads_as_text(head):
        raise InputError(f"{path}: is text and no memory; name another file with --memory")
    try:
        return _connected(path)
    except sqlite3.Error as error:
        if _damaged(error) and not _was_memory(path, head):
            raise InputError(f"{path}: is no memory; name another file with --memory") from error
        if _damaged(error) and must_be_sound:
            raise InputError(
                f"{path}: the memory is damaged ({error}); bilingual translate --memory {path} sets it aside and begins a fresh one"
            ) from error
        if _damaged(error):
            return _fresh(path, say)
        if must_be_sound and head:
            with suppress(sqlite3.Error):
                return _looked_into(path)
        raise OutputError(f"{path}: cannot be used as a memory ({error}); name another place, or --memory off") from error


def _connected(path: Path) -> sqlite3.Connection:
    """An open memory, its tables made where the file is empty. Raises `InputError` for a file of something else, untouched."""
    db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        fresh = _is_fresh(db, path)
        _patiently(db, "PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        if fresh:
            db.execute("BEGIN IMMEDIATE")
            for statement in filter(str.strip, _TABLES.split(";")):
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION}")
            db.execute(f"PRAGMA user_version = {SCHEMA}")
            db.execute("COMMIT")
        return db
    except BaseException:
        db.close()
        raise


def _looked_into(path: Path) -> sqlite3.Connection:
    """A memory in a place that cannot be written, to be read alone; what another process has not yet carried from its log is not seen."""
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
    try:
        _is_fresh(db, path)
        return db
    except BaseException:
        db.close()
        raise


def _is_fresh(db: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is empty; False where it is a memory of this schema."""
    [(application,)] = db.execute("PRAGMA application_id")
    [(schema,)] = db.execute("PRAGMA user_version")
    [(tables,)] = db.execute("SELECT count(*) FROM sqlite_master")
    if application == APPLICATION and schema == SCHEMA:
        return False
    if application == APPLICATION:
        raise InputError(
            f"{path}: is a memory of schema {schema}, and this version reads {SCHEMA}; name another file with --memory, or export it"
            " with the version that wrote it"
        )
    if application or schema or tables:
        raise InputError(f"{path}: is an SQLite file of another program; name another file with --memory")
    return True


def _patiently(db: sqlite3.Connection, statement: str) -> None:
    """Run a statement for which SQLite does not wait by itself: where two change the journal's mode at once."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            db.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or time.monotonic() > until:
                raise
            time.sleep(0.05)


def _fresh(path: Path, say: Say) -> sqlite3.Connection:
    """A fresh memory at `path`, the damaged file there set aside. Raises `OutputError`."""
    try:
        with suppress(sqlite3.Error, InputError):  # another process was quicker: what is there now is sound
            db = _connected(path)
            [(verdict,)] = db.execute("PRAGMA quick_check(1)")
            if verdict == "ok":
                return db
            db.close()
        number, aside = 1, path.with_name(path.name + ".damaged")
        while aside.exists():
            number, aside = number + 1, path.with_name(f"{path.name}.damaged-{number + 1}")
        path.rename(aside)
        for ending in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
        say(
            f"{path}: the memory is damaged and set aside as {aside.name}; a fresh one begins (bilingual memory export --memory"
            f" {aside} may still read its corrections)"
        )
        return _connected(path)
    except (OSError, sqlite3.Error) as error:
        raise OutputError(f"{path}: the memory is damaged and cannot be set aside ({error})") from error


def _damaged(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BROKEN


def _was_memory(path: Path, head: bytes) -> bool:
    """Whether a file that SQLite cannot read has been a memory: its mark or its tables are there, or a crash has left nothing but zeros."""
    if head[68:72] == APPLICATION.to_bytes(4, "big") or b"CREATE TABLE corrections" in head:
        return True
    if any(head):
        return False
    with path.open("rb") as file:
        return not any(any(piece) for piece in iter(lambda: file.read(1 << 16), b""))


def _reads_as_text(head: bytes) -> bool:
    try:
        return b"\0" not in head and bool(head.decode("utf-8", "strict"))
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 and b"\0" not in head  # a character cut in two at the end


def _is_text(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False


def today() -> int:
    """Days since 1970; `SOURCE_DATE_EPOCH` stands for the clock where it is set."""
    return int(float(os.environ.get("SOURCE_DATE_EPOCH") or time.time())) // 86400
