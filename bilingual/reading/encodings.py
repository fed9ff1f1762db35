"""Bytes into text: which encoding it is, what is odd about it, and what is no text at all.

UTF-8 is taken at its word. Anything else is found out in this order: a byte-order mark, the pattern of NUL bytes that UTF-16 leaves in
Western text, UTF-8 with a few damaged bytes, the one-byte encodings that French was written in (told apart by whether the
letters they give are French ones), and last charset-normalizer. Whatever was found out rather than declared is said in a note.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from bilingual.errors import InputError

INVISIBLE = "\u200b\u2060\ufeff\u180e"
"""Characters of no width that count as white space at the edges of a text: zero-width space, word joiner, BOM."""

WHITE = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + INVISIBLE
)
"""Everything that is stripped from the edges of a block: Unicode white space (no-break spaces too) and `INVISIBLE`."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the UTF-16 one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    (b"%PDF-", "a PDF file", "extract its text first (pdftotext does it)"),
    (b"{\\rtf", "an RTF document", "save it as plain text"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.doc)", "save it as plain text"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", "give a file of text"),
    (b"\xff\xd8\xff", "a JPEG picture", "give a file of text"),
    (b"GIF8", "a GIF picture", "give a file of text"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first (gunzip)"),
    (b"BZh", "a bzip2 archive", "unpack it first (bunzip2)"),
    (b"\xfd7zXZ\x00", "an xz archive", "unpack it first (unxz)"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it first (unzstd)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"\x7fELF", "a program", "give a file of text"),
    (b"SQLite format 3\x00", "an SQLite database", "give a file of text"),
)
_ZIPS = (
    (b"word/", "a Word document (.docx)", "give it the suffix .docx"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file (.odt)", "give it the suffix .odt if it is a text"),
    (b"application/epub+zip", "an EPUB book", "give it the suffix .epub"),
)
_ONE_BYTE = ("cp1252", "iso8859-15", "mac_roman", "cp850")
_FRENCH = re.compile(r"[àâæçéèêëîïôöœùûüÿÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ]")
_PLAUSIBLE = frozenset("«»’‘“”–—…€°·•©®ªº§£²³½¼¾±×\xa0\xadñÑíóáúãõÖÄäßøØåÅ\ufffd")
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")  # not tab, LF, VT, FF, CR and not ESC
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?([A-Za-z][\w.:-]{1,40})", re.IGNORECASE)
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# What UTF-8 looks like once it was read as cp1252 (or latin-1) and written again: Ã©, â€™, Â«.
_TAIL = "[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_MOJIBAKE = re.compile(f"[ÃÂÅ]{_TAIL}|â[€\x80]{_TAIL}")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, the name of the encoding that it was read with, and notes for the user."""

    text: str
    encoding: str = "utf-8"
    notes: tuple[str, ...] = ()


def decode_page(data: bytes, name: str) -> Decoded:
    """Decode a page of HTML: UTF-8 where it is that, else what it declares, else as `decode` finds out.

    >>> decode_page('<meta charset="iso-8859-15"><p>été à 3 €'.encode("iso8859-15"), "a.html").text[-9:]
    'été à 3 €'
    """
    declared = _DECLARED.search(data[:4096])
    if declared and not byte_order_mark(data) and b"\0" not in data:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            try:
                # Pages that say latin-1 are read as cp1252, as browsers do.
                found = codecs.lookup(declared[1].decode("ascii")).name
                named = {"iso8859-1": "cp1252", "ascii": "cp1252"}.get(found, found)
                return Decoded(data.decode(named), named, (f"read as {named}, as the page declares",))
            except (LookupError, ValueError):
                pass
    return decode(data, name)


def byte_order_mark(data: bytes) -> bytes:
    """The byte-order mark that `data` begins with; empty where it has none."""
    return next((mark for mark, _ in _BOMS if data.startswith(mark)), b"")


def decode(data: bytes, name: str, *, blank: bool = False) -> Decoded:
    r"""Decode a file. Line ends and every character but a leading byte-order mark stay as they are.

    Raises `InputError` for what is not text (naming what it looks like), and for what has no text in it unless `blank` is given.

    >>> decode("L’été".encode("cp1252"), "a.txt")
    Decoded(text='L’été', encoding='cp1252', notes=('read as cp1252 (not valid UTF-8 at byte 1)',))
    >>> decode("\ufeffL’été\r\n".encode("utf-16-le"), "a.txt").text
    'L’été\r\n'
    """
    if not data and not blank:
        raise InputError(f"{name}: the file is empty; give one that has text in it")
    refuse_binary(data, name)
    decoded = _decode(data, name)
    text = decoded.text
    if not blank and not text.strip(WHITE):
        raise InputError(f"{name}: nothing but white space; give a file that has text in it")
    controls = len(_CONTROLS.findall(text))
    if "\0" in text or controls > len(text) * 0.05:
        raise InputError(f"{name}: looks like a binary file, not like text; give a file of text")
    return Decoded(text, decoded.encoding, decoded.notes + _oddities(text, controls))


def refuse_binary(data: bytes, name: str) -> None:
    """Raise `InputError` when `data` begins as a known kind of file that is not plain text."""
    for magic, what, advice in _MAGIC:
        if data.startswith(magic):
            raise InputError(f"{name}: looks like {what}, not like text; {advice}")
    if data.startswith(b"PK\x03\x04"):
        head = data[:65536]
        what, advice = next(((w, a) for mark, w, a in _ZIPS if mark in head), ("a ZIP archive", "unpack it first"))
        raise InputError(f"{name}: looks like {what}, not like text; {advice}")


def _decode(data: bytes, name: str) -> Decoded:
    """The text of `data` and how it was found out; notes only about the encoding."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _declared(data[len(bom) :], encoding, name)
    if b"\0" in data:
        wide = utf16_without_mark(data)
        if wide is None:
            raise InputError(f"{name}: looks like a binary file, not like text (it has NUL bytes); give a file of text")
        found = _declared(data, wide, name)
        return Decoded(found.text, wide, (f"read as {wide} (no byte-order mark; found by its NUL bytes)",))
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return _undeclared(data, error.start, name)


def _declared(data: bytes, encoding: str, name: str) -> Decoded:
    """Decode what says its own encoding; damaged UTF-8 is read all the same, damaged UTF-16 and UTF-32 is not."""
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8":
            return _damaged(data, error.start)
        raise InputError(
            f"{name}: not valid {encoding.upper()} at byte {error.start} ({error.reason}); save the file again as UTF-8"
        ) from None


def utf16_without_mark(data: bytes) -> str | None:
    """``utf-16-le`` or ``utf-16-be`` where NULs stand as they do in Western text, in every other byte; else None.

    >>> utf16_without_mark("Été".encode("utf-16-be"))
    'utf-16-be'
    """
    sample = data[:8192]
    if len(data) % 2 or not sample:
        return None
    even, odd = sample[::2].count(0) / (len(sample) / 2), sample[1::2].count(0) / (len(sample) / 2)
    if odd > 0.5 and even < 0.05:
        return "utf-16-le"
    if even > 0.5 and odd < 0.05:
        return "utf-16-be"
    return None


def _undeclared(data: bytes, bad: int, name: str) -> Decoded:
    """Decode bytes that are not UTF-8 from offset `bad` on and carry no mark."""
    rest, sequences = _UTF8_SEQUENCE.subn(b"", data)
    if sequences and sequences >= sum(map(len, _HIGH.findall(rest))):
        return _damaged(data, bad)
    best, best_share = "", 0.0
    for encoding in _ONE_BYTE:
        share = _french_share(_high_context(data, encoding))
        if share > best_share:  # on a tie the first, most usual one wins
            best, best_share = encoding, share
    if best_share < 0.5 or _too_dense(data):
        best = _guess(data) or ("cp1252" if best_share else "")
    if not best:
        raise InputError(f"{name}: not UTF-8 (byte {bad}) and in no encoding that could be found out; save it as UTF-8")
    try:
        text = data.decode(best)
    except UnicodeDecodeError:  # the five bytes that cp1252 leaves undefined
        best = "latin-1"
        text = data.decode(best)
    return Decoded(text, best, (f"read as {best} (not valid UTF-8 at byte {bad})",))


def _damaged(data: bytes, bad: int) -> Decoded:
    text = data.decode("utf-8", errors="replace")
    line = data.count(b"\n", 0, bad) + 1
    return Decoded(text, "utf-8", (f"damaged UTF-8 (first at byte {bad}, line {line}): what could not be read stands as U+FFFD",))


def _too_dense(data: bytes) -> bool:
    """Whether there are more non-ASCII bytes than any French text of some length has."""
    solid = b"".join(data[:200_000].split())
    return len(solid) > 40 and sum(map(len, _HIGH.findall(solid))) > 0.3 * len(solid)


def _high_context(data: bytes, encoding: str) -> list[str]:
    """The non-ASCII stretches of the first part of `data` with one character on either side, decoded."""
    sample = data[:200_000]
    spans = ((m.start(), m.end()) for m in _HIGH.finditer(sample))
    return [sample[max(0, a - 1) : b + 1].decode(encoding, errors="replace") for a, b in spans]


def _french_share(stretches: list[str]) -> float:
    """How much of the non-ASCII characters French uses, letters where letters belong: 0 … 1."""
    good = total = 0.0
    for stretch in stretches:
        for i, char in enumerate(stretch):
            if char.isascii():
                continue
            total += 1
            if _FRENCH.match(char):
                before = stretch[i - 1] if i else " "
                good += 0.3 if char.isupper() and before.islower() else 1.0
            elif char in _PLAUSIBLE:
                inside = 0 < i < len(stretch) - 1 and stretch[i - 1].isalpha() and stretch[i + 1].isalpha()
                good += 1.0 if char in "’\xad" or not inside else 0.2
    return good / total if total else 0.0


def _guess(data: bytes) -> str | None:
    """What charset-normalizer thinks, None when it has no idea. Loaded only here: most files are UTF-8."""
    from charset_normalizer import from_bytes

    match = from_bytes(data[:200_000]).best()
    if match is None:
        return None
    try:
        data.decode(match.encoding)
    except (UnicodeDecodeError, LookupError):
        return None
    return match.encoding


def _oddities(text: str, controls: int) -> tuple[str, ...]:
    """Notes about what stands in a text that was decoded well and may still not be what its author meant."""
    notes = []
    if found := list(_MOJIBAKE.finditer(text)):
        notes.append(
            f"{_times(len(found), 'garbled character')} such as {found[0].group()!r} (first at line {_line(text, found[0].start())}): "
            "UTF-8 that was once read as another encoding; left as it is, mend the file for a good translation"
        )
    if (lost := text.count("\ufffd")) and (at := text.find("\ufffd")) >= 0:
        notes.append(f"{_times(lost, 'lost character')} (U+FFFD, first at line {_line(text, at)})")
    if found := list(_BIDI.finditer(text)):
        code = ord(found[0].group())
        notes.append(
            f"{_times(len(found), 'bidirectional control character')} (first U+{code:04X} at line {_line(text, found[0].start())}): "
            "the text may show in another order than it is stored in"
        )
    if controls:
        notes.append(_times(controls, "control character"))
    return tuple(notes)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _times(count: int, what: str) -> str:
    return f"{count} {what}" + ("s" if count > 1 else "")
