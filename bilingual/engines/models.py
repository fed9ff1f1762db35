"""Where models come from: the one in the package, the Hugging Face hub, or a folder.

A hub model is named ``org/name`` or ``org/name@revision``. It is fetched once into the hub's own cache (``HF_HOME``,
``HF_HUB_OFFLINE`` and the others hold) and converted once to CTranslate2, int8, into this tool's cache
(``BILINGUAL_CACHE_DIR``, else the platform's). Nothing from a model folder is ever executed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from bilingual.engines.engine import STOCK, Abilities, Engine
from bilingual.errors import ModelError

EMBEDDED = "embedded"
PRESETS = {
    "opus": "Helsinki-NLP/opus-mt-fr-en",
    "opus-big": "Helsinki-NLP/opus-mt-tc-big-fr-en",
}
"""Short names of well-known French-English checkpoints on the hub."""

EngineName = Literal["auto", "ctranslate2", "transformers"]
Note = Callable[[str], None]

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+(@[\w./-]+)?")
_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_FETCHED = ["*.json", "*.spm", *_WEIGHTS]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model on this machine: ``hf`` and ``ct2`` are its folders in either form (None where it has no such form yet)."""

    name: str
    revision: str
    hf: Path | None
    ct2: Path | None
    abilities: Abilities = STOCK

    @property
    def signature(self) -> str:
        """Name and revision, as outputs carry them.

        >>> Checkpoint("Helsinki-NLP/opus-mt-fr-en", "0123456789abcdef", None, None).signature
        'Helsinki-NLP/opus-mt-fr-en@0123456789ab'
        """
        return f"{self.name}@{self.revision[:12]}"


def cache_folder() -> Path:
    """Where converted models are kept; not made until something is written to it."""
    named = os.environ.get("BILINGUAL_CACHE_DIR")
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("bilingual")


def embedded_folder() -> Path:
    """The folder in the package that holds the embedded model (``hf/`` and ``ct2/``)."""
    return Path(str(files("bilingual"))) / "model"


def find_model(model: str = EMBEDDED, *, fetch: bool = True, note: Note = lambda _: None) -> Checkpoint:
    """The checkpoint that `model` names: ``embedded``, a preset, a hub id with optional ``@revision``, or a local folder.

    With `fetch`, a hub model that is not in the hub's cache is downloaded (unless ``HF_HUB_OFFLINE`` is set). `note` is told what
    takes time. Raises `ModelError` saying what to do when the model is not to be had.
    """
    if model == EMBEDDED:
        return _local(embedded_folder(), EMBEDDED)
    folder = Path(model).expanduser()
    if folder.is_dir():
        return _local(folder, folder.resolve().name)
    name = PRESETS.get(model, model)
    if not _HUB_ID.fullmatch(name):
        raise ModelError(
            f"{model}: no such model; give 'embedded', one of {', '.join(PRESETS)}, a hub id such as {PRESETS['opus']}, or a folder"
        )
    return _from_hub(name, fetch=fetch, note=note)


def load_engine(
    checkpoint: Checkpoint,
    engine: EngineName = "auto",
    *,
    device: str = "auto",
    threads: int = 0,
    note: Note = lambda _: None,
) -> Engine:
    """Load `checkpoint` into an engine; ``auto`` is CTranslate2, converting the checkpoint first where that was not done yet.

    A folder that holds a CTranslate2 model alone cannot be run by ``transformers``. Raises `ModelError`.
    """
    if engine == "transformers":
        if checkpoint.hf is None:
            raise ModelError(f"{checkpoint.name}: a CTranslate2 folder; the transformers engine needs the Hugging Face form")
        from bilingual.engines.transformers import TransformersEngine

        return TransformersEngine(
            checkpoint.hf, checkpoint.signature, abilities=checkpoint.abilities, device=device, threads=threads
        )
    from bilingual.engines.ctranslate2 import CTranslate2Engine

    folder = checkpoint.ct2 or convert(checkpoint, note=note)
    longest = _max_positions(checkpoint.hf) - 2
    return CTranslate2Engine(
        folder, checkpoint.signature, abilities=checkpoint.abilities, device=device, threads=threads, max_source_pieces=longest
    )


def convert(checkpoint: Checkpoint, into: Path | None = None, *, note: Note = lambda _: None) -> Path:
    """Convert the Hugging Face form of `checkpoint` to CTranslate2, int8, with its shortlist; give the folder.

    `into` defaults to a folder of the cache that is named after model, revision and converter, and reused when it is there. The
    folder appears whole or not at all. Raises `ModelError` without the ``[torch]`` extra, which the conversion needs.
    """
    if checkpoint.hf is None:
        raise ModelError(f"{checkpoint.name}: nothing to convert")
    version = metadata.version("ctranslate2")
    label = re.sub(r"[^\w.-]+", "--", checkpoint.name)
    folder = into or cache_folder() / "ctranslate2" / f"{label}-{checkpoint.revision[:12]}-int8-{version}"
    if into is None and (folder / "model.bin").is_file():
        return folder
    try:
        import torch  # noqa: F401
        from ctranslate2.converters import TransformersConverter
    except ImportError as error:
        raise ModelError(
            f"{checkpoint.name}: converting it to CTranslate2 needs PyTorch, once: pip install 'bilingual-toolkit[torch]'"
        ) from error
    note(f"converting {checkpoint.signature} to CTranslate2 int8, once")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".converting-") as scratch:
            made = Path(scratch) / "model"
            _quiet_conversion(TransformersConverter, checkpoint.hf, made)
            _write_shortlist(checkpoint.hf, made)
            if folder.exists():
                shutil.rmtree(folder)
            made.rename(folder)
    except OSError as error:
        raise ModelError(f"{folder}: the converted model cannot be written ({error.strerror or error})") from error
    except (ValueError, RuntimeError, KeyError) as error:
        raise ModelError(f"{checkpoint.name}: CTranslate2 cannot convert this checkpoint ({error})") from error
    return folder


def _quiet_conversion(converter: Any, source: Path, target: Path) -> None:
    import warnings

    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        converter(str(source), copy_files=["source.spm", "target.spm"]).convert(str(target), quantization="int8", force=True)


def _write_shortlist(hf: Path, ct2: Path) -> None:
    """Cut the output layer down to the pieces that the model can produce, where it says so by a bias of minus infinity, in effect.

    CTranslate2 reads a file of lines ``words of the source<TAB>pieces``; a line without words holds for every sentence. For the
    embedded model this leaves 12,196 of 20,315 rows of the largest matrix of a decoding step, and the same output.
    """
    from bilingual.engines.ctranslate2 import SHORTLIST

    weights = hf / "model.safetensors"
    if not weights.is_file():
        return
    from safetensors import safe_open

    with safe_open(str(weights), framework="pt") as tensors:
        if "final_logits_bias" not in tensors.keys():  # noqa: SIM118 - not a dict
            return
        bias = tensors.get_tensor("final_logits_bias").flatten().float().tolist()
    pieces: list[str] = json.loads((ct2 / "shared_vocabulary.json").read_text(encoding="utf-8"))
    kept = [piece for piece, value in zip(pieces, bias, strict=False) if value > -1000]
    if len(kept) < len(pieces):
        (ct2 / SHORTLIST).write_text("\t" + " ".join(kept) + "\n", encoding="utf-8")


def _from_hub(name: str, *, fetch: bool, note: Note) -> Checkpoint:
    repository, _, revision = name.partition("@")
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    wanted: dict[str, Any] = {"revision": revision or None, "allow_patterns": _FETCHED}
    try:
        found = snapshot_download(repository, local_files_only=True, **wanted)
        complete = _has_weights(Path(found))
    except (LocalEntryNotFoundError, OSError, ValueError):
        complete = False
    if not complete:
        missing = f"{name}: not in the hub cache ({constants.HF_HUB_CACHE})"
        if not fetch or constants.HF_HUB_OFFLINE:
            raise ModelError(f"{missing}, and offline; with a network: bilingual models fetch {name}")
        note(f"fetching {name} from the hub")
        try:
            found = snapshot_download(repository, **wanted)
        except (RepositoryNotFoundError, RevisionNotFoundError) as error:
            raise ModelError(f"{name}: the hub knows no such model or revision") from error
        except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
            raise ModelError(
                f"{missing}, and the hub cannot be reached; fetch it where there is a network (bilingual models fetch {name}) and"
                " copy the hub cache here, or give the model's folder to --model"
            ) from error
        if not _has_weights(Path(found)):
            raise ModelError(f"{name}: no Marian weights in this repository (neither {' nor '.join(_WEIGHTS)})")
    folder = Path(found)
    _check_marian(folder, name)
    return Checkpoint(repository, folder.name, folder, None, _abilities(folder))


def _local(folder: Path, name: str) -> Checkpoint:
    hf, ct2 = folder, folder
    if (folder / "hf").is_dir() or (folder / "ct2").is_dir():
        hf, ct2 = folder / "hf", folder / "ct2"
    has_hf, has_ct2 = _has_weights(hf), (ct2 / "model.bin").is_file()
    if not (has_hf or has_ct2):
        raise ModelError(
            f"{folder}: no model here; looked for {', '.join(_WEIGHTS)} (Hugging Face Marian) and model.bin (CTranslate2)"
        )
    if has_hf:
        _check_marian(hf, str(folder))
    revision = _revision(hf if has_hf else ct2)
    return Checkpoint(name, revision, hf if has_hf else None, ct2 if has_ct2 else None, _abilities(hf if has_hf else ct2))


def _has_weights(folder: Path) -> bool:
    return any((folder / weights).is_file() for weights in _WEIGHTS)


def _check_marian(folder: Path, name: str) -> None:
    kind = _json(folder / "config.json").get("model_type")
    if kind != "marian":
        raise ModelError(f"{name}: a Marian checkpoint is needed, and config.json says {kind!r}")


def _abilities(folder: Path) -> Abilities:
    path = folder / "bilingual.json"
    if not path.is_file():
        return STOCK
    declared = _json(path)
    tags = declared.get("annotated_terms") or {}
    try:
        return Abilities(
            placeholders=tuple(str(p) for p in declared.get("placeholders", ())),
            annotation=(str(tags["open"]), str(tags["as"]), str(tags["close"])) if tags else None,
            aligner="alignment_head" in declared,
            longest=int(declared.get("longest", STOCK.longest)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: unusable ({error!r})") from error


def _max_positions(folder: Path | None) -> int:
    # A CTranslate2 folder does not say; 512 is what every published Marian checkpoint has.
    return int(_json(folder / "config.json").get("max_position_embeddings", 512)) if folder else 512


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: not there or not readable as JSON") from error
    if not isinstance(value, dict):
        raise ModelError(f"{path}: not a JSON object")
    return value


@lru_cache(maxsize=8)
def _revision(folder: Path) -> str:
    """What stands for a folder's revision: a hash of its weights, kept beside the embedded ones so that start-up need not read them."""
    written = folder / "REVISION"
    if written.is_file():
        return written.read_text(encoding="ascii").strip()
    for name in (*_WEIGHTS, "model.bin"):
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    raise ModelError(f"{folder}: no weights")
