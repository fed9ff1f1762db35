"""``bilingual doctor``: what is installed, which engine and model would run, where things lie."""

from __future__ import annotations

import importlib.util
import platform
import sys
from pathlib import Path

import typer

EXAMPLES = "Example:\n\n  bilingual doctor"
PACKAGES = ("ctranslate2", "sentencepiece", "transformers", "torch", "typer", "jiwer", "sacrebleu", "simplemma")


def doctor() -> None:
    """Say what is installed, what would run, and whether a sentence goes through."""
    from bilingual import __version__
    from bilingual.config import find_config
    from bilingual.engines import Search, find_model, load_engine
    from bilingual.engines.models import cache_folder
    from bilingual.errors import BilingualError, ConfigError

    print(f"bilingual      {__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    for name in PACKAGES:
        print(f"{name:14} {_version(name)}")
    code = 0
    try:
        config = find_config(Path.cwd())
        print(f"configuration  {config.path or 'none (no bilingual.toml or [tool.bilingual] here or above)'}")
        checkpoint = find_model(config.model or "embedded", fetch=False)
        engine = load_engine(checkpoint)
        print(f"model          {engine.model}")
        print(f"engine         {engine.name}")
        hypothesis = engine.translate(engine.vocabulary.encode_source(["Le chat dort."]), Search())[0][0]
        print(f"test           Le chat dort. -> {engine.vocabulary.decode([hypothesis.pieces])[0]}")
    except BilingualError as error:
        print(f"{'configuration' if isinstance(error, ConfigError) else 'model':14} {error}")
        code = error.exit_code
    print(f"cache          {cache_folder()}")
    hub = importlib.util.find_spec("huggingface_hub")
    if hub:
        from huggingface_hub import constants

        print(f"hub cache      {constants.HF_HUB_CACHE}{' (offline)' if constants.HF_HUB_OFFLINE else ''}")
    if code:
        sys.stdout.flush()
        raise typer.Exit(code)


def _version(name: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed" + (
            " (only for --engine transformers and for converting hub models: [torch])" if name == "torch" else ""
        )
