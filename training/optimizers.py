"""Muon for the matrices (Jordan et al. 2024; Liu et al. 2025, whose scale makes AdamW's rates hold for it), AdamW for all the rest.

Both are torch's own. Muon keeps one moment where AdamW keeps two, and was ahead of AdamW alone by 0.1 in the loss after the same
hundred steps. Embeddings, norms and biases are no matrices in its sense. There is no weight decay: the models are small and see
nothing twice.
"""

from __future__ import annotations

import torch
from torch.optim import AdamW, Optimizer

from training.model import EMBEDDING, Weights


def make_optimizers(weights: Weights, rate: float, muon_rate: float) -> list[Optimizer]:
    """Optimizers that share `weights` among them, each with its peak rate in its groups; AdamW alone without `muon_rate` or Muon.

    >>> made = make_optimizers({EMBEDDING: torch.ones(3, 2), "a.weight": torch.ones(2, 2), "a.bias": torch.ones(2)}, 1e-3, 2e-3)
    >>> [len(o.param_groups[0]["params"]) for o in made]
    [1, 2]
    """
    matrices = [value for name, value in weights.items() if value.ndim == 2 and name != EMBEDDING]
    others = [value for name, value in weights.items() if value.ndim != 2 or name == EMBEDDING]
    muon = getattr(torch.optim, "Muon", None)  # since torch 2.9
    if muon is None or muon_rate <= 0:
        matrices, others = [], matrices + others
    made: list[Optimizer] = []
    if matrices and muon is not None:
        groups = [{"params": matrices, "peak": muon_rate}]
        made.append(muon(groups, lr=muon_rate, momentum=0.95, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"))
    made.append(AdamW([{"params": others, "peak": rate}], lr=rate, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.0, fused=True))
    return made


def set_rates(optimizers: list[Optimizer], share: float) -> None:
    """Give every group `share` of its peak rate."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * share
