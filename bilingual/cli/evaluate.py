"""``bilingual evaluate``: scores of a translation against a reference."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bilingual.cli.console import set_verbosity

EXAMPLES = """\
Examples:

  bilingual evaluate test.en --reference test.ref.en

  bilingual evaluate test.en --reference test.ref.en --source test.fr -g house.tsv    the terms too

  bilingual evaluate test.en --reference test.ref.en --alignment 5                    show the edits of five lines
"""


def evaluate(
    hypothesis: Annotated[Path, typer.Argument(help="The translation, one segment a line.")],
    reference: Annotated[Path, typer.Option("--reference", "-r", help="The reference, line by line.")],
    source: Annotated[
        Path | None, typer.Option("--source", "-s", help="The French, line by line; needed for term scores.")
    ] = None,
    glossary: Annotated[list[Path] | None, typer.Option("-g", "--glossary", help="Glossary whose terms are scored.")] = None,
    alignment: Annotated[int, typer.Option(min=0, help="Show the word edits of the first N lines that differ.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet")] = False,
) -> None:
    """Score a translation: BLEU, chrF, TER, WER, CER, and how the glossary's terms came out."""
    set_verbosity(quiet=quiet)
    from bilingual.errors import InputError
    from bilingual.glossary import load_glossary, merge
    from bilingual.metrics import edit_alignment, score_translation

    if glossary and source is None:
        raise InputError("-g: term scores need the French too (--source FILE)")
    hypotheses, references = _lines(hypothesis), _lines(reference)
    sources = _lines(source) if source else None
    terms = merge([load_glossary(path) for path in glossary]).glossary if glossary else None
    scores = score_translation(hypotheses, references, sources, terms)
    if as_json:
        print(json.dumps({**asdict(scores), "signatures": dict(scores.signatures)}, ensure_ascii=False))
        return
    print(f"segments  {scores.segments}")
    for name in ("bleu", "chrf", "ter", "wer", "cer"):
        print(f"{name:9} {getattr(scores, name):.2f}")
    if scores.terms:
        for name, value in asdict(scores.terms).items():
            print(f"{name:24} {_shown(value)}")
    for name, signature in scores.signatures.items():
        print(f"# {name}: {signature}")
    differing = [(h, r) for h, r in zip(hypotheses, references, strict=True) if h != r]
    for one, other in differing[:alignment]:
        print(f"\n{edit_alignment(one, other)}")


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_shown(item)}" for key, item in value.items())
    return str(value)


def _lines(path: Path) -> list[str]:
    from bilingual.cli.files import read_bytes
    from bilingual.reading import read_lines

    return [block.text for block in read_lines(read_bytes(path), str(path)).blocks]
