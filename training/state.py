"""A run that can be killed at any moment: everything that the next step depends on, in one file that is there whole or not at all."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from bilingual.errors import ModelError
from training.model import Weights

STATE = "state.pt"
_BROKEN = (RuntimeError, KeyError, ValueError, EOFError, TypeError, UnpicklingError)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run is: steps done, target pieces seen, and the next batch: its epoch, the shard's place in the epoch, its own in the shard.

    The lessons and the order of a shard hang on the run's seed and this alone, so that there is no other state of chance to keep.
    """

    step: int = 0
    pieces: int = 0
    epoch: int = 0
    shard: int = 0
    batch: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """Weights (being trained), their exponential average, the optimizers, where the run is, and which data it is about."""

    weights: Weights
    average: Weights
    optimizers: list[Optimizer]
    position: Position
    data: str


def save_state(run: Path, state: State) -> None:
    """Write the state: into a temporary file that reaches the disk first and then takes the old one's place."""
    values = {
        "weights": {name: value.detach() for name, value in state.weights.items()},
        "average": state.average,
        "optimizers": [optimizer.state_dict() for optimizer in state.optimizers],
        "position": asdict(state.position),
        "data": state.data,
        "random": torch.get_rng_state(),
    }
    replace_file(run / STATE, values)


def replace_file(path: Path, values: Any) -> None:
    """`torch.save` that a kill cannot leave half done."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        torch.save(values, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def load_state(run: Path, weights: Weights, average: Weights, optimizers: list[Optimizer], data: str) -> Position | None:
    """Bring weights, average and optimizers to where `run` was, and give its position; None where it has not begun.

    Raises `ModelError` where the file is broken, or about other data or another model.
    """
    path = run / STATE
    if not path.is_file():
        return None
    try:
        values = torch.load(path, map_location="cpu", weights_only=True)
        if values["data"] != data:
            raise ModelError(f"{run}: was trained on other data; go on with the same folder, or start a new run")
        for own, kept in ((weights, values["weights"]), (average, values["average"])):
            if own.keys() != kept.keys():
                raise ModelError(f"{path}: is about another model")
            with torch.no_grad():
                for name, value in own.items():
                    value.copy_(kept[name])
        for optimizer, kept in zip(optimizers, values["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        torch.set_rng_state(values["random"])
        return Position(**values["position"])
    except _BROKEN as error:
        raise ModelError(f"{path}: cannot be read ({_first_line(error)}); remove it to begin again") from error


def read_average(run: Path) -> dict[str, Tensor]:
    """The exponential average that `run` has kept. Raises `ModelError` where there is none."""
    path = run / STATE
    if not path.is_file():
        raise ModelError(f"{run}: has no {STATE}; train it first")
    try:
        average: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)["average"]
    except _BROKEN as error:
        raise ModelError(f"{path}: cannot be read ({_first_line(error)})") from error
    return average


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
