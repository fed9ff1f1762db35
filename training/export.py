"""From a run to a model folder that the tool loads: Hugging Face float16 in ``hf/``, CTranslate2 int8 in ``ct2/``, a card.

``bilingual translate --model FOLDER`` runs it, ``scripts/embed_model.py FOLDER/hf`` puts it into the package.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bilingual.engines import find_model
from bilingual.engines.models import convert
from bilingual.errors import ModelError, OutputError
from training.averaging import AVERAGE, steps_done
from training.card import write_card
from training.curves import read_rows
from training.model import BIAS, EMBEDDING, full_bias, read_shape, read_weights
from training.prepare import read_manifest
from training.settings import RunSettings, load_settings
from training.state import read_average
from training.train import SETTINGS, START

ABOUT = "training.json"
"""How an exported model was made: settings, where the run was, what the weights are, what the data were."""


def export(run: Path, folder: Path, say: Callable[[str], None]) -> Path:
    """Write the model of `run` into `folder`, from ``average.safetensors`` where `training.averaging` made one, else from the
    exponential average; gives `folder`. It appears whole or not at all. Raises `OutputError`, `ModelError`.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder}: is there already; remove it or name another one")
    weights, of = _chosen(run)
    work = folder.with_name(folder.name + ".part")
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(run / START, work / "hf")
    write_checkpoint(work / "hf", weights)
    say("converting to CTranslate2 int8")
    convert(find_model(str(work / "hf")), work / "ct2")
    (work / ABOUT).write_text(json.dumps(_about(run, of), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    write_card(work)
    if folder.exists():
        folder.rmdir()
    work.rename(folder)
    return folder


def write_checkpoint(folder: Path, weights: dict[str, Tensor]) -> None:
    """Put `weights` in place of those of a Marian folder, in float16, with a ``REVISION`` that is their hash."""
    from safetensors.torch import save_file

    shape = read_shape(folder)
    _, able = read_weights(folder, shape)
    if weights[EMBEDDING][shape.start].any():
        raise ModelError(f"{folder}: the start embedding is not zero: CTranslate2 would start from another one")
    stored = {name: value.half().contiguous() for name, value in weights.items() if name != BIAS}
    stored["final_logits_bias"] = full_bias(weights[BIAS], torch.tensor(able), len(weights[EMBEDDING])).half()
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8")) | {"dtype": "float16"}
    path.write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    revision = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    (folder / "REVISION").write_text(revision + "\n", encoding="ascii")


def _chosen(run: Path) -> tuple[dict[str, Tensor], str]:
    path = run / AVERAGE
    if not path.is_file():
        return read_average(run), "exponential average"
    from safetensors import safe_open
    from safetensors.torch import load_file

    with safe_open(str(path), framework="pt") as file:
        of, step = file.metadata()["of"], file.metadata().get("step")
    if step is not None and int(step) != steps_done(run):
        raise ModelError(
            f"{path}: was made before the run went on to step {steps_done(run)}; average again, or remove it for the exponential average"
        )
    return load_file(path), of


def _about(run: Path, of: str) -> dict[str, Any]:
    settings = load_settings(RunSettings, run / SETTINGS)
    rows = read_rows(run)
    about: dict[str, Any] = {"weights": of, "steps": rows[-1].step, "target_pieces": rows[-1].pieces} if rows else {"weights": of}
    about["settings"] = {key: value for key, value in asdict(settings).items() if key != "data"}  # a path says nothing elsewhere
    try:
        manifest = read_manifest(Path(settings.data))
    except OutputError:
        return about
    kept = ("pairs", "linked", "with_terms", "weights", "sources", "held_out", "like")
    return about | {"data": {key: manifest[key] for key in kept}}
