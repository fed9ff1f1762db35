"""What enforcing a glossary does: terms obeyed, BLEU and chrF kept, time taken, and which step of the cascade wins.

    python benchmarks/terminology.py [--data DIR] [--limit N] [--engine ctranslate2] [--seeds] [--json FILE]

Runs on WMT13 (all sentences, the scores on those with terms) with a glossary that is built by rule from the pairs themselves, and on the
project's seeds with their references and the package's glossary:

- ``plain``: no glossary; how many terms the model renders unasked
- ``proper``: each term wants the English that the references use most for it
- ``random``: each term wants an English noun drawn at random: it must be obeyed too, and shows what obedience costs when it hurts

The glossary for WMT13: French words of five letters or more that stand in 5 to 60 of the sentences, each with the English word that
shares most sentences with it, where the choice is mutual (Dice coefficient at least 0.5, letters only). It is mined from the references,
so a gain in BLEU proves nothing; a loss would.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import sys
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

from bilingual.document import Segment
from bilingual.enforcement import violations
from bilingual.engines import find_model, load_engine
from bilingual.glossary import Glossary, Term, default_glossary
from bilingual.glossary.matching import compile_matcher, find_hits, find_renderings
from bilingual.inflection import english_singular, french_singular, indefinite_article
from bilingual.mending import doubled_words
from bilingual.pipeline import Settings, translate_segments

ROOT = Path(__file__).resolve().parent.parent
WORD = re.compile(r"[^\W\d_]+")


def mined_glossary(sources: list[str], references: list[str]) -> Glossary:
    """Frequent words with the English that goes with them, by Dice over sentence pairs."""
    french: dict[str, set[int]] = defaultdict(set)
    english: dict[str, set[int]] = defaultdict(set)
    for i, (source, reference) in enumerate(zip(sources, references, strict=True)):
        for word in WORD.findall(source):
            if word.islower() and len(word) >= 5:
                french[french_singular(word)].add(i)
        for word in WORD.findall(reference):
            if word.islower() and len(word) >= 4:
                english[english_singular(word)].add(i)

    spelled = {word for text in (*sources, *references) for word in WORD.findall(text)}

    def best(word: str, ours: dict[str, set[int]], theirs: dict[str, set[int]]) -> tuple[float, str]:
        dice = ((2 * len(ours[word] & places) / (len(ours[word]) + len(places)), other) for other, places in theirs.items())
        return max(dice, default=(0.0, ""))

    terms = []
    for word in sorted(french):
        if not 5 <= len(french[word]) <= 60:
            continue
        likeness, target = best(word, french, english)
        if word in spelled and target in spelled and likeness >= 0.5 and best(target, english, french)[1] == word:
            terms.append(Term(word, target, pos="noun"))
    return Glossary(tuple(terms), "mined from WMT13")


def random_glossary(glossary: Glossary, seed: int = 5) -> Glossary:
    """The same sources, each with the target of another entry."""
    targets = [term.target for term in glossary.terms]
    random.Random(seed).shuffle(targets)
    return Glossary(tuple(replace(t, target=target) for t, target in zip(glossary.terms, targets, strict=True)), "random")


def accuracy(glossary: Glossary, segments: list[Segment]) -> tuple[int, int, int]:
    """Hits, hits rendered in any number, hits rendered in the right number: exclusive maximal matching."""
    matcher = compile_matcher(glossary)
    hits = rendered = agreeing = 0
    for segment in segments:
        found = find_hits(matcher, segment.source)
        for rendering in find_renderings(found, segment.target):
            hits += 1
            rendered += rendering is not None
            agreeing += rendering is not None and rendering.number_agrees
    return hits, rendered, agreeing


def blemishes(plain: list[Segment], done: list[Segment]) -> dict[str, int]:
    """Faults by rule in sentences that the glossary changed: doubled words and wrong articles that the plain run has not."""
    article = re.compile(r"\b(an?) ([\w-]+)", re.IGNORECASE)
    counts: Counter[str] = Counter(doubled=0, articles=0, changed=0)
    for before, after in zip(plain, done, strict=True):
        if before.target == after.target:
            continue
        counts["changed"] += 1
        counts["doubled"] += max(0, len(doubled_words(after.target)) - len(doubled_words(before.target)))
        for hit in after.terms:
            if hit.status == "enforced" and hit.target:
                found = article.search(after.target, max(0, hit.target[0] - 3), hit.target[1])
                counts["articles"] += bool(found and found.group(1).lower() != indefinite_article(found.group(2)))
    return dict(counts)


def measure(name: str, sources: list[str], references: list[str], glossary: Glossary, engine: Any) -> list[dict[str, Any]]:
    import sacrebleu

    given = [Segment(f"p{i}.s1", source, block="line") for i, source in enumerate(sources, 1)]
    matcher = compile_matcher(glossary)
    with_terms = [i for i, source in enumerate(sources) if find_hits(matcher, source)]
    rows: list[dict[str, Any]] = []
    plain: list[Segment] = []
    base = 0.0
    list(translate_segments(given[:20], engine))
    for run, terms in (("plain", None), ("proper", glossary), ("random", random_glossary(glossary))):
        if run == "random" and name != "WMT13":
            continue
        started = time.process_time()  # of all threads: other work on the machine counts for less than in elapsed time
        done = list(translate_segments(given, engine, Settings(glossary=terms)))
        took = time.process_time() - started
        if run == "plain":
            plain, base = done, took
        used = terms or glossary
        hits, rendered, agreeing = accuracy(used, done)
        picked = [done[i].target for i in with_terms]
        truth = [[references[i] for i in with_terms]]
        ways = Counter(hit.method for s in done for hit in s.terms if hit.status == "enforced")
        rows.append(
            {
                "set": name,
                "run": run,
                "terms": hits,
                "sentences": len(with_terms),
                "lemma": 100 * rendered / hits,
                "number": 100 * agreeing / hits,
                "bleu": sacrebleu.corpus_bleu(picked, truth).score,
                "chrf": sacrebleu.corpus_chrf(picked, truth).score,
                "time": took / base,
                "ways": dict(ways.most_common()),
                "violations": sum(violations(s.terms) for s in done),
                "identical": all(done[i].target == plain[i].target for i in range(len(done)) if i not in set(with_terms)),
                **blemishes(plain, done),
            }
        )
        print(json.dumps(rows[-1]), file=sys.stderr)
    return rows


def seeds() -> tuple[list[str], list[str]]:
    sources, references = [], []
    for path in sorted((ROOT / "tests" / "reference").glob("*.tsv")):
        for row in csv.DictReader(path.open(encoding="utf-8", newline=""), delimiter="\t", quoting=csv.QUOTE_NONE):
            sources.append(row["source"])
            references.append(row["target"])
    return sources, references


def table(rows: list[dict[str, Any]]) -> str:
    head = "| set | run | terms | rendered | right number | BLEU | chrF | time | doubled | a/an | no-term sentences | won by |"
    lines = [head, "|" + "---|" * 12]
    for r in rows:
        total = sum(r["ways"].values())
        ways = ", ".join(f"{k} {100 * v / total:.0f} %" for k, v in r["ways"].items())
        lines.append(
            f"| {r['set']} | {r['run']} | {r['terms']} | {r['lemma']:.1f} % | {r['number']:.1f} % | {r['bleu']:.1f} | {r['chrf']:.1f} |"
            f" {r['time']:.2f} | {r['doubled']} | {r['articles']} | {'identical' if r['identical'] else 'CHANGED'} | {ways} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "dev")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--engine", default="ctranslate2")
    parser.add_argument("--seeds", action="store_true", help="only the seeds")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    engine = load_engine(find_model(), arguments.engine)
    rows = measure("seeds", *seeds(), default_glossary(), engine)
    if not arguments.seeds:
        files = [(arguments.data / f"wmt13.{side}") for side in ("fr", "en")]
        if not all(path.is_file() for path in files):
            sys.exit(f"{arguments.data}: no wmt13.fr and wmt13.en here (--data)")
        source, reference = (path.read_text(encoding="utf-8").split("\n")[: arguments.limit] for path in files)
        rows += measure("WMT13", source, reference, mined_glossary(source, reference), engine)
    print(table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
