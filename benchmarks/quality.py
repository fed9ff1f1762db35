"""How good the translations are: BLEU and chrF of the raw model and of the whole tool, in both engines.

    python benchmarks/quality.py                            # everything: a quarter of an hour or so on two idle cores
    python benchmarks/quality.py --limit 200 --beam 4       # a quick look, at lines from all over the sets
    python benchmarks/quality.py --json figures.json        # the same figures, for the model card and the README

Two texts are measured for every engine and beam. *raw*: what the model gives for each line, with nothing done before or after
it. *tool*: what ``bilingual translate --lines`` gives (protected spans, cutting, English form, a second try for bad ones; no glossary).

CTranslate2 (int8) translates the sets whole. transformers (float32), which takes ten times as long, gives the raw text of every fourth line
(``--every``): enough to see what int8 costs, both engines scored on the same lines.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

from machine import DATA, data_folder, describe, peak_memory, read_lines, say_machine, table

SETS = {"WMT13": "wmt13", "FLORES-dev": "flores-dev"}
ENGINES = ("ctranslate2", "transformers")
CAVEAT = (
    "The French side of both sets helped to choose, by likeness, which sentences the embedded model was trained on more often;"
    " neither side was trained on."
)
RESAMPLES = 1000


def translate_raw(lines: list[str], engine: Any, beam: int) -> list[str]:
    """The model's text for each line: no protection, no English form, no second try."""
    from bilingual.engines import Search

    pieces = [p[: engine.max_source_pieces] for p in engine.vocabulary.encode_source(lines)]
    found = engine.translate(pieces, Search(beam=beam))
    return [text.strip() for text in engine.vocabulary.decode([hypotheses[0].pieces for hypotheses in found])]


def translate_tool(lines: list[str], engine: Any, beam: int) -> list[str]:
    """What ``bilingual translate --lines`` gives for each line."""
    from bilingual.pipeline import Settings, translate_segments
    from bilingual.reading import iter_lines
    from bilingual.writing.plain import line_of

    stream = io.BytesIO("".join(f"{line}\n" for line in lines).encode())
    return [line_of(segment) for segment in translate_segments(iter_lines(stream, "set"), engine, Settings(beam=beam))]


PATHS = {"raw": translate_raw, "tool": translate_tool}


def run_engine(
    model: str, name: str, threads: int, beams: list[int], sets: dict[str, list[str]], paths: list[str]
) -> dict[str, Any]:
    """All translations of one engine; called in a process of its own, so that its peak memory is its own."""
    from bilingual.engines import find_model, load_engine

    engine = load_engine(find_model(model), name, device="cpu", threads=threads)  # type: ignore[arg-type]
    texts, seconds = {}, {}
    for label, lines in sets.items():
        for beam in beams:
            for path in paths:
                print(f"{engine.name} beam {beam} {label} {path} …", file=sys.stderr, flush=True)
                start = time.perf_counter()
                texts[label, beam, path] = PATHS[path](lines, engine, beam)
                seconds[label, beam, path] = time.perf_counter() - start
                assert len(texts[label, beam, path]) == len(lines)
    return {"engine": engine.name, "model": engine.model, "texts": texts, "seconds": seconds, "peak_mb": peak_memory()}


def score(hypotheses: list[str], references: list[str]) -> dict[str, Any]:
    """BLEU and chrF with their signatures and 95 % intervals (bootstrap)."""
    from sacrebleu.metrics import BLEU, CHRF

    bleu, chrf = BLEU(), CHRF()
    b = bleu.corpus_score(hypotheses, [references], n_bootstrap=RESAMPLES)
    c = chrf.corpus_score(hypotheses, [references], n_bootstrap=RESAMPLES)
    return {
        "bleu": b.score,
        "bleu_interval": float(b._ci),  # private, but the only place that is not rounded text
        "chrf": c.score,
        "chrf_interval": float(c._ci),
        "signatures": [f"BLEU {bleu.get_signature()}", f"chrF2 {chrf.get_signature()}"],
    }


def measure(runs: list[dict[str, Any]], references: dict[str, list[str]]) -> list[dict[str, Any]]:
    """One row for every set, engine, beam and path; the rows of the tool say how many lines differ from the raw text."""
    rows = []
    for run in runs:
        for (label, beam, path), texts in run["texts"].items():
            raw = run["texts"].get((label, beam, "raw"))
            changed = sum(a != b for a, b in zip(texts, raw, strict=True)) / len(texts) if raw and path != "raw" else None
            row = {"set": label, "engine": run["engine"], "beam": beam, "path": path, "lines": len(texts), "changed": changed}
            rows.append(row | {"seconds": run["seconds"][label, beam, path]} | score(texts, references[label]))
    return rows


def agreement(runs: list[dict[str, Any]], references: dict[str, list[str]], every: int) -> list[dict[str, Any]]:
    """How alike the engines' texts are on the lines that both have: identical ones, chrF of the second against the first, both scored."""
    from sacrebleu.metrics import BLEU, CHRF

    first, second = runs
    rows = []
    for (label, beam, path), others in second["texts"].items():
        texts, expected = first["texts"][label, beam, path][::every], references[label][::every]
        bleu = [BLEU().corpus_score(made, [expected]).score for made in (texts, others)]
        rows.append(
            {
                "set": label,
                "beam": beam,
                "lines": len(texts),
                "identical": sum(a == b for a, b in zip(texts, others, strict=True)) / len(texts),
                "chrf": CHRF().corpus_score(others, [texts]).score,
                "bleu": bleu,
            }
        )
    return rows


def spread(lines: list[str], limit: int | None) -> list[str]:
    """At most `limit` lines, from all over a set: WMT13 begins with what was English once, which is easy.

    >>> spread(list("abcdef"), 3)
    ['a', 'c', 'e']
    """
    return lines if limit is None or limit >= len(lines) else [lines[i * len(lines) // limit] for i in range(limit)]


def report(figures: dict[str, Any]) -> None:
    """Print everything that was measured, as Markdown."""
    say_machine(figures["machine"])
    settings = figures["settings"]
    print(
        f"Settings: model {figures['model']}, {settings['threads']} threads, length penalty 1, no glossary,"
        f" {settings['limit'] or 'all'} lines of each set."
    )
    print(f"{figures['caveat']}\n")
    rows = [
        [
            row["set"],
            row["engine"],
            row["beam"],
            row["path"],
            f"{row['bleu']:.1f} ± {row['bleu_interval']:.1f}",
            f"{row['chrf']:.1f} ± {row['chrf_interval']:.1f}",
            "" if row["changed"] is None else f"{row['changed']:.1%}",
        ]
        for row in figures["scores"]
    ]
    print(table(["set", "engine", "beam", "text", "BLEU", "chrF", "lines changed by the tool"], rows, left=4))
    print(f"\n± is half of the 95 % interval ({RESAMPLES} resamples). Signatures:")
    for signature in figures["scores"][0]["signatures"]:
        print(f"- {signature}")
    if figures["agreement"]:
        print("\nAgreement of the engines (chrF: transformers against ctranslate2):\n")
        rows = [
            [r["set"], r["beam"], r["lines"], f"{r['identical']:.1%}", f"{r['chrf']:.1f}", *(f"{b:.1f}" for b in r["bleu"])]
            for r in figures["agreement"]
        ]
        print(table(["set", "beam", "lines", "identical", "chrF", "BLEU int8", "BLEU float32"], rows, left=2))
    print("\nPeak memory of the whole run: " + ", ".join(f"{name} {mb:.0f} MB" for name, mb in figures["peak_mb"].items()) + ".")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with wmt13.fr, wmt13.en, flores-dev.fr, flores-dev.en")
    parser.add_argument("--model", default="embedded", help="embedded, a preset, a hub id or a folder")
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--beam", default="1,4", help="beam widths, comma-separated")
    parser.add_argument("--path", choices=[*PATHS, "both"], default="both", help="raw model text, the tool's text, or both")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, help="only N lines of each set, from all over it")
    parser.add_argument("--every", type=int, default=4, help="transformers takes every N-th line of these")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    arguments = parser.parse_args()
    files = [f"{name}.{language}" for name in SETS.values() for language in ("fr", "en")]
    folder = data_folder(parser, arguments.data, files)
    try:
        beams = [int(beam) for beam in arguments.beam.split(",")]
    except ValueError:
        parser.error(f"--beam {arguments.beam}: numbers with commas between them are needed, such as 1,4")
    if arguments.limit is not None and arguments.limit < 1:
        parser.error("--limit: at least 1")
    sources = {label: spread(read_lines(folder / f"{name}.fr"), arguments.limit) for label, name in SETS.items()}
    references = {label: spread(read_lines(folder / f"{name}.en"), arguments.limit) for label, name in SETS.items()}
    names = ENGINES if arguments.engine == "both" else (arguments.engine,)
    paths = list(PATHS) if arguments.path == "both" else [arguments.path]

    machine = describe()
    start = multiprocessing.get_context("spawn")
    runs = []
    for name in names:
        sets, ways = sources, paths
        if runs:  # the second engine is there to be held against the first
            sets, ways = {label: lines[:: arguments.every] for label, lines in sources.items()}, paths[:1]
        with start.Pool(1) as pool:
            runs.append(pool.apply(run_engine, (arguments.model, name, arguments.threads, beams, sets, ways)))
    figures = {
        "machine": machine,
        "model": runs[0]["model"],
        "settings": {"threads": arguments.threads, "limit": arguments.limit, "beams": beams},
        "caveat": CAVEAT,
        "scores": measure(runs[:1], references),
        "agreement": agreement(runs, references, arguments.every) if len(runs) == 2 else [],
        "peak_mb": {run["engine"]: run["peak_mb"] for run in runs},
    }
    report(figures)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
