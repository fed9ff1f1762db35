"""The default engine: CTranslate2, int8 on the CPU."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bilingual.engines.engine import STOCK, Abilities, Hypothesis, Pieces, Search, covered, same_length_batches
from bilingual.engines.vocabulary import END, Vocabulary
from bilingual.errors import EngineError, ModelError

BATCH = 32
"""Sentences of one length translated together; larger is no faster on a CPU and takes more memory."""

SHORTLIST = "vmap.txt"
"""CTranslate2's name for the list of pieces that the output layer is cut down to."""


class CTranslate2Engine:
    """A CTranslate2 model folder with its SentencePiece models beside it. See `bilingual.engines.engine.Engine` for the contract."""

    overlaps = True

    def __init__(
        self,
        folder: Path,
        model: str,
        *,
        abilities: Abilities = STOCK,
        device: str = "cpu",
        threads: int = 0,
        compute_type: str | None = None,
        max_source_pieces: int = 510,
    ):
        """Load `folder`. ``threads``: processor cores to use, 0 for all; ``compute_type``: int8 on a CPU unless said otherwise."""
        import ctranslate2

        self.model = model
        self.abilities = abilities
        self.max_source_pieces = max_source_pieces
        self.vocabulary = Vocabulary(folder)
        self._adds_end = _adds_source_end(folder)
        self._shortlist = (folder / SHORTLIST).is_file()
        if device == "auto":
            device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
        wanted = compute_type or ("int8" if device == "cpu" else "int8_float16")
        cores = threads or _usable_cores()
        # One thread a batch and as many batches at once as there are cores: for a model this small that beats threads inside a batch.
        settings: dict[str, Any] = {"inter_threads": cores, "intra_threads": 1} if device == "cpu" else {}
        try:
            self._translator = ctranslate2.Translator(str(folder), device=device, compute_type=wanted, **settings)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"{folder}: CTranslate2 cannot load this model ({error})") from error
        self.name = f"ctranslate2/{wanted}" + ("" if device == "cpu" else f"/{device}")

    def translate(
        self, sources: Sequence[Pieces], search: Search, prefixes: Sequence[Pieces] | None = None
    ) -> list[list[Hypothesis]]:
        """See `Engine.translate`."""
        starts = prefixes or [()] * len(sources)
        running = []
        for batch in same_length_batches([(len(s), len(p)) for s, p in zip(sources, starts, strict=True)], BATCH):
            futures = self._run(
                self._translator.translate_batch,
                [self._ended(sources[i]) for i in batch],
                [list(starts[i]) for i in batch] if prefixes else None,
                beam_size=search.beam,
                num_hypotheses=search.n_best,
                length_penalty=search.length_penalty,
                repetition_penalty=search.repetition_penalty,
                no_repeat_ngram_size=search.no_repeat,
                suppress_sequences=[list(pieces) for pieces in search.suppress] or None,
                max_decoding_length=search.max_pieces,
                max_input_length=0,
                disable_unk=True,
                return_scores=True,
                return_attention=search.links or search.coverage,
                use_vmap=self._shortlist,
                asynchronous=True,
            )
            running.append((batch, futures))
        results: list[list[Hypothesis]] = [[] for _ in sources]
        for batch, futures in running:
            for index, future in zip(batch, futures, strict=True):
                results[index] = _hypotheses(self._run(future.result), search)
        return results

    def score(self, sources: Sequence[Pieces], targets: Sequence[Pieces]) -> list[float]:
        """See `Engine.score`."""
        scores = [0.0] * len(sources)
        running = []
        for batch in same_length_batches([(len(s), len(t)) for s, t in zip(sources, targets, strict=True)], BATCH):
            futures = self._run(
                self._translator.score_batch,
                [self._ended(sources[i]) for i in batch],
                [list(targets[i]) for i in batch],
                max_input_length=0,
                asynchronous=True,
            )
            running.append((batch, futures))
        for batch, futures in running:
            for index, future in zip(batch, futures, strict=True):
                log_probs = self._run(future.result).log_probs
                scores[index] = sum(log_probs) / max(1, len(log_probs))
        return scores

    def _ended(self, pieces: Pieces) -> list[str]:
        return [*pieces] if self._adds_end else [*pieces, END]

    def _run(self, call: Any, *args: Any, **settings: Any) -> Any:
        try:
            return call(*args, **settings)
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"CTranslate2 stopped: {error}") from error


def _hypotheses(result: Any, search: Search) -> list[Hypothesis]:
    # Each piece is a new string, and a window holds a hundred thousand of them, of a few thousand kinds: one of each kind is enough.
    attentions = result.attention or [None] * len(result.hypotheses)
    return [
        Hypothesis(
            tuple(map(sys.intern, pieces)),
            score,
            tuple(map(tuple, attention)) if attention is not None and search.links else None,
            covered(attention) if attention and search.coverage else None,
        )
        for pieces, score, attention in zip(result.hypotheses, result.scores, attentions, strict=True)
    ]


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _adds_source_end(folder: Path) -> bool:
    # Models converted from transformers want the end piece from the caller, those converted from raw OPUS-MT files add it themselves.
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder}: no readable config.json beside model.bin; convert the model again") from error
    return bool(config.get("add_source_eos", False))
