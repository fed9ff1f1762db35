"""Extractive summaries against references: ROUGE, coverage, redundancy, and whether both languages would choose the same sentences.

    python benchmarks/summaries.py                     # the ten open articles
    python benchmarks/summaries.py --kept-aside        # the ten kept aside: once, at the end (benchmarks/summaries/README.md)

Methods. *ours*: `bilingual.summary.summarize` with its own number of sentences, N. *lead-3*, *lead-n*: the first 3 (N) sentences of the
body. *textrank*: N sentences by Mihalcea & Tarau 2004 (words in common over the logarithms of the lengths, weighted PageRank), as
written there but for the stop words, which are left out. *random*: mean over 200 draws of N. *oracle*: up to five sentences
added greedily while mean ROUGE-1 + ROUGE-2 against both references grows (Nallapati et al. 2017): what any choice of
sentences could about reach. All choose among the sentences of paragraphs, titles, captions, bylines and lists left out, but
for ours, which decides that itself.

ROUGE (Lin 2004) is F1 over the words of the whole summary, lower case, accents kept, a number with spaces one word, no stemming, no
stop words removed; ROUGE-L is the longest common subsequence of the two texts. Every article has two references, an extractive and a
free one; figures are means over both, and for the free one alone. Differences are tested by a paired bootstrap over articles.

Beside ROUGE: how many sentences of the extractive reference are met, how many names, figures and terms of the text stand in the
summary, how much its sentences repeat each other, how many cannot stand alone by the tool's own reading, and (`--agreement`) how many
the English would choose as well.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

from machine import ROOT, describe, say_machine, table

from bilingual.document import CLUTTER, Document, Segment
from bilingual.engines import find_model, load_engine
from bilingual.glossary import default_glossary
from bilingual.glossary.matching import compile_matcher, find_hits
from bilingual.names import fold
from bilingual.pipeline import Settings, translate
from bilingual.reading import read_document
from bilingual.sentences import split_document
from bilingual.summary import summarize
from bilingual.summary.figures import find_figures
from bilingual.summary.mentions import name_texts
from bilingual.summary.standing import why_not

DATA = ROOT / "benchmarks" / "summaries"
MEASURES = ("ROUGE-1", "ROUGE-2", "ROUGE-L")
RESAMPLES = 10_000
Scores = tuple[float, float, float]

_WORD = re.compile(r"\d+(?:[ \u00a0\u202f.,]\d{3})*(?![\d])|[^\W_]+")


def words(text: str) -> list[str]:
    """Lower-case words with their accents; digits grouped by spaces or points are one word.

    >>> words("L’usine gravera 100 000 puces d’été.")
    ['l', 'usine', 'gravera', '100000', 'puces', 'd', 'été']
    """
    return [re.sub(r"(?<=\d)[ \u00a0\u202f.,](?=\d)", "", found[0]).lower() for found in _WORD.finditer(text)]


def f1(common: float, ours: int, theirs: int) -> float:
    return 2 * common / (ours + theirs) if ours and theirs else 0.0


def pairs(tokens: Sequence[str]) -> Counter[tuple[str, str]]:
    return Counter(pairwise(tokens))


def longest_common(one: Sequence[str], two: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(two) + 1)
    for a in one:
        before = 0
        for j, b in enumerate(two, 1):
            before, row[j] = row[j], before + 1 if a == b else max(row[j], row[j - 1])
    return row[-1]


def rouge(summary: str, reference: str) -> Scores:
    """F1 of ROUGE-1, ROUGE-2 and ROUGE-L.

    >>> [round(score, 2) for score in rouge("Le chat dort.", "Le chat noir dort.")]
    [0.86, 0.4, 0.86]
    """
    ours, theirs = words(summary), words(reference)
    one = (Counter(ours) & Counter(theirs)).total()
    two = (pairs(ours) & pairs(theirs)).total()
    return (
        f1(one, len(ours), len(theirs)),
        f1(two, len(ours) - 1, len(theirs) - 1),
        f1(longest_common(ours, theirs), len(ours), len(theirs)),
    )


def mean_rouge(summary: str, references: Sequence[str]) -> Scores:
    rows = [rouge(summary, reference) for reference in references]
    return tuple(fmean(column) for column in zip(*rows, strict=True))  # type: ignore[return-value]


# ----------------------------------------------------------------------------------------------------------------- baselines


def textrank(sentences: Sequence[str], number: int, stop: frozenset[str]) -> list[int]:
    """Mihalcea & Tarau 2004: the graph of word overlap, PageRank with damping 0.85 and weights."""
    bags = [[w for w in words(s) if w not in stop] for s in sentences]
    sets = [set(bag) for bag in bags]
    size = len(sentences)
    weight = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i):
            below = math.log(len(bags[i]) or 1) + math.log(len(bags[j]) or 1)
            if below > 0:
                weight[i][j] = weight[j][i] = len(sets[i] & sets[j]) / below
    out = [sum(row) for row in weight]
    rank = [1.0] * size
    for _ in range(100):
        rank = [0.15 + 0.85 * sum(weight[j][i] / out[j] * rank[j] for j in range(size) if weight[j][i]) for i in range(size)]
    return sorted(sorted(range(size), key=lambda i: (-rank[i], i))[:number])


def oracle(sentences: Sequence[str], references: Sequence[str], most: int = 5) -> list[int]:
    """Sentences added greedily while ROUGE-1 + ROUGE-2 grows."""
    chosen: list[int] = []
    best = 0.0
    while len(chosen) < most:
        tried = []
        for i in set(range(len(sentences))) - set(chosen):
            text = " ".join(sentences[k] for k in sorted([*chosen, i]))
            tried.append((sum(mean_rouge(text, references)[:2]), -i))
        if not tried or max(tried)[0] <= best:
            break
        best, place = max(tried)
        chosen.append(-place)
    return sorted(chosen)


# -------------------------------------------------------------------------------------------------------------------- articles


class Article:
    """One article with its references."""

    def __init__(self, reference: dict[str, Any]):
        path = ROOT / reference["article"]
        self.name = path.stem
        self.seed = path.parent.name == "seeds"
        split = split_document(read_document(path.read_bytes(), path.name))
        self.document: Document = replace(split, blocks=tuple(b for b in split.blocks if b.kind not in CLUTTER))
        self.body: list[Segment] = [s for s in self.document.segments if s.block == "paragraph"]
        self.sources = [s.source for s in self.body]
        self.free = " ".join(reference["free"])
        self.references = [" ".join(reference["extractive"]), self.free]
        self.extractive = frozenset(reference["extractive"])


def load(kind: str) -> list[Article]:
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((DATA / "references").glob("*.json"))]
    return [Article(reference) for reference in found if reference["set"] == kind]


def stop_words() -> frozenset[str]:
    """Function words, for TextRank alone: those of spaCy where it is installed, else none."""
    try:
        from spacy.lang.fr.stop_words import STOP_WORDS
    except ImportError:
        return frozenset()
    return frozenset(word for entry in STOP_WORDS for word in words(entry))


def baselines(article: Article, number: int, stop: frozenset[str]) -> dict[str, list[Sequence[str]]]:
    """Name of a method → its summaries (one, or many draws)."""
    sources = article.sources
    draw = random.Random(article.name)
    draws = [sorted(draw.sample(range(len(sources)), min(number, len(sources)))) for _ in range(200)]
    return {
        "lead-3": [sources[:3]],
        "lead-n": [sources[:number]],
        "textrank": [[sources[i] for i in textrank(sources, number, stop)]],
        "random": [[sources[i] for i in places] for places in draws],
        "oracle": [[sources[i] for i in oracle(sources, article.references)]],
    }


def bootstrap(differences: Sequence[float]) -> float:
    """Share of resamples of the articles in which the first is not better: one-sided p (Koehn 2004)."""
    draw = random.Random(1)
    worse = sum(fmean(draw.choices(differences, k=len(differences))) <= 0 for _ in range(RESAMPLES))
    return worse / RESAMPLES


def redundancy(summary: Sequence[str], stop: frozenset[str]) -> float:
    """Mean over pairs of the words in common over all words (Jaccard), stop words left out."""
    sets = [set(words(s)) - stop for s in summary]
    found = [len(a & b) / len(a | b) for i, a in enumerate(sets) for b in sets[:i] if a | b]
    return fmean(found) if found else 0.0


def measure(articles: Sequence[Article], choose: Callable[[Article], Sequence[str]]) -> dict[str, Any]:
    """ROUGE of every method on every article."""
    stop = stop_words()
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for article in articles:
        chosen = list(choose(article))
        summaries = {"ours": [chosen], **baselines(article, len(chosen), stop)}
        for method, drawn in summaries.items():
            both = [mean_rouge(" ".join(s), article.references) for s in drawn]
            free = [rouge(" ".join(s), article.free) for s in drawn]
            rows.setdefault(method, {})[article.name] = {
                "both": [fmean(c) for c in zip(*both, strict=True)],
                "free": [fmean(c) for c in zip(*free, strict=True)],
                "texts": [list(s) for s in drawn[:20]],
                "sentences": fmean(map(len, drawn)),
                "words": fmean(len(words(" ".join(s))) for s in drawn),
                "shared": fmean(len(article.extractive & set(s)) / max(1, len(s)) for s in drawn),
                "redundancy": fmean(redundancy(s, stop) for s in drawn),
            }
    return rows


def coverage(articles: Sequence[Article], rows: dict[str, Any]) -> None:
    """How much of what an article names stands in its summary: the names, figures and glossary terms of its text, each once."""
    matcher = compile_matcher(default_glossary())

    def found(sentences: Sequence[str]) -> tuple[set[str], set[str], set[str]]:
        segments = [Segment(f"p1.s{n}", sentence) for n, sentence in enumerate(sentences, 1)]
        names = {fold(name).split()[-1] for s in segments for name in name_texts(s)}
        figures = {f"{figure.value} {figure.thing}" for s in segments for figure in find_figures(s)}
        terms = {hit.term.source for s in segments for hit in find_hits(matcher, s.source)}
        return names, figures, terms

    lines = []
    for method in rows:
        shares: list[list[float]] = [[], [], []]
        for article in articles:
            whole = found(article.sources)
            for summary in rows[method][article.name]["texts"]:
                for share, part, of in zip(shares, found(summary), whole, strict=True):
                    if of:
                        share.append(len(part & of) / len(of))
        lines.append([method, *(f"{100 * fmean(share):.0f} %" if share else "-" for share in shares)])
    print("\nOf the names, figures and terms of the text, each once, in the summary\n")
    print(table(["method", "names", "figures", "terms"], lines))


def agreement(articles: Sequence[Article]) -> None:
    """Whether the English would choose the same sentences: the summary of the translation, by the same method in English."""
    engine = load_engine(find_model())
    settings = Settings(glossary=default_glossary())
    shares, chance, kept = [], [], []
    for article in articles:
        translated = translate(article.document, engine, settings)
        french = {s.segment for s in summarize(translated).sentences}
        swapped = translated.with_segments(
            replace(s, source=s.target, target=s.source, terms=(), flags=()) for s in translated.segments
        )
        english = {s.segment for s in summarize(swapped, len(french), language="en").sentences}
        plain = {s.segment for s in summarize(article.document).sentences}
        shares.append(len(french & english) / len(french))
        chance.append(len(french) / len(article.body))
        kept.append(len(french & plain) / len(french))
    print(
        f"\nAgreement: of the sentences chosen on the French {100 * fmean(shares):.0f} % are chosen on the English as well"
        f" ({engine.model}; by chance {100 * fmean(chance):.0f} %); {100 * fmean(kept):.0f} % without its terms and flags, too."
    )


def report(rows: dict[str, Any], title: str, keep: Callable[[str], bool] = lambda name: True) -> None:
    print(f"\n{title}\n")
    lines = []
    for method, found in rows.items():
        kept = [row for name, row in found.items() if keep(name)]
        means = [100 * fmean(row[which][i] for row in kept) for which in ("both", "free") for i in range(3)]
        other = [fmean(row["sentences"] for row in kept), fmean(row["words"] for row in kept)]
        shared = 100 * fmean(row["shared"] for row in kept)
        again = fmean(row["redundancy"] for row in kept)
        leaning = fmean(bool(why_not(Segment("p1.s1", s))) for row in kept for text in row["texts"] for s in text)
        lines.append(
            [
                method,
                *(f"{m:.1f}" for m in means),
                f"{other[0]:.1f}",
                f"{other[1]:.0f}",
                f"{shared:.0f} %",
                f"{again:.3f}",
                f"{100 * leaning:.0f} %",
            ]
        )
    header = [
        "method",
        "R-1",
        "R-2",
        "R-L",
        "R-1 free",
        "R-2 free",
        "R-L free",
        "sentences",
        "words",
        "in the extract",
        "redundancy",
        "cannot stand",
    ]
    print(table(header, lines))
    print()
    tested = []
    for method in ("lead-3", "lead-n", "textrank", "random", "oracle"):
        cells = []
        for i in range(3):
            gaps = [rows["ours"][n]["both"][i] - rows[method][n]["both"][i] for n in rows["ours"] if keep(n)]
            cells.append(f"{100 * fmean(gaps):+.1f} (p {bootstrap(gaps):.3f}; {sum(g > 0 for g in gaps)}/{len(gaps)})")
        tested.append([f"ours - {method}", *cells])
    print(table(["difference (p that it is none; articles won)", *MEASURES], tested))


def ours(article: Article) -> list[str]:
    return [sentence.source for sentence in summarize(article.document).sentences]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kept-aside", action="store_true", help="score the ten articles kept aside instead of the open ones")
    parser.add_argument("--agreement", action="store_true", help="translate the articles and choose on the English, too")
    parser.add_argument("--each", action="store_true", help="a line for each article, too")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    arguments = parser.parse_args()
    machine = describe()
    say_machine(machine)
    articles = load("kept-aside" if arguments.kept_aside else "open")
    rows = measure(articles, ours)
    report(rows, f"{len(articles)} articles, {'kept aside' if arguments.kept_aside else 'open'}")
    seeds = {article.name for article in articles if article.seed}
    report(rows, "Without the articles of seeds/", lambda name: name not in seeds)
    coverage(articles, rows)
    if arguments.agreement:
        agreement(articles)
    if arguments.each:
        for article in articles:
            print(f"{article.name}: " + ", ".join(f"{m} {100 * r[article.name]['both'][0]:.1f}" for m, r in rows.items()))
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"machine": machine, "scores": rows}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
