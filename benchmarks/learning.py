"""How fast the recipe trains the embedded model: target pieces a second of processor time, and memory, for each type of products.

    python benchmarks/learning.py DATA                        # a folder made by python -m training prepare; two minutes on one core
    python benchmarks/learning.py DATA --dtype bfloat16 --compile

Processor time of all threads is what is counted, so that other work on the machine matters less; elapsed time stands beside it. A step
is two batches with the settings' own lessons; lessons, pieces and packing are timed apart. Two steps go before the clock starts.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import ROOT, Company, describe, peak_memory, say_machine, table


def measure(data: Path, dtype: str, compiled: bool, steps: int, threads: int) -> dict[str, Any]:
    """One row of the table; called in a process of its own, so that its peak memory is its own."""
    sys.path.insert(0, str(ROOT))
    import torch

    from bilingual.engines.models import embedded_folder
    from training.feed import Feed, shard_batches
    from training.model import read_shape, read_weights
    from training.optimizers import make_optimizers
    from training.packing import fill
    from training.pieces import read_pieces
    from training.prepare import read_manifest
    from training.settings import RunSettings
    from training.start import start_from
    from training.train import START, make_trainer, step

    torch.set_num_threads(threads)
    settings = RunSettings(dtype=dtype, compile=compiled)
    with tempfile.TemporaryDirectory() as scratch:
        start_from(Path(scratch), embedded_folder() / "hf")
        folder = Path(scratch) / START
        shape = read_shape(folder)
        weights, able = read_weights(folder, shape)
        feed = Feed(data, settings, read_pieces(folder, able))
    began = time.process_time()
    made = shard_batches(feed, data / read_manifest(data)["shards"][0]["file"], 0)
    took = time.process_time() - began
    pieces = sum(len(example.target) + 1 for batch in made for row in batch for example in row)
    groups = [made[i : i + settings.accumulate] for i in range(0, len(made), settings.accumulate)][: steps + 2]
    if len(groups) < steps + 2:
        raise SystemExit(f"{data}: {len(groups)} steps in the first shard, {steps + 2} are needed (--steps)")
    ready = [[fill(rows, feed.shape, feed.pieces.end, feed.pieces.start) for rows in group] for group in groups]
    trainer = make_trainer(settings, shape, able)
    weights = {name: value.requires_grad_() for name, value in weights.items()}
    optimizers = make_optimizers(weights, 1e-5, 1e-5)
    for group in ready[:2]:
        step(trainer, weights, optimizers, group, 1.0)
    clock, elapsed = time.process_time(), time.perf_counter()
    for group in ready[2:]:
        step(trainer, weights, optimizers, group, 1.0)
    trained = sum(batch.target_pieces for group in ready[2:] for batch in group)
    return {
        "prepared": pieces / took,
        "processor": trained / (time.process_time() - clock),
        "elapsed": trained / (time.perf_counter() - elapsed),
        "megabytes": peak_memory(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder made by python -m training prepare")
    parser.add_argument("--dtype", choices=("bfloat16", "float32"), help="one type alone")
    parser.add_argument("--compile", action="store_true", help="through torch.compile")
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    machine, company = describe(), Company()
    start = multiprocessing.get_context("spawn")
    rows = []
    for dtype in [arguments.dtype] if arguments.dtype else ["bfloat16", "float32"]:
        with start.Pool(1) as pool:
            found = pool.apply(measure, (arguments.data, dtype, arguments.compile, arguments.steps, arguments.threads))
        rows.append([dtype, *(f"{found[key]:,.0f}" for key in ("processor", "elapsed", "prepared", "megabytes"))])
    say_machine(machine)
    print(f"{arguments.steps} steps, {arguments.threads} threads{', compiled' if arguments.compile else ''}.\n")
    print(table(["products", "target pieces a second of processor time", "elapsed", "lessons and packing", "peak MB"], rows))
    company.say()


if __name__ == "__main__":
    main()
