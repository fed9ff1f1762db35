"""Ray on this machine. Skipped where Ray is not installed (the ``[ray]`` extra)."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from bilingual.distributed import Crew, Recipe, _parts, hired
from bilingual.document import Segment
from bilingual.engines import Engine
from bilingual.errors import EngineError
from bilingual.glossary import default_glossary
from bilingual.memory import open_memory
from bilingual.pipeline import Settings, translate_documents, translate_segments
from bilingual.reading import read_document

SETTINGS = Settings(glossary=default_glossary())


@given(st.lists(st.integers(0, 60)), st.integers(1, 9))
def test_parts_hold_everything_once_in_runs_of_about_equal_size(lengths: list[int], count: int) -> None:
    lengths.sort()
    parts = _parts(range(len(lengths)), lengths, count)
    assert sorted(i for part in parts for i in part) == list(range(len(lengths)))
    assert len(parts) <= count and all(parts)
    share = (sum(lengths) + len(lengths)) / count
    assert all(sum(lengths[i] + 1 for i in part) <= share + 61 for part in parts)


def test_without_ray_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EngineError, match=r"pip install 'bilingual-toolkit\[ray\]'"), hired(Recipe(), SETTINGS):
        pass


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    pytest.importorskip("ray", reason="needs Ray: pip install -c constraints.txt -e '.[ray]'")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with hired(Recipe(device="cpu"), SETTINGS, 2) as made:
        yield made


def seeds() -> list[Path]:
    return sorted((ROOT / "seeds").glob("*.txt"))[:2]


@pytest.mark.ray
@pytest.mark.model
def test_the_same_bytes_as_here_in_order(crew: Crew, embedded: Engine) -> None:
    documents = [read_document(path.read_bytes(), path.name) for path in seeds()]
    there = list(translate_documents(documents, crew, SETTINGS))
    assert there == list(translate_documents(documents, embedded, SETTINGS))
    assert crew.size == 2 and (crew.model, crew.name) == (embedded.model, embedded.name)


@pytest.mark.ray
@pytest.mark.model
def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(crew: Crew, embedded: Engine, tmp_path: Path) -> None:
    lines = [line for path in seeds() for line in path.read_text(encoding="utf-8").split("\n") if line]
    segments = [Segment(f"p{n}.s1", line, block="line") for n, line in enumerate(lines, 1)]
    here = list(translate_segments(segments, embedded, SETTINGS))
    import ray

    pids = [ray.get(actor.pid.remote()) for actor in crew._ready]
    finish = crew.begin(segments)
    os.kill(pids[0], signal.SIGKILL)
    assert finish() == here
    assert ray.get(crew._ready[0].pid.remote()) != pids[0]
    with open_memory(tmp_path / "m") as memory:
        assert [s.target for s in translate_segments(segments, crew, SETTINGS, memory)] == [s.target for s in here]
        again = list(translate_segments(segments, crew, SETTINGS, memory))
    assert {s.origin for s in again} <= {"memory", "copied"}


@pytest.mark.ray
def test_a_model_that_is_not_there_is_said_in_one_line() -> None:
    pytest.importorskip("ray", reason="needs Ray: pip install -c constraints.txt -e '.[ray]'")
    import subprocess
    import sys

    code = "from bilingual.distributed import *\nfrom bilingual.pipeline import Settings\n"
    code += "with hired(Recipe('nowhere'), Settings(), 1): pass"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 1 and "EngineError" in done.stderr and "nowhere: no such model" in done.stderr, done.stderr
