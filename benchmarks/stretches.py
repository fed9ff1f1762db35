"""What it gains to give a model one sentence or clause at a time, and to cut long ones.

    python benchmarks/stretches.py [--model embedded] [--longest 60 80 100]

The lines of the development sets that are concerned, those with several stretches (`bilingual.clauses`) or more than 60 pieces, are
translated

- whole: cut above 160 pieces alone
- by sentences: parted where one ends
- by stretches: at colons, semicolons and dashes, too, as the tool does
- by stretches, and cut above as many pieces as ``--longest`` says; the tool takes what the checkpoint declares

BLEU and chrF with the beam of 4 of the tool, with English form and second tries; processor time against that of the first row.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from machine import table, with_model

import bilingual.drafts
from bilingual.clauses import stretches
from bilingual.document import Span
from bilingual.engines import Search
from bilingual.sentences import split_sentences

LONG = 60


class Limited:
    """An engine with another `longest`."""

    def __init__(self, engine: Any, longest: int):
        self._engine = engine
        self.abilities = replace(engine.abilities, longest=longest)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def whole(text: str) -> list[Span]:
    return [(0, len(text))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longest", type=int, nargs="+", default=[60, 80, 100])
    given, sets, engine = with_model(parser)
    from sacrebleu.metrics import BLEU, CHRF

    print(f"Model: {engine.model} on {engine.name}, beam 4; declares {engine.abilities.longest} pieces.")
    pairs = []
    for name, both in sets.items():
        own = [pair for pair in both if len(stretches(pair[0])) > 1 or engine.vocabulary.source_length(pair[0]) > LONG]
        several = sum(len(split_sentences(french)) > 1 for french, _ in both)
        print(f"{name}: {len(own)} of {len(both)} lines are concerned; {several} have several sentences.")
        pairs += own
    ways: list[tuple[str, Callable[[str], list[Span]], int]] = [
        ("whole", whole, 160), ("by sentences", split_sentences, 160), ("by stretches", stretches, 160),
        *((f"by stretches, cut above {longest}", stretches, longest) for longest in given.longest),
    ]  # fmt: skip
    rows: list[list[object]] = []
    first = 0.0
    for name, way, longest in ways:
        began = time.process_time()
        with patch.object(bilingual.drafts, "stretches", way):
            made = bilingual.drafts.draft_all([french for french, _ in pairs], Limited(engine, longest), Search())
        taken = time.process_time() - began
        first = first or taken
        texts, references = [draft.text for _, draft in made], [[english for _, english in pairs]]
        bleu, chrf = (metric.corpus_score(texts, references).score for metric in (BLEU(), CHRF()))
        rows.append([name, f"{bleu:.1f}", f"{chrf:.1f}", f"{taken / first:.2f}"])
    print(f"\n{table(['way', 'BLEU', 'chrF', 'time'], rows)}")


if __name__ == "__main__":
    main()
