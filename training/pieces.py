"""Text into the numbers that a model is trained on: pieces of the source, pieces that can be produced, links between them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bilingual.errors import ModelError
from training.corpus import Pair, Span
from training.links import piece_links, words
from training.packing import Example, Ids


@dataclass(frozen=True, slots=True)
class Pieces:
    """The vocabulary of a checkpoint as training needs it.

    ``source_ids`` and ``target_ids`` turn SentencePiece's numbers into the model's, which are others in stock Marian checkpoints.
    ``producible``: the model's numbers that get logits, rising; ``label_of``: where each number stands among them, -1 for none.
    """

    source: Any
    target: Any
    source_ids: Ids
    target_ids: Ids
    producible: Ids
    label_of: Ids
    end: int
    start: int


def read_pieces(folder: Path, producible: Sequence[int]) -> Pieces:
    """The vocabulary that lies in a Marian folder. Raises `ModelError`."""
    import sentencepiece

    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        vocabulary: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        models = [sentencepiece.SentencePieceProcessor(model_file=str(folder / name)) for name in ("source.spm", "target.spm")]
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"{folder}: config.json, vocab.json, source.spm and target.spm are needed ({error})") from error
    unknown = vocabulary.get("<unk>", config["pad_token_id"])
    ids = [
        np.array([vocabulary.get(model.id_to_piece(i), unknown) for i in range(model.get_piece_size())], dtype=np.int64)
        for model in models
    ]
    able = np.array(sorted(producible), dtype=np.int64)
    label_of = np.full(config["vocab_size"], -1, dtype=np.int64)
    label_of[able] = np.arange(len(able))
    return Pieces(models[0], models[1], ids[0], ids[1], able, label_of, config["eos_token_id"], config["decoder_start_token_id"])


def offsets(model: Any, text: str) -> list[Span]:
    """Where the pieces of a text stand in it, without the space before a word."""
    found = model.encode(text, return_type="offset_mapping")["offsets"]
    return [(begin + (text[begin : begin + 1] == " " and end > begin + 1), end) for begin, end in found]


def encode(pairs: Sequence[Pair], pieces: Pieces, widths: tuple[int, int]) -> list[Example | None]:
    """Examples of pairs, as many as pairs; None for those that do not fit a row of `widths`, or whose English cannot be produced."""
    sources = pieces.source.encode([pair.french for pair in pairs])
    targets = pieces.target.encode([pair.english for pair in pairs])
    return [_example(pair, s, t, pieces, widths) for pair, s, t in zip(pairs, sources, targets, strict=True)]


def _example(pair: Pair, source: list[int], target: list[int], pieces: Pieces, widths: tuple[int, int]) -> Example | None:
    if not source or not target or len(source) >= widths[0] or len(target) >= widths[1]:
        return None
    ids = pieces.target_ids[target]
    labels = pieces.label_of[ids]
    if (labels < 0).any() or pieces.target.unk_id() in target:
        return None
    end = int(pieces.label_of[pieces.end])
    return Example(
        tuple(pieces.source_ids[source].tolist()),
        tuple(ids.tolist()),
        (*labels.tolist(), end),
        _links(pair, pieces) if pair.links else (),
    )


def _links(pair: Pair, pieces: Pieces) -> tuple[tuple[int, int], ...]:
    french, english = words(pair.french), words(pair.english)
    own = [(i, j) for i, j in pair.links or () if i < len(french) and j < len(english)]
    of_source, of_target = offsets(pieces.source, pair.french), offsets(pieces.target, pair.english)
    return tuple(piece_links(own, french, english, of_source, of_target))


def present(pieces: Pieces, wanted: Iterable[str]) -> tuple[str, ...]:
    """Those of `wanted` that are pieces of their own on the source side: tags and placeholders that can be taught."""
    model = pieces.source
    return tuple(text for text in wanted if model.piece_to_id(text) != model.unk_id())
