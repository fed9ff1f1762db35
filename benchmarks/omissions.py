"""What `bilingual.coverage` finds: words that a translation left out, by the attention of the model.

    python benchmarks/omissions.py [--model embedded] [--every 1] [--list N]

On the lines of the development sets that are one sentence:

- the model's own translations: how many are flagged, and what becomes of those (chrF before and after the second try)
- the human translations, forced on the model: how many are flagged. They are free, so that not each is a mistake, but nothing is missing
- the model's translations that are not flagged, with what renders two or three neighbouring words of the French cut out of each, forced on
  the model again: how many are flagged now. That is what a translator who skips something does, and easier to see than a sentence that was
  smoothed over: an upper bound

``--list`` prints so many flagged translations of the model, to be judged by reading.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from machine import table, with_model

from bilingual.clauses import stretches
from bilingual.coverage import FEWEST, looked_past
from bilingual.drafts import draft_all, make_drafts, make_plan
from bilingual.engines import Search
from bilingual.engines.engine import Hypothesis, covered
from bilingual.links import attend, word_links


def forced(sources: Sequence[str], targets: Sequence[str], engine: Any) -> list[list[str]]:
    """The words of each source that its target looks past when the model is made to write it."""
    pieces = engine.vocabulary.encode_target(targets)
    seen = attend(engine.vocabulary.encode_source(sources), [Hypothesis(tuple(p), 0.0) for p in pieces], engine)
    summed = [replace(h, coverage=covered(h.attention) if h.attention else None) for h in seen]
    return [past(source, hypothesis, engine) for source, hypothesis in zip(sources, summed, strict=True)]


def past(source: str, hypothesis: Hypothesis, engine: Any) -> list[str]:
    spans = looked_past(source, engine.vocabulary.source_offsets(source), hypothesis.coverage or ())
    return [source[a:b] for a, b in spans]


def shortened(source: str, draft: Any, engine: Any, chance: random.Random) -> str | None:
    """The draft's words without those that render two or three neighbouring words of some length; None where there are none."""
    text, hypothesis = draft.words[0], draft.hypotheses[0]
    links = word_links(hypothesis, text, engine.vocabulary, source)
    long = sorted({a for a, _ in links if a[1] - a[0] > 4})
    runs = [long[i : i + n] for n in (2, 3) for i in range(len(long) - n + 1) if long[i + n - 1][1] - long[i][0] < 40]
    if not runs:
        return None
    run = chance.choice(runs)
    out = [b for a, b in links if run[0][0] <= a[0] and a[1] <= run[-1][1]]
    start, end = min(b[0] for b in out), max(b[1] for b in out)
    kept = f"{text[:start].rstrip()} {text[end:].lstrip()}".strip()
    return kept if 0.4 * len(text) < len(kept) else None


def share(found: Sequence[Sequence[str]]) -> str:
    count = sum(len(words) >= FEWEST for words in found)
    return f"{count} of {len(found)} ({100 * count / max(1, len(found)):.1f} %)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--list", type=int, default=0)
    given, sets, engine = with_model(parser)
    from sacrebleu.metrics import CHRF

    if not engine.abilities.aligner:
        parser.error(f"{given.model}: has no aligner, and says nothing of what it looked past")
    print(f"Model: {engine.model} on {engine.name}, beam 4.")
    pairs = [
        pair
        for both in sets.values()
        for pair in both
        if len(stretches(pair[0])) == 1 and engine.vocabulary.source_length(pair[0]) <= engine.abilities.longest
    ][:: given.every]
    sources, references = [french for french, _ in pairs], [english for _, english in pairs]
    plans, search = [make_plan(source, engine) for source in sources], Search(links=True, coverage=True)
    drafts = [made[0] for made in make_drafts(plans, engine, search)]
    flagged = [i for i, draft in enumerate(drafts) if sum(draft.past) >= FEWEST]
    final = draft_all([sources[i] for i in flagged], engine, search)
    still = sum(sum(draft.past) >= FEWEST for _, draft in final)
    metric, own = CHRF(), [[references[i] for i in flagged]]
    before, after = (
        metric.corpus_score(texts, own).score for texts in ([drafts[i].text for i in flagged], [draft.text for _, draft in final])
    )
    chance = random.Random(1)
    plain = [
        i for i, d in enumerate(drafts) if not d.past[0] and len(d.parts) == 1 and d.parts[0].text == sources[i] and d.words[0]
    ]
    cut = [(sources[i], text) for i in plain if (text := shortened(sources[i], drafts[i], engine, chance))]
    rows = [
        ["the model's", share([["x"] * sum(draft.past) for draft in drafts])],
        ["human, forced", share(forced(sources, references, engine))],
        ["the model's, unflagged, with something cut out", share(forced(*map(list, zip(*cut, strict=True)), engine))],
    ]
    print(f"\n{table(['translations', 'flagged'], rows, left=2)}\n")
    print(
        f"Of {len(flagged)} flagged ones {still} still are after the second try; their chrF went from {before:.1f} to {after:.1f}."
    )
    for i, (_, draft) in list(zip(flagged, final, strict=True))[: given.list]:
        words = [w for p, h in zip(drafts[i].parts, drafts[i].hypotheses, strict=True) if h for w in past(p.text, h, engine)]
        print(f"\n{', '.join(words)}\n  {sources[i]}\n  {drafts[i].text}\n  {draft.text}")


if __name__ == "__main__":
    main()
