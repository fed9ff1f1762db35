"""The loop: batches in, steps of the optimizers, state and curve out; stopped and killed at will."""

from __future__ import annotations

import hashlib
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import Tensor

from bilingual.errors import ConfigError, ModelError
from training.averaging import follow, snapshot
from training.curves import Row, append_row, cut_rows, draw
from training.feed import Feed, batches, held_out_batches
from training.loss import guide_loss, label_loss
from training.model import BIAS, EMBEDDING, Output, Shape, Tensors, Weights, forward, places, read_shape, read_weights, to_device
from training.optimizers import make_optimizers, set_rates
from training.packing import Batch
from training.pieces import read_pieces
from training.prepare import MANIFEST
from training.schedule import share
from training.settings import RunSettings, load_settings, save_settings
from training.state import STATE, Position, State, load_state, save_state

START = "start"
"""The folder in a run's folder that holds the checkpoint it starts from (`training.start`)."""
SETTINGS = "settings.json"
_FIXED = ("seed", "rows", "source_width", "target_width", "accumulate", "mixture")
"""Settings that say what the next batch is: a run that goes on keeps them. Its data may lie elsewhere: the state says which they are."""

Say = Callable[[str], None]
Forward = Callable[[Weights, Tensors, Shape, Tensor, torch.dtype], Output]


@dataclass(frozen=True, slots=True)
class Losses:
    """Means per predicted piece: with smoothed labels, without, and of the aligner per linked piece; tensors, so that nothing waits."""

    loss: Tensor
    plain: Tensor
    guide: Tensor


@dataclass(frozen=True, slots=True)
class Trainer:
    """What a step needs besides weights and batch."""

    shape: Shape
    settings: RunSettings
    producible: Tensor
    table: Tensor
    device: torch.device
    dtype: torch.dtype
    forward: Forward


def train(run: Path, settings: RunSettings, say: Say) -> int:
    """Train the checkpoint in ``run/start``, from where the run is, to ``settings.steps``; 0, or 130 where a signal ended it.

    SIGINT and SIGTERM end it after the step under way, saved. A kill costs what came after the last save. Raises `ConfigError`
    where settings are other ones than those the run began with, `ModelError` for a checkpoint that cannot be trained.
    """
    _hold(run, settings)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    trainer, weights, able = _trainer(run, settings)
    average = {name: value.detach().clone() for name, value in weights.items()}
    optimizers = make_optimizers(weights, settings.rate, settings.muon_rate)
    data = _fingerprint(Path(settings.data))
    position = load_state(run, weights, average, optimizers, data)
    if position:
        say(f"going on after step {position.step}")
    position = position or Position()
    cut_rows(run, position.step)
    feed = Feed(Path(settings.data), settings, read_pieces(run / START, able))
    save_settings(settings, run / SETTINGS)
    state = State(weights, average, optimizers, position, data)
    with _told_to_stop() as told:
        position = _steps(run, state, trainer, feed, told, say)
    if told and position.step < settings.steps:
        say(f"stopped by {told[0]} after step {position.step}, saved; the same command goes on from there")
        return 130
    say(f"done: {position.step} steps, {position.pieces / 1e6:.2f} M target pieces")
    return 0


def _steps(run: Path, state: State, trainer: Trainer, feed: Feed, told: list[str], say: Say) -> Position:
    settings, position = trainer.settings, state.position
    held_out = held_out_batches(feed)
    logged: list[Losses] = []
    clock = saved_at = time.monotonic()
    pieces, saved = position.pieces, position.step
    source = batches(feed, position)
    while position.step < settings.steps and not told:
        group = [made for _, made in zip(range(settings.accumulate), source, strict=False)]
        if not group:
            raise ModelError(f"{feed.data}: nothing here fits the rows and the vocabulary")
        rate = share(position.step, settings.steps, settings.warm_up, settings.decay, settings.floor)
        logged += step(trainer, state.weights, state.optimizers, [batch for batch, _ in group], rate)
        follow(state.average, state.weights, position.step, settings.averaging)
        done = position.step + 1
        position = replace(group[-1][1], step=done, pieces=position.pieces + sum(batch.target_pieces for batch, _ in group))
        last = done >= settings.steps or bool(told)
        saving = last or done % settings.save_every == 0 or time.monotonic() - saved_at > settings.save_seconds
        if done % settings.log_every == 0 or last:
            now = time.monotonic()
            row = _row(logged, position, rate, (position.pieces - pieces) / max(1e-9, now - clock))
            if saving:
                row = replace(row, held_out=held_out_loss(trainer, state.weights, held_out))
            append_row(run, row)
            say(_line(row))
            logged, clock, pieces = [], time.monotonic(), position.pieces
        if done % settings.snapshot_every == 0 or done >= settings.steps:
            snapshot(run, state.weights, done, settings.snapshots)
        if saving:
            save_state(run, replace(state, position=position))
            draw(run)
            saved, saved_at = position.step, time.monotonic()
    source.close()
    if saved != position.step:  # told to stop after the step had been looked at
        save_state(run, replace(state, position=position))
    return position


def step(
    trainer: Trainer, weights: Weights, optimizers: Sequence[torch.optim.Optimizer], group: Sequence[Batch], rate: float
) -> list[Losses]:
    """One step of the optimizers over the mean loss of `group`, with the gradient's norm held down; the losses of each batch."""
    found = []
    for batch in group:
        losses = compute_losses(trainer, weights, batch)
        total = losses.loss + trainer.settings.guide * losses.guide
        (total / len(group)).backward()  # type: ignore[no-untyped-call]
        found.append(Losses(losses.loss.detach(), losses.plain.detach(), losses.guide.detach()))
    torch.nn.utils.clip_grad_norm_(weights.values(), trainer.settings.clip)
    set_rates(list(optimizers), rate)
    for optimizer in optimizers:
        optimizer.step()
        optimizer.zero_grad()
    return found


def compute_losses(trainer: Trainer, weights: Weights, batch: Batch) -> Losses:
    """The losses of a batch; the gradient is theirs to give."""
    tensors = to_device(batch, trainer.device, trainer.dtype)
    output = trainer.forward(weights, tensors, trainer.shape, trainer.table, trainer.dtype)
    rows = weights[EMBEDDING][trainer.producible].to(trainer.dtype)
    hidden = output.hidden.flatten(0, 1).to(trainer.dtype)
    loss, plain = label_loss(hidden, rows, weights[BIAS], tensors.labels.flatten(), trainer.settings.smoothing)
    if tensors.links is None or not trainer.settings.guide:
        return Losses(loss, plain, torch.zeros_like(plain))
    return Losses(loss, plain, guide_loss(output.queries, output.keys, tensors.cross_mask, tensors.links))


def held_out_loss(trainer: Trainer, weights: Weights, held_out: Sequence[Batch]) -> float | None:
    """The plain loss per piece over batches; None without any."""
    pieces = sum(batch.target_pieces for batch in held_out)
    if not pieces:
        return None
    with torch.no_grad():
        return sum(float(compute_losses(trainer, weights, b).plain) * b.target_pieces for b in held_out) / pieces


def make_trainer(settings: RunSettings, shape: Shape, able: Sequence[int]) -> Trainer:
    """A trainer for a network of `shape` that can produce the pieces `able`. Raises `ConfigError` for an unknown type or device."""
    if settings.dtype not in ("bfloat16", "float32"):
        raise ConfigError(f"dtype {settings.dtype}: bfloat16 or float32")
    device = _device(settings.device)
    runner: Any = torch.compile(forward, dynamic=False) if settings.compile else forward
    return Trainer(
        shape,
        settings,
        torch.tensor(able, device=device),
        places(max(settings.source_width, settings.target_width), shape.width).to(device),
        device,
        getattr(torch, settings.dtype),
        runner,
    )


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ConfigError(f"device {name}: {str(error).splitlines()[0]}") from error
    return device


def _trainer(run: Path, settings: RunSettings) -> tuple[Trainer, Weights, list[int]]:
    if not (run / START).is_dir():
        raise ModelError(f"{run}: has no {START}; make it with python -m training start")
    shape = read_shape(run / START)
    weights, able = read_weights(run / START, shape)
    trainer = make_trainer(settings, shape, able)
    return trainer, {name: value.to(trainer.device).requires_grad_() for name, value in weights.items()}, able


def _hold(run: Path, settings: RunSettings) -> None:
    """Hold the settings against those that the run began with; one that has not taken a step has not begun."""
    path = run / SETTINGS
    if path.is_file() and (run / STATE).is_file():
        before = load_settings(RunSettings, path)
        changed = [name for name in _FIXED if getattr(before, name) != getattr(settings, name)]
        if changed:
            raise ConfigError(f"{path}: the run began with other values of {', '.join(changed)}; keep them, or start a new run")


def _fingerprint(data: Path) -> str:
    try:
        return hashlib.sha256((data / MANIFEST).read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(f"{data}: no {MANIFEST}; make the folder with python -m training prepare") from error


def _row(logged: Sequence[Losses], position: Position, rate: float, speed: float) -> Row:
    def mean(values: Iterator[Tensor]) -> float:
        return float(torch.stack(list(values)).mean())

    guides = [losses.guide for losses in logged if float(losses.guide)]
    return Row(
        position.step,
        position.pieces,
        mean(losses.loss for losses in logged),
        mean(losses.plain for losses in logged),
        mean(iter(guides)) if guides else 0.0,
        rate,
        speed,
    )


def _line(row: Row) -> str:
    held_out = "" if row.held_out is None else f", held out {row.held_out:.3f}"
    return (
        f"step {row.step}: loss {row.loss:.3f}, plain {row.plain:.3f}, guide {row.guide:.3f}{held_out}, "
        f"{row.pieces / 1e6:.2f} M pieces, {row.pieces_per_second:.0f} a second"
    )


@contextmanager
def _told_to_stop() -> Iterator[list[str]]:
    """A list that is empty until SIGINT or SIGTERM comes; a second SIGINT ends the program at once, as ever."""
    told: list[str] = []

    def note(number: int, _: FrameType | None) -> None:
        told.append(signal.Signals(number).name)
        signal.signal(signal.SIGINT, before[signal.SIGINT])

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, note)
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
