"""SentencePiece models as lists of pieces: read, marked, lengthened, written, without the protobuf package.

A model file is a protocol buffer whose field 1 holds the pieces (1: text, 2: score, 3: type); everything else (normalisation, how it was
trained) is copied as it is. The format is that of sentencepiece_model.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bilingual.errors import ModelError

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED = 1, 2, 3, 4, 5
"""Types of pieces. An unused one keeps its number and is never chosen; a user-defined one is never cut."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece with its score (a log-probability in unigram models) and its type."""

    text: str
    score: float
    type: int = NORMAL


def read_model(path: Path) -> list[Piece]:
    """The pieces of a model, in the order of their numbers. Raises `ModelError` where the file is not a SentencePiece model."""
    try:
        return [_piece(body) for number, body, _ in _fields(path.read_bytes()) if number == 1]
    except (OSError, IndexError, struct.error, UnicodeDecodeError, ValueError) as error:
        raise ModelError(f"{path}: not a SentencePiece model ({error})") from error


def write_model(like: Path, pieces: Sequence[Piece], path: Path) -> None:
    """Write `pieces` as a model that is like the one in `like` in all else."""
    rest = b"".join(raw for number, _, raw in _fields(like.read_bytes()) if number != 1)
    path.write_bytes(b"".join(_message(piece) for piece in pieces) + rest)


def with_user_pieces(pieces: Sequence[Piece], added: Sequence[str]) -> list[Piece]:
    """`pieces` with those of `added` that are new at the end, to be read whole wherever they stand.

    >>> [p.text for p in with_user_pieces([Piece("a", 0.0)], ["<as>", "a"])]
    ['a', '<as>']
    """
    known = {piece.text for piece in pieces}
    return [*pieces, *(Piece(text, 0.0, USER_DEFINED) for text in added if text not in known)]


def only(pieces: Sequence[Piece], producible: Collection[str]) -> list[Piece]:
    """`pieces` with the normal ones that are not among `producible` marked unused: what the English side is cut with.

    >>> [p.type for p in only([Piece("a", 0.0), Piece("é", 0.0)], {"a"})]
    [1, 5]
    """
    return [replace(p, type=UNUSED) if p.type == NORMAL and p.text not in producible else p for p in pieces]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, body and raw bytes (with the tag) of every field of a message."""
    at = 0
    while at < len(data):
        start = at
        tag, at = _varint(data, at)
        kind, body = tag & 7, at
        if kind == 0:
            _, at = _varint(data, at)
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        elif kind == 2:
            length, body = _varint(data, at)
            at = body + length
        else:
            raise ValueError("unknown field")
        if at > len(data):
            raise ValueError("it ends too early")
        yield tag >> 3, data[body:at], data[start:at]


def _piece(body: bytes) -> Piece:
    text, score, kind = "", 0.0, NORMAL
    for number, value, _ in _fields(body):
        if number == 1:
            text = value.decode()
        elif number == 2:
            score = struct.unpack("<f", value)[0]
        elif number == 3:
            kind = _varint(value, 0)[0]
    return Piece(text, score, kind)


def _message(piece: Piece) -> bytes:
    text = piece.text.encode()
    body = b"\x0a" + _as_varint(len(text)) + text + b"\x15" + struct.pack("<f", piece.score) + b"\x18" + _as_varint(piece.type)
    return b"\x0a" + _as_varint(len(body)) + body


def _as_varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])
