"""How long a large glossary takes: compile, find the hits of many sentences, find their renderings.

    python benchmarks/matching.py [--entries 50000] [--sentences 1000] [--french FILE --english FILE] [--sentence-seconds S]

Entries are made by rule from the words of the French text itself (so that they are found) and from words that are not in it, one
to three words each. Times are processor times. `--sentence-seconds` is what translating one sentence takes on the same machine; with
it the share is printed. Without a text, sentences are made by rule too.
"""

from __future__ import annotations

import argparse
import random
import re
import time
import tracemalloc
from pathlib import Path

from bilingual.glossary import Glossary, Term
from bilingual.glossary.matching import compile_matcher, find_hits, find_renderings

SYLLABLES = "ba co di fu ga le mi no pu ra se ti vo tri cha plo gne rou teur tion ment eau al ique".split()


def make_word(rng: random.Random) -> str:
    return "".join(rng.choices(SYLLABLES, k=rng.randint(2, 4)))


def make_glossary(sentences: list[str], entries: int, rng: random.Random) -> Glossary:
    """A third of the entries from the text, one to three words long, the rest of made-up words; no source twice."""
    rows: dict[str, Term] = {}
    words = [re.findall(r"\w+", sentence) for sentence in sentences]
    words = [row for row in words if len(row) > 3]
    while len(rows) < entries:
        if words and len(rows) % 3 == 0:
            row = rng.choice(words)
            start = rng.randrange(len(row) - 2)
            source = " ".join(row[start : start + rng.randint(1, 3)])
            if max(map(len, source.split())) > 5:
                rows.setdefault(source, Term(source, make_word(rng)))
        source = " ".join(make_word(rng) for _ in range(rng.randint(1, 3)))
        rows.setdefault(source, Term(source, make_word(rng)))
    return Glossary(tuple(rows.values())[:entries], "synthetic")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--sentences", type=int, default=1_000)
    parser.add_argument("--french", type=Path)
    parser.add_argument("--english", type=Path)
    parser.add_argument("--sentence-seconds", type=float)
    args = parser.parse_args()
    rng = random.Random(7)
    if args.french:
        french = args.french.read_text(encoding="utf-8").split("\n")[: args.sentences]
        english = args.english.read_text(encoding="utf-8").split("\n")[: args.sentences] if args.english else french
    else:
        french = english = [" ".join(make_word(rng) for _ in range(25)) for _ in range(args.sentences)]
    glossary = make_glossary(french, args.entries, rng)

    start = time.process_time()
    matcher = compile_matcher(glossary)
    compiled = time.process_time() - start
    start = time.process_time()
    hits = [find_hits(matcher, sentence) for sentence in french]
    first = time.process_time() - start
    start = time.process_time()
    for sentence in french:
        find_hits(matcher, sentence)
    again = time.process_time() - start
    start = time.process_time()
    for found, sentence in zip(hits, english, strict=True):
        find_renderings(found, sentence)
    rendered = time.process_time() - start
    tracemalloc.start()
    held = compile_matcher(glossary)
    memory = tracemalloc.get_traced_memory()[0] / 2**20

    print(f"entries {len(held.glossary.terms)}, sentences {len(french)}, hits {sum(map(len, hits))}")
    print(f"compile          {compiled:7.3f} s  ({1e6 * compiled / len(glossary.terms):.1f} µs an entry, {memory:.0f} MiB)")
    print(f"hits, cold       {first:7.3f} s  ({1e3 * first / len(french):.3f} ms a sentence)")
    print(f"hits, warm       {again:7.3f} s  ({1e3 * again / len(french):.3f} ms a sentence)")
    print(f"renderings       {rendered:7.3f} s  ({1e3 * rendered / len(french):.3f} ms a sentence)")
    if args.sentence_seconds:
        share = (first + rendered) / (len(french) * args.sentence_seconds)
        print(f"that is {100 * share:.2f} % of the time to translate them, or {share * len(french):.1f} sentences")


if __name__ == "__main__":
    main()
