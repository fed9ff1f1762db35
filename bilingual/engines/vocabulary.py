"""Text into pieces and back, with the SentencePiece models that lie beside a Marian checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import sentencepiece

from bilingual.document import Span
from bilingual.errors import ModelError

END = "</s>"
START_OF_WORD = "\u2581"
"""What a piece begins with that follows a space."""


class Vocabulary:
    """The two SentencePiece models of a checkpoint: the source's for reading, the target's for text that must be produced.

    `encode_source` and `encode_target` give pieces without the end piece; `decode` takes target pieces. The target's model holds
    only pieces that the model can produce where the checkpoint makes the difference (law 9 of the house).
    """

    def __init__(self, folder: Path):
        """Read ``source.spm`` and ``target.spm`` from `folder`. Raises `ModelError` when they are not there or not readable."""
        self._source = _load(folder / "source.spm")
        self._target = _load(folder / "target.spm")
        self._can_read = lru_cache(maxsize=8192)(self._reads)

    def encode_source(self, texts: Sequence[str]) -> list[list[str]]:
        """Pieces of source texts, in one call for the whole batch."""
        pieces: list[list[str]] = self._source.encode(list(texts), out_type=str)
        return pieces

    def source_length(self, text: str) -> int:
        """How many pieces `encode_source` makes of one text; quicker than a batch of one."""
        return len(self._source.encode(text))

    def source_offsets(self, text: str) -> list[Span]:
        """Where the pieces of `encode_source` stand in `text`, the space before a word counted to its first piece."""
        encoded = self._source.encode(text, return_type="offset_mapping")
        return [(begin, end) for begin, end in encoded["offsets"]]

    def encode_target(self, texts: Sequence[str]) -> list[list[str]]:
        """Pieces that the model can produce, for target texts that are forced or scored."""
        pieces: list[list[str]] = self._target.encode(list(texts), out_type=str)
        return pieces

    def decode(self, pieces: Sequence[Sequence[str]]) -> list[str]:
        """Texts of lists of target pieces; what a list of pieces without any letter gives is an empty text."""
        texts: list[str] = self._target.decode([list(p) for p in pieces])
        return texts

    def can_read(self, character: str) -> bool:
        """Whether the source vocabulary has this character."""
        return self._can_read(character)

    def can_write(self, text: str) -> bool:
        """Whether `text` can be spelled with pieces that the model can produce."""
        return self._target.unk_id() not in self._target.encode(text)

    def _reads(self, character: str) -> bool:
        if "\ud800" <= character <= "\udfff":  # half a character, which SentencePiece cannot be given
            return False
        # SentencePiece writes a space as this sign, and so would give a space back for it.
        return character != START_OF_WORD and self._source.unk_id() not in self._source.encode(character)


def _load(path: Path) -> Any:
    if not path.is_file():
        raise ModelError(
            f"{path.parent}: no {path.name}; a Marian model folder holds source.spm and target.spm beside its weights"
        )
    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(path))
    except (RuntimeError, OSError) as error:
        raise ModelError(f"{path}: not a SentencePiece model ({error})") from error
