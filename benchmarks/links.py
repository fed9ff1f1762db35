"""How good the word links of `bilingual/links.py` are: precision, recall and AER against pairs that were aligned by reading.

    python benchmarks/links.py [--gold FILE] [--model embedded] [--engine ctranslate2] [--threads 2] [--list]

The English of each pair is forced on the model as the beginning of its output, so that its attention speaks of fixed words. Measures
of Och and Ney 2003, "A Systematic Comparison of Various Statistical Alignment Models": precision against sure and possible
links, recall against sure ones, alignment error rate (AER) of both. ± is half of the 95 % interval of a bootstrap over the pairs with
1,000 resamples. Beside the model's links stand two that need no model:

- ``diagonal``: every English word with the French word at the same share of the sentence
- ``Dice``: every English word with the French word that it shares most pairs of the file with (equal words first, then Dice's
  coefficient, then nearness to the diagonal)

- ``learnt``, with ``--data``: what the recipe learns from pairs (`training/links.py`) to guide the model with

Then the terms of the package's glossary: where `link_spans` looks first for the English of each, against the words that the gold links
give it. Articles at the beginning are left out, as enforcement leaves them out.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from machine import ROOT, describe, read_lines, say_machine, table

from bilingual.document import Span
from bilingual.engines import Engine, find_model, load_engine
from bilingual.engines.engine import Hypothesis, Search
from bilingual.glossary import default_glossary
from bilingual.glossary.matching import compile_matcher, find_hits
from bilingual.links import link_spans, word_links

GOLD = ROOT / "benchmarks" / "links" / "gold.tsv"
RESAMPLES = 1000
UNKNOWN = "<unk>"
ARTICLES = {"the", "a", "an"}
FRENCH = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+(?:[.,]\d+)+|[^\W_]+(?:-[^\W_]+)*[’']?|\.{3}|\S")
ENGLISH = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)+|[’'](?:s|d|ll|m|re|t|ve)\b|[^\W_]+(?:-[^\W_]+)*|\.{3}|\S")

Links = set[tuple[int, int]]


@dataclass(frozen=True)
class Pair:
    """A gold pair: texts, spans of their words, sure links, and sure and possible links (indexes of words)."""

    source: str
    target: str
    source_words: list[Span]
    target_words: list[Span]
    sure: Links
    possible: Links


def words(text: str, pattern: re.Pattern[str]) -> list[Span]:
    """The words that gold links count.

    >>> text = "L’IA, 100 000 start-up"
    >>> [text[slice(*span)] for span in words(text, FRENCH)]
    ['L’', 'IA', ',', '100 000', 'start-up']
    >>> text = "Musk’s 1.5 can’t"
    >>> [text[slice(*span)] for span in words(text, ENGLISH)]
    ['Musk', '’s', '1.5', 'can', '’t']
    """
    return [found.span() for found in pattern.finditer(text)]


def read_gold(path: Path) -> list[Pair]:
    """Raises ValueError for a row that does not read or a link beyond the words."""
    pairs = []
    for number, line in enumerate(read_lines(path)[1:], 2):
        source, target, links = line.split("\t")
        pair = Pair(source, target, words(source, FRENCH), words(target, ENGLISH), set(), set())
        for link in links.split():
            i, kind, j = re.fullmatch(r"(\d+)([-?])(\d+)", link).groups()  # type: ignore[union-attr]
            if int(i) >= len(pair.source_words) or int(j) >= len(pair.target_words):
                raise ValueError(f"{path}, line {number}: no words for {link}")
            pair.possible.add((int(i), int(j)))
            if kind == "-":
                pair.sure.add((int(i), int(j)))
        pairs.append(pair)
    return pairs


def forced(pairs: Sequence[Pair], engine: Engine) -> list[tuple[Hypothesis, str]]:
    """For each pair the English as a hypothesis with its attention, and its text as the pieces spell it."""
    sources = engine.vocabulary.encode_source([pair.source for pair in pairs])
    targets = engine.vocabulary.encode_target([pair.target for pair in pairs])
    search = Search(beam=1, max_pieces=max(map(len, targets)) + 1, links=True)
    made = []
    for pair, pieces, text, [hypothesis] in zip(
        pairs, targets, engine.vocabulary.decode(targets), engine.translate(sources, search, targets), strict=True
    ):
        given = hypothesis.pieces[: len(pieces)]
        if len(given) < len(pieces) or any(a not in (b, UNKNOWN) for a, b in zip(given, pieces, strict=True)):
            raise ValueError(f"the output does not begin with what was forced: {pair.target}")
        if hypothesis.attention is None or len(hypothesis.attention) < len(pieces):
            raise ValueError(f"no attention for what was forced: {pair.target}")
        if len(words(text, ENGLISH)) != len(pair.target_words):
            raise ValueError(f"the pieces spell other words: {text}")
        made.append((replace(hypothesis, pieces=tuple(pieces), attention=hypothesis.attention[: len(pieces)]), text))
    return made


def touching(spans: Sequence[Span], span: Span) -> list[int]:
    """Indexes of the spans that share a character with `span`."""
    return [i for i, (start, end) in enumerate(spans) if start < span[1] and span[0] < end]


def attention_links(pair: Pair, hypothesis: Hypothesis, text: str, engine: Engine) -> Links:
    """`word_links` in words of the gold: what touches a word counts for it."""
    target_words = words(text, ENGLISH)
    return {
        (i, j)
        for source, target in word_links(hypothesis, text, engine.vocabulary, pair.source)
        for i in touching(pair.source_words, source)
        for j in touching(target_words, target)
    }


def diagonal(pair: Pair) -> Links:
    n, m = len(pair.source_words), len(pair.target_words)
    return {(min(n - 1, int((j + 0.5) * n / m)), j) for j in range(m)}


def dice(pairs: Sequence[Pair]) -> list[Links]:
    def types(pair: Pair) -> tuple[list[str], list[str]]:
        source = [pair.source[a:b].casefold() for a, b in pair.source_words]
        return source, [pair.target[a:b].casefold() for a, b in pair.target_words]

    french: Counter[str] = Counter()
    english: Counter[str] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    for pair in pairs:
        seen, written = (set(side) for side in types(pair))
        french.update(seen)
        english.update(written)
        both.update((s, t) for s in seen for t in written)
    made = []
    for pair in pairs:
        source, target = types(pair)
        links = set()
        for j, t in enumerate(target):
            place = j / len(target)
            keys = [
                (s == t, 2 * both[s, t] / (french[s] + english[t]), -abs(i / len(source) - place), i)
                for i, s in enumerate(source)
            ]
            links.add((max(keys)[3], j))
        made.append(links)
    return made


def learnt(pairs: Sequence[Pair], data: Path) -> list[Links]:
    """The links that `training.links` learns from all linked pairs of a prepared folder and these, in words of the gold."""
    sys.path.insert(0, str(ROOT))
    from training import links as aligner
    from training.start import shard_pairs

    texts = [(pair.source, pair.target) for pair in pairs]
    texts += [(pair.french, pair.english) for pair in shard_pairs(data) if pair.links]
    found = aligner.learn_links([(aligner.tokens(french), aligner.tokens(english)) for french, english in texts])
    made = []
    for pair, links in zip(pairs, found, strict=False):
        french, english = aligner.words(pair.source), aligner.words(pair.target)
        made.append(
            {
                (a, b)
                for i, j in links
                for a in touching(pair.source_words, french[i])
                for b in touching(pair.target_words, english[j])
            }
        )
    return made


def is_word(pair: Pair, link: tuple[int, int]) -> bool:
    """Whether both ends of a link have a letter or a digit."""
    (a, b), (c, d) = pair.source_words[link[0]], pair.target_words[link[1]]
    return any(map(str.isalnum, pair.source[a:b])) and any(map(str.isalnum, pair.target[c:d]))


def counts(pair: Pair, links: Links) -> tuple[int, int, int, int]:
    """Links, those that are possible, those that are sure, and the sure ones there are."""
    return len(links), len(links & pair.possible), len(links & pair.sure), len(pair.sure)


def measures(rows: Iterable[tuple[int, int, int, int]]) -> tuple[float, float, float]:
    """Precision, recall and AER of summed `counts`.

    >>> measures([(4, 3, 2, 4)])
    (0.75, 0.5, 0.375)
    """
    links, possible, found, sure = (sum(column) for column in zip(*rows, strict=True))
    return possible / links, found / sure, 1 - (found + possible) / (links + sure)


def half_interval(rows: Sequence[tuple[int, int, int, int]]) -> float:
    rng = random.Random(1)
    drawn = sorted(measures(rng.choices(rows, k=len(rows)))[2] for _ in range(RESAMPLES))
    return (drawn[int(0.975 * RESAMPLES)] - drawn[int(0.025 * RESAMPLES)]) / 2


def link_rows(name: str, pairs: Sequence[Pair], made: Sequence[Links]) -> list[list[object]]:
    """The table's rows of one aligner: every token, and words without punctuation."""
    rows: list[list[object]] = []
    for label, keep in (("all", lambda _pair, _link: True), ("no punctuation", is_word)):
        kept = [
            counts(replace(p, sure=_kept(p, p.sure, keep), possible=_kept(p, p.possible, keep)), _kept(p, links, keep))
            for p, links in zip(pairs, made, strict=True)
        ]
        precision, recall, error = measures(kept)
        shown = [f"{100 * value:.1f}" for value in (precision, recall, error)]
        rows.append([name, label, sum(row[0] for row in kept), *shown[:2], f"{shown[2]} ± {100 * half_interval(kept):.1f}"])
    return rows


def _kept(pair: Pair, links: Links, keep: Callable[[Pair, tuple[int, int]], bool]) -> Links:
    return {link for link in links if keep(pair, link)}


def term_rows(pairs: Sequence[Pair], made: Sequence[tuple[Hypothesis, str]], engine: Engine) -> list[tuple[str, str, str, str]]:
    """For each term of the package's glossary in the pairs: verdict, French, words that it is linked to, words of the gold."""
    matcher = compile_matcher(default_glossary())
    found = []
    for pair, (hypothesis, text) in zip(pairs, made, strict=True):
        spans = words(text, ENGLISH)
        tokens = [text[a:b] for a, b in spans]
        for hit in find_hits(matcher, pair.source):
            source = set(touching(pair.source_words, hit.span))
            sure = _run({j for i, j in pair.sure if i in source}, tokens)
            possible = _run({j for i, j in pair.possible if i in source}, tokens)
            if not possible:
                continue
            likely = link_spans(hypothesis, text, engine.vocabulary, pair.source, hit.span)
            given = _run(set(touching(spans, likely[0])), tokens) if likely else set()
            if given and given in (sure, possible):
                verdict = "exactly"
            elif given >= (sure or possible):
                verdict = "more words than that"
            elif given & possible:
                verdict = "a part"
            else:
                verdict = "elsewhere"
            linked, gold = (" ".join(tokens[j] for j in sorted(run)) for run in (given, sure or possible))
            found.append((verdict, hit.text, linked, gold))
    return found


def _run(links: set[int], tokens: Sequence[str]) -> set[int]:
    """From the first word to the last, articles at the beginning left out."""
    run = list(range(min(links), max(links) + 1)) if links else []
    while len(run) > 1 and tokens[run[0]].lower() in ARTICLES:
        run.pop(0)
    return set(run)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gold", type=Path, default=GOLD)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--engine", choices=("ctranslate2", "transformers"), default="ctranslate2")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--data", type=Path, help="a prepared folder: also what training/links.py learns from its linked pairs")
    parser.add_argument("--list", action="store_true", help="print the terms that are not linked exactly")
    args = parser.parse_args()
    machine = describe()
    pairs = read_gold(args.gold)
    engine = load_engine(find_model(args.model), args.engine, device="cpu", threads=args.threads)
    made = forced(pairs, engine)
    say_machine(machine)
    print(f"Model: {engine.model}, {engine.name}.")
    sure, possible = (sum(len(links) for links in side) for side in ([p.sure for p in pairs], [p.possible for p in pairs]))
    tokens = [sum(len(side) for side in sides) for sides in zip(*[(p.source_words, p.target_words) for p in pairs], strict=True)]
    print(
        f"Gold: {len(pairs)} pairs, {tokens[0]} French and {tokens[1]} English tokens, {sure} sure and {possible - sure} possible links.\n"
    )
    rows = link_rows("attention", pairs, [attention_links(p, *m, engine) for p, m in zip(pairs, made, strict=True)])
    if args.data:
        rows += link_rows("learnt", pairs, learnt(pairs, args.data))
    rows += link_rows("Dice", pairs, dice(pairs)) + link_rows("diagonal", pairs, [diagonal(pair) for pair in pairs])
    print(table(["links", "tokens", "number", "precision", "recall", "AER"], rows, left=2))
    terms = term_rows(pairs, made, engine)
    verdicts = Counter(row[0] for row in terms)
    print(f"\nTerms of the package's glossary: {len(terms)}, linked first to\n")
    order = ("exactly", "more words than that", "a part", "elsewhere")
    shown = [
        [v if i else "exactly the gold's words", verdicts[v], f"{verdicts[v] / len(terms):.1%}"] for i, v in enumerate(order)
    ]
    print(table(["", "terms", "share"], shown))
    if args.list:
        print()
        print(table(["verdict", "French", "linked to", "gold"], [row for row in terms if row[0] != "exactly"], left=4))


if __name__ == "__main__":
    main()
