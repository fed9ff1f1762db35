"""From files of pairs to a folder that is trained on: filtered, without duplicates and held-out sentences, linked, weighed, shuffled.

The folder holds ``shard-….jsonl`` (`training.corpus`), ``kept-out.jsonl`` (pairs that measure what a model can do and are in no shard, nor
is any pair that shares a side with them) and ``manifest.json`` (what went in, what each filter took out, settings, SHA-256 of every
file). The same files and settings give the same bytes. It appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from bilingual.errors import OutputError
from training.annotation import Lexicon, find_terms, learn_lexicon
from training.corpus import Pair, Source, from_json, read_lines, read_pairs, read_shard, to_json, write_shard
from training.filters import digest, key, verdict
from training.likeness import count, features, likeness, ratios, thresholds, weigh
from training.links import learn_links, tokens
from training.settings import PrepareSettings

SCHEMA = "bilingual-training/1"
KEPT_OUT = "kept-out.jsonl"
MANIFEST = "manifest.json"
_SAMPLED = 8
"""One general sentence in so many is counted for likeness."""

Say = Callable[[str], None]


@dataclass
class _Dealt:
    """What the first reading leaves: kept-out pairs, counts for the manifest, features of the general French."""

    kept_out: list[Pair] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    sources: list[dict[str, Any]] = field(default_factory=list)
    general: Counter[str] = field(default_factory=Counter)


def prepare(
    folder: Path, sources: Sequence[Source], held_out: Sequence[Path], like: Sequence[Path], settings: PrepareSettings, say: Say
) -> dict[str, Any]:
    """Make `folder` out of `sources` and give its manifest.

    `held_out`: text files, a sentence a line in either language; pairs with one of these sentences on either side are left out, letters and
    digits compared. `like`: French texts, a sentence a line, that the French to be translated is like; without them all pairs weigh 1.
    Raises `OutputError` where the folder is there already, `InputError` for broken sources.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder}: is there already; remove it or name another one")
    work = folder.with_name(folder.name + ".part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    closed = {digest(key(line)) for path in held_out for line in read_lines(path) if key(line)}
    dealt = _deal(work, sources, closed, bool(like), settings, say)
    say(f"{sum(s['kept'] for s in dealt.sources)} of {sum(s['pairs'] for s in dealt.sources)} pairs kept")
    links = _link(work, dealt, settings, say)
    lexicon = learn_lexicon(pair for own in links.values() for pair in own.values())
    table = ratios(count(line for path in like for line in read_lines(path)), dealt.general) if like else None
    shards, tally = _finish(work, dealt, links, lexicon, table, settings, say)
    kept_out = [_with_terms(pair, lexicon) for pair in links[-1].values()]
    manifest = {
        "schema": SCHEMA,
        "settings": asdict(settings),
        "sources": dealt.sources,
        "held_out": [_described(path) for path in held_out],
        "like": [_described(path) for path in like],
        "refused": dict(sorted(dealt.refused.items())),
        **tally,
        "kept_out": {"file": KEPT_OUT, "pairs": len(kept_out), "sha256": write_shard(work / KEPT_OUT, kept_out)},
        "shards": shards,
    }
    (work / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if folder.exists():
        folder.rmdir()
    work.rename(folder)
    return manifest


def _described(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"file": path.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _dealing(work: Path, number: int) -> Path:
    return work / f"dealt-{number:04}"


def _deal(work: Path, sources: Sequence[Source], closed: set[int], counting: bool, settings: PrepareSettings, say: Say) -> _Dealt:
    """Read everything once; what stays goes to one of the shards by chance."""
    dealt, seen, chance = _Dealt(), set[int](), random.Random(settings.seed)
    files: list[IO[str]] = [_dealing(work, n).open("w", encoding="utf-8", newline="\n") for n in range(settings.shards)]
    try:
        for source in sources:
            read = kept = 0
            for pair in read_pairs(source):
                read += 1
                keys = key(pair.french), key(pair.english)
                reason = verdict(pair, settings.longest) or _closed(keys, closed, seen)
                if reason:
                    dealt.refused[reason] += 1
                    continue
                kept += 1
                seen.add(digest("\t".join(keys)))
                if digest(f"{settings.seed} {keys[0]}") < settings.kept_out * 2**64:
                    dealt.kept_out.append(pair)
                    continue
                if counting and kept % _SAMPLED == 0:
                    dealt.general.update(features(pair.french))
                files[chance.randrange(settings.shards)].write(to_json(pair) + "\n")
            say(f"{source.name}: {kept} of {read} pairs")
            dealt.sources.append(
                {"name": source.name, "kind": source.kind, "pairs": read, "kept": kept, **_described(source.path)}
            )
    finally:
        for file in files:
            file.close()
    return dealt


def _closed(keys: tuple[str, str], closed: set[int], seen: set[int]) -> str | None:
    if not closed.isdisjoint(map(digest, keys)):
        return "held out"
    return "duplicate" if digest("\t".join(keys)) in seen else None


def _link(work: Path, dealt: _Dealt, settings: PrepareSettings, say: Say) -> dict[int, dict[int, Pair]]:
    """Linked pairs by shard and place in it; shard -1 is the kept-out pairs, which are all linked.

    Given links stay; so many others as the settings say are linked by `learn_links`, which reads the kept-out pairs too: it has no
    reference to learn by heart.
    """
    linked: dict[int, dict[int, Pair]] = {-1: dict(enumerate(dealt.kept_out))}
    unlinked: list[tuple[int, int]] = []
    for number in range(settings.shards):
        linked[number] = {}
        for place, pair in enumerate(_dealt_pairs(work, number)):
            if pair.links is not None:
                linked[number][place] = pair
            else:
                unlinked.append((number, place))
    chosen = sorted(random.Random(settings.seed + 1).sample(unlinked, min(settings.linked, len(unlinked))))
    wanted: dict[int, set[int]] = {}
    for number, place in chosen:
        wanted.setdefault(number, set()).add(place)
    for number, places in wanted.items():
        linked[number] |= {place: pair for place, pair in enumerate(_dealt_pairs(work, number)) if place in places}
    asked = [(n, place) for n, own in linked.items() for place, pair in own.items() if pair.links is None]
    say(f"linking the words of {len(asked)} pairs")
    texts = [(tokens(linked[n][place].french), tokens(linked[n][place].english)) for n, place in asked]
    for (n, place), found in zip(asked, learn_links(texts, settings.rounds), strict=True):
        linked[n][place] = replace(linked[n][place], links=found)
    return linked


def _dealt_pairs(work: Path, number: int) -> Iterator[Pair]:
    return (from_json(line) for line in read_lines(_dealing(work, number)))


def _with_terms(pair: Pair, lexicon: Lexicon) -> Pair:
    return replace(pair, terms=find_terms(pair, lexicon)) if pair.links else pair


def _finish(
    work: Path,
    dealt: _Dealt,
    links: dict[int, dict[int, Pair]],
    lexicon: Lexicon,
    table: dict[str, float] | None,
    settings: PrepareSettings,
    say: Say,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Write the shards; give their descriptions, and counts over all of them."""
    sides = {digest(key(side)) for pair in dealt.kept_out for side in (pair.french, pair.english)}
    limits: list[float] = []
    if table:
        sampled = [
            pair.french for n in range(settings.shards) for i, pair in enumerate(_dealt_pairs(work, n)) if i % _SAMPLED == 0
        ]
        limits = thresholds([likeness(text, table) for text in sampled], len(settings.weights))
    shards: list[dict[str, Any]] = []
    tally: Counter[str] = Counter()
    classes: Counter[float] = Counter()
    for number in range(settings.shards):
        pairs: list[Pair] = []
        for place, read in enumerate(_dealt_pairs(work, number)):
            if not sides.isdisjoint((digest(key(read.french)), digest(key(read.english)))):
                dealt.refused["shares a side with a kept-out pair"] += 1
                continue
            pair = _with_terms(links[number].get(place, read), lexicon)
            weight = weigh(likeness(pair.french, table), limits, settings.weights) if table else 1.0
            pairs.append(replace(pair, weight=weight))
            tally.update(pairs=1, linked=int(bool(pair.links)), with_terms=int(bool(pair.terms)))
            classes[weight] += 1
        random.Random(f"{settings.seed} {number}").shuffle(pairs)
        name = f"shard-{number:04}.jsonl"
        shards.append({"file": name, "pairs": len(pairs), "sha256": write_shard(work / name, pairs)})
        _dealing(work, number).unlink()
    say(f"{tally['pairs']} pairs in {len(shards)} shards, {tally['linked']} linked, {tally['with_terms']} with terms")
    by_weight = {str(weight): n for weight, n in sorted(classes.items())}
    return shards, {"pairs": tally["pairs"], "linked": tally["linked"], "with_terms": tally["with_terms"], "weights": by_weight}


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a prepared folder. Raises `OutputError` where there is none."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OutputError(f"{folder}: no {MANIFEST}; make the folder with python -m training prepare") from error
    return manifest


def read_kept_out(folder: Path) -> list[Pair]:
    """The kept-out pairs of a prepared folder."""
    return read_shard(folder / KEPT_OUT)
