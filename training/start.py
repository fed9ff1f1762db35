"""What a run starts from: any Hugging Face Marian folder, made fit for this recipe, or a new model with a new vocabulary.

Fit means: float32; a start embedding of zeros; tags and placeholders as pieces of the vocabulary; and, where asked for, no output
for pieces that the English of the corpus does not have, which makes the largest matrix of a small model a good deal smaller.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bilingual.errors import ConfigError, ModelError, OutputError
from training.annotation import TAGS
from training.augmentation import PLACEHOLDERS
from training.corpus import Pair, read_shard
from training.model import BIAS, EMBEDDING, full_bias, read_shape, read_weights
from training.prepare import read_manifest
from training.spm import NORMAL, Piece, only, read_model, with_user_pieces, write_model
from training.train import START

TAUGHT = (*TAGS, *PLACEHOLDERS)
LONGEST = 80
"""Source pieces above which the package cuts a sentence for a model of this kind: pairs for training are seldom longer, and
`benchmarks/stretches.py` says what cutting gains."""
_COPIED = ("generation_config.json", "tokenizer_config.json")


@dataclass(frozen=True, slots=True)
class Sizes:
    """A new model: width, heads, feed-forward width, layers of both sides, pieces of the vocabulary; by default as the embedded one."""

    width: int = 256
    heads: int = 8
    feed_forward: int = 1536
    encoder_layers: int = 6
    decoder_layers: int = 2
    pieces: int = 20_000


def start_from(run: Path, folder: Path, *, teach: bool = True, data: Path | None = None, least: int = 2) -> dict[str, Any]:
    """Make ``run/start`` out of a Marian folder; give what was done, for a line on the screen.

    `teach`: put tags and placeholders into the vocabulary where they are missing. `data`: a prepared folder; pieces that its English
    has less than `least` times are never produced again (single characters stay). Raises `ModelError`, `OutputError`.
    """
    shape = read_shape(folder)
    weights, able = read_weights(folder, shape)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    vocabulary: dict[str, int] = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    models = {name: read_model(folder / name) for name in ("source.spm", "target.spm")}
    if vocabulary.get("<pad>") != shape.start or shape.start != len(vocabulary) - 1:
        raise ModelError(f"{folder}: <pad> must be the last piece of vocab.json")
    target = _new_folder(run)
    added = [text for text in TAUGHT if text not in vocabulary] if teach else []
    if added:
        models = {name: with_user_pieces(pieces, TAUGHT) for name, pieces in models.items()}
        _lengthen(weights, able, vocabulary, added, shape.start)
    if data is not None:
        keep = _used(data, models["target.spm"], folder / "target.spm", least)
        _restrict(weights, able, {vocabulary[text] for text in keep if text in vocabulary} | {config["eos_token_id"]})
    by_id = {number: text for text, number in vocabulary.items()}
    models["target.spm"] = only(models["target.spm"], {by_id[i] for i in able})
    for name, pieces in models.items():
        write_model(folder / name, pieces, target / name)
    size = len(vocabulary)
    config |= {"vocab_size": size, "decoder_vocab_size": size, "pad_token_id": size - 1, "decoder_start_token_id": size - 1}
    _write(target, weights, able, config, vocabulary)
    for name in _COPIED:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, target / name)
    _generation(target, config)
    target.rename(run / START)
    return {"pieces": size, "added": len(added), "producible": len(able)}


def start_new(run: Path, data: Path, sizes: Sizes, seed: int = 1) -> dict[str, Any]:
    """Make ``run/start`` anew: a joint vocabulary learnt from the shards of `data`, weights by chance.

    Raises `OutputError`, and `ConfigError` for sizes that do not go together.
    """
    if sizes.width % (2 * sizes.heads):
        raise ConfigError(f"width {sizes.width} and {sizes.heads} heads: the width must be a multiple of twice the heads")
    target = _new_folder(run)
    pieces = _learn_vocabulary(data, sizes.pieces, target / "source.spm")
    vocabulary = {piece.text: number for number, piece in enumerate(pieces)} | {"<pad>": len(pieces)}
    keep = _used(data, pieces, target / "source.spm", 1)
    able = sorted({vocabulary[text] for text in keep} | {0})
    write_model(target / "source.spm", only(pieces, {pieces[i].text for i in able}), target / "target.spm")
    weights, config = _draw_weights(sizes, len(pieces), seed)
    weights[BIAS] = torch.zeros(len(able))
    _write(target, weights, able, config, vocabulary)
    tokenizer = {"source_lang": "fr", "target_lang": "en", "tokenizer_class": "MarianTokenizer", "model_max_length": 512}
    (target / "tokenizer_config.json").write_text(json.dumps(tokenizer, indent=1) + "\n", encoding="utf-8")
    _generation(target, config)
    target.rename(run / START)
    return {"pieces": len(vocabulary), "added": len(TAUGHT), "producible": len(able)}


def _learn_vocabulary(data: Path, size: int, path: Path) -> list[Piece]:
    """Write a joint unigram model (Kudo 2018) to `path`: the end piece first, tags and placeholders next; `size` is the most."""
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(side for pair in shard_pairs(data) for side in (pair.french, pair.english)),
        model_prefix=str(path.with_suffix("")),
        vocab_size=size,
        model_type="unigram",
        character_coverage=0.9998,
        normalization_rule_name="nmt_nfkc",
        user_defined_symbols=list(TAUGHT),
        hard_vocab_limit=False,
        eos_id=0,
        unk_id=1,
        bos_id=-1,
        pad_id=-1,
        num_threads=1,
        input_sentence_size=1_000_000,
        shuffle_input_sentence=False,
        minloglevel=2,
    )
    path.with_suffix(".model").replace(path)
    path.with_suffix(".vocab").unlink()
    return read_model(path)


def _draw_weights(sizes: Sizes, padding: int, seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Weights as transformers draws them, but for a start embedding of zeros, with the configuration; `padding` is the last piece."""
    from transformers import MarianConfig, MarianMTModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    torch.manual_seed(seed)
    config = MarianConfig(
        vocab_size=padding + 1,
        d_model=sizes.width,
        encoder_layers=sizes.encoder_layers,
        decoder_layers=sizes.decoder_layers,
        encoder_attention_heads=sizes.heads,
        decoder_attention_heads=sizes.heads,
        encoder_ffn_dim=sizes.feed_forward,
        decoder_ffn_dim=sizes.feed_forward,
        activation_function="relu",
        init_std=sizes.width**-0.5,
        dropout=0.0,
        scale_embedding=True,
        pad_token_id=padding,
        decoder_start_token_id=padding,
        eos_token_id=0,
        forced_eos_token_id=0,
        bos_token_id=0,
        max_position_embeddings=512,
        share_encoder_decoder_embeddings=True,
        tie_word_embeddings=True,
    )
    left_out = ("embed_positions", "embed_tokens", "lm_head", "final_logits_bias")
    drawn = MarianMTModel(config).state_dict()
    weights = {name: value.clone() for name, value in drawn.items() if not any(part in name for part in left_out)}
    weights[EMBEDDING][padding] = 0
    return weights, {**config.to_dict(), "architectures": ["MarianMTModel"]}


def shard_pairs(data: Path) -> Iterator[Pair]:
    """All pairs of a prepared folder, shard by shard."""
    for shard in read_manifest(data)["shards"]:
        yield from read_shard(data / shard["file"])


def _new_folder(run: Path) -> Path:
    """A folder to work in, that becomes ``run/start`` when everything in it is there. Raises `OutputError`."""
    target = run / START
    if target.exists():
        raise OutputError(f"{target}: is there already; name another run")
    work = target.with_name(START + ".part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    return work


def _lengthen(weights: dict[str, Tensor], able: list[int], vocabulary: dict[str, int], added: Sequence[str], start: int) -> None:
    """Put new pieces before the padding, which stays last: they begin as the mean of all, a little apart; placeholders can be produced."""
    rows = weights[EMBEDDING]
    apart = torch.randn(len(added), rows.shape[1], generator=torch.Generator().manual_seed(1)) * rows.std() * 0.1
    weights[EMBEDDING] = torch.cat([rows[:start], rows[:start].mean(0) + apart, rows[start:]])
    new = [start + i for i, text in enumerate(added) if text in PLACEHOLDERS]
    weights[BIAS] = torch.cat([weights[BIAS], weights[BIAS].mean().expand(len(new))])
    able += new
    for i, text in enumerate(added):
        vocabulary[text] = start + i
    vocabulary["<pad>"] = start + len(added)


def _used(data: Path, pieces: Sequence[Piece], like: Path, least: int) -> set[str]:
    """Pieces that the English side of the shards has `least` times, single characters among them, and the placeholders."""
    import sentencepiece

    with tempfile.TemporaryDirectory() as scratch:
        part = Path(scratch) / "counting.spm"
        write_model(like, pieces, part)
        model = sentencepiece.SentencePieceProcessor(model_file=str(part))
    counted: Counter[int] = Counter()
    for shard in read_manifest(data)["shards"]:
        for ids in model.encode([pair.english for pair in read_shard(data / shard["file"])]):
            counted.update(ids)
    used = {pieces[i].text for i, n in counted.items() if n >= least}
    single = {
        piece.text for i, piece in enumerate(pieces) if piece.type == NORMAL and len(piece.text.strip("▁")) <= 1 and counted[i]
    }
    return (used | single | {*PLACEHOLDERS, "▁"}) - {"<unk>", *TAGS}


def _restrict(weights: dict[str, Tensor], able: list[int], keep: set[int]) -> None:
    """Leave output only for pieces that could be produced before and are in `keep`."""
    places = [i for i, number in enumerate(able) if number in keep]
    weights[BIAS] = weights[BIAS][places].clone()
    able[:] = [able[i] for i in places]


def _write(target: Path, weights: dict[str, Tensor], able: list[int], config: dict[str, Any], vocabulary: dict[str, int]) -> None:
    from safetensors.torch import save_file

    order = sorted(range(len(able)), key=able.__getitem__)
    able[:] = [able[i] for i in order]
    bias = weights.pop(BIAS)[order]
    stored = {name: value.contiguous() for name, value in weights.items()}
    stored["final_logits_bias"] = full_bias(bias, torch.tensor(able), len(vocabulary))
    save_file(stored, target / "model.safetensors", metadata={"format": "pt"})
    config = {key: value for key, value in config.items() if value is not None} | {"dtype": "float32"}
    for name, value in (("config.json", config), ("vocab.json", vocabulary), ("bilingual.json", _abilities(config, vocabulary))):
        (target / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _abilities(config: dict[str, Any], vocabulary: dict[str, int]) -> dict[str, Any]:
    """What the model will be able to do when it has been trained; the package reads it from beside the weights."""
    able: dict[str, Any] = {"alignment_head": {"layer": config["decoder_layers"] - 1, "head": 0}}
    if all(tag in vocabulary for tag in TAGS):
        able["annotated_terms"] = dict(zip(("open", "as", "close"), TAGS, strict=True))
    if all(text in vocabulary for text in PLACEHOLDERS):
        able["placeholders"] = list(PLACEHOLDERS)
    return able | {"longest": LONGEST, "producible": "final_logits_bias > -1000"}


def _generation(target: Path, config: dict[str, Any]) -> None:
    """Generation settings that speak of this vocabulary's numbers."""
    path = target / "generation_config.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"max_length": 512, "num_beams": 4}
    kept |= {key: config[key] for key in ("pad_token_id", "decoder_start_token_id", "eos_token_id")}
    kept |= {"bad_words_ids": [[config["pad_token_id"]]], "forced_eos_token_id": config["eos_token_id"]}
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
