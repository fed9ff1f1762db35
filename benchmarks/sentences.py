"""Sentence splitting compared: `bilingual.sentences` beside sentencex and spaCy's rule-based sentencizer.

    python benchmarks/sentences.py                     on the hand-marked texts of tests/cases/sentences.json
    python benchmarks/sentences.py --lines FILE --language fr [--from N] [--to N]
                                                       on a file of one sentence a line, twenty lines joined by spaces at a time

Boundary F1 counts the ends of sentences inside a text (the end of the text is given), sentence F1 the sentences whose two ends are
right. “and” and “or” keep the ends that both, or either of, our rules and sentencex see. A file of one sentence a line has lines
of several sentences and headings without a stop: no splitter reaches 1 on it. Time is the best of three runs over the same texts.
"""

from __future__ import annotations

import argparse
import json
import platform
import timeit
from collections.abc import Callable
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import sentencex
import spacy

from bilingual.sentences import SPLITTER, split_sentences

Span = tuple[int, int]
Splitter = Callable[[str, str], list[Span]]
MARKED = Path(__file__).parent.parent / "tests" / "cases" / "sentences.json"
PIPELINES = {}


def stripped(text: str, spans: list[Span]) -> list[Span]:
    pieces = ((text[start:end], start) for start, end in spans)
    return [(at + len(t) - len(t.lstrip()), at + len(t.rstrip())) for t, at in pieces if t.strip()]


def by_sentencex(text: str, language: str) -> list[Span]:
    found = sentencex.get_sentence_boundaries(language, text)
    return stripped(text, [(each["start_index"], each["end_index"]) for each in found])


def by_spacy(text: str, language: str) -> list[Span]:
    if language not in PIPELINES:
        PIPELINES[language] = spacy.blank(language)
        PIPELINES[language].add_pipe("sentencizer")
        PIPELINES[language].max_length = 10**9
    return stripped(text, [(each.start_char, each.end_char) for each in PIPELINES[language](text).sents])


def between(text: str, ends: set[int]) -> list[Span]:
    marks = [0, *sorted(ends | {len(text)})]
    return stripped(text, list(pairwise(marks)))


def by_both(text: str, language: str) -> list[Span]:
    return between(text, {end for _, end in split_sentences(text, language)} & {end for _, end in by_sentencex(text, language)})


def by_either(text: str, language: str) -> list[Span]:
    return between(text, {end for _, end in split_sentences(text, language)} | {end for _, end in by_sentencex(text, language)})


SPLITTERS: dict[str, Splitter] = {
    SPLITTER: split_sentences,
    "sentencex": by_sentencex,
    "spaCy sentencizer": by_spacy,
    f"{SPLITTER} and sentencex": by_both,
    f"{SPLITTER} or sentencex": by_either,
}


def marked(language: str, held_out: bool) -> list[tuple[str, list[Span]]]:
    out = []
    for case in json.loads(MARKED.read_text("utf-8"))["texts"]:
        if case["language"] == language and case["held_out"] == held_out:
            text, spans = "", []
            for number, entry in enumerate(case["sentences"]):
                separator, sentence = entry if isinstance(entry, list) else (" " if number else "", entry)
                text += separator
                spans.append((len(text), len(text) + len(sentence)))
                text += sentence
            out.append((text, spans))
    return out


def lines(path: Path, first: int, last: int | None) -> list[tuple[str, list[Span]]]:
    kept = [line.strip() for line in path.read_text("utf-8").split("\n") if line.strip()][first:last]
    out = []
    for at in range(0, len(kept), 20):
        text, spans = "", []
        for line in kept[at : at + 20]:
            text += " " if text else ""
            spans.append((len(text), len(text) + len(line)))
            text += line
        out.append((text, spans))
    return out


def f1(right: int, found: int, wanted: int) -> float:
    return 2 * right / (found + wanted) if found + wanted else 1.0


def row(splitter: Splitter, texts: list[tuple[str, list[Span]]], language: str) -> tuple[float, int, int, float, float]:
    """Boundary F1, false and missed ends, sentence F1, seconds."""
    ends = [0, 0, 0]
    whole = [0, 0, 0]
    for text, wanted in texts:
        found = splitter(text, language)
        a, b = {end for _, end in found[:-1]}, {end for _, end in wanted[:-1]}
        ends = [ends[0] + len(a & b), ends[1] + len(a), ends[2] + len(b)]
        whole = [whole[0] + len(set(found) & set(wanted)), whole[1] + len(found), whole[2] + len(wanted)]
    timer = timeit.Timer(lambda: [splitter(text, language) for text, _ in texts])
    rounds, _ = timer.autorange()
    seconds = min(timer.repeat(3, rounds)) / rounds
    return f1(*ends), ends[1] - ends[0], ends[2] - ends[0], f1(*whole), seconds


def table(title: str, texts: list[tuple[str, list[Span]]], language: str) -> None:
    print(f"\n### {title}: {len(texts)} texts, {sum(len(spans) for _, spans in texts)} sentences\n")
    print(
        "| splitter | boundary F1 | false | missed | sentence F1 | µs a character | time / sentencex |\n|---|---|---|---|---|---|---|"
    )
    rows = {name: row(splitter, texts, language) for name, splitter in SPLITTERS.items()}
    size = sum(len(text) for text, _ in texts)
    for name, (boundary, false, missed, sentence, seconds) in rows.items():
        ratio = seconds / rows["sentencex"][-1]
        print(f"| {name} | {boundary:.3f} | {false} | {missed} | {sentence:.3f} | {seconds / size * 1e6:.2f} | {ratio:.1f} |")


def one_long_line(texts: list[tuple[str, list[Span]]], language: str) -> None:
    """Time on the texts joined and repeated into one line, at two lengths: linear time takes four times as long on the second."""
    line = " ".join(" ".join(text.split()) for text, _ in texts) + " "
    print("\n### One long line\n\n| splitter | 1.25 M characters | 5 M characters |\n|---|---|---|")
    for name in (SPLITTER, "sentencex"):
        cells = []
        for size in (1_250_000, 5_000_000):
            text = (line * (size // len(line) + 1))[:size]
            cells.append(f"{min(timeit.repeat(lambda: SPLITTERS[name](text, language), number=1, repeat=2)):.2f} s")  # noqa: B023
        print(f"| {name} | {' | '.join(cells)} |")


def processor() -> str:
    info = Path("/proc/cpuinfo")
    named = (
        [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        if info.exists()
        else []
    )
    return named[0] if named else platform.processor() or platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path)
    parser.add_argument("--language", choices=["fr", "en"], default="fr")
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--to", type=int, default=None, dest="last")
    chosen = parser.parse_args()
    print(
        f"{processor()}; Python {platform.python_version()}; sentencex {version('sentencex')}; spaCy {version('spacy')}; {SPLITTER}"
    )
    if chosen.lines:
        table(f"{chosen.lines.name} ({chosen.language})", lines(chosen.lines, chosen.first, chosen.last), chosen.language)
        return
    for language in ("fr", "en"):
        table(f"{language}, open", marked(language, held_out=False), language)
        table(f"{language}, held out", marked(language, held_out=True), language)
    one_long_line(marked("fr", held_out=False), "fr")


if __name__ == "__main__":
    main()
