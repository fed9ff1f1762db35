"""Means of weights over time: they translate better than the last weights do, and cost nothing when the model is used.

Three kinds: the exponential average that a run keeps while it trains (as Marian does), the mean of its last snapshots
(Junczys-Dowmunt et al. 2016; Vaswani et al. 2017), and the mean of several runs from one start, each with its own order of the
pairs (Wortsman et al. 2022, "Model soups"): runs that need not talk to each other while they train.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from bilingual.errors import ModelError
from training.curves import read_rows
from training.model import Weights, read_shape, read_weights
from training.state import STATE, read_average

SNAPSHOTS = "snapshots"
AVERAGE = "average.safetensors"


def follow(average: Weights, weights: Weights, step: int, decay: float) -> None:
    """Move the exponential average on, in place; it follows faster at the beginning, where there is little to remember.

    >>> average = {"a": torch.zeros(1)}
    >>> follow(average, {"a": torch.ones(1)}, step=0, decay=0.998); round(float(average["a"]), 3)
    0.9
    """
    keep = min(decay, (step + 1) / (step + 10))
    with torch.no_grad():
        torch._foreach_lerp_(list(average.values()), [weights[name].detach() for name in average], 1 - keep)


def mean(sets: Iterable[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of sets of weights with the same names.

    >>> mean([{"a": torch.zeros(1)}, {"a": torch.ones(1)}])["a"].tolist()
    [0.5]
    """
    total: dict[str, Tensor] = {}
    count = 0
    for weights in sets:
        count += 1
        for name, value in weights.items():
            total[name] = total[name] + value.double() if name in total else value.double()
    return {name: (value / count).float() for name, value in total.items()}


def snapshot(run: Path, weights: Weights, step: int, keep: int) -> None:
    """Keep the weights of this step, and of the `keep` last ones alone."""
    from safetensors.torch import save_file

    folder = run / SNAPSHOTS
    folder.mkdir(exist_ok=True)
    part = folder / f"step-{step:07}.part"
    save_file({name: value.detach().cpu().contiguous() for name, value in weights.items()}, part)
    part.rename(part.with_suffix(".safetensors"))
    for old in snapshots(run)[:-keep]:
        old.unlink()


def snapshots(run: Path) -> Sequence[Path]:
    """The snapshots of a run, oldest first."""
    return sorted((run / SNAPSHOTS).glob("step-*.safetensors"))


def steps_done(run: Path) -> int:
    """The last step that the curve of a run has."""
    rows = read_rows(run)
    return rows[-1].step if rows else 0


def average(run: Path, last: int | None, others: Sequence[Path] = ()) -> list[str]:
    """Write ``average.safetensors`` into a run: the mean of its `last` snapshots, or with None its exponential average.

    `others`: runs, or Hugging Face Marian folders, that began from the same checkpoint; the mean with them is taken, each
    weighing the same. Gives the names of what it is made of. Raises `ModelError` where there are not so many snapshots, or the models
    are not of one build.
    """
    from safetensors.torch import load_file, save_file

    if last is None:
        made, of = read_average(run), ["exponential average"]
    else:
        chosen = snapshots(run)[-last:]
        if len(chosen) < last:
            raise ModelError(f"{run}: has {len(chosen)} snapshots, not {last}; train on, or take fewer")
        made, of = mean(load_file(path) for path in chosen), [path.stem for path in chosen]
    if others:
        sets = [made, *map(_weights_of, others)]
        for other, weights in zip(others, sets[1:], strict=True):
            if {name: value.shape for name, value in weights.items()} != {name: value.shape for name, value in made.items()}:
                raise ModelError(f"{other}: is a model of another build than {run}")
        made, of = mean(sets), ["mean of " + " and ".join([", ".join(of), *(other.name for other in others)])]
    part = run / f"{AVERAGE}.part"
    save_file(
        {name: value.contiguous() for name, value in made.items()},
        part,
        metadata={"of": ", ".join(of), "step": str(steps_done(run))},
    )
    part.replace(run / AVERAGE)
    return of


def _weights_of(place: Path) -> dict[str, Tensor]:
    """The exponential average of a run, or the weights of a Marian folder."""
    if (place / STATE).is_file():
        return read_average(place)
    return read_weights(place, read_shape(place))[0]
