"""What a model can do: BLEU and chrF on sets, and on kept-out pairs whether it learnt each lesson; size and speed.

The text is the model's own, without the tool's rules: the tool's text is measured by `benchmarks/quality.py`. Engine, scores, number
reading and word links are the package's.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from bilingual.engines import Engine, find_model, load_engine
from bilingual.engines.engine import Hypothesis, Search
from bilingual.inflection import english_plural, english_singular
from bilingual.links import attend, word_links
from bilingual.metrics import score_translation
from bilingual.numbers import number_changes
from training.annotation import insert_term
from training.augmentation import figures, placeholders, rename
from training.corpus import Pair, Span
from training.links import words

_ENGLISH_NUMERAL = re.compile(r"\d{1,3}(?:,\d{3})+|\d+\.\d+")
_PLACEHOLDER = re.compile(r"<r\d+>")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Measure:
    """So many right ones of so many."""

    measure: str
    right: int
    of: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that is measured of a model; `asdict` of it is the JSON. ``words_per_second`` by beam, of one thread's processor time."""

    model: str
    engine: str
    beam: int
    sets: list[dict[str, Any]] = field(default_factory=list)
    signatures: dict[str, str] = field(default_factory=dict)
    measures: list[dict[str, Any]] = field(default_factory=list)
    megabytes: dict[str, float] = field(default_factory=dict)
    words_per_second: dict[str, float] = field(default_factory=dict)
    cpu: str = ""


def evaluate(
    folder: Path, sets: Mapping[str, Sequence[Pair]], kept_out: Sequence[Pair], beams: Sequence[int], threads: int, say: Say
) -> Report:
    """Measure the model in `folder` on named `sets` and on `kept_out` pairs (`training.prepare`); the last beam measures the lessons.

    Terms and links are measured on the kept-out pairs, which are linked; placeholders, names and figures on all pairs that have some.
    The same model, pairs and settings give the same report on the same processor, but for the speed.
    """
    engine = load_engine(find_model(str(folder)), "ctranslate2", device="cpu", threads=threads)
    rows, signatures = [], {}
    for name, pairs in sets.items():
        for beam in beams:
            say(f"{name}, beam {beam}")
            made = translate([pair.french for pair in pairs], engine, beam)
            scores = score_translation(made, [pair.english for pair in pairs])
            rows.append({"set": name, "lines": len(pairs), "beam": beam, "bleu": scores.bleu, "chrf": scores.chrf})
            signatures = {metric: scores.signatures[metric] for metric in ("BLEU", "chrF")}
    everything = [pair for pairs in (kept_out, *sets.values()) for pair in pairs]
    measures = measure_lessons(kept_out, everything, engine, beams[-1], say)
    timed = [pair.french for pair in everything][:200]
    return Report(
        model=engine.model,
        engine=engine.name,
        beam=beams[-1],
        sets=rows,
        signatures=signatures,
        measures=[asdict(m) for m in measures],
        megabytes={form: _megabytes(folder / form) for form in ("hf", "ct2") if (folder / form).is_dir()},
        words_per_second=measure_speed(folder, timed, beams),
        cpu=str(describe()["cpu"]),
    )


def spread(pairs: Sequence[Pair], limit: int | None) -> Sequence[Pair]:
    """At most `limit` pairs, from all over a set: sets are sorted by origin, and what was English once is easy.

    >>> [pair.french for pair in spread([Pair(str(i), "") for i in range(10)], 4)]
    ['0', '2', '5', '7']
    """
    return pairs if limit is None or limit >= len(pairs) else [pairs[i * len(pairs) // limit] for i in range(limit)]


def translate(texts: Sequence[str], engine: Engine, beam: int) -> list[str]:
    """The model's text for each text, with no rule before or after it."""
    pieces = [own[: engine.max_source_pieces] for own in engine.vocabulary.encode_source(texts)]
    found = engine.translate(pieces, Search(beam=beam)) if pieces else []
    return [text.strip() for text in engine.vocabulary.decode([hypotheses[0].pieces for hypotheses in found])]


def measure_lessons(linked: Sequence[Pair], pairs: Sequence[Pair], engine: Engine, beam: int, say: Say) -> list[Measure]:
    """Every measure that the model's vocabulary allows: of terms and links on `linked`, of the rest on `pairs`."""
    made: list[Measure] = []
    if engine.abilities.annotation:
        say("annotated terms")
        made += measure_terms(linked, engine, beam)
    if engine.abilities.placeholders:
        say("placeholders")
        made.append(measure_placeholders(pairs, engine, beam))
    say("names, figures, links")
    return [*made, measure_names(pairs, engine, beam), *measure_figures(pairs, engine, beam), measure_links(linked, engine)]


def measure_terms(pairs: Sequence[Pair], engine: Engine, beam: int) -> list[Measure]:
    """One term of each pair is annotated with the reference's rendering in the singular: rendered so in either number, and in the number
    that the reference has; and how often the plain text has it unasked."""
    chance = random.Random(1)
    assert engine.abilities.annotation
    asked: list[tuple[str, str, str, str]] = []
    for pair in pairs:
        if pair.terms:
            source, target = chance.choice(pair.terms)
            surface = pair.english[slice(*target)]
            lemma = english_singular(surface)
            annotated = insert_term(pair.french, source, lemma, engine.abilities.annotation)
            asked.append((pair.french, annotated, lemma, surface))
    plain = translate([a[0] for a in asked], engine, beam)
    done = translate([a[1] for a in asked], engine, beam)
    either = [(lemma, english_plural(lemma), surface) for _, _, lemma, surface in asked]
    plural = [(text, surface) for text, (_, _, lemma, surface) in zip(done, asked, strict=True) if surface != lemma]
    return [
        Measure(
            "terms in the reference's words, unasked", sum(_has(t, e) for t, e in zip(plain, either, strict=True)), len(asked)
        ),
        Measure("annotated terms obeyed", sum(_has(t, e) for t, e in zip(done, either, strict=True)), len(asked)),
        Measure("plural terms annotated in the singular, right number", sum(_has(t, (s,)) for t, s in plural), len(plural)),
    ]


def _has(text: str, forms: Sequence[str]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text, re.IGNORECASE) for form in forms)


def measure_placeholders(pairs: Sequence[Pair], engine: Engine, beam: int) -> Measure:
    """What both sides share is masked: every placeholder of the source once in the output, and no other."""
    chance = random.Random(2)
    asked = [placeholders(pair, chance, engine.abilities.placeholders).french for pair in pairs]
    asked = [text for text in asked if _PLACEHOLDER.search(text)]
    made = translate(asked, engine, beam)
    right = sum(sorted(_PLACEHOLDER.findall(a)) == sorted(_PLACEHOLDER.findall(b)) for a, b in zip(asked, made, strict=True))
    return Measure("sentences with placeholders that all came through once", right, len(asked))


def measure_names(pairs: Sequence[Pair], engine: Engine, beam: int) -> Measure:
    """A name is replaced by an invented one of any shape: it stands in the output letter by letter."""
    chance = random.Random(3)
    asked = [made for pair in pairs if (made := rename(pair, chance))]
    texts = translate([pair.french for pair, _ in asked], engine, beam)
    return Measure("invented names copied", sum(name in text for (_, name), text in zip(asked, texts, strict=True)), len(asked))


def measure_figures(pairs: Sequence[Pair], engine: Engine, beam: int) -> list[Measure]:
    """Numbers with thousands or decimals are replaced: the output keeps every value, and has them in English form."""
    chance = random.Random(4)
    asked = [made for pair in pairs if (made := figures(pair, chance))]
    texts = translate([pair.french for pair in asked], engine, beam)
    kept = sum(not number_changes(pair.french, text) for pair, text in zip(asked, texts, strict=True))
    formed = sum(all(n in text for n in _ENGLISH_NUMERAL.findall(pair.english)) for pair, text in zip(asked, texts, strict=True))
    return [
        Measure("sentences whose numbers all keep their value", kept, len(asked)),
        Measure("sentences whose figures all have English form", formed, len(asked)),
    ]


def measure_links(pairs: Sequence[Pair], engine: Engine) -> Measure:
    """English words of the references whose link, read off the aligner, is among those that `training.links` or the corpus gave."""
    linked = [pair for pair in pairs if pair.links]
    sources = engine.vocabulary.encode_source([pair.french for pair in linked])
    targets = engine.vocabulary.encode_target([pair.english for pair in linked])
    forced = attend(sources, [Hypothesis(tuple(target), 0.0) for target in targets], engine)
    right = of = 0
    for pair, hypothesis in zip(linked, forced, strict=True):
        french, english = words(pair.french), words(pair.english)
        found = word_links(hypothesis, pair.english, engine.vocabulary, pair.french)
        for j, span in enumerate(english):
            gold = {i for i, other in pair.links or () if other == j}
            if gold and any(map(str.isalnum, pair.english[slice(*span)])):
                of += 1
                right += any(_touch(source, french[i]) for source, target in found if _touch(target, span) for i in gold)
    return Measure("words whose link agrees", right, of)


def _touch(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def measure_speed(folder: Path, texts: Sequence[str], beams: Sequence[int]) -> dict[str, float]:
    """French words a second of processor time of one thread, by beam: other work on the machine hardly counts."""
    if not texts:
        return {}
    engine = load_engine(find_model(str(folder)), "ctranslate2", device="cpu", threads=1)
    translate(texts[:8], engine, 1)
    speeds = {}
    for beam in beams:
        began = time.process_time()
        translate(texts, engine, beam)
        speeds[str(beam)] = sum(len(text.split()) for text in texts) / max(1e-9, time.process_time() - began)
    return speeds


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file()) / 1e6
