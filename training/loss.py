"""What training makes small: cross-entropy with smoothed labels, and the distance of one attention head from given word links."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from training.packing import IGNORED

CHUNK = 256
"""Target places whose logits are there at a time: 12,000 pieces of 256 places are 12 MB in float32. On a GPU 16 times as many."""


def label_loss(hidden: Tensor, embedding: Tensor, bias: Tensor, labels: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
    """Mean cross-entropy per predicted piece with smoothed labels (Szegedy et al. 2016), and the mean without smoothing.

    `hidden` ``[places, width]`` and `embedding` ``[pieces, width]`` are of the type that products are taken in; `labels` has `IGNORED`
    where nothing is predicted. Only the first result has a gradient, which is worked out chunk by chunk on the way, so that the logits of
    a batch are never there at once (as in Wijmans et al. 2025, "Cut Your Losses in Large-Vocabulary Language Models").

    >>> h, e, b = torch.randn(3, 4), torch.randn(5, 4), torch.randn(5)
    >>> loss, _ = label_loss(h, e, b, torch.tensor([1, IGNORED, 4]), 0.1)
    >>> wanted = F.cross_entropy(h @ e.T + b, torch.tensor([1, IGNORED, 4]), label_smoothing=0.1)
    >>> bool(torch.isclose(loss, wanted, atol=1e-5))
    True
    """
    found: tuple[Tensor, Tensor] = _LabelLoss.apply(hidden, embedding, bias, labels, smoothing)  # type: ignore[no-untyped-call]
    return found


class _LabelLoss(torch.autograd.Function):
    """See `label_loss`."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, embedding: Tensor, bias: Tensor, labels: Tensor, smoothing: float) -> Any:
        kept = (labels != IGNORED).nonzero().flatten()
        count, size = max(1, len(kept)), len(embedding)
        to_hidden, to_embedding = torch.zeros_like(hidden), torch.zeros_like(embedding, dtype=torch.float32)
        to_bias = torch.zeros_like(bias)
        smooth = plain = torch.zeros((), device=hidden.device)
        for rows in torch.split(kept, 16 * CHUNK if hidden.is_cuda else CHUNK):
            states, wanted = hidden[rows], labels[rows, None]
            logs = F.log_softmax((states @ embedding.T).float() + bias, dim=-1)
            right = logs.gather(1, wanted)
            plain = plain - right.sum()
            smooth = smooth - (1 - smoothing) * right.sum() - smoothing * logs.sum() / size
            slope = logs.exp_().sub_(smoothing / size).scatter_add_(1, wanted, torch.full_like(right, smoothing - 1)).div_(count)
            to_bias += slope.sum(0)
            slope = slope.to(hidden.dtype)
            to_hidden[rows] = slope @ embedding
            to_embedding += slope.T @ states
        ctx.save_for_backward(to_hidden, to_embedding, to_bias)
        plain = plain / count
        ctx.mark_non_differentiable(plain)
        return smooth / count, plain

    @staticmethod
    def backward(ctx: Any, slope: Tensor, _: Tensor) -> Any:
        to_hidden, to_embedding, to_bias = ctx.saved_tensors
        return to_hidden * slope.to(to_hidden.dtype), (to_embedding * slope).to(to_hidden.dtype), to_bias * slope, None, None


_NOTHING = -1e4
"""The logarithm of no share at all: finite, so that lines without a link have a gradient, of zero."""


def guide_loss(queries: Tensor, keys: Tensor, mask: Tensor, links: Tensor) -> Tensor:
    """How far the aligner's head is from the links: mean negative logarithm of what falls on linked source pieces, per linked target piece.

    Guided alignment of Chen et al. 2016 and Garg et al. 2019, on the head of Marian; but how a head deals its look out to the pieces of
    one word is left to it (equal shares would be another aligner than the one that the embedded model has). `queries` ``[rows,
    target, size]``, `keys` ``[rows, source, size]``, `mask` ``[rows, 1, target, source]``, `links` ``[rows, target, source]``, above 0
    where pieces are linked.

    >>> q = k = torch.eye(2)[None] * 30
    >>> float(guide_loss(q, k, torch.zeros(1, 1, 2, 2), torch.eye(2)[None])) < 0.001
    True
    """
    logs = F.log_softmax(attention_logits(queries, keys, mask), dim=-1)
    linked = links > 0
    masses = logs.masked_fill(~linked, _NOTHING).logsumexp(dim=-1)
    asked = linked.any(dim=-1)
    return -(masses * asked).sum() / asked.sum().clamp(min=1)


def attention_logits(queries: Tensor, keys: Tensor, mask: Tensor) -> Tensor:
    """What the softmax of the aligner's head is taken of, in float32: ``[rows, target, source]``."""
    logits: Tensor = (queries @ keys.transpose(1, 2)).float() * queries.shape[-1] ** -0.5 + mask[:, 0].float()
    return logits
