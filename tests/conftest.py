from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from bilingual.engines import Engine, find_model, load_engine

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.register_profile("fixed", deadline=None, derandomize=True)  # the same examples each time: for a verdict on a change
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "untimed"))

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def embedded() -> Engine:
    """The embedded model in the default engine."""
    return load_engine(find_model(), "ctranslate2", device="cpu", threads=2)


@pytest.fixture(scope="session")
def reference_engine() -> Engine:
    """The embedded model in transformers; skips where torch is not installed."""
    pytest.importorskip("torch")
    return load_engine(find_model(), "transformers", device="cpu", threads=2)


@pytest.fixture(autouse=True)
def _own_places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the caches of the person who runs it, and none reaches a network."""
    monkeypatch.setenv("BILINGUAL_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "110")
