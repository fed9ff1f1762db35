"""What a step is told: one frozen dataclass each, written as JSON beside what the step makes, read back strictly."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from bilingual.errors import ConfigError

Made = TypeVar("Made")

_FROM_ONE = frozenset(
    "shards longest linked rounds rows source_width target_width accumulate log_every save_every snapshot_every snapshots "
    "width heads feed_forward encoder_layers decoder_layers pieces".split()
)
_SHARES = frozenset("kept_out floor smoothing averaging".split())


@dataclass(frozen=True, slots=True)
class Mixture:
    """How often the lessons of `training.augmentation` are given, as shares of the sentences where each is possible.

    ``annotated`` and ``placeholders`` exclude each other and the rest; ``names`` and ``figures`` may come together, and so may the
    slips of spelling after them. ``singular``: plural renderings of annotated terms that are given in the singular.
    """

    annotated: float = 0.14
    singular: float = 0.5
    placeholders: float = 0.07
    names: float = 0.3
    figures: float = 0.5
    title: float = 0.03
    capitals: float = 0.012
    small: float = 0.008
    accents: float = 0.02
    stops: float = 0.02
    apostrophes: float = 0.4


@dataclass(frozen=True, slots=True)
class PrepareSettings:
    """What `training.prepare` is told.

    ``shards``: files that the pairs are dealt out to; ``longest``: words on one side at most; ``kept_out``: share of the pairs that
    never come into a shard and measure what the model can do; ``linked``: pairs that the word aligner learns from; ``rounds``: of
    expectation maximisation; ``weights``: how often a pair is drawn, against the others, from the quarter
    least like the wanted French to the most.
    """

    seed: int = 1
    shards: int = 16
    longest: int = 60
    kept_out: float = 0.001
    linked: int = 100_000
    rounds: int = 5
    weights: tuple[float, ...] = (0.3, 0.8, 1.5, 3.0)


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What `training.train` is told.

    A batch is ``rows`` rows of ``source_width`` and ``target_width`` pieces, ``accumulate`` batches make a step. ``rate`` is the peak
    for AdamW, ``muon_rate`` for the matrices (0: AdamW takes them too); ``warm_up`` steps rise, the last ``decay`` of ``steps`` fall to
    ``floor`` of the peak. ``smoothing``: of labels; ``guide``: weight of the guided alignment; ``averaging``: decay of the
    exponential average; ``clip``: norm of the gradient. ``dtype``: of matrix products; ``compile``: through torch.compile.
    ``threads``: processor cores of the products, 0 for all; ``workers``: processes that make the batches of the next shards.
    ``log_every`` and ``save_every`` and ``snapshot_every`` count steps, ``save_seconds`` caps what a kill can cost; ``snapshots`` are
    kept for `training.averaging`.
    """

    data: str = "data"
    seed: int = 1
    steps: int = 4000
    rows: int = 32
    source_width: int = 128
    target_width: int = 112
    accumulate: int = 2
    rate: float = 7e-4
    muon_rate: float = 1e-3
    warm_up: int = 60
    decay: int = 1500
    floor: float = 0.05
    smoothing: float = 0.1
    guide: float = 0.1
    averaging: float = 0.998
    clip: float = 1.0
    dtype: str = "bfloat16"
    device: str = "cpu"
    compile: bool = False
    threads: int = 0
    workers: int = 0
    log_every: int = 20
    save_every: int = 500
    save_seconds: float = 600.0
    snapshot_every: int = 500
    snapshots: int = 5
    mixture: Mixture = field(default_factory=Mixture)


def save_settings(settings: Any, path: Path) -> None:
    """Write a settings dataclass as JSON, one key a line, keys in the order of the fields."""
    path.write_text(json.dumps(asdict(settings), indent=1) + "\n", encoding="utf-8")


def load_settings(kind: type[Made], path: Path) -> Made:
    """Read what `save_settings` wrote. Raises `ConfigError` where the file is not there, or has an unknown key."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: not there or not readable as JSON") from error
    return settings_from(kind, values, str(path))


def settings_from(kind: type[Made], values: dict[str, Any], place: str) -> Made:
    """A settings dataclass from the values of JSON; lists become tuples, and the mixture a `Mixture`.

    >>> settings_from(PrepareSettings, {"weights": [1.0, 2.0]}, "x.json").weights
    (1.0, 2.0)
    >>> settings_from(RunSettings, {"stepz": 3}, "x.json")
    Traceback (most recent call last):
    bilingual.errors.ConfigError: x.json: unknown settings: stepz
    >>> settings_from(RunSettings, {"steps": "many"}, "x.json")
    Traceback (most recent call last):
    bilingual.errors.ConfigError: x.json: steps 'many': not like 4000
    >>> settings_from(RunSettings, {"rows": 0}, "x.json")
    Traceback (most recent call last):
    bilingual.errors.ConfigError: x.json: rows 0: must be 1 at least
    """
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(values.keys() - known)
    if unknown:
        raise ConfigError(f"{place}: unknown settings: {', '.join(unknown)}")
    ready = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    mixture = values.get("mixture")
    if isinstance(mixture, dict):
        ready["mixture"] = settings_from(Mixture, mixture, f"{place}, mixture")
    made = kind(**ready)
    for name in ready:
        _hold(getattr(kind(), name), getattr(made, name), f"{place}: {name}")
        _bound(getattr(made, name), name in _FROM_ONE, name in _SHARES or isinstance(made, Mixture), f"{place}: {name}")
    return made


def _bound(value: Any, from_one: bool, share: bool, place: str) -> None:
    """Raise `ConfigError` for a number that means nothing: below 0 or 1, no number at all, or a share above 1."""
    for number in value if isinstance(value, tuple) else (value,):
        if isinstance(number, int | float) and not int(from_one) <= number <= (1 if share else float("inf")):
            raise ConfigError(f"{place} {number!r}: must be {'between 0 and 1' if share else f'{int(from_one)} at least'}")


def _hold(default: Any, value: Any, place: str) -> None:
    """Raise `ConfigError` where `value` is not of the kind of `default`: whole numbers pass for others, truth values for none."""
    wanted = (int, float) if isinstance(default, float) else type(default)
    fits = isinstance(value, wanted) and isinstance(value, bool) == isinstance(default, bool)
    if fits and isinstance(default, tuple):
        fits = bool(value) and all(isinstance(one, int | float) and not isinstance(one, bool) for one in value)
    if not fits:
        raise ConfigError(f"{place} {value!r}: not like {default!r}")
