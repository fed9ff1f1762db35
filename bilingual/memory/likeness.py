"""Sentences of a memory that are nearly the same as another one: to be shown to a person, never to be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bilingual.document import Segment
from bilingual.memory.records import from_record
from bilingual.memory.store import Memory


@dataclass(frozen=True, slots=True)
class Alike:
    """A remembered sentence: ``likeness`` in percent (100: the same letters), its English, and ``origin`` as in a segment."""

    likeness: int
    source: str
    target: str
    origin: str


def find_alike(memory: Memory, sentences: Sequence[str], *, least: int = 70, most: int = 5) -> list[list[Alike]]:
    """For each sentence the remembered ones that are at least `least` percent like it, the likest first, each source once.

    Likeness is that of rapidfuzz's `ratio`, 2 · common / total letters of the longest common subsequence, as translation memories
    count it. All sources are held at once: 100,000 sentences take some 30 MB.
    """
    from rapidfuzz import fuzz, process

    corrected: dict[str, str] = dict(memory.rows("SELECT source, target FROM corrections"))
    made: dict[str, int] = dict(memory.rows("SELECT source, max(rowid) FROM translations GROUP BY source ORDER BY source"))
    sources = [*corrected, *(source for source in made if source not in corrected)]
    results = []
    for sentence in sentences:
        near = process.extract(sentence, sources, scorer=fuzz.ratio, limit=most, score_cutoff=least)
        results.append([_alike(memory, source, score, corrected, made) for source, score, _ in near])
    return results


def _alike(memory: Memory, source: str, score: float, corrected: dict[str, str], made: dict[str, int]) -> Alike:
    if source in corrected:
        return Alike(int(score), source, corrected[source], "post-edited")
    [(record,)] = memory.rows("SELECT record FROM translations WHERE rowid = ?", made[source])
    remembered = from_record(Segment("p1.s1", source), record, linked=False)
    return Alike(int(score), source, remembered.target if remembered else "", "memory")
