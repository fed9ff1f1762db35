"""The reference engine: `transformers.MarianMTModel` on PyTorch (the ``[torch]`` extra), the same search as CTranslate2's."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bilingual.engines.engine import STOCK, Abilities, Hypothesis, Pieces, Search, covered, same_length_batches
from bilingual.engines.vocabulary import Vocabulary
from bilingual.errors import EngineError, ModelError

BATCH = 32


class TransformersEngine:
    """A Hugging Face Marian folder. See `bilingual.engines.engine.Engine` for the contract."""

    overlaps = False

    def __init__(self, folder: Path, model: str, *, abilities: Abilities = STOCK, device: str = "cpu", threads: int = 0):
        """Load `folder` in float32 (float16 on a GPU). Raises `ModelError` without torch or for another architecture."""
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        try:
            import torch
            from transformers import MarianMTModel, MarianTokenizer
            from transformers.utils import logging
        except ImportError as error:
            raise ModelError(
                "the transformers engine needs PyTorch: pip install 'bilingual-toolkit[torch]', or leave --engine at ctranslate2"
            ) from error
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        self.model = model
        self.abilities = abilities
        self.vocabulary = Vocabulary(folder)
        self._torch = torch
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        if threads:
            torch.set_num_threads(threads)
        dtype = torch.float32 if device == "cpu" else torch.float16
        try:
            # Attention weights come back from the eager implementation alone; it is also the reference.
            loaded: Any = MarianMTModel.from_pretrained(
                str(folder), dtype=dtype, attn_implementation="eager", local_files_only=True
            )
            self._net = loaded.to(device).eval()
            with warnings.catch_warnings():  # it recommends sacremoses, which tokenizing does not use
                warnings.simplefilter("ignore", UserWarning)
                self._tokenizer: Any = MarianTokenizer.from_pretrained(str(folder), local_files_only=True)
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(f"{folder}: transformers cannot load this model ({_first_line(error)})") from error
        self._device = device
        self.max_source_pieces = self._net.config.max_position_embeddings - 2
        self.name = f"transformers/{'float32' if device == 'cpu' else 'float16/' + device}"

    def translate(
        self, sources: Sequence[Pieces], search: Search, prefixes: Sequence[Pieces] | None = None
    ) -> list[list[Hypothesis]]:
        """See `Engine.translate`."""
        starts = prefixes or [()] * len(sources)
        results: list[list[Hypothesis]] = [[] for _ in sources]
        for batch in same_length_batches([(len(s), len(p)) for s, p in zip(sources, starts, strict=True)], BATCH):
            for index, found in zip(
                batch, self._batch([sources[i] for i in batch], [starts[i] for i in batch], search), strict=True
            ):
                results[index] = found
        return results

    def score(self, sources: Sequence[Pieces], targets: Sequence[Pieces]) -> list[float]:
        """See `Engine.score`."""
        torch, scores = self._torch, [0.0] * len(sources)
        for batch in same_length_batches([(len(s), len(t)) for s, t in zip(sources, targets, strict=True)], BATCH):
            source = self._ids([sources[i] for i in batch], end=True)
            target = self._ids([targets[i] for i in batch], end=True)
            with torch.inference_mode():
                logits = self._net(input_ids=source, decoder_input_ids=self._shifted(target)).logits.float()
                found = logits.log_softmax(-1).gather(-1, target.unsqueeze(-1)).squeeze(-1).mean(-1)
            for index, score in zip(batch, found.tolist(), strict=True):
                scores[index] = score
        return scores

    def _batch(self, sources: Sequence[Pieces], starts: Sequence[Pieces], search: Search) -> list[list[Hypothesis]]:
        torch, config = self._torch, self._net.config
        source = self._ids(sources, end=True)
        start = torch.full((len(sources), 1), config.decoder_start_token_id, device=self._device)
        if starts[0]:
            start = torch.cat([start, self._ids(starts, end=False)], dim=1)
        try:
            with torch.inference_mode():
                made = self._net.generate(
                    input_ids=source,
                    attention_mask=torch.ones_like(source),
                    decoder_input_ids=start,
                    num_beams=search.beam,
                    num_return_sequences=search.n_best,
                    length_penalty=search.length_penalty,
                    repetition_penalty=search.repetition_penalty,
                    no_repeat_ngram_size=search.no_repeat,
                    max_length=min(search.max_pieces + 1, config.max_position_embeddings),
                    bad_words_ids=self._banned(search) or None,
                    suppress_tokens=[self._tokenizer.unk_token_id],
                    early_stopping=False,
                    do_sample=False,
                    return_dict_in_generate=True,
                )
        except RuntimeError as error:
            raise EngineError(f"transformers stopped: {_first_line(error)}") from error
        kept = [self._pieces(row) for row in made.sequences.tolist()]
        repeated = [pieces for pieces in sources for _ in range(search.n_best)]
        scores = self.score(repeated, kept)
        attentions = self._attention(repeated, kept) if search.links or search.coverage else [None] * len(kept)
        found = [
            Hypothesis(
                tuple(p),
                s,
                a if search.links else None,
                covered(a) if a and search.coverage else None,
            )
            for p, s, a in zip(kept, scores, attentions, strict=True)
        ]
        return [found[i : i + search.n_best] for i in range(0, len(found), search.n_best)]

    def _banned(self, search: Search) -> list[list[int]]:
        return [self._tokenizer.convert_tokens_to_ids(list(pieces)) for pieces in search.suppress]

    def _attention(self, sources: Sequence[Pieces], targets: Sequence[Pieces]) -> list[tuple[tuple[float, ...], ...] | None]:
        torch, rows = self._torch, []
        for source, target in zip(sources, targets, strict=True):
            with torch.inference_mode():
                read = self._ids([source], end=True)
                written = self._shifted(self._ids([target], end=True))
                seen = self._net(input_ids=read, decoder_input_ids=written, output_attentions=True)
            weights = seen.cross_attentions[-1][0, 0, : len(target)].tolist()
            rows.append(tuple(tuple(row) for row in weights))
        return list(rows)

    def _ids(self, pieces: Sequence[Pieces], *, end: bool) -> Any:
        rows = [self._tokenizer.convert_tokens_to_ids(list(p)) + [self._net.config.eos_token_id] * end for p in pieces]
        return self._torch.tensor(rows, device=self._device)

    def _shifted(self, target: Any) -> Any:
        start = self._torch.full_like(target[:, :1], self._net.config.decoder_start_token_id)
        return self._torch.cat([start, target[:, :-1]], dim=1)

    def _pieces(self, ids: list[int]) -> list[str]:
        # The first id is the start; what follows the end is padding.
        end = self._net.config.eos_token_id
        body = ids[1:]
        kept = body[: body.index(end)] if end in body else body
        pad = self._net.config.pad_token_id
        pieces: list[str] = self._tokenizer.convert_ids_to_tokens([i for i in kept if i != pad])
        return pieces


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
