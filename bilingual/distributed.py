"""The same pipeline on several machines: Ray actors, each with an engine of its own, behind `translate_segments` as it is.

    driver: reads, remembers, writes        window ── sorted by length, cut into parts ──> worker ── engine
                                               └──────── put back in order <──────────────── worker ── engine

What a sentence becomes does not depend on what it is translated with, so that a window may be cut in any way: by length, since workers
batch sentences of one length. Files are read and written where the command runs; a worker sees sentences and nothing else. A worker that
dies is started again and given its part again.

Actors of Ray's core, not Ray Data: an engine has to stay loaded, order and whole articles matter, and rows of strings gain nothing from
Arrow, whose libraries are twice as large as all of this tool.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bilingual import __version__
from bilingual.document import Segment
from bilingual.engines import Engine, find_model, load_engine
from bilingual.engines.models import EngineName
from bilingual.errors import EngineError
from bilingual.memory.keys import rules
from bilingual.pipeline import Settings, translate_segments

PARTS = 2
"""Parts of a window for each worker: one to work at, one waiting, so that none is idle."""

RESTARTS = 3
"""How often a worker that died is started again, and its part tried again."""

PATIENCE = 300.0
"""Seconds to wait for the first worker: its machine may have to be started, and its model to be fetched."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a worker loads: the arguments of `find_model` and `load_engine`. ``threads``: processor cores of one worker."""

    model: str = "embedded"
    engine: EngineName = "auto"
    device: str = "auto"
    threads: int = 1


class Crew:
    """Workers that translate windows together; see `bilingual.pipeline.Crew` for the contract. Made by `hired`."""

    model: str
    name: str
    size: int

    def __init__(self, ray: Any, actors: Sequence[Any], settings: Settings, say: Say):
        """Wait for the first worker. Raises `EngineError` where it cannot work, or none comes."""
        self._settings = [ray.put(settings)]  # in a list: a reference, which a worker follows once
        self._ray = ray
        self._waiting = {actor.describe.remote(): actor for actor in actors}
        self._ready: list[Any] = []
        self._load: dict[Any, int] = {}
        self._say = say
        self._described: tuple[str, str, str] | None = None
        self._welcome(PATIENCE)
        if self._described is None:
            raise EngineError(f"Ray has no room for a worker, or none came within {PATIENCE:.0f} seconds (ray status says more)")
        self.model, self.name, _ = self._described
        self.size = len(actors)

    def begin(self, window: Sequence[Segment]) -> Callable[[], list[Segment]]:
        """Have `window` translated; what comes back waits for it. Raises `EngineError` where workers keep dying."""
        self._welcome(0)
        order = sorted(range(len(window)), key=lambda i: len(window[i].source))
        running = []
        for part in _parts(order, [len(window[i].source) for i in order], PARTS * len(self._ready)):
            actor = min(self._ready, key=lambda a: self._load[a])
            self._load[actor] += 1
            running.append((part, actor, actor.translate.remote([window[i] for i in part], self._settings)))

        def finish() -> list[Segment]:
            done: list[Segment | None] = [None] * len(window)
            for part, actor, reference in running:
                for i, segment in zip(part, self._get(reference), strict=True):
                    done[i] = segment
                self._load[actor] -= 1
            return [segment for segment in done if segment is not None]

        return finish

    def _welcome(self, patience: float) -> None:
        """Take those that are ready into the crew; wait for one where there is none."""
        while self._waiting:
            ready, _ = self._ray.wait(list(self._waiting), timeout=patience if not self._ready else 0)
            if not ready:
                return
            for reference in ready:
                actor = self._waiting.pop(reference)
                described = self._get(reference)
                if self._described not in (None, described):
                    self._say(f"a worker is left out: it has {' '.join(described)}, the first {' '.join(self._described or ())}")
                    continue
                self._described = described
                self._ready.append(actor)
                self._load[actor] = 0

    def _get(self, reference: Any) -> Any:
        from ray.exceptions import RayError

        try:
            return self._ray.get(reference)
        except RayError as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, EngineError):
                raise type(cause)(str(cause)) from error
            first = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
            raise EngineError(f"a Ray worker could not go on ({first.strip()})") from error


@contextmanager
def hired(recipe: Recipe, settings: Settings, workers: int = 0, say: Say = lambda _: None) -> Iterator[Crew]:
    """A crew on the cluster that ``RAY_ADDRESS`` names, else on this machine, let go at the end.

    `workers`: how many, 0 for as many as there are cores (by ``recipe.threads``), or GPUs with ``device="cuda"``. Raises `EngineError`
    without Ray, and where workers cannot work.
    """
    try:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
        import ray
    except ImportError as error:
        raise EngineError("--on ray needs Ray: pip install 'bilingual-toolkit[ray]' here and on every machine") from error
    _connect(ray)
    try:
        gpus = recipe.device == "cuda"
        there = ray.cluster_resources()
        count = workers or max(1, int(there.get("GPU", 0) if gpus else there.get("CPU", 1) / recipe.threads))
        made = ray.remote(_Worker).options(
            num_cpus=0 if gpus else recipe.threads,
            num_gpus=1 if gpus else 0,
            max_restarts=RESTARTS,
            max_task_retries=RESTARTS,
        )
        crew = Crew(ray, [made.remote(recipe) for _ in range(count)], settings, say)
        say(f"Ray: {count} worker{'s' if count > 1 else ''}, {crew.model} on {crew.name}")
        yield crew
    finally:
        ray.shutdown()


class _Worker:
    """An engine on a machine of the cluster."""

    def __init__(self, recipe: Recipe):
        checkpoint = find_model(recipe.model)
        self._engine: Engine = load_engine(checkpoint, recipe.engine, device=recipe.device, threads=recipe.threads)
        self._settings: Settings | None = None

    def describe(self) -> tuple[str, str, str]:
        return self._engine.model, self._engine.name, f"{__version__} ({rules()})"

    def pid(self) -> int:
        return os.getpid()

    def translate(self, segments: list[Segment], settings: list[Any]) -> list[Segment]:
        if self._settings is None:
            import ray

            self._settings = ray.get(settings[0])
        return list(translate_segments(segments, self._engine, self._settings or Settings()))


def _connect(ray: Any) -> None:
    import logging

    quiet = {"log_to_driver": False, "logging_level": logging.ERROR, "configure_logging": True}
    try:
        if os.environ.get("RAY_ADDRESS"):
            ray.init(**quiet)
        else:
            cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
            ray.init(address="local", num_cpus=cores, include_dashboard=False, object_store_memory=200_000_000, **quiet)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise EngineError(f"Ray cannot be reached ({first}); see RAY_ADDRESS") from error


def _parts(order: Sequence[int], lengths: Sequence[int], count: int) -> list[list[int]]:
    """`order` cut into at most `count` runs of about equal length in letters, the longest sentences first.

    >>> _parts([2, 0, 1, 3], [1, 1, 2, 4], 2)
    [[3], [2, 0, 1]]
    """
    share = max(1, sum(lengths) + len(lengths)) / count
    parts: list[list[int]] = [[]]
    filled, end = 0.0, share
    for index, length in zip(order, lengths, strict=True):
        if parts[-1] and filled + (length + 1) / 2 > end:
            parts.append([])
            end += share
        parts[-1].append(index)
        filled += length + 1
    return [part for part in reversed(parts) if part]
