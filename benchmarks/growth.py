"""How time and memory grow: with sentences, glossary entries, threads, and with what is remembered; a report with a picture of each curve.

    python benchmarks/growth.py                                  # up to 1,000 sentences: half an hour or so on two cores
    python benchmarks/growth.py --sentences 100 1000 10000 100000 --part sentences
    python benchmarks/growth.py --model Helsinki-NLP/opus-mt-fr-en --output FOLDER

Each point is a process of its own, so that its peak memory is its own; the contenders of a point run one after the other, and its
ratios are taken between neighbours in time. Contenders:

- *tool*: `translate_segments` as ``--lines`` runs it, text to text; with a glossary, with a memory
- *ctranslate2*: `Translator.translate_batch` alone, on ready-made pieces, batches of 32 sorted by length; *with map*: and with the
  vocabulary map that the tool uses
- *generate, beam N*: `MarianMTModel.generate` of transformers in float32, batches of 32 sorted by length

The glossary is the one of the package (323 entries, which hit in one sentence of twenty on news) and, up to the size asked for,
entries of three made-up words, which never hit. More sentences than the data have are made by leaving off last words. Times are
processor times (of all threads) unless said otherwise: elapsed times mean little on a machine with company.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from machine import DATA, ROOT, Company, data_folder, describe, peak_memory, read_lines, say_machine, table
from pictures import curves

PARTS = ("sentences", "glossary", "threads", "memory")
SLOW = 300
"""Sentences above which transformers is not run: it would take most of the time."""

Figures = dict[str, Any]


# --------------------------------------------------------------------------------------------------- one point, in its own process


def sentences(folder: Path, count: int) -> list[str]:
    """`count` different sentences: those of the data, then the same without their last word, without their last two …"""
    lines = list(dict.fromkeys(read_lines(folder / "wmt13.fr") + read_lines(folder / "flores-dev.fr")))
    found = list(lines)
    for cut in range(1, 60):
        if len(found) >= count:
            break
        found += [" ".join(line.split()[:-cut]) for line in lines if len(line.split()) > cut + 3]
    return found[:count]


def glossary_of(size: int) -> Any:
    """The package's glossary, or its first rows, filled up with entries that never hit."""
    from matching import make_word

    from bilingual.glossary import Glossary, Term, default_glossary

    rng, terms = random.Random(7), list(default_glossary().terms)[:size]
    sources = {term.source for term in terms}
    while len(terms) < size:
        source = " ".join(make_word(rng) + "ouin" for _ in range(3))
        if source not in sources:
            sources.add(source)
            terms.append(Term(source, make_word(rng)))
    return Glossary(tuple(terms), f"{size} entries")


def point(job: Figures) -> Figures:
    """Run one contender; its start-up (until it has translated one sentence) and the rest apart."""
    begun = time.process_time()
    lines = sentences(Path(job["data"]), job["sentences"])
    read = time.process_time() - begun
    run = CONTENDERS[job["contender"]](job, lines)
    loaded = time.process_time() - read
    clock, cpu = time.perf_counter(), time.process_time()
    count = run()
    return {
        **{key: value for key, value in job.items() if key != "data"},  # a path of this machine says nothing elsewhere
        "start": loaded,
        "cpu": time.process_time() - cpu,
        "elapsed": time.perf_counter() - clock,
        "memory": peak_memory(),
        "words": sum(len(line.split()) for line in lines),
        "count": count,
    }


def _tool(job: Figures, lines: list[str]) -> Callable[[], int]:
    from bilingual.document import Segment
    from bilingual.engines import find_model, load_engine
    from bilingual.memory import open_memory
    from bilingual.pipeline import Settings, translate_segments

    engine = load_engine(find_model(job["model"]), device="cpu", threads=job["threads"])
    settings = Settings(beam=job["beam"], glossary=glossary_of(job["glossary"]) if job["glossary"] else None)

    def segments(some: Sequence[str]) -> Iterator[Segment]:
        return (Segment(f"p{n}.s1", line, block="line") for n, line in enumerate(some, 1))

    next(translate_segments(segments(["Le chat dort."]), engine))
    if job["hits"] is None:
        return lambda: sum(1 for _ in translate_segments(segments(lines), engine, settings))
    path = Path(tempfile.mkdtemp()) / "memory"
    rng = random.Random(3)
    known = [line for line in lines if rng.random() * 100 < job["hits"]]
    with open_memory(path) as memory:
        for _ in translate_segments(segments(known), engine, settings, memory):
            pass

    def run() -> int:
        with open_memory(path) as memory:
            return sum(1 for _ in translate_segments(segments(lines), engine, settings, memory))

    return run


def _ctranslate2(job: Figures, lines: list[str]) -> Callable[[], int]:
    from speed import Contenders

    contenders = Contenders(job["model"], job["beam"], job["threads"])
    pieces = contenders.pieces(lines)
    shortlist = job["contender"].endswith("map")
    contenders.bare(contenders.pieces(["Le chat dort."]), shortlist)
    return lambda: len(contenders.bare(pieces, shortlist))


def _generate(job: Figures, lines: list[str]) -> Callable[[], int]:
    from speed import Contenders

    contenders = Contenders(job["model"], int(job["contender"][-1]), job["threads"])
    contenders.marian(["Le chat dort."])()
    run = contenders.marian(lines)

    def count() -> int:
        run()
        return len(lines)

    return count


CONTENDERS: dict[str, Callable[[Figures, list[str]], Callable[[], int]]] = {
    "tool": _tool,
    "ctranslate2": _ctranslate2,
    "ctranslate2 with map": _ctranslate2,
    "generate, beam 1": _generate,
    "generate, beam 4": _generate,
}


# ------------------------------------------------------------------------------------------------------------------ all points


def measured(arguments: argparse.Namespace, **job: Any) -> Figures:
    """`point` in a process of its own. Raises `RuntimeError` with what it said where it fails."""
    settings = {"model": arguments.model, "beam": arguments.beam, "threads": arguments.threads, "data": str(arguments.data)}
    whole: Figures = {**settings, "glossary": 0, "hits": None, **job}
    print("… " + ", ".join(f"{key} {value}" for key, value in job.items()), file=sys.stderr, flush=True)
    done = subprocess.run(
        [sys.executable, __file__, "--child", json.dumps(whole)], capture_output=True, text=True, check=False, env=os.environ
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    if figures["count"] != whole["sentences"]:
        raise RuntimeError(f"{figures['count']} translations of {whole['sentences']} sentences")
    return figures


def run_part(part: str, arguments: argparse.Namespace) -> list[Figures]:
    """All points of a part, each named by what is asked of it."""
    size = arguments.size
    if part == "sentences":
        made = []
        for count in arguments.sentences:
            names = ["ctranslate2", "tool", "ctranslate2 with map"]
            names += ["generate, beam 1", "generate, beam 4"] if count <= SLOW else []
            made += [measured(arguments, contender=name, sentences=count) for name in names]
        return made
    if part == "glossary":
        sizes = (0, *arguments.entries)
        return [measured(arguments, contender="tool", sentences=size, glossary=entries) for entries in sizes]
    if part == "threads":
        return [
            measured(arguments, contender=name, sentences=size, threads=threads)
            for threads in (1, 2)
            for name in ("ctranslate2", "tool")
        ]
    return [measured(arguments, contender="tool", sentences=size, hits=hits) for hits in (None, 0, 50, 100)]


# ------------------------------------------------------------------------------------------------------------------ the report


def report(parts: dict[str, list[Figures]], arguments: argparse.Namespace) -> Iterator[str]:
    """The report, paragraph by paragraph; writes the pictures."""
    yield "Sentences and words a second are of processor time, all threads together; elapsed times are in the last column but one."
    for part, points in parts.items():
        yield f"\n## {HEADINGS[part]}\n"
        rows = []
        for p in points:
            base = _base(part, p, points)
            rows.append(
                [
                    _label(part, p),
                    p["sentences"],
                    f"{p['sentences'] / p['cpu']:.0f}",
                    f"{p['words'] / p['cpu']:.0f}",
                    f"{p['cpu'] / base['cpu']:.2f}" if base else "",
                    f"{p['cpu']:.1f}",
                    f"{p['elapsed']:.1f}",
                    f"{p['start']:.2f}",
                    f"{p['memory']:.0f}",
                ]
            )
        header = [
            "",
            "sentences",
            "sentences/s",
            "words/s",
            f"times {BASES[part]}",
            "processor s",
            "elapsed s",
            "start-up s",
            "peak MB",
        ]
        yield table(header, rows)
        yield from _pictures(part, points, arguments.output)


HEADINGS = {
    "sentences": "With the number of sentences",
    "glossary": "With the size of the glossary",
    "threads": "With threads",
    "memory": "With what is remembered",
}
BASES = {"sentences": "ctranslate2", "glossary": "none", "threads": "ctranslate2", "memory": "no memory"}


def _label(part: str, p: Figures) -> str:
    if part == "glossary":
        return f"{p['glossary']:,} entries" if p["glossary"] else "no glossary"
    if part == "threads":
        return f"{p['contender']}, {p['threads']} thread{'s' if p['threads'] > 1 else ''}"
    if part == "memory":
        return "no memory" if p["hits"] is None else f"{p['hits']} % remembered"
    return str(p["contender"])


def _base(part: str, p: Figures, points: list[Figures]) -> Figures | None:
    if part in ("sentences", "threads"):
        like = [
            q
            for q in points
            if q["contender"] == "ctranslate2" and (q["sentences"], q["threads"]) == (p["sentences"], p["threads"])
        ]
        return like[0] if like else None
    return points[0]


def _pictures(part: str, points: list[Figures], folder: Path) -> Iterator[str]:
    across = {"sentences": "sentences", "glossary": "sentences", "threads": "threads", "memory": "hits"}[part]
    if part == "glossary":
        series = {"tool": [(max(1, p["glossary"]), p["sentences"] / p["cpu"]) for p in points]}
        pictures = [("glossary entries (1: none)", "sentences a second", series, True)]
    elif part == "memory":
        series = {"tool": [(p["hits"], 1e3 * p["cpu"] / p["sentences"]) for p in points if p["hits"] is not None]}
        pictures = [("remembered, %", "ms a sentence", series, False)]
    else:
        names = dict.fromkeys(p["contender"] for p in points)
        rate = {n: [(p[across], p["sentences"] / p["cpu"]) for p in points if p["contender"] == n] for n in names}
        held = {n: [(p[across], p["memory"]) for p in points if p["contender"] == n] for n in names}
        pictures = [(across, "sentences a second", rate, part == "sentences"), (across, "peak MB", held, part == "sentences")]
    for number, (along, up, rows, log) in enumerate(pictures, 1):
        name = f"{part}-{number}.svg"
        (folder / name).write_text(curves(f"{HEADINGS[part]}: {up}", along, up, rows, log=log), encoding="utf-8")
        yield f"\n![{HEADINGS[part]}: {up}]({name})"


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(point(json.loads(sys.argv[2]))))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with wmt13.fr and flores-dev.fr")
    parser.add_argument("--model", default="embedded", help="embedded, a preset, a hub id or a folder")
    parser.add_argument("--beam", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sentences", type=int, nargs="+", default=[100, 300, 1000])
    parser.add_argument("--entries", type=int, nargs="+", default=[10, 100, 1000, 10_000, 100_000], help="sizes of the glossary")
    parser.add_argument("--size", type=int, default=1000, help="sentences of the other parts")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part; may be repeated")
    parser.add_argument(
        "--output", type=Path, default=ROOT / "benchmarks" / "growth", help="folder of the report and its pictures"
    )
    arguments = parser.parse_args()
    data_folder(parser, arguments.data, ["wmt13.fr", "flores-dev.fr"])
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    arguments.output.mkdir(parents=True, exist_ok=True)
    company, machine = Company(), describe()
    parts = {part: run_part(part, arguments) for part in arguments.part or PARTS}
    text = "\n".join(report(parts, arguments))
    cores = company.cores()
    settings = f"{arguments.model}, beam {arguments.beam}, {arguments.threads} threads"
    text = f"# How it grows\n\nMade by `benchmarks/growth.py`: {settings}.\n{text}\n"
    text += f"\n{machine['cpu']}, {machine['cores']} cores; {', '.join(f'{n} {v}' for n, v in machine['versions'].items())}."
    text += f" Other processes kept {cores} cores busy meanwhile.\n" if cores is not None else "\n"
    (arguments.output / "report.md").write_text(text, encoding="utf-8")
    (arguments.output / "figures.json").write_text(json.dumps(parts, indent=1) + "\n", encoding="utf-8")
    say_machine(machine)
    print(text)


if __name__ == "__main__":
    main()
