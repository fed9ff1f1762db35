"""Files that are ZIP archives of XML (.docx, .odt, .epub): opened with care, and written again with a few members changed.

Nothing is ever unpacked to the disk. What is no proper archive, holds too much, or asks for a password is refused in one line.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from bilingual.document import Part
from bilingual.errors import InputError
from bilingual.markup import Element, Refused, read_tree

MEMBERS = 10_000
"""More members than any document has."""

LARGEST = 512 << 20
"""Bytes that an archive may come to, unpacked."""

LARGEST_TEXT = 64 << 20
"""Bytes that a member with text in it may have: what is read of it takes some twenty times as much memory."""

DENSEST = 250
"""How many times its packed size a member of more than a mebibyte may have: styles that say the same over and over come to a hundred."""

FRENCH_PROPERTY = re.compile(r"(<(?:\w+:)?language(?:\s[^>]*)?>)\s*fr(?:-\w+)*\s*(?=</)")
"""Where the properties of a document say that it is French."""

_MIB = 1 << 20
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    IndexError,
    OverflowError,
)
"""What the modules behind `zipfile` raise for archives that are damaged."""
_UNSAFE = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|[\0\\]")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_SUBSET = re.compile(r"<!DOCTYPE[^>\[]*\[", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive in memory: its bytes, the name for messages, and its members by name, in order."""

    data: bytes
    name: str
    members: Mapping[str, zipfile.ZipInfo]


def open_archive(data: bytes, name: str, what: str) -> Archive:
    """The archive in `data`, which is to be `what` (« a Word document »). Raises `InputError` for one that cannot be trusted or read.

    >>> open_archive(b"PK\\x03\\x04...", "a.docx", "a Word document")
    Traceback (most recent call last):
    bilingual.errors.InputError: a.docx: is damaged, or no Word document (File is not a zip file); save it again
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(
            f"{name}: is an old Office document (.doc), or one with a password; save it as {what} without a password"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            infos = file.infolist()
    except _BROKEN as error:
        no = what.partition(" ")[2]
        raise InputError(f"{name}: is damaged, or no {no} ({error}); save it again") from None
    if len(infos) > MEMBERS:
        raise InputError(f"{name}: has {len(infos)} members, which no document has; left alone")
    members: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        if _UNSAFE.search(info.filename):
            raise InputError(f"{name}: has a member with an unsafe name ({info.filename[:80]!r}); left alone")
        if info.filename in members:
            raise InputError(f"{name}: has two members with one name ({info.filename[:80]!r}); save it again")
        if info.flag_bits & 1:
            raise InputError(f"{name}: is encrypted; save it without a password")
        if info.file_size > _MIB and info.file_size > DENSEST * max(1, info.compress_size):
            raise InputError(
                f"{name}: has a member that unpacks to {info.file_size // info.compress_size} times its size; left alone"
            )
        members[info.filename] = info
    if sum(info.file_size for info in infos) > LARGEST:
        raise InputError(f"{name}: unpacks to more than {LARGEST // _MIB} MiB; left alone")
    return Archive(data, name, members)


def check_whole(archive: Archive) -> None:
    """See that every member unpacks, those that are only copied, too. Raises `InputError` for the first that does not."""
    with zipfile.ZipFile(io.BytesIO(archive.data)) as file:
        for path, info in archive.members.items():
            try:
                with file.open(info) as member:
                    while member.read(_MIB):
                        pass
            except _BROKEN as error:
                raise InputError(f"{archive.name}: {path} cannot be read ({error}); save the document again") from None


def read_member(archive: Archive, path: str) -> bytes:
    """The bytes of a member. Raises `InputError` where it is not there, too large, or damaged."""
    info = archive.members.get(path)
    if info is None:
        raise InputError(f"{archive.name}: {path} is not in it; save it again")
    if info.file_size > LARGEST_TEXT:
        raise InputError(f"{archive.name}: {path} has more than {LARGEST_TEXT // _MIB} MiB of text; split the document")
    try:
        with zipfile.ZipFile(io.BytesIO(archive.data)) as file:
            return file.read(info)
    except _BROKEN as error:
        raise InputError(f"{archive.name}: {path} cannot be read ({error}); save the document again") from None


def read_part(archive: Archive, path: str) -> Part:
    """A member as text, in the encoding that its byte-order mark or its declaration says. Raises `InputError`."""
    data = read_member(archive, path)
    mark, encoding = next(((m, e) for m, e in _BOMS if data.startswith(m)), (b"", ""))
    declared = _DECLARED.match(data[:200])
    if not encoding:
        encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    try:
        text = data[len(mark) :].decode(encoding)
    except (LookupError, UnicodeError) as error:
        raise InputError(
            f"{archive.name}: {path}: is not {encoding}, as it says it is ({error}); save the document again"
        ) from None
    if _SUBSET.search(text[:20_000]):
        raise InputError(f"{archive.name}: {path}: has a DOCTYPE with an internal subset, which is never read; left alone")
    return Part(text, name=path, encoding=encoding, mark=mark)


def tree_of(archive: Archive, part: Part, prefixes: Mapping[str, str]) -> Element:
    """The XML of a member. Raises `InputError` with its name and line."""
    try:
        return read_tree(part.text, prefixes)
    except Refused as refused:
        line, problem = refused.args[0]
        raise InputError(f"{archive.name}: {part.name}:{line}: {problem}; save the document again") from None


def rewrite_archive(data: bytes, changed: Mapping[str, bytes]) -> bytes:
    """The archive with the members of `changed` in place of its own; order, names, dates and ways of packing stay, and all other content.

    >>> out = io.BytesIO()
    >>> with zipfile.ZipFile(out, "w") as file:
    ...     file.writestr("mimetype", "text/plain"); file.writestr("a.xml", "<un/>")
    >>> again = open_archive(rewrite_archive(out.getvalue(), {"a.xml": b"<one/>"}), "a.odt", "a text")
    >>> [(name, read_member(again, name)) for name in again.members]
    [('mimetype', b'text/plain'), ('a.xml', b'<one/>')]
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        new.comment = old.comment
        for info in old.infolist():
            entry = zipfile.ZipInfo(info.filename, info.date_time)
            entry.compress_type, entry.comment, entry.create_system = info.compress_type, info.comment, info.create_system
            entry.external_attr, entry.internal_attr = info.external_attr, info.internal_attr
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                entry.compress_type = zipfile.ZIP_DEFLATED  # the others are read here and by few besides
            new.writestr(entry, changed[info.filename] if info.filename in changed else old.read(info))
    return out.getvalue()
