"""Sentence alignment measured on texts aligned by hand: `bilingual.bitext` beside Gale & Church's lengths alone.

    python benchmarks/bitext.py                    the open half of bitext/
    python benchmarks/bitext.py --half aside       the half kept aside; --half all: both
    python benchmarks/bitext.py --list             and every bead that is wrong
    python benchmarks/bitext.py --news             WMT13 and FLORES-dev as running texts, splitting included
    python benchmarks/bitext.py --scale 20000      time and memory on made-up texts of that many sentences a side

Sentences are given, one a line. *Strict*: a bead counts where it has the very sentences of a hand-made one; *lax*: where it shares
a sentence of both sides with one (Thompson & Koehn, "Vecalign", EMNLP 2019). Beads with an empty side do not count there; *with
omissions* they do, each sentence that stands alone as a bead. Errors are strict beads that are wrong or not found. The difference of
the two methods is resampled over the hand-made beads (paired bootstrap, 2,000 draws), a bead of a method going with the one that has
its first sentence.

*lengths alone* is Gale & Church 1993 with the mean and variance of `bilingual.symptoms`, over the whole text: paragraphs are not
equal here, and so no hard boundaries.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

from machine import DATA, data_folder, describe, peak_memory, read_lines, say_machine, table

from bilingual.bitext import align, align_sentences
from bilingual.document import Segment
from bilingual.engines import Engine, find_model, load_engine
from bilingual.pipeline import Settings, translate_segments
from bilingual.reading import read_document
from bilingual.symptoms import CHARACTERS, VARIANCE

FOLDER = Path(__file__).parent / "bitext"
HALVES = {
    "open": ("marche", "budget", "phare", "compost", "velo"),
    "aside": ("glacier", "match", "gare", "logiciel", "proces"),
}
DRAWS = 2000

Bead = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Text:
    """A text in both languages: sentences, where paragraphs begin, and the hand-made beads."""

    name: str
    french: list[str]
    english: list[str]
    begins: tuple[list[bool], list[bool]]
    gold: list[Bead]


def read_text(name: str) -> Text:
    sides, begins = [], []
    for language in ("fr", "en"):
        paragraphs = (FOLDER / f"{name}.{language}.txt").read_text(encoding="utf-8").strip("\n").split("\n\n")
        sides.append([sentence for paragraph in paragraphs for sentence in paragraph.split("\n")])
        begins.append([at == 0 for paragraph in paragraphs for at, _ in enumerate(paragraph.split("\n"))])
    gold = []
    for line in (FOLDER / f"{name}.beads").read_text(encoding="utf-8").splitlines():
        french, english = (tuple(int(n) - 1 for n in side.split() if n != "-") for side in line.split("="))
        gold.append((french, english))
    for at, side in enumerate(sides):
        assert sorted(n for bead in gold for n in bead[at]) == list(range(len(side))), f"{name}: every sentence in one bead"
    return Text(name, sides[0], sides[1], (begins[0], begins[1]), gold)


def ours(text: Text, translations: Sequence[str]) -> list[Bead]:
    beads = align_sentences(text.french, translations, text.english, *text.begins)
    return [(tuple(range(*bead.french)), tuple(range(*bead.english))) for bead in beads]


GALE_CHURCH = {(1, 1): 0.89, (1, 0): 0.0099, (0, 1): 0.0099, (2, 1): 0.089, (1, 2): 0.089, (2, 2): 0.011}


def lengths_alone(text: Text) -> list[Bead]:
    sizes = [[len(sentence) for sentence in side] for side in (text.french, text.english)]
    best: dict[tuple[int, int], tuple[float, tuple[int, int]]] = {(0, 0): (0.0, (0, 0))}
    for i in range(len(sizes[0]) + 1):
        for j in range(len(sizes[1]) + 1):
            if i or j:
                options = []
                for (a, b), prior in GALE_CHURCH.items():
                    if i >= a and j >= b:
                        f, e = sum(sizes[0][i - a : i]), sum(sizes[1][j - b : j])
                        deviation = abs(e - CHARACTERS * f) / math.sqrt(VARIANCE * (f + e / CHARACTERS) / 2)
                        match = max(1e-300, math.erfc(deviation / math.sqrt(2)))
                        options.append((best[i - a, j - b][0] - math.log(match) - math.log(prior), (a, b)))
                best[i, j] = min(options)
    beads = []
    i, j = len(sizes[0]), len(sizes[1])
    while i or j:
        a, b = best[i, j][1]
        beads.append((tuple(range(i - a, i)), tuple(range(j - b, j))))
        i, j = i - a, j - b
    return beads[::-1]


Counts = tuple[int, int, int, int, int]
"""Beads found that are right, found at all, wanted; found that are right by half, wanted that are found by half."""


def units(gold: Sequence[Bead], found: Sequence[Bead]) -> list[Counts]:
    """`Counts` for each hand-made bead with two sides, and of beads found that begin in none of them in a last one."""
    home = {("fr", n): at for at, bead in enumerate(gold) for n in bead[0]} | {
        ("en", n): at for at, bead in enumerate(gold) for n in bead[1]
    }
    right = {bead for bead in gold if all(bead)}
    rows = [[0, 0, int(all(bead)), 0, 0] for bead in gold]
    touched: set[int] = set()
    for bead in found:
        if all(bead):
            near = {home["fr", n] for n in bead[0]} & {home["en", n] for n in bead[1]}
            row = rows[home["fr", bead[0][0]]]
            row[0] += bead in right
            row[1] += 1
            row[3] += bool(near)
            touched |= near
    for at in touched:
        rows[at][4] = 1
    return [(a, b, c, d, e) for a, b, c, d, e in rows]


def summed(rows: Iterable[Counts]) -> Counts:
    a, b, c, d, e = (sum(column) for column in zip(*rows, strict=True))
    return a, b, c, d, e


def strict(counts: Counts) -> tuple[float, float, float]:
    right, found, wanted, *_ = counts
    return right / max(1, found), right / wanted, 2 * right / max(1, found + wanted)


def lax(counts: Counts) -> tuple[float, float, float]:
    _, found, wanted, precise, recalled = counts
    p, r = precise / max(1, found), recalled / wanted
    return p, r, 2 * p * r / max(1e-9, p + r)


def with_omissions(gold: Sequence[Bead], found: Sequence[Bead]) -> tuple[int, int]:
    """Twice the beads that are right, and all beads of both, where a sentence that stands alone is a bead."""
    return 2 * len(set(gold) & set(found)), len(gold) + len(found)


def difference(ours: Sequence[Counts], theirs: Sequence[Counts]) -> tuple[float, float, float]:
    """The difference of F1, and the bounds of its 95 % interval."""
    rng = random.Random(1)
    pairs = list(zip(ours, theirs, strict=True))
    drawn = []
    for _ in range(DRAWS):
        sample = rng.choices(pairs, k=len(pairs))
        drawn.append(strict(summed(a for a, _ in sample))[2] - strict(summed(b for _, b in sample))[2])
    drawn.sort()
    whole = strict(summed(ours))[2] - strict(summed(theirs))[2]
    return whole, drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS)]


def report(texts: Sequence[Text], engine: Engine, beam: int, listed: bool) -> None:
    @cache
    def translated(name: str) -> list[str]:
        text = next(text for text in texts if text.name == name)
        segments = [Segment(f"p{n}.s1", sentence) for n, sentence in enumerate(text.french, 1)]
        return [segment.target for segment in translate_segments(segments, engine, Settings(beam=beam))]

    methods: dict[str, Callable[[Text], list[Bead]]] = {
        "ours": lambda text: ours(text, translated(text.name)),
        "lengths alone": lengths_alone,
    }
    made = {method: [run(text) for text in texts] for method, run in methods.items()}
    counted = {m: [units(text.gold, beads) for text, beads in zip(texts, found, strict=True)] for m, found in made.items()}
    rows: list[list[object]] = []
    for at, text in enumerate([*texts, None]):
        for method in methods:
            per = counted[method][at] if text else [unit for units_ in counted[method] for unit in units_]
            counts = summed(per)
            pairs = [(text.gold, made[method][at])] if text else [(t.gold, b) for t, b in zip(texts, made[method], strict=True)]
            doubled, both = (sum(column) for column in zip(*(with_omissions(*pair) for pair in pairs), strict=True))
            errors = counts[1] + counts[2] - 2 * counts[0]
            name = text.name if text else f"all {len(texts)}"
            figures = [f"{value:.3f}" for value in (*strict(counts), *lax(counts), doubled / both)]
            rows.append([name if method == "ours" else "", method, counts[2], *figures, errors])
    header = ["text", "method", "beads", "P", "R", "F1", "lax P", "lax R", "lax F1", "F1 with omissions", "errors"]
    print(table(header, rows, left=2))
    flat = {method: [unit for units_ in found for unit in units_] for method, found in counted.items()}
    whole, low, high = difference(flat["ours"], flat["lengths alone"])
    print(f"\nOurs less lengths alone: F1 {whole:+.3f} (95 % interval {low:+.3f} to {high:+.3f}).")
    if listed:
        for text, beads in zip(texts, made["ours"], strict=True):
            for bead in sorted(set(beads) ^ set(text.gold)):
                sides = " | ".join(
                    " ".join(side[n] for n in numbers) for side, numbers in zip((text.french, text.english), bead, strict=True)
                )
                print(f"\n{text.name} {'found' if bead in beads else 'wanted'} {len(bead[0])}-{len(bead[1])}: {sides}")


def scale(size: int) -> None:
    """Made-up texts: words by Zipf's law, a translation with four words in ten wrong, beads of all kinds, a passage moved, one dropped."""
    rng = random.Random(1)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(3, 9))) for _ in range(20_000)]
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))

    def sentence() -> str:
        return " ".join(rng.choices(words, cum_weights=weights, k=rng.randint(4, 30)))

    def roughly(text: str) -> str:
        return " ".join(word if rng.random() < 0.6 else rng.choices(words, cum_weights=weights)[0] for word in text.split())

    pairs: list[tuple[list[str], list[str]]] = []
    for _ in range(size):
        kind, one, two = rng.random(), sentence(), sentence()
        pairs.append(([one], []) if kind < 0.01 else ([], [one]) if kind < 0.02 else ([one], [one]))
        if kind > 0.92:
            pairs[-1] = ([one, two], [f"{one} {two}"]) if kind > 0.96 else ([f"{one} {two}"], [one, two])
    order = list(range(size))
    order[size // 4 : size // 4] = [order.pop(size // 2) for _ in range(50)]  # fifty sentences stand elsewhere in the English
    dropped = set(range(size // 8, size // 8 + size // 100))
    french = [text for side, _ in pairs for text in side]
    firsts = list(accumulate((len(side) for side, _ in pairs), initial=0))
    english: list[str] = []
    gold: set[Bead] = set()
    for at in order:
        if at not in dropped and pairs[at][1]:
            mine = tuple(range(firsts[at], firsts[at + 1]))
            gold.add((mine, tuple(range(len(english), len(english) + len(pairs[at][1])))))
            english += pairs[at][1]
    translations = [roughly(text) for text in french]
    start, cpu = time.perf_counter(), time.process_time()
    beads = align_sentences(french, translations, english)
    elapsed, cpu = time.perf_counter() - start, time.process_time() - cpu
    found = {(tuple(range(*b.french)), tuple(range(*b.english))) for b in beads}
    gold, found = {bead for bead in gold if all(bead)}, {bead for bead in found if all(bead)}
    f1 = 2 * len(gold & found) / (len(gold) + len(found))
    moved = sum(bead.moved for bead in beads)
    print(
        f"{len(french)} and {len(english)} sentences: {cpu:.0f} s of processor time ({elapsed:.0f} s elapsed, one core),", end=" "
    )
    print(f"peak memory {peak_memory():.0f} MB, F1 {f1:.4f}, {moved} of 50 moved. The translation comes on top.")


def news(data: Path, engine: Engine, most: int) -> None:
    """WMT13 and FLORES-dev as running texts, five lines a paragraph; the English lacks every 17th, the French every 23rd."""
    texts = []
    for language, every, first in (("fr", 23, 5), ("en", 17, 3)):
        lines = [line for name in ("wmt13", "flores-dev") for line in read_lines(data / f"{name}.{language}")][:most]
        kept = [at for at in range(0, len(lines), 5) if at // 5 % every != first]
        text = "\n\n".join(" ".join(lines[at : at + 5]) for at in kept)
        starts, numbers, place = [], [], 0
        for number in (n for at in kept for n in range(at, min(at + 5, len(lines)))):
            starts.append(text.index(lines[number], place))
            numbers.append(number)
            place = starts[-1] + len(lines[number])
        texts.append((read_document(text.encode(), f"news.{language}.txt"), starts, numbers))

    def lines_of(side: int, span: tuple[int, int]) -> set[int]:
        _, starts, numbers = texts[side]
        return {numbers[at] for at in range(bisect_right(starts, span[0]) - 1, bisect_left(starts, span[1]))}

    document = align(texts[0][0], texts[1][0], engine)
    right = wrong = wide = 0
    for segment in document.segments:
        if segment.source and segment.alignment and segment.alignment.span:
            french, english = lines_of(0, segment.span), lines_of(1, segment.alignment.span)
            right += french == english
            wrong += french != english
            wide += french == english and len(french) > 1
    both = len(set(texts[0][2]) & set(texts[1][2]))
    print(
        f"{right + wrong} pairs of {both} lines that both have: {right} of the same lines ({wide} of two or three), {wrong} of others."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=[*HALVES, "all"], default="open")
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--beam", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="print every bead of ours that is wrong, or not found")
    parser.add_argument("--scale", type=int, metavar="N", help="time and memory for N sentences a side, without a model")
    parser.add_argument("--news", action="store_true", help="on WMT13 and FLORES-dev with paragraphs left out, by line")
    parser.add_argument("--data", type=Path, default=DATA, help="the folder that these two are in")
    parser.add_argument("--most", type=int, default=10_000, help="lines of them that are taken")
    args = parser.parse_args()
    if args.news:
        data_folder(parser, args.data, [f"{name}.{side}" for name in ("wmt13", "flores-dev") for side in ("fr", "en")])
    say_machine(describe())
    if args.scale:
        scale(args.scale)
        return
    names = HALVES.get(args.half) or [name for half in HALVES.values() for name in half]
    engine = load_engine(find_model(args.model), "ctranslate2", device="cpu", threads=args.threads)
    print(f"Model: {engine.model}, {engine.name}, beam {args.beam}.\n")
    if args.news:
        news(args.data, engine, args.most)
        return
    report([read_text(name) for name in names], engine, args.beam, args.list)


if __name__ == "__main__":
    main()
