"""The Marian transformer over packed rows, as plain functions of a dictionary of tensors.

The network is transformers' `MarianMTModel` (post-norm, sinusoidal places, tied embeddings, output bias), weight for weight and name for
name; a test holds the logits together. What differs is what training wants: pairs stand end to end in rows, attention is held inside a pair
by a mask, queries, keys and values come out of one product, products are in the asked type while sums, norms and weights stay float32, and
the output layer has the pieces alone that can be produced.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bilingual.errors import ModelError
from training.packing import Batch

Weights = dict[str, Tensor]

EMBEDDING = "model.shared.weight"
BIAS = "output_bias"
"""The output bias of the pieces that can be produced; in a checkpoint it is ``final_logits_bias`` over all pieces."""
NEVER = -10_000.0
"""The output bias of what is never produced; float16 can hold it."""
_FAR = -30_000.0
_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": F.relu, "swish": F.silu, "silu": F.silu, "gelu": F.gelu}


@dataclass(frozen=True, slots=True)
class Shape:
    """What the configuration of a checkpoint says about its network; ``start`` is the id that a decoder starts from."""

    width: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    activation: str
    scale: float
    start: int


@dataclass(frozen=True, slots=True)
class Output:
    """What the decoder gives for a batch: ``hidden`` ``[rows, target, width]``; ``queries`` ``[rows, target, width / heads]`` and
    ``keys`` ``[rows, source, width / heads]`` of head 0 of the cross-attention of its last layer, the aligner."""

    hidden: Tensor
    queries: Tensor
    keys: Tensor


@dataclass(frozen=True, slots=True)
class Tensors:
    """A `Batch` on a device; the masks are 0 inside a pair and far below elsewhere, ``[rows, 1, asking, asked]``."""

    source: Tensor
    source_place: Tensor
    target: Tensor
    target_place: Tensor
    labels: Tensor
    source_mask: Tensor
    target_mask: Tensor
    cross_mask: Tensor
    links: Tensor | None


def read_shape(folder: Path) -> Shape:
    """The shape of the checkpoint in `folder`. Raises `ModelError` where it is not a Marian, or one of another build."""
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: no readable config.json; a Hugging Face Marian folder is needed") from error
    wrong = [
        what
        for what, holds in (
            (f"model_type {config.get('model_type')}", config.get("model_type") == "marian"),
            ("separate embeddings", config.get("share_encoder_decoder_embeddings", True)),
            ("an untied output layer", config.get("tie_word_embeddings", True)),
            ("different heads", config.get("encoder_attention_heads") == config.get("decoder_attention_heads")),
            (f"activation {config.get('activation_function')}", config.get("activation_function") in _ACTIVATIONS),
            ("a start piece that is not the padding", config.get("decoder_start_token_id") == config.get("pad_token_id")),
        )
        if not holds
    ]
    if wrong:
        raise ModelError(f"{folder}: cannot be trained here: {', '.join(wrong)}")
    return Shape(
        width=config["d_model"],
        heads=config["encoder_attention_heads"],
        encoder_layers=config["encoder_layers"],
        decoder_layers=config["decoder_layers"],
        activation=config["activation_function"],
        scale=math.sqrt(config["d_model"]) if config.get("scale_embedding") else 1.0,
        start=config["decoder_start_token_id"],
    )


def read_weights(folder: Path, shape: Shape) -> tuple[Weights, list[int]]:
    """The weights of a checkpoint in float32 and the pieces that it can produce; the embedding of the start piece is zero.

    Marian and CTranslate2 start every decoder from zeros, so a start embedding must neither be there nor be learnt. Raises `ModelError`.
    """
    from safetensors.torch import load_file

    path = folder / "model.safetensors"
    if path.is_file():
        stored = load_file(path)
    elif (folder / "pytorch_model.bin").is_file():
        stored = torch.load(folder / "pytorch_model.bin", weights_only=True)
    else:
        raise ModelError(f"{folder}: no model.safetensors or pytorch_model.bin")
    if EMBEDDING not in stored:  # tied under another name
        named = next((n for n in ("model.encoder.embed_tokens.weight", "lm_head.weight") if n in stored), None)
        if named is None:
            raise ModelError(f"{path}: has no embeddings")
        stored[EMBEDDING] = stored[named]
    bias = stored.get("final_logits_bias", torch.zeros(1, len(stored[EMBEDDING]))).float().flatten()
    able = [i for i, value in enumerate(bias.tolist()) if value > NEVER / 10 and i != shape.start]
    left_out = ("embed_positions", "embed_tokens", "lm_head", "final_logits_bias")
    weights = {name: value.float().clone() for name, value in stored.items() if not any(part in name for part in left_out)}
    weights[EMBEDDING][shape.start] = 0
    weights[BIAS] = bias[able].clone()
    return weights, able


def full_bias(bias: Tensor, producible: Tensor, pieces: int) -> Tensor:
    """``final_logits_bias`` ``[1, pieces]`` out of the bias of the producible pieces.

    >>> full_bias(torch.tensor([0.5]), torch.tensor([1]), 3).tolist()
    [[-10000.0, 0.5, -10000.0]]
    """
    made = torch.full((1, pieces), NEVER)
    made[0, producible.cpu()] = bias.detach().float().cpu()
    return made


def places(count: int, width: int) -> Tensor:
    """Sinusoidal places as Marian has them: sines in the first half, cosines in the second.

    >>> places(2, 4)[0].tolist()
    [0.0, 0.0, 1.0, 1.0]
    """
    angles = np.arange(count)[:, None] / np.power(10_000, 2 * (np.arange(width) // 2) / width)[None]
    return torch.from_numpy(np.concatenate([np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])], axis=1).astype(np.float32))


def to_device(batch: Batch, device: torch.device, dtype: torch.dtype) -> Tensors:
    """A batch as tensors with its masks, in the type that attention is computed in."""
    source, target = (torch.from_numpy(pair).to(device) for pair in (batch.source_pair, batch.target_pair))

    def mask(asking: Tensor, asked: Tensor, ahead: bool = False) -> Tensor:
        seen = asking[:, :, None] == asked[:, None, :]
        if ahead:
            seen = seen & torch.ones(seen.shape[1:], dtype=torch.bool, device=device).tril()
        return torch.zeros(seen.shape, dtype=dtype, device=device).masked_fill_(~seen, _FAR)[:, None]

    return Tensors(
        source=torch.from_numpy(batch.source).to(device),
        source_place=torch.from_numpy(batch.source_place).to(device),
        target=torch.from_numpy(batch.target).to(device),
        target_place=torch.from_numpy(batch.target_place).to(device),
        labels=torch.from_numpy(batch.labels).to(device),
        source_mask=mask(source, source),
        target_mask=mask(target, target, ahead=True),
        cross_mask=mask(target, source),
        links=None if batch.links is None else torch.from_numpy(batch.links).to(device),
    )


def forward(weights: Mapping[str, Tensor], batch: Tensors, shape: Shape, table: Tensor, dtype: torch.dtype) -> Output:
    """Run the network over a batch. `table`: `places` of at least the width of a row, on the device; `dtype`: of the products."""
    embedding = weights[EMBEDDING]
    activation = _ACTIVATIONS[shape.activation]

    def product(x: Tensor, *names: str) -> Tensor:
        weight = torch.cat([weights[f"{name}.weight"] for name in names]) if len(names) > 1 else weights[f"{names[0]}.weight"]
        bias = torch.cat([weights[f"{name}.bias"] for name in names]) if len(names) > 1 else weights[f"{names[0]}.bias"]
        return F.linear(x.to(dtype), weight.to(dtype), bias.to(dtype))

    def norm(x: Tensor, name: str) -> Tensor:
        return F.layer_norm(x.float(), (shape.width,), weights[f"{name}.weight"], weights[f"{name}.bias"], 1e-5)

    def embed(ids: Tensor, place: Tensor) -> Tensor:
        return F.embedding(ids, embedding, padding_idx=shape.start) * shape.scale + F.embedding(place, table)

    def heads(x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], shape.heads, -1).transpose(1, 2)

    def attention(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
        q, k, v = heads(queries), heads(keys), heads(values)
        if q.is_cuda:
            found = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        else:  # torch's own kernel takes three times as long here on a CPU, most of it going back
            found = torch.softmax((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2) + mask, dim=-1) @ v
        return found.transpose(1, 2).flatten(2)

    def layer(x: Tensor, name: str, mask: Tensor) -> Tensor:
        queries, keys, values = product(x, *(f"{name}.self_attn.{part}_proj" for part in "qkv")).chunk(3, dim=-1)
        seen = product(attention(queries, keys, values, mask), f"{name}.self_attn.out_proj")
        return norm(x + seen, f"{name}.self_attn_layer_norm")

    def feed_forward(x: Tensor, name: str) -> Tensor:
        return norm(x + product(activation(product(x, f"{name}.fc1")), f"{name}.fc2"), f"{name}.final_layer_norm")

    x = embed(batch.source, batch.source_place)
    for i in range(shape.encoder_layers):
        name = f"model.encoder.layers.{i}"
        x = feed_forward(layer(x, name, batch.source_mask), name)
    memory, x = x, embed(batch.target, batch.target_place)
    queries = keys = x
    for i in range(shape.decoder_layers):
        name = f"model.decoder.layers.{i}"
        x = layer(x, name, batch.target_mask)
        queries = product(x, f"{name}.encoder_attn.q_proj")
        keys, values = product(memory, f"{name}.encoder_attn.k_proj", f"{name}.encoder_attn.v_proj").chunk(2, dim=-1)
        seen = product(attention(queries, keys, values, batch.cross_mask), f"{name}.encoder_attn.out_proj")
        x = feed_forward(norm(x + seen, f"{name}.encoder_attn_layer_norm"), name)
    size = shape.width // shape.heads
    return Output(x, queries[..., :size], keys[..., :size])
