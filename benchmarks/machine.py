"""What every measurement here says about where it was made, and the few tools that the benchmarks share."""

from __future__ import annotations

import argparse
import os
import platform
import re
import resource
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "dev"
"""Where the development sets are looked for unless ``--data`` says otherwise; they are not part of the repository."""

PACKAGES = ("ctranslate2", "transformers", "torch", "sentencepiece", "sacrebleu")


def describe() -> dict[str, Any]:
    """Processor, cores, system and versions; the load is what else the machine was doing when this was asked."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
    }


class Company:
    """How much of the machine other processes take while something is measured; made at the start, asked at the end.

    Elapsed times are worth little when others compute, and PyTorch's threads then wait for one another many times as long.
    """

    def __init__(self) -> None:
        self._start = self._clocks()

    def cores(self) -> float | None:
        """Cores that others kept busy, on average since the start; None where the system does not say."""
        if self._start is None or (now := self._clocks()) is None:
            return None
        (elapsed, busy, own), (elapsed_then, busy_then, own_then) = now, self._start
        return round(max(0.0, (busy - busy_then) - (own - own_then)) / max(1e-9, elapsed - elapsed_then), 2)

    def say(self) -> None:
        """Print it, with a warning where it spoils the figures."""
        cores = self.cores()
        if cores is not None:
            warning = "." if cores < 0.15 else ": too many for these figures to be quoted."
            print(f"\nOther processes kept {cores:.2f} cores busy while this ran{warning}")

    @staticmethod
    def _clocks() -> tuple[float, float, float] | None:
        try:
            fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
        except OSError:
            return None
        user, nice, system, _, _, irq, softirq, steal = (int(field) for field in fields[:8])
        own = os.times()
        busy = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
        return time.monotonic(), busy, own.user + own.system + own.children_user + own.children_system


def say_machine(machine: dict[str, Any]) -> None:
    """Print what `describe` gave, in two lines."""
    print(f"Machine: {machine['cpu']}, {machine['cores']} cores, {machine['system']}, load {machine['load']} at the start.")
    print("Versions: " + ", ".join(f"{name} {version}" for name, version in machine["versions"].items()) + ".")


def peak_memory() -> float:
    """The most memory that this process ever held (resident set), in MB (10^6 bytes).

    Linux's VmHWM is asked first: `ru_maxrss` of a started process counts what its parent held at that moment.
    """
    try:
        found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        found = None
    if found:
        return int(found.group(1)) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def read_lines(path: Path) -> list[str]:
    """Lines of a development set: LF alone ends a line."""
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def data_folder(parser: argparse.ArgumentParser, folder: Path, names: Sequence[str]) -> Path:
    """`folder`, checked to hold files of these `names`; ends the program with code 2 where one is missing."""
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        parser.error(
            f"no {', '.join(missing)} in {folder}: the development sets (WMT news test 2013, FLORES dev; French and English, one"
            " sentence a line) are not part of this repository. Get them from https://www.statmt.org/wmt13 and"
            " https://huggingface.co/datasets/openlanguagedata/flores_plus, and name their folder with --data"
        )
    return folder


SETS = ("wmt13", "flores-dev")


def development_pairs(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """The pairs of both development sets in `folder`, French and English."""
    return {name: list(zip(*(read_lines(folder / f"{name}.{side}") for side in ("fr", "en")), strict=True)) for name in SETS}


def with_model(parser: argparse.ArgumentParser) -> tuple[argparse.Namespace, dict[str, list[tuple[str, str]]], Any]:
    """The command line with ``--model``, ``--threads`` and ``--data``, the development pairs, the engine; says the machine."""
    from bilingual.engines import find_model, load_engine

    parser.add_argument("--model", default="embedded")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    folder = data_folder(parser, given.data, [f"{name}.{side}" for name in SETS for side in ("fr", "en")])
    say_machine(describe())
    engine = load_engine(find_model(given.model), "ctranslate2", device="cpu", threads=given.threads)
    return given, development_pairs(folder), engine


def table(header: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1) -> str:
    """A Markdown table; the first `left` columns to the left, the others to the right.

    >>> print(table(["set", "BLEU"], [["a", 1.5]]))
    | set | BLEU |
    |---|---:|
    | a | 1.5 |
    """
    lines = [list(header), *rows]
    text = ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]
    text.insert(1, "|" + "|".join("---" if i < left else "---:" for i in range(len(header))) + "|")
    return "\n".join(text)


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Median and range.

    >>> spread([3.0, 1.0, 2.0])
    '2.00 (1.00-3.00)'
    """
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    wide = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "amx_int8") if re.search(rf"\b{flag}\b", text)]
    return (found.group(1).strip() if found else platform.machine()) + (f" ({', '.join(wide)})" if wide else "")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
