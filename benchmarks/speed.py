"""How fast the tool is, as ratios that are taken in one run, and how much memory it takes.

    python benchmarks/speed.py                         # everything: ten minutes or so on two cores
    python benchmarks/speed.py --limit 300             # a quick look
    python benchmarks/speed.py --part start-up         # one part

1. *throughput*: `bilingual.translate_segments` as ``--lines`` runs it, text to text, against `ctranslate2.Translator.translate_batch`
   alone, which gets ready-made pieces (the tool splits and joins pieces, protects, checks, and tries bad ones again; the peer does not).
2. *marian*: the same against `MarianMTModel.generate` of transformers, ready-made piece ids, batches of 32 sorted by length.
3. *start-up*: processor time of ``bilingual --version``, and time to a first sentence, against ``python -c pass``.
4. *memory*: peak of ``bilingual translate --lines`` with few and with many lines.

Run it on an otherwise idle machine; the last line says whether it was one. Contenders take turns (A B A B …), and each ratio is one
of neighbours in time, so that what else the machine does hits both alike. Shown are the median and the range of the rounds, of
elapsed time and of processor time.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from machine import DATA, ROOT, Company, data_folder, describe, read_lines, say_machine, spread, table

BATCH = 32
MARIAN_LINES = 300
PARTS = ("throughput", "marian", "start-up", "memory")
GOALS = {"throughput": 1.10, "marian": 4.0}
"""At most so many times the raw engine's time; at least so many times as fast as transformers."""

COMMAND = "import sys; from bilingual.cli.main import main; sys.argv[0] = 'bilingual'; main()"
MEASURED = (
    f"import atexit, sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); from machine import peak_memory;"
    " atexit.register(lambda: print(peak_memory(), file=sys.stderr)); " + COMMAND
)

Run = Callable[[], object]
Timing = tuple[float, float]
"""Elapsed and processor seconds (of all threads)."""


def take_turns(runs: Mapping[str, Run], rounds: int) -> dict[str, list[Timing]]:
    """Time each of `runs` once a round."""
    times: dict[str, list[Timing]] = {name: [] for name in runs}
    for number in range(rounds):
        for name, run in runs.items():
            print(f"round {number + 1} of {rounds}: {name} …", file=sys.stderr, flush=True)
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            times[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return times


def ratios(times: Mapping[str, list[Timing]], over: str, under: str, which: int) -> list[float]:
    """Round by round, how many times the time of `under` `over` took; `which`: 0 elapsed, 1 processor time."""
    return [a[which] / b[which] for a, b in zip(times[over], times[under], strict=True)]


class Contenders:
    """The three ways to translate the same lines, loaded with the same number of threads."""

    def __init__(self, model: str, beam: int, threads: int):
        """Load the tool's engine and, from the same folder, a bare CTranslate2 translator."""
        import ctranslate2

        from bilingual.engines import find_model, load_engine
        from bilingual.engines.engine import Search

        self.beam, self.threads, self.longest = beam, threads, Search().max_pieces
        self.checkpoint = find_model(model)
        self.engine = load_engine(self.checkpoint, "ctranslate2", device="cpu", threads=threads)
        if self.checkpoint.ct2 is None:
            from bilingual.engines.models import convert

            folder = convert(self.checkpoint)
        else:
            folder = self.checkpoint.ct2
        self.shortlist = (folder / "vmap.txt").is_file()
        self.translator = ctranslate2.Translator(
            str(folder), device="cpu", compute_type="int8", inter_threads=threads, intra_threads=1
        )

    def tool(self, lines: list[str]) -> list[str]:
        """Lines to lines, as ``bilingual translate --lines`` does it."""
        from bilingual.pipeline import Settings, translate_segments
        from bilingual.reading import iter_lines
        from bilingual.writing.plain import line_of

        stream = io.BytesIO("".join(f"{line}\n" for line in lines).encode())
        return [line_of(s) for s in translate_segments(iter_lines(stream, "lines"), self.engine, Settings(beam=self.beam))]

    def pieces(self, lines: list[str]) -> list[list[str]]:
        """What the bare translator gets."""
        return [[*pieces, "</s>"] for pieces in self.engine.vocabulary.encode_source(lines)]

    def bare(self, pieces: list[list[str]], shortlist: bool) -> Any:
        """CTranslate2 alone; it sorts by length and cuts into batches itself."""
        return self.translator.translate_batch(
            pieces, max_batch_size=BATCH, beam_size=self.beam, max_decoding_length=self.longest, use_vmap=shortlist
        )

    def marian(self, lines: list[str]) -> Run:
        """transformers alone, loaded now; gives the run to be timed. The piece ids are made beforehand."""
        import torch
        from transformers import MarianMTModel, MarianTokenizer
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        torch.set_num_threads(self.threads)
        folder = str(self.checkpoint.hf)
        net: Any = MarianMTModel.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        net.eval()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tokenizer: Any = MarianTokenizer.from_pretrained(folder, local_files_only=True)
        ordered = sorted(lines, key=lambda line: len(tokenizer(line).input_ids))
        batches = [tokenizer(ordered[i : i + BATCH], return_tensors="pt", padding=True) for i in range(0, len(ordered), BATCH)]

        def run() -> None:
            with torch.inference_mode():
                for batch in batches:
                    net.generate(**batch, num_beams=self.beam, do_sample=False, max_length=self.longest)

        return run

    def attempts(self, lines: list[str]) -> float:
        """How many texts go to the engine for each line: 1 where nothing is protected, cut or tried again."""
        given = 0
        translate = self.engine.translate

        def counted(sources: Any, *arguments: Any) -> Any:
            nonlocal given
            given += len(sources)
            return translate(sources, *arguments)

        self.engine.translate = counted  # type: ignore[method-assign]
        try:
            self.tool(lines)
        finally:
            self.engine.translate = translate  # type: ignore[method-assign]
        return given / len(lines)


def throughput(contenders: Contenders, lines: list[str], rounds: int) -> dict[str, Any]:
    """Part 1."""
    pieces = contenders.pieces(lines)
    contenders.bare(pieces[:BATCH], False)
    per_line = contenders.attempts(lines)  # also warms the tool up
    runs: dict[str, Run] = {
        "tool": lambda: contenders.tool(lines),
        "ctranslate2": lambda: contenders.bare(pieces, False),
    }
    if contenders.shortlist:
        runs["ctranslate2 with the vocabulary map"] = lambda: contenders.bare(pieces, True)
    times = take_turns(runs, rounds)
    return {"lines": len(lines), "texts_per_line": per_line, "times": times, "ratio": ratios(times, "tool", "ctranslate2", 0)}


def against_marian(contenders: Contenders, lines: list[str], rounds: int) -> dict[str, Any]:
    """Part 2, on at most `MARIAN_LINES` lines, taken evenly."""
    some = lines[:: -(-len(lines) // MARIAN_LINES)]
    pieces = contenders.pieces(some)
    marian = contenders.marian(some)
    contenders.tool(some[:BATCH])
    times = take_turns(
        {"tool": lambda: contenders.tool(some), "transformers": marian, "ctranslate2": lambda: contenders.bare(pieces, False)},
        rounds,
    )
    return {"lines": len(some), "times": times, "ratio": ratios(times, "transformers", "tool", 0)}


def timed_command(*command: str, text: str = "") -> Timing:
    """Elapsed and processor seconds of a command that gets `text` on stdin. Raises `RuntimeError` when it fails."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin and process.stdout
        process.stdin.write(text.encode())
        process.stdin.close()
        process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime


def start_up(model: str, rounds: int) -> dict[str, Any]:
    """Part 3; every command runs once before the first round, so that the disk is warm."""
    sentence = [sys.executable, "-c", COMMAND, "translate", "--lines", "--model", model, "-q", "-"]
    commands: dict[str, tuple[list[str], str]] = {
        "python -c pass": ([sys.executable, "-c", "pass"], ""),
        "bilingual --version": ([sys.executable, "-c", COMMAND, "--version"], ""),
        "first sentence": (sentence, "Le chat dort.\n"),
    }
    for command, text in commands.values():
        timed_command(*command, text=text)
    times: dict[str, list[Timing]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, (command, text) in commands.items():
            times[name].append(timed_command(*command, text=text))
    return {"times": times}


def memory(model: str, lines: list[str], threads: int, beam: int) -> dict[str, float]:
    """Part 4: peak resident memory in MB of ``bilingual translate --lines``, by number of lines."""
    found = {}
    for count in sorted({min(300, len(lines)), len(lines)}):
        with tempfile.NamedTemporaryFile("w", suffix=".fr", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines[:count]))
            file.flush()
            options = ["--lines", "--model", model, "--threads", str(threads), "--beam", str(beam), "-q", file.name]
            print(f"memory with {count} lines …", file=sys.stderr, flush=True)
            done = subprocess.run(
                [sys.executable, "-c", MEASURED, "translate", *options], capture_output=True, text=True, check=False
            )
        if done.returncode or done.stdout.count("\n") != count:
            raise RuntimeError(f"bilingual translate ended with {done.returncode}: {done.stderr}")
        found[str(count)] = float(done.stderr.split()[-1])
    return found


def report(figures: dict[str, Any]) -> None:
    """Print everything that was measured, as Markdown."""
    say_machine(figures["machine"])
    settings = figures["settings"]
    print(
        f"Settings: model {figures['model']}, beam {settings['beam']}, {settings['threads']} threads, batches of {BATCH}, int8 in"
        f" CTranslate2 and float32 in transformers, {settings['rounds']} rounds; median (range)."
    )
    if "throughput" in figures:
        part = figures["throughput"]
        print(f"\n## Throughput, {part['lines']} lines\n\n{_times(part, ratio_of='tool')}")
        goal = GOALS["throughput"]
        print(
            f"\nTool against CTranslate2 alone: {spread(part['ratio'])} times its time"
            f" (processor time: {spread(ratios(part['times'], 'tool', 'ctranslate2', 1))}); goal: at most {goal:.2f}"
            f" ({_met(statistics.median(part['ratio']) <= goal)}). The tool gave the engine {part['texts_per_line']:.3f} texts a line."
        )
    if "marian" in figures:
        part, goal = figures["marian"], GOALS["marian"]
        print(f"\n## Against transformers, {part['lines']} lines\n\n{_times(part, ratio_of='tool')}")
        print(
            f"\nTool against MarianMTModel.generate: {spread(part['ratio'])} times as fast"
            f" (processor time: {spread(ratios(part['times'], 'transformers', 'tool', 1))}); goal: at least {goal:.0f}"
            f" ({_met(statistics.median(part['ratio']) >= goal)})."
        )
    if "start-up" in figures:
        times, plain = figures["start-up"]["times"], "python -c pass"
        rows = [
            [
                name,
                spread([t[1] for t in times[name]]),
                spread(ratios(times, name, plain, 1), 1),
                spread([t[0] for t in times[name]]),
                spread(ratios(times, name, plain, 0), 1),
            ]
            for name in times
        ]
        header = ["command", "processor s", f"times {plain}", "elapsed s", f"times {plain}"]
        print(f"\n## Start-up\n\n{table(header, rows)}")
    if "memory" in figures:
        print("\n## Peak memory\n\n" + table(["lines", "MB"], [[n, f"{mb:.0f}"] for n, mb in figures["memory"].items()]))


def _times(part: dict[str, Any], ratio_of: str) -> str:
    """A table of lines a second, elapsed and processor time, and how many times a contender's time `ratio_of` took."""
    times, lines = part["times"], part["lines"]
    rows = [
        [
            name,
            f"{lines / statistics.median([t[0] for t in found]):.0f}",
            spread([t[0] for t in found]),
            spread([t[1] for t in found]),
            spread(ratios(times, ratio_of, name, 0)),
            spread(ratios(times, ratio_of, name, 1)),
        ]
        for name, found in times.items()
    ]
    header = ["", "lines/s", "elapsed s", "processor s", f"{ratio_of}'s time / this, elapsed", "processor"]
    return table(header, rows)


def _met(good: bool) -> str:
    return "met" if good else "not met"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with wmt13.fr")
    parser.add_argument("--model", default="embedded", help="embedded, a preset, a hub id or a folder")
    parser.add_argument("--beam", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=3000, help="lines to translate")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender runs")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part; may be repeated")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    arguments = parser.parse_args()
    lines = read_lines(data_folder(parser, arguments.data, ["wmt13.fr"]) / "wmt13.fr")[: arguments.limit]
    parts, model, rounds = arguments.part or list(PARTS), arguments.model, arguments.rounds
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))

    settings = {"beam": arguments.beam, "threads": arguments.threads, "rounds": rounds, "limit": arguments.limit}
    company = Company()
    figures: dict[str, Any] = {"machine": describe(), "settings": settings, "goals": GOALS}
    # Commands first, while this process is small and holds no threads.
    if "start-up" in parts:
        figures["start-up"] = start_up(model, max(5, rounds))
    if "memory" in parts:
        figures["memory"] = memory(model, lines, arguments.threads, arguments.beam)
    contenders = Contenders(model, arguments.beam, arguments.threads)
    figures["model"] = contenders.engine.model
    if "throughput" in parts:
        figures["throughput"] = throughput(contenders, lines, rounds)
    if "marian" in parts:
        figures["marian"] = against_marian(contenders, lines, rounds)
    figures["others_cores"] = company.cores()
    report(figures)
    company.say()
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
