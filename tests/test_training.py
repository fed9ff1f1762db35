"""The recipe: rooms one by one, and the whole way from files of pairs to a model that the tool loads."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from safetensors.torch import load_file  # noqa: E402
from typer.testing import CliRunner  # noqa: E402

from bilingual.engines import find_model, load_engine  # noqa: E402
from bilingual.engines.engine import Hypothesis, Search  # noqa: E402
from bilingual.engines.models import embedded_folder  # noqa: E402
from bilingual.errors import BilingualError, ConfigError, InputError, ModelError, OutputError  # noqa: E402
from bilingual.inflection import english_singular  # noqa: E402
from bilingual.links import attend  # noqa: E402
from bilingual.numbers import number_changes  # noqa: E402
from training import augmentation  # noqa: E402
from training.annotation import Lexicon, annotate, find_terms  # noqa: E402
from training.augmentation import Lessons, teach  # noqa: E402
from training.averaging import average, snapshots  # noqa: E402
from training.cli import app  # noqa: E402
from training.corpus import Pair, find_source, from_json, parse_links, read_pairs, read_shard, to_json  # noqa: E402
from training.curves import Row, read_rows  # noqa: E402
from training.export import export, write_checkpoint  # noqa: E402
from training.feed import Feed, batches, encode_all, shard_batches  # noqa: E402
from training.filters import verdict  # noqa: E402
from training.links import learn_links, piece_links, tokens, words  # noqa: E402
from training.loss import attention_logits, guide_loss, label_loss  # noqa: E402
from training.model import BIAS, EMBEDDING, forward, places, read_shape, read_weights, to_device  # noqa: E402
from training.optimizers import make_optimizers  # noqa: E402
from training.packing import Example, fill, lengths, pack  # noqa: E402
from training.pieces import encode, read_pieces  # noqa: E402
from training.prepare import prepare, read_kept_out, read_manifest  # noqa: E402
from training.settings import Mixture, PrepareSettings, RunSettings, load_settings, save_settings, settings_from  # noqa: E402
from training.spm import UNUSED, read_model, write_model  # noqa: E402
from training.start import Sizes, start_from, start_new  # noqa: E402
from training.state import Position, read_average  # noqa: E402
from training.train import compute_losses, make_trainer, step, train  # noqa: E402

pytestmark = pytest.mark.torch

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "cases" / "training.json").read_text(encoding="utf-8"))
EMBEDDED = embedded_folder() / "hf"
NO_LESSONS = Mixture(*[0.0] * len(astuple(Mixture())))
TINY = RunSettings(
    steps=12, rows=6, source_width=48, target_width=48, accumulate=1, warm_up=3, decay=4, dtype="float32", threads=1,
    log_every=1, save_every=5, snapshot_every=4, rate=3e-3, muon_rate=3e-3,
)  # fmt: skip


def labelled(kind: str) -> Any:
    return pytest.mark.parametrize("case", CASES[kind], ids=[case["label"] for case in CASES[kind]])


def silent(_: str) -> None:
    pass


def sentences(count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """Different French-English pairs out of the templates."""
    parts, chance, seen = CASES["templates"], random.Random(seed), set[str]()
    while len(seen) < count:
        who, does, where = (chance.choice(parts[name]) for name in ("who", "does", "where"))
        value = chance.choice((chance.randint(2, 99), chance.randint(1000, 900_000)))
        grouped = f"{value:,}"
        number = {"fr": grouped.replace(",", " "), "en": grouped}
        what = chance.choice(parts["how_many"] if chance.random() < 0.5 else parts["what"])
        name = chance.choice(parts["names"])
        french, english = (f"{who[i]} {does[i]} {what[i].format(**number)} {where[i].format(name=name)}." for i in (0, 1))
        if french not in seen:
            seen.add(french)
            yield french, english


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 pairs in all three forms, prepared with everything on."""
    folder = tmp_path_factory.mktemp("corpus")
    pairs = list(sentences(2000))
    held_out = pairs[:20]
    (folder / "a.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in [*pairs[:1600], *pairs[:50], ("***", "x")]), encoding="utf-8")
    for side, end in enumerate(("fr", "en")):
        (folder / f"b.{end}").write_text("".join(f"{pair[side]}\n" for pair in pairs[1600:1900]), encoding="utf-8")
    units = "".join(
        f'<tu><tuv xml:lang="fr"><seg>{a}</seg></tuv><tuv xml:lang="en"><seg>{b}</seg></tuv></tu>' for a, b in pairs[1900:]
    )
    (folder / "c.tmx").write_text(f'<tmx version="1.4"><header/><body>{units}</body></tmx>', encoding="utf-8")
    (folder / "held.fr").write_text("".join(f"{a}\n" for a, _ in held_out), encoding="utf-8")
    (folder / "like.fr").write_text("Le laboratoire surveille les capteurs.\nLa fusée est à Brest.\n", encoding="utf-8")
    line = ["prepare", str(folder / "data"), "--held-out", str(folder / "held.fr"), "--like", str(folder / "like.fr")]
    for name in ("a.tsv", "b.fr", "talks=" + str(folder / "c.tmx")):
        line += ["--source", name if "=" in name else str(folder / name)]
    done = CliRunner().invoke(app, [*line, "--set", "shards=2", "--set", "kept_out=0.03"])
    assert done.exit_code == 0, done.output
    return folder / "data"


@pytest.fixture(scope="module")
def tiny(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has not begun: a new model of 32 wide."""
    run = tmp_path_factory.mktemp("tiny") / "run"
    start_new(run, data, Sizes(32, 4, 64, 1, 1, 320))
    return run


def begin(tiny: Path, folder: Path) -> Path:
    run = folder / "run"
    run.mkdir(parents=True)
    (run / "start").symlink_to(tiny / "start")
    return run


# the corpus -----------------------------------------------------------------------------------------------------------


@labelled("refused")
def test_filters(case: dict[str, Any]) -> None:
    assert verdict(Pair(case["fr"], case["en"]), 10 if case["why"] == "too long" else 60) == case["why"]


@labelled("broken")
def test_broken_sources_say_where(case: dict[str, Any], tmp_path: Path) -> None:
    for name, text in {case["file"]: case["text"], **case.get("beside", {})}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(case["says"])):
        list(read_pairs(find_source(str(tmp_path / case["file"]))))


@labelled("held_out")
def test_held_out_sentences_are_left_out(case: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(f"{case['fr']}\t{case['en']}\nTout va bien.\tAll is well.\n", encoding="utf-8")
    (tmp_path / "held").write_text(case["line"] + "\n", encoding="utf-8")
    source = find_source(str(tmp_path / "a.tsv"))
    manifest = prepare(tmp_path / "data", [source], [tmp_path / "held"], [], PrepareSettings(shards=1, kept_out=0), silent)
    assert manifest["pairs"] == 2 - case["out"]
    assert manifest["refused"].get("held out", 0) == case["out"]


def test_the_folder_holds_what_the_manifest_says(data: Path) -> None:
    manifest = read_manifest(data)
    assert [(s["name"], s["kind"], s["pairs"]) for s in manifest["sources"]] == [
        ("a", "tsv", 1651),
        ("b", "moses", 300),
        ("talks", "tmx", 100),
    ]
    kept_out = read_kept_out(data)
    shards = [pair for shard in manifest["shards"] for pair in read_shard(data / shard["file"])]
    assert len(shards) == manifest["pairs"] == sum(manifest["weights"].values()) > 1800
    assert len(kept_out) == manifest["kept_out"]["pairs"] > 20
    assert (
        manifest["refused"]["held out"] == 20 + 20
        and manifest["refused"]["duplicate"] == 30
        and manifest["refused"]["empty"] == 1
    )
    assert sum(s["pairs"] for s in manifest["sources"]) == len(shards) + len(kept_out) + sum(manifest["refused"].values())
    sides = {side for pair in kept_out for side in (pair.french, pair.english)}
    assert not any(pair.french in sides or pair.english in sides for pair in shards)
    assert {pair.weight for pair in shards} == {0.3, 0.8, 1.5, 3.0}
    assert manifest["with_terms"] > 0.8 * manifest["pairs"]
    assert str(data) not in (data / "manifest.json").read_text(encoding="utf-8")


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("".join(f"{a}\t{b}\n" for a, b in sentences(120)), encoding="utf-8")
    settings = [part for value in ("shards=3", "kept_out=0.1") for part in ("--set", value)]
    for seed, name in enumerate(("one", "two")):  # sets have another order in each process
        line = ["-m", "training", "prepare", str(tmp_path / name), "-s", "a.tsv", "--like", "a.tsv", *settings]
        path = {"PYTHONHASHSEED": str(seed), "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
        subprocess.run([sys.executable, *line], cwd=tmp_path, env={**os.environ, **path}, check=True, capture_output=True)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == ["kept-out.jsonl", "manifest.json", *(f"shard-{i:04}.jsonl" for i in range(3))]
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in files)
    with pytest.raises(OutputError, match="is there already"):
        prepare(tmp_path / "one", [find_source(str(tmp_path / "a.tsv"))], [], [], PrepareSettings(), silent)


# links and terms ------------------------------------------------------------------------------------------------------


@labelled("words")
def test_words(case: dict[str, Any]) -> None:
    assert [case["text"][a:b] for a, b in words(case["text"])] == case["words"]
    assert len(tokens(case["text"])) == len(case["words"])


def test_links_are_learnt(data: Path) -> None:
    """Words of the templates stand in the same order in both languages, but for the number of words of a phrase."""
    pairs = list(sentences(400))
    found = learn_links([(tokens(a), tokens(b)) for a, b in pairs])
    right = of = 0
    known = {
        "directeur": "director",
        "capteurs": "sensors",
        "construit": "builds",
        "réseau": "network",
        "fusée": "rocket",
    }
    for (french, english), links in zip(pairs, found, strict=True):
        ours, theirs = tokens(french), tokens(english)
        assert all(i < len(ours) and j < len(theirs) for i, j in links)
        assert len({i for i, _ in links}) == len({j for _, j in links}) == len(links)  # one to one
        for i, word in enumerate(ours):
            if word in known:
                of += 1
                right += (i, theirs.index(known[word])) in links
    assert of > 200 and right / of > 0.95
    assert learn_links([]) == [] and learn_links([(["a"], [])]) == [()]


def test_given_links_stay(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("Un chat dort.\tA cat sleeps.\nUn chien dort.\tA dog sleeps.\n", encoding="utf-8")
    (tmp_path / "a.links").write_text("1-1\n0-0 2-2\n", encoding="utf-8")
    source = find_source(str(tmp_path / "a.tsv"))
    prepare(tmp_path / "data", [source], [], [], PrepareSettings(shards=1, kept_out=0), silent)
    assert {p.links for p in read_shard(tmp_path / "data" / "shard-0000.jsonl")} == {((1, 1),), ((0, 0), (2, 2))}


@labelled("terms")
def test_terms_are_found(case: dict[str, Any]) -> None:
    pair = Pair(case["fr"], case["en"], parse_links(case["links"], "case"))
    found = [[case["fr"][a:b], case["en"][c:d]] for (a, b), (c, d) in find_terms(pair, Lexicon(frozenset(), frozenset(), {}))]
    assert all(wanted in found for wanted in case["found"])
    assert not any(french in case.get("never", ()) for french, _ in found)


def test_an_annotated_pair_gives_the_pair_back(data: Path) -> None:
    chance, plurals = random.Random(1), Counter[bool]()
    for pair in read_kept_out(data):
        made = annotate(pair, chance)
        assert made is not None and made.english == pair.english and made.links is None
        assert re.sub(r"<term>(.*?)<as> (.*?)</term>", r"\1", made.french) == pair.french
        for text, asked in re.findall(r"<term>(.*?)<as> (.*?)</term>", made.french):
            assert text.strip() in pair.french
            renderings = {pair.english[slice(*target)].casefold() for _, target in pair.terms}
            assert asked.casefold() in renderings | {english_singular(text) for text in renderings}
            plurals[asked.casefold() not in renderings] += 1
    assert plurals[True] > 5


# lessons --------------------------------------------------------------------------------------------------------------

PAIRS = st.sampled_from([Pair(a, b, ((0, 0), (1, 1))) for a, b in sentences(60)])
CHANCES = st.integers(0, 10_000).map(random.Random)


@given(PAIRS, CHANCES)
@settings(max_examples=60)
def test_every_placeholder_stands_once_on_both_sides(pair: Pair, chance: random.Random) -> None:
    made = augmentation.placeholders(pair, chance)
    ours, theirs = (Counter(re.findall(r"<r\d+>", side)) for side in (made.french, made.english))
    assert ours == theirs and set(ours.values()) == {1} and made.links is None


@given(PAIRS, CHANCES)
@settings(max_examples=60)
def test_other_figures_are_worth_the_same_on_both_sides(pair: Pair, chance: random.Random) -> None:
    made = augmentation.figures(pair, chance)
    if made is not None:
        assert not number_changes(made.french, made.english)
        assert re.sub(r"[\d., \u00a0\u202f]", "", made.french) == re.sub(r"[\d., \u00a0\u202f]", "", pair.french)


@given(PAIRS, CHANCES)
@settings(max_examples=60)
def test_an_invented_name_is_copied(pair: Pair, chance: random.Random) -> None:
    made = augmentation.rename(pair, chance, ["Kelbrun"])
    if made is not None:
        changed, name = made
        assert changed.french.count(name) == changed.english.count(name) == 1


@given(PAIRS, CHANCES)
@settings(max_examples=60)
def test_lessons_lose_no_side_and_keep_links_only_where_words_stay(pair: Pair, chance: random.Random) -> None:
    made = teach(pair, chance, Lessons(Mixture(*[0.5] * len(astuple(Mixture())))))
    assert made.french and made.english and made.weight == pair.weight and not made.terms
    if made.links is not None:
        assert [len(words(made.french)), len(words(made.english))] == [len(words(pair.french)), len(words(pair.english))]
    assert from_json(to_json(made)) == made


def test_slips_leave_the_english_alone() -> None:
    pair = Pair("L’été s’achève à Orléans.", "Summer ends in Orléans.")
    assert augmentation.accents(pair) == replace(pair, french="L’ete s’acheve a Orleans.")
    assert augmentation.apostrophes(pair) == replace(pair, french="L'été s'achève à Orléans.")
    assert augmentation.stops(pair) == Pair("L’été s’achève à Orléans", "Summer ends in Orléans")


# packing --------------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(1, 16)), max_size=120), st.integers(1, 8))
def test_packing_keeps_every_pair_whole_and_once(sizes: list[tuple[int, int]], open_rows: int) -> None:
    rows = list(pack(sizes, (20, 16), open_rows))
    assert sorted(index for row in rows for index in row) == list(range(len(sizes)))
    for row in rows:
        assert sum(sizes[i][0] for i in row) <= 20 and sum(sizes[i][1] for i in row) <= 16


@given(
    st.lists(st.tuples(st.lists(st.integers(2, 9), max_size=6), st.lists(st.integers(2, 9), max_size=6)), min_size=1, max_size=12)
)
def test_a_batch_holds_its_pairs(texts: list[tuple[list[int], list[int]]]) -> None:
    examples = [Example(tuple(a), tuple(b), (*b, 0), ((0, 0),) if a and b else ()) for a, b in texts]
    rows = [[examples[i] for i in row] for row in pack(map(lengths, examples), (16, 16))]
    batch = fill(rows, (len(rows), 16, 16), end=0, start=99)
    found = []
    for r in range(len(rows)):
        for n in range(1, int(batch.source_pair[r].max()) + 1):
            source = batch.source[r][batch.source_pair[r] == n]
            target, labels = (side[r][batch.target_pair[r] == n] for side in (batch.target, batch.labels))
            assert source[-1] == 0 and target[0] == 99 and labels[-1] == 0 and list(target[1:]) == list(labels[:-1])
            found.append((list(source[:-1]), list(target[1:])))
    assert sorted(found) == sorted((list(a), list(b)) for a, b in texts)
    assert batch.pairs == len(texts) and batch.target_pieces == sum(len(b) + 1 for _, b in texts)
    if batch.links is not None:
        assert set(np.unique(batch.links.sum(axis=2))) <= {0.0, 1.0}
        assert batch.links.sum() == sum(bool(e.links) for e in examples)


def test_what_is_too_long_is_refused_and_not_cut(tiny: Path) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        list(pack([(5, 5)], (4, 9)))
    pieces = read_pieces(tiny / "start", read_weights(tiny / "start", read_shape(tiny / "start"))[1])
    [long, short, strange] = encode(
        [Pair("la " * 60, "the " * 60), Pair("le réseau", "the network"), Pair("le réseau", "the Ω")], pieces, (40, 40)
    )
    assert long is None and short is not None and strange is None


# the network ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["tiny", "embedded"])
def checkpoint(request: pytest.FixtureRequest, tiny: Path) -> Path:
    return tiny / "start" if request.param == "tiny" else EMBEDDED


@pytest.mark.model
def test_packed_rows_give_the_logits_of_transformers(checkpoint: Path) -> None:
    from transformers import MarianMTModel

    shape = read_shape(checkpoint)
    weights, able = read_weights(checkpoint, shape)
    pieces = read_pieces(checkpoint, able)
    examples = [e for e in encode([Pair(a, b) for a, b in sentences(9)], pieces, (64, 64)) if e]
    rows = [[examples[i] for i in row] for row in pack(map(lengths, examples), (64, 64))]
    batch = fill(rows, (len(rows) + 1, 64, 64), pieces.end, pieces.start)
    tensors = to_device(batch, torch.device("cpu"), torch.float32)
    with torch.no_grad():
        output = forward(weights, tensors, shape, places(64, shape.width), torch.float32)
        logits = output.hidden @ weights[EMBEDDING][able].T + weights[BIAS]
        heads = torch.softmax(attention_logits(output.queries, output.keys, tensors.cross_mask), dim=-1)
    model = MarianMTModel.from_pretrained(checkpoint, dtype=torch.float32, attn_implementation="eager").eval()
    for r, row in enumerate(rows):
        assert len(rows) < len(examples)  # more than one pair in a row
        for n, _ in enumerate(row, 1):
            ours, theirs = (torch.from_numpy(side[r] == n) for side in (batch.source_pair, batch.target_pair))
            with torch.no_grad():
                alone = model(
                    input_ids=tensors.source[r][ours][None],
                    decoder_input_ids=tensors.target[r][theirs][None],
                    output_attentions=True,
                )
            assert torch.allclose(logits[r][theirs], alone.logits[0][:, able], atol=1e-4)
            assert torch.allclose(heads[r][theirs][:, ours], alone.cross_attentions[-1][0, 0], atol=1e-4)


@pytest.mark.model
def test_the_guided_head_is_the_one_that_the_engine_gives(embedded: Any) -> None:
    shape = read_shape(EMBEDDED)
    weights, able = read_weights(EMBEDDED, shape)
    pieces = read_pieces(EMBEDDED, able)
    [pair] = [Pair(a, b) for a, b in sentences(1)]
    [example] = encode([pair], pieces, (64, 64))
    assert example is not None
    tensors = to_device(fill([[example]], (1, 64, 64), pieces.end, pieces.start), torch.device("cpu"), torch.float32)
    with torch.no_grad():
        output = forward(weights, tensors, shape, places(64, shape.width), torch.float32)
    ours = torch.softmax(attention_logits(output.queries, output.keys, tensors.cross_mask), dim=-1)[0]
    vocabulary = embedded.vocabulary
    [forced] = attend(
        vocabulary.encode_source([pair.french]), [Hypothesis(tuple(vocabulary.encode_target([pair.english])[0]), 0.0)], embedded
    )
    theirs = torch.tensor(forced.attention)
    ours = ours[: len(theirs), : theirs.shape[1]]
    assert float((ours - theirs).abs().mean()) < 0.02  # int8 beside float32
    assert float((ours.argmax(1) == theirs.argmax(1)).float().mean()) > 0.9


def test_losses_and_their_slopes() -> None:
    torch.manual_seed(1)
    hidden, rows, bias = (torch.randn(*size, dtype=torch.float64, requires_grad=True) for size in ((7, 5), (11, 5), (11,)))
    labels = torch.tensor([1, -100, 3, 10, 0, -100, 2])
    loss, plain = label_loss(hidden.float(), rows.float(), bias.float(), labels, 0.1)
    wanted = torch.nn.functional.cross_entropy(hidden @ rows.T + bias, labels, label_smoothing=0.1)
    ours, theirs = (torch.autograd.grad(value, (hidden, rows, bias)) for value in (2 * loss, 2 * wanted))
    assert torch.isclose(loss.double(), wanted, atol=1e-5)
    assert torch.isclose(plain.double(), torch.nn.functional.cross_entropy(hidden @ rows.T + bias, labels), atol=1e-5)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(ours, theirs, strict=True))
    links = torch.zeros(1, 2, 3)
    links[0, 0, 1] = 1
    even = guide_loss(torch.zeros(1, 2, 4), torch.zeros(1, 3, 4), torch.zeros(1, 1, 2, 3), links)
    assert float(even) == pytest.approx(np.log(3))


def test_the_start_piece_is_never_learnt(tiny: Path) -> None:
    weights, example, trainer, pieces = _ready(tiny)
    batch = fill([[example]], (6, 48, 48), pieces.end, pieces.start)
    optimizers = make_optimizers(weights, 1e-2, 1e-2)
    for _ in range(3):
        step(trainer, weights, optimizers, [batch], 1.0)
    assert not weights[EMBEDDING][pieces.start].any()
    assert weights[EMBEDDING][pieces.end].any()


def _ready(tiny: Path) -> Any:
    shape = read_shape(tiny / "start")
    weights, able = read_weights(tiny / "start", shape)
    pieces = read_pieces(tiny / "start", able)
    [example] = encode([Pair(*next(sentences(1)))], pieces, (48, 48))
    return {name: value.requires_grad_() for name, value in weights.items()}, example, make_trainer(TINY, shape, able), pieces


# runs -----------------------------------------------------------------------------------------------------------------


def losses(run: Path) -> list[Row]:
    return [replace(row, pieces_per_second=0, held_out=None) for row in read_rows(run)]


def test_a_run_that_was_killed_or_stopped_gives_the_same_losses(data: Path, tiny: Path, tmp_path: Path) -> None:
    chosen = replace(TINY, data=str(data))
    whole = begin(tiny, tmp_path / "whole")
    assert train(whole, chosen, silent) == 0
    assert [row.step for row in losses(whole)] == list(range(1, 13))
    assert losses(whole)[-1].loss < losses(whole)[0].loss
    assert (whole / "curve.svg").read_text(encoding="utf-8").startswith("<svg")
    assert [path.stem for path in snapshots(whole)] == [f"step-{n:07}" for n in (4, 8, 12)]

    killed = begin(tiny, tmp_path / "killed")

    def kill(text: str) -> None:
        if text.startswith("step 8"):
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        train(killed, chosen, kill)
    assert train(killed, chosen, silent) == 0
    assert losses(killed) == losses(whole)

    stopped, said = begin(tiny, tmp_path / "stopped"), list[str]()

    def stop(text: str) -> None:
        said.append(text)
        if text.startswith("step 3"):
            os.kill(os.getpid(), signal.SIGTERM)

    assert train(stopped, chosen, stop) == 130
    assert said[-1].startswith("stopped by SIGTERM after step 3, saved")
    assert train(stopped, chosen, silent) == 0
    assert losses(stopped) == losses(whole)

    with pytest.raises(ConfigError, match="other values of seed"):
        train(whole, replace(chosen, seed=2), silent)
    assert load_settings(RunSettings, whole / "settings.json") == chosen


def test_batches_go_on_from_any_position(data: Path, tiny: Path) -> None:
    able = read_weights(tiny / "start", read_shape(tiny / "start"))[1]
    feed = Feed(data, replace(TINY, rows=90), read_pieces(tiny / "start", able))
    first = [made for _, made in zip(range(30), batches(feed, Position()), strict=False)]
    assert first[-1][1].epoch > 0  # beyond the end of the shards
    for at in (0, 4, 11):
        some = replace(feed, settings=replace(feed.settings, workers=at // 11))  # other processes change nothing
        again = next(batches(some, first[at][1]))
        assert np.array_equal(again[0].source, first[at + 1][0].source) and again[1] == first[at + 1][1]


def test_a_run_is_about_its_data(data: Path, tiny: Path, tmp_path: Path) -> None:
    run = begin(tiny, tmp_path)
    with pytest.raises(ConfigError, match="prepare"):
        train(run, replace(TINY, data=str(tmp_path)), silent)
    with pytest.raises(ModelError, match="start"):
        train(tmp_path / "none", replace(TINY, data=str(data)), silent)
    (tmp_path / "x.json").write_text('{"mixture": {"colour": 1}}', encoding="utf-8")
    with pytest.raises(ConfigError, match="unknown settings: colour"):
        load_settings(RunSettings, tmp_path / "x.json")
    save_settings(TINY, tmp_path / "y.json")
    assert load_settings(RunSettings, tmp_path / "y.json") == TINY


@pytest.mark.parametrize(
    "values",
    [{"steps": "x"}, {"steps": 1.5}, {"compile": 1}, {"rate": True}, {"mixture": 5}, {"mixture": {"names": "x"}}, {"device": 0}],
    ids=str,
)
def test_a_setting_of_another_kind_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"--set.*: not like "):
        settings_from(RunSettings, values, "--set")
    assert settings_from(RunSettings, {"rate": 1, "mixture": {"names": 0}}, "--set").rate == 1
    for weights in ([], ["a"], 3):
        with pytest.raises(ConfigError, match="not like"):
            settings_from(PrepareSettings, {"weights": weights}, "--set")


@pytest.mark.parametrize(
    "values",
    [
        {"rows": 0},
        {"rows": -3},
        {"accumulate": 0},
        {"steps": -1},
        {"floor": 1.5},
        {"rate": float("nan")},
        {"mixture": {"names": 2}},
    ],
    ids=str,
)
def test_a_setting_that_means_nothing_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"--set.*: must be "):
        settings_from(RunSettings, values, "--set")
    for kind, wrong in ((PrepareSettings, {"shards": 0}), (PrepareSettings, {"weights": [1, -1]}), (Sizes, {"heads": 0})):
        with pytest.raises(ConfigError, match="must be "):
            settings_from(kind, wrong, "--set")


@pytest.mark.parametrize("device", ["zzz", "cuda:99", "meta:x"])
def test_a_device_that_is_not_there_is_said(device: str, tiny: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"device {device}: "):
        train(begin(tiny, tmp_path), replace(TINY, data=str(data), device=device), silent)


def test_heads_that_do_not_divide_the_width_are_said(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"30 .*4"):
        start_new(tmp_path / "run", data, Sizes(30, 4, 64, 1, 1, 320))
    assert not (tmp_path / "run" / "start").exists()


def test_a_start_that_could_not_be_made_is_not_there(data: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    for model in ("embedded", "new"):
        done = CliRunner().invoke(app, ["start", str(run), "--from", model, "--data", str(tmp_path / "nowhere")])
        assert isinstance(done.exception, BilingualError) and not (run / "start").exists(), (model, done.exception)
    start_new(run, data, Sizes(32, 4, 64, 1, 1, 320))
    assert [path.name for path in run.iterdir()] == ["start"]


def test_a_run_that_could_not_begin_can_begin_otherwise_and_its_data_may_move(data: Path, tiny: Path, tmp_path: Path) -> None:
    run = begin(tiny, tmp_path)
    with pytest.raises(ConfigError, match="nowhere: no manifest"):
        train(run, replace(TINY, data="nowhere"), silent)
    with pytest.raises(ConfigError, match="nowhere: no manifest"):
        train(tmp_path / "run", replace(TINY, data="nowhere", rows=2), silent)
    moved = tmp_path / "moved"
    shutil.copytree(data, moved)
    assert train(run, replace(TINY, data=str(data), steps=1), silent) == 0
    assert train(run, replace(TINY, data=str(moved), steps=2), silent) == 0
    (moved / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="other data"):
        train(run, replace(TINY, data=str(moved), steps=3), silent)
    with pytest.raises(ModelError, match="start"):
        train(tmp_path / "none", replace(TINY, data=str(data)), silent)
    assert not (tmp_path / "none").exists()


def test_an_average_of_before_the_run_went_on_is_not_exported(data: Path, tiny: Path, tmp_path: Path) -> None:
    run = begin(tiny, tmp_path)
    for steps in (2, 4):
        assert train(run, replace(TINY, data=str(data), steps=steps), silent) == 0
        if steps == 2:
            average(run, None)
    with pytest.raises(ModelError, match="before the run went on to step 4; average again"):
        export(run, tmp_path / "model", silent)
    average(run, None)
    export(run, tmp_path / "model", silent)


def test_runs_from_one_start_are_averaged(data: Path, tiny: Path, tmp_path: Path) -> None:
    runs = [begin(tiny, tmp_path / str(seed)) for seed in (1, 2)]
    for seed, run in enumerate(runs):
        assert train(run, replace(TINY, data=str(data), steps=2, seed=seed), silent) == 0
    model = export(runs[1], tmp_path / "model", silent)
    kept = [read_average(run) for run in runs]
    for other, slack in ((runs[1], 0.0), (model / "hf", 1e-3)):  # a Marian folder is float16
        assert average(runs[0], None, [other]) == [f"mean of exponential average and {other.name}"]
        made = load_file(runs[0] / "average.safetensors")
        assert made.keys() == kept[0].keys()
        for name, value in made.items():
            assert torch.allclose(value, (kept[0][name] + kept[1][name]) / 2, atol=slack + 1e-7, rtol=0), name
    start_new(tmp_path / "broad", data, Sizes(64, 4, 64, 1, 1, 320))
    with pytest.raises(ModelError, match="start: is a model of another build than"):
        average(runs[0], None, [tmp_path / "broad" / "start"])
    with pytest.raises(ModelError, match="nowhere"):
        average(runs[0], None, [tmp_path / "nowhere"])


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("prepare DATA -s a.tsv.xz", 2, "training: a.tsv.xz: cannot be read (Input format not supported by decoder)"),
        ("prepare DATA -s a.tsv.gz", 2, "training: a.tsv.gz: cannot be read (Not a gzipped file (b'Le'))"),
        ("prepare DATA -s a.tmx.gz", 2, "training: a.tmx.gz: cannot be read (Not a gzipped file (b'Le'))"),
        ("prepare a.tsv -s a.tsv", 2, "training: a.tsv: is there already; remove it or name another one"),
        ("prepare a.tsv/DATA -s a.tsv", 2, "training: a.tsv/DATA.part: Not a directory"),
        ("start a.tsv --from embedded", 2, "training: a.tsv/start.part: Not a directory"),
        ("average .", 2, "training: state.pt: cannot be read (EOFError)"),
        ("evaluate embedded >&-", 2, "training: cannot be written: Bad file descriptor"),
        ("evaluate embedded >/dev/full", 2, "training: cannot be written: No space left on device"),
        ("evaluate embedded | :", 141, None),
    ],
)
def test_what_goes_wrong_is_one_line(tmp_path: Path, line: str, code: int, said: str | None) -> None:
    for name in ("a.tsv", "a.tsv.xz", "a.tsv.gz", "a.tmx.gz"):
        (tmp_path / name).write_text("Le chat dort.\tThe cat sleeps.\n", encoding="utf-8")
    (tmp_path / "state.pt").touch()
    command = f"set -o pipefail; {sys.executable} -m training {line}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, env=environment)
    lines = [one for one in done.stderr.splitlines() if not one.startswith("· ")]
    assert (done.returncode, lines) == (code, [said] if said else []), done.stderr


def test_the_whole_way(data: Path, tmp_path: Path) -> None:
    """From shards to a model that the tool loads: every command once, with the curve, the card and the figures that they leave."""

    def call(*line: str) -> str:
        done = CliRunner().invoke(app, list(line))
        assert done.exit_code == 0, done.output
        return done.stdout

    run, model = str(tmp_path / "run"), tmp_path / "model"
    sizes = ("width=32", "heads=4", "feed_forward=64", "encoder_layers=1", "decoder_layers=1", "pieces=320")
    call("start", run, "--from", "new", "--data", str(data), *(part for size in sizes for part in ("--set", size)))
    few = (
        "rows=8",
        "source_width=64",
        "target_width=64",
        "accumulate=1",
        "steps=40",
        "warm_up=5",
        "decay=10",
        "rate=0.01",
        "muon_rate=0.01",
    )
    call("train", run, "--data", str(data), *(part for s in (*few, "threads=1", "snapshot_every=10") for part in ("--set", s)))
    rows = read_rows(tmp_path / "run")
    assert rows[-1].step == 40 and rows[-1].plain < rows[0].plain - 0.5 and rows[-1].held_out is not None
    call("average", run, "--last", "2")
    call("export", run, str(model))
    printed = call(
        "evaluate",
        str(model),
        "--data",
        str(data),
        "--dev",
        str(data.parent / "b.fr"),
        "--beam",
        "1",
        "--limit",
        "60",
        "--threads",
        "1",
    )
    card = (model / "README.md").read_text(encoding="utf-8")
    scores = json.loads((model / "scores.json").read_text(encoding="utf-8"))
    assert "step-0000030, step-0000040" in card and "BLEU nrefs:1|" in card and printed.strip() in card
    assert [m["measure"] for m in scores["measures"]][-1] == "words whose link agrees" and all(
        m["of"] for m in scores["measures"]
    )
    assert scores["sets"][0]["lines"] == 60 and scores["words_per_second"]["1"] > 0
    from scripts.embed_model import COPIED  # what puts it into the package finds all that it needs

    assert {path.name for path in (model / "hf").iterdir()} >= set(COPIED)
    engine = load_engine(find_model(str(model)), device="cpu", threads=1)
    assert engine.name == "ctranslate2/int8" and engine.abilities.aligner and len(engine.abilities.placeholders) == 13
    [[hypothesis]] = engine.translate(engine.vocabulary.encode_source(["Le maire achète le réseau."]), Search(beam=2))
    assert hypothesis.pieces and set(hypothesis.pieces) <= set((model / "ct2" / "vmap.txt").read_text(encoding="utf-8").split())


@pytest.mark.model
def test_a_few_steps_from_the_embedded_model(tmp_path: Path) -> None:
    """The embedded checkpoint goes on learning, and what is exported is loaded by the command."""
    from bilingual.cli.main import app as tool

    start_from(tmp_path, EMBEDDED)
    started = tmp_path / "start"
    assert (started / "target.spm").read_bytes()  # its pieces are the ones that were there
    assert read_model(started / "target.spm") == read_model(EMBEDDED / "target.spm")
    shape = read_shape(started)
    weights, able = read_weights(started, shape)
    pieces = read_pieces(started, able)
    examples = [e for e in encode([Pair(a, b) for a, b in sentences(12)], pieces, (64, 48)) if e]
    rows = [[examples[i] for i in row] for row in pack(map(lengths, examples), (64, 48))]
    batch = fill(rows, (len(rows), 64, 48), pieces.end, pieces.start)
    chosen = replace(TINY, source_width=64, target_width=48, dtype="bfloat16")
    trainer = make_trainer(chosen, shape, able)
    weights = {name: value.requires_grad_() for name, value in weights.items()}
    optimizers = make_optimizers(weights, 2e-4, 2e-4)
    before = float(compute_losses(trainer, weights, batch).plain)
    for _ in range(5):
        step(trainer, weights, optimizers, [batch], 1.0)
    assert float(compute_losses(trainer, weights, batch).plain) < before - 0.1
    write_checkpoint(started, {name: value.detach() for name, value in weights.items()})
    (tmp_path / "a.fr").write_text("Le maire achète le réseau.\n", encoding="utf-8")
    done = CliRunner().invoke(tool, ["translate", "--lines", str(tmp_path / "a.fr"), "--model", str(started), "-q"])
    assert done.exit_code == 0 and "network" in done.stdout


def test_a_stock_model_learns_tags_and_loses_pieces(data: Path, tiny: Path, tmp_path: Path) -> None:
    """A folder without tags, with numbers of its own, is made fit; the others stay what they were."""
    stock = _stock(tiny / "start", tmp_path / "stock")
    done = start_from(tmp_path / "run", stock, data=data)
    assert done["added"] == 16
    shape, old = read_shape(tmp_path / "run" / "start"), read_weights(stock, read_shape(stock))
    weights, able = read_weights(tmp_path / "run" / "start", shape)
    assert shape.start == len(weights[EMBEDDING]) - 1 and not weights[EMBEDDING][-1].any()
    assert torch.equal(weights[EMBEDDING][: shape.start - 16], old[0][EMBEDDING][:-1])
    assert len(able) == done["producible"] < len(old[1]) + 13
    pieces = read_pieces(tmp_path / "run" / "start", able)
    text = "Le<term> réseau<as> network</term> est <r3>"
    assert "<as>" in pieces.source.encode(text, out_type=str) and len(set(pieces.source_ids)) == pieces.source.get_piece_size()
    marked = [p for p in read_model(tmp_path / "run" / "start" / "target.spm") if p.type == UNUSED]
    assert marked
    with pytest.raises(OutputError, match="is there already"):
        start_from(tmp_path / "run", stock)
    (stock / "config.json").write_text(json.dumps({"model_type": "bert"}), encoding="utf-8")
    with pytest.raises(BilingualError):
        start_from(tmp_path / "other", stock)


def _stock(folder: Path, into: Path) -> Path:
    """A checkpoint as hubs have it: no tags, the numbers of vocab.json in another order than SentencePiece's."""
    from safetensors.torch import save_file

    into.mkdir()
    weights, _ = read_weights(folder, read_shape(folder))
    pieces = [p for p in read_model(folder / "source.spm") if p.type != 4]
    order = [pieces[0], *reversed(pieces[1:])]
    vocabulary = {piece.text: number for number, piece in enumerate(order)} | {"<pad>": len(order)}
    for name in ("source.spm", "target.spm"):
        write_model(folder / name, pieces, into / name)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"vocab_size": len(vocabulary), "pad_token_id": len(order), "decoder_start_token_id": len(order)}
    (into / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (into / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    weights.pop(BIAS)
    weights[EMBEDDING] = torch.randn(len(vocabulary), weights[EMBEDDING].shape[1])
    stored = {name: value.contiguous() for name, value in weights.items()}
    save_file({**stored, "final_logits_bias": torch.zeros(1, len(vocabulary))}, into / "model.safetensors")
    return into


def test_piece_links_stand_for_their_words() -> None:
    assert piece_links([(1, 0)], [(0, 2), (3, 9)], [(0, 7)], [(0, 2), (3, 6), (6, 9)], [(0, 3), (3, 7)]) == [
        (1, 0),
        (1, 1),
        (2, 0),
        (2, 1),
    ]


def test_no_pair_is_drawn_twice_in_an_epoch_and_heavy_ones_most(data: Path, tiny: Path) -> None:
    """Pairs that came three times out of one shard were learnt by heart."""
    shape = read_shape(tiny / "start")
    plain = replace(TINY, mixture=Mixture(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    feed = Feed(data, plain, read_pieces(tiny / "start", read_weights(tiny / "start", shape)[1]))
    path = data / read_manifest(data)["shards"][0]["file"]
    weights = {tuple(encode_all([pair], feed)[0].source): pair.weight for pair in read_shard(path) if encode_all([pair], feed)}
    counts: Counter[float] = Counter()
    for epoch in range(10):
        drawn = [tuple(e.source) for batch in shard_batches(feed, path, epoch) for row in batch for e in row]
        assert len(drawn) == len(set(drawn))
        counts.update(weights[source] for source in drawn)
    kinds = Counter(weights.values())
    assert counts[3.0] == 10 * kinds[3.0]
    for weight in (0.3, 0.8, 1.5):
        assert counts[weight] / (10 * kinds[weight]) == pytest.approx(weight / 3.0, abs=0.06)
