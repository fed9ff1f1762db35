from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bilingual.document import Segment
from bilingual.engines import Engine, Search, find_model, load_engine
from bilingual.engines.engine import same_length_batches
from bilingual.engines.models import EMBEDDED, convert, embedded_folder
from bilingual.errors import ModelError
from bilingual.pipeline import translate_segments

SENTENCES = [
    "Le supercalculateur est prêt.",
    "La société a levé 6 milliards de dollars pour construire un centre de données.",
    "Où va-t-on ?",
    "Le projet <r0> sera en ligne dans quelques mois.",
    "Les ingénieurs refroidissent les puces par liquide.",
    "Il pleut.",
    "Le PDG a répondu aux questions des journalistes.",
    "Les travaux commenceront au printemps, selon la mairie.",
]


def texts(engine: Engine, sentences: list[str], search: Search = Search()) -> list[str]:
    found = engine.translate(engine.vocabulary.encode_source(sentences), search)
    return engine.vocabulary.decode([hypotheses[0].pieces for hypotheses in found])


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The embedded checkpoint laid out as a hub cache; gives ``org/name@revision``."""
    revision = "0123456789abcdef0123456789abcdef01234567"
    snapshot = tmp_path / "hub" / "models--acme--marian-fr-en" / "snapshots" / revision
    snapshot.parent.mkdir(parents=True)
    snapshot.symlink_to(embedded_folder() / "hf", target_is_directory=True)
    references = snapshot.parent.parent / "refs"
    references.mkdir()
    (references / "main").write_text(revision)
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return f"acme/marian-fr-en@{revision}"


@pytest.mark.model
def test_a_translation_does_not_depend_on_its_neighbours(embedded: Engine) -> None:
    sources = embedded.vocabulary.encode_source(SENTENCES * 9)
    alone = [embedded.translate([source], Search())[0] for source in sources[: len(SENTENCES)]]
    for seed in range(3):
        order = list(range(len(sources)))
        random.Random(seed).shuffle(order)
        together = embedded.translate([sources[i] for i in order], Search())
        for index, hypotheses in zip(order, together, strict=True):
            assert hypotheses == alone[index % len(SENTENCES)]  # pieces and scores, to the last bit


@pytest.mark.model
def test_n_best_and_attention_have_their_shapes(embedded: Engine) -> None:
    [source] = embedded.vocabulary.encode_source(["Le supercalculateur est prêt."])
    [hypotheses] = embedded.translate([source], Search(beam=4, n_best=3, links=True))
    assert len(hypotheses) == 3
    assert [h.score for h in hypotheses] == sorted((h.score for h in hypotheses), reverse=True)
    for hypothesis in hypotheses:
        assert hypothesis.attention is not None
        assert len(hypothesis.attention) == len(hypothesis.pieces)
        assert all(len(row) == len(source) + 1 and abs(sum(row) - 1) < 0.01 for row in hypothesis.attention)


@pytest.mark.model
def test_coverage_is_the_sum_of_the_attention(embedded: Engine) -> None:
    sources = embedded.vocabulary.encode_source(SENTENCES)
    found = embedded.translate(sources, Search(links=True, coverage=True))
    alone = embedded.translate(sources, Search(coverage=True))
    for source, (hypothesis, *_), (other, *_) in zip(sources, found, alone, strict=True):
        assert hypothesis.attention is not None and hypothesis.coverage is not None
        assert np.allclose(np.sum(hypothesis.attention, axis=0), hypothesis.coverage)
        assert len(hypothesis.coverage) == len(source) + 1
        assert other == replace(hypothesis, attention=None)


@pytest.mark.model
def test_the_score_is_the_mean_log_probability_with_its_end(embedded: Engine) -> None:
    sources = embedded.vocabulary.encode_source(SENTENCES)
    found = [hypotheses[0] for hypotheses in embedded.translate(sources, Search())]
    scored = embedded.score(sources, [h.pieces for h in found])
    assert [h.score for h in found] == pytest.approx(scored, abs=2e-3)


@pytest.mark.model
def test_a_forced_prefix_is_obeyed(embedded: Engine) -> None:
    sources = embedded.vocabulary.encode_source(SENTENCES[:2])
    prefixes = embedded.vocabulary.encode_target(["The big", "A firm"])
    found = embedded.translate(sources, Search(), prefixes)
    assert [list(h[0].pieces[: len(p)]) for h, p in zip(found, prefixes, strict=True)] == prefixes


@pytest.mark.model
def test_text_that_is_forced_is_spelled_with_pieces_that_can_be_produced(embedded: Engine) -> None:
    weights = json.loads((embedded_folder() / "ct2" / "shared_vocabulary.json").read_text(encoding="utf-8"))
    shortlist = set((embedded_folder() / "ct2" / "vmap.txt").read_text(encoding="utf-8").split())
    assert 10_000 < len(shortlist) < len(weights)
    for text in ("The supercomputer supercalculateur and the gigafactory", "Zuckerberg, Grokaz & Co.", "1,234.5% of “it”"):
        assert set(embedded.vocabulary.encode_target([text])[0]) <= shortlist | {"<unk>"}


@pytest.mark.model
@pytest.mark.torch
def test_both_engines_search_alike(embedded: Engine, reference_engine: Engine) -> None:
    ours, theirs = texts(embedded, SENTENCES), texts(reference_engine, SENTENCES)
    assert sum(a == b for a, b in zip(ours, theirs, strict=True)) >= len(SENTENCES) - 2  # int8 moves near ties
    sources = reference_engine.vocabulary.encode_source(SENTENCES)
    found = [h[0] for h in reference_engine.translate(sources, Search(links=True))]
    assert [h.score for h in found] == pytest.approx(embedded.score(sources, [h.pieces for h in found]), abs=0.15)
    assert all(h.attention and len(h.attention) == len(h.pieces) for h in found)
    prefixes = reference_engine.vocabulary.encode_target(["The big"])
    [forced] = reference_engine.translate(sources[:1], Search(n_best=2), prefixes)
    assert len(forced) == 2 and all(list(h.pieces[: len(prefixes[0])]) == prefixes[0] for h in forced)


@pytest.mark.model
@pytest.mark.torch
@pytest.mark.parametrize("engine", ["ctranslate2", "transformers"])
def test_a_hub_model_runs_from_the_hub_cache_offline(hub: str, engine: str, embedded: Engine) -> None:
    pytest.importorskip("torch")
    said: list[str] = []
    checkpoint = find_model(hub, note=said.append)
    assert checkpoint.signature == "acme/marian-fr-en@0123456789ab"
    assert find_model("acme/marian-fr-en").signature == checkpoint.signature
    loaded = load_engine(checkpoint, engine, device="cpu", note=said.append)  # type: ignore[arg-type]
    assert loaded.name.startswith(engine)
    assert sum(a == b for a, b in zip(texts(loaded, SENTENCES), texts(embedded, SENTENCES), strict=True)) >= len(SENTENCES) - 2
    if engine == "ctranslate2":
        assert any("converting" in line for line in said)
        said.clear()
        load_engine(checkpoint, "ctranslate2", device="cpu", note=said.append)
        assert said == []  # kept in the cache


def test_a_hub_model_that_is_not_here_says_what_to_do(hub: str) -> None:
    with pytest.raises(ModelError, match=r"acme/other: not in the hub cache .* bilingual models fetch acme/other"):
        find_model("acme/other")


@pytest.mark.parametrize("name", ["nothing-here", "a/b/c", "../x y", ""])
def test_a_name_that_is_no_model_is_refused(name: str) -> None:
    with pytest.raises(ModelError):
        find_model(name)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model here"):
        find_model(str(tmp_path))


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(ModelError, match=r"Marian checkpoint is needed, and config\.json says 'bert'"):
        find_model(str(tmp_path))


@pytest.mark.model
def test_a_ctranslate2_folder_runs_and_transformers_refuses_it(tmp_path: Path, embedded: Engine) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(embedded_folder() / "ct2", folder)
    checkpoint = find_model(str(folder))
    assert texts(load_engine(checkpoint, device="cpu"), SENTENCES[:2]) == texts(embedded, SENTENCES[:2])
    with pytest.raises(ModelError, match="needs the Hugging Face form"):
        load_engine(checkpoint, "transformers")


@pytest.mark.model
def test_damaged_model_files_are_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(embedded_folder() / "ct2", folder)
    (folder / "model.bin").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="cannot load") as raised:
        load_engine(find_model(str(folder)), device="cpu")
    assert "\n" not in str(raised.value)


@pytest.mark.model
@pytest.mark.torch
def test_the_committed_conversion_is_the_checkpoint_converted(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    made = convert(find_model(str(embedded_folder() / "hf")), tmp_path / "ct2")
    for name in ("model.bin", "vmap.txt", "shared_vocabulary.json", "source.spm", "target.spm"):
        assert (made / name).read_bytes() == (embedded_folder() / "ct2" / name).read_bytes(), name


@pytest.mark.model
def test_the_embedded_model_needs_neither_torch_nor_a_network() -> None:
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise OSError('no network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "sys.modules['torch'] = None\n"
        "from bilingual.engines import *\n"
        "engine = load_engine(find_model())\n"
        "print(engine.vocabulary.decode([engine.translate(engine.vocabulary.encode_source(['Il pleut.']), Search())[0][0].pieces]))\n"
        "try: load_engine(find_model(), 'transformers')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert "rain" in done.stdout
    assert "ModelError the transformers engine needs PyTorch: pip install 'bilingual-toolkit[torch]'" in done.stdout


def test_same_length_batches_cover_every_index_once() -> None:
    lengths = [(random.Random(i).randint(1, 5), 0) for i in range(100)]
    batches = same_length_batches(lengths, 8)
    assert sorted(i for batch in batches for i in batch) == list(range(100))
    assert all(len({lengths[i] for i in batch}) == 1 and len(batch) <= 8 for batch in batches)


def test_the_embedded_revision_is_the_hash_of_its_weights() -> None:
    import hashlib

    weights = (embedded_folder() / "hf" / "model.safetensors").read_bytes()
    assert find_model(EMBEDDED).revision == hashlib.sha256(weights).hexdigest()


def test_the_sign_that_pieces_write_a_space_with_is_copied(embedded: Engine) -> None:
    assert not embedded.vocabulary.can_read("\u2581")
    done = next(iter(translate_segments([Segment("p1.s1", "Le mot \u2581test est là.")], embedded)))
    assert "\u2581test" in done.target


@pytest.mark.model
def test_half_a_character_is_copied(embedded: Engine) -> None:
    """Text that was cut in the middle of an emoji: SentencePiece cannot be given such a code point."""
    segments = [Segment("p1.s1", "Le chat \ud83d dort."), Segment("p2.s1", "\udc00"), Segment("p3.s1", "Le chat dort.")]
    done = list(translate_segments(segments, embedded))
    assert "\ud83d" in done[0].target and done[1].target == "\udc00" and done[2].origin == "mt"
