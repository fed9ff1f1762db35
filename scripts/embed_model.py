"""Put a Marian checkpoint into the package, and make again everything that depends on it.

    python scripts/embed_model.py FOLDER        # a Hugging Face Marian folder, source.spm and target.spm in it
    python scripts/embed_model.py --again       # the checkpoint that is there already: only what follows from it

Steps: copy, convert to CTranslate2 int8, measure (benchmarks/quality.py and `training evaluate` on the development sets, where they
are), model card, outputs/, docs/page.png, and the figures and the example in README.md.
Needs the [torch] and [test] extras. Every step says what it does.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "bilingual" / "model"
COPIED = (
    "bilingual.json",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "source.spm",
    "target.spm",
    "tokenizer_config.json",
    "vocab.json",
)


def say(text: str) -> None:
    print(f"· {text}", flush=True)


def copy(source: Path) -> None:
    """The checkpoint's files into bilingual/model/hf, with the hash of its weights as its revision."""
    folder = MODEL / "hf"
    missing = [name for name in COPIED if not (source / name).is_file()]
    if missing:
        sys.exit(f"{source}: missing {', '.join(missing)}")
    folder.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        shutil.copyfile(source / name, folder / name)
    start_from_zero(folder)
    (folder / "model.safetensors").chmod(0o644)
    revision = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    (folder / "REVISION").write_text(revision + "\n", encoding="ascii")
    say(f"copied {source.name} as embedded@{revision[:12]}")


def start_from_zero(folder: Path) -> None:
    """Clear the embedding that the decoder starts from, and store float16.

    CTranslate2 starts every Marian decoder from zeros, as Marian itself does; a checkpoint that was trained with a start embedding would
    be another model there than in transformers.
    """
    from safetensors.numpy import load_file, save_file

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    tensors = load_file(folder / "model.safetensors")
    tensors["model.shared.weight"][config["decoder_start_token_id"]] = 0
    tensors = {name: tensor.astype("float16") for name, tensor in tensors.items()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def convert() -> None:
    """bilingual/model/ct2 from bilingual/model/hf."""
    from bilingual.engines.models import convert, find_model

    folder = convert(find_model(str(MODEL / "hf")), MODEL / "ct2")
    say(f"converted: {sum(f.stat().st_size for f in folder.iterdir()) / 1e6:.1f} MB of CTranslate2 int8")


def run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if done.returncode not in (0, 3):  # 3: written, with glossary violations
        sys.exit(f"{' '.join(command)} failed ({done.returncode}):\n{done.stdout[-2000:]}")
    return done.stdout


def measure() -> dict[str, Any] | None:
    """BLEU and chrF of both engines on the development sets, into bilingual/model/figures.json; None where the sets are not there."""
    figures = MODEL / "figures.json"
    if not (ROOT.parent / "shared" / "data" / "dev").is_dir():
        say("no development sets beside the checkout: the figures stay as they are")
    else:
        say("measuring on WMT13 and FLORES-dev, both engines, beam 1 and 4 (a quarter of an hour or so on two cores)")
        run("benchmarks/quality.py", "--json", str(figures))
        measured = {**json.loads(figures.read_text(encoding="utf-8")), "lessons": measure_lessons()}
        figures.write_text(json.dumps(measured, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return json.loads(figures.read_text(encoding="utf-8")) if figures.is_file() else None


def measure_lessons() -> dict[str, Any]:
    """What `training evaluate` says of the lessons that the model was taught, on a thousand pairs of the development sets."""
    say("measuring terms, placeholders, names, figures and links")
    data = ROOT.parent / "shared" / "data" / "dev"
    with tempfile.TemporaryDirectory() as scratch:
        pairs, figures = f"{scratch}/pairs", f"{scratch}/figures.json"
        sources = ["-s", str(data / "wmt13.fr"), "-s", str(data / "flores-dev.fr")]
        run("-m", "training", "prepare", pairs, *sources, "--set", "shards=1", "--set", "kept_out=1.0")
        run("-m", "training", "evaluate", "embedded", "--data", pairs, "--limit", "1000", "--beam", "4", "--json", figures)
        made: dict[str, Any] = json.loads(Path(figures).read_text(encoding="utf-8"))
    return {key: made[key] for key in ("beam", "measures", "words_per_second", "cpu")}


def lessons_text(figures: dict[str, Any] | None) -> str:
    """The lessons as a Markdown table, and the speed in a line."""
    if not figures or "lessons" not in figures:
        return "Not measured yet."
    made = figures["lessons"]
    lines = ["| | right | of | share |", "|---|---:|---:|---:|"]
    for row in made["measures"]:
        share = f"{100 * row['right'] / row['of']:.1f} %" if row["of"] else ""
        lines.append(f"| {row['measure']} | {row['right']} | {row['of']} | {share} |")
    speed = ", ".join(f"{rate:,.0f} with beam {beam}" for beam, rate in made["words_per_second"].items())
    lines.append(f"\nFrench words a second of one thread's processor time, int8, the model alone: {speed} ({made['cpu']}).")
    return "\n".join(lines)


def scores_table(figures: dict[str, Any]) -> str:
    """The scores as a Markdown table."""
    lines = ["| set | engine | beam | text | BLEU | chrF |", "|---|---|---|---|---|---|"]
    for row in figures["scores"]:
        bleu, chrf = (f"{row[name]:.1f} ± {row[name + '_interval']:.1f}" for name in ("bleu", "chrf"))
        lines.append(f"| {row['set']} | {row['engine']} | {row['beam']} | {row['path']} | {bleu} | {chrf} |")
    return "\n".join(lines)


def write_card(figures: dict[str, Any] | None) -> None:
    """bilingual/model/README.md: what the model is, what it can do, what it scores."""
    from bilingual.engines import find_model

    checkpoint = find_model()
    config = json.loads((MODEL / "hf" / "config.json").read_text(encoding="utf-8"))
    sizes = {form: sum(f.stat().st_size for f in (MODEL / form).iterdir()) / 1e6 for form in ("hf", "ct2")}
    able = checkpoint.abilities
    text = CARD.format(
        signature=checkpoint.signature,
        encoder=config["encoder_layers"],
        decoder=config["decoder_layers"],
        width=config["d_model"],
        heads=config["encoder_attention_heads"],
        feed=config["encoder_ffn_dim"],
        pieces=config["vocab_size"],
        hf=sizes["hf"],
        ct2=sizes["ct2"],
        annotation=" … ".join(able.annotation) if able.annotation else "none",
        placeholders=f"{able.placeholders[0]} … {able.placeholders[-1]}" if able.placeholders else "none",
        aligner="trained" if able.aligner else "not trained",
        scores=scores_table(figures) if figures else "not measured yet",
        caveat=figures["caveat"] if figures else "",
        signatures="\n".join(f"- {s}" for s in figures["scores"][0]["signatures"]) if figures else "",
        agreement=agreement_text(figures),
        lessons=lessons_text(figures),
    )
    (MODEL / "README.md").write_text(text, encoding="utf-8")
    say("wrote the model card")


def agreement_text(figures: dict[str, Any] | None) -> str:
    rows = figures["agreement"] if figures else []
    if not rows:
        return ""
    said = ", ".join(
        f"{r['set']} beam {r['beam']} {100 * r['identical']:.0f} % of {r['lines']} lines identical,"
        f" BLEU {r['bleu'][0]:.1f} and {r['bleu'][1]:.1f}"
        for r in rows
    )
    return f"What int8 costs (CTranslate2 int8 and transformers float32, raw text, the same lines): {said}."


CARD = """\
# The embedded model: MarianMT, French to English

`{signature}`, made by `scripts/embed_model.py`. In `hf/` as a Hugging Face checkpoint (float16, {hf:.0f} MB), in `ct2/` as a
CTranslate2 model (int8, {ct2:.0f} MB) with a shortlist (`vmap.txt`) of the pieces that it can produce.

| | |
|---|---|
| architecture | Marian transformer, {encoder} + {decoder} layers, width {width}, {heads} heads, feed-forward {feed}, {pieces} pieces |
| annotated terms | {annotation} |
| placeholders that it carries through | {placeholders} |
| head 0 of the last decoder layer as an aligner | {aligner} |
| licence | MPL-2.0: a modification of a Mozilla/Bergamot student; sources and licences of the training text in THIRD-PARTY-NOTICES.md |

## Scores

`raw` is the model's text line by line, `tool` what `bilingual translate --lines` makes of it.

{scores}

{signatures}

{caveat} ± is half of the 95 % interval.

{agreement}

## Lessons

What it was taught beside translating (`training/README.md`), on a thousand pairs of these sets; the model's own text, before the tool
mends names and figures. The links are held against those of a word aligner that learnt from these pairs alone.

{lessons}

## Limits

It is small and young. Rare words, idioms and long sentences go wrong, names are misspelt now and then, and facts of the last years
are unknown to it. The tool catches part of that (lost names and numbers, loops, omissions are tried again, then marked); the rest needs
a reader.
"""


def translate_seeds() -> None:
    """outputs/ from seeds/, by the README's main job."""
    for old in (ROOT / "outputs").glob("*.fr-en.*"):
        old.unlink()
    run("-m", "bilingual", "translate", "seeds/", "-o", "outputs/", "--force")
    say("translated seeds/ into outputs/")


def shoot_page() -> None:
    """docs/page.png, the page that the README shows, where there is a Chromium."""
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "shoot_page.py")], check=False)
    say("took docs/page.png" if done.returncode == 0 else "docs/page.png is the old one: scripts/shoot_page.py says why")


def put_between(text: str, mark: str, body: str) -> str:
    """`text` with what stands between the comments of `mark` replaced."""
    start, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    if start not in text or end not in text:
        sys.exit(f"README.md: no {start} … {end}")
    head, tail = text.split(start, 1)[0], text.split(end, 1)[1]
    return f"{head}{start}\n{body.strip()}\n{end}{tail}"


def contradictions(digest: str) -> str:
    """The part of a digest's page about figures that do not agree, as a block of code; a line where there is none."""
    part = next((part for part in digest.split("\n\n---\n\n") if part.startswith("## ⚠")), "")
    return f"````markdown\n{part}\n````" if part else "(Nothing, with this model's reading of the terms.)"


def write_readme(figures: dict[str, Any] | None) -> None:
    """The README's example out of outputs/, and its figures."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    page = (ROOT / "outputs" / "gigafactory-de-calcul.fr-en.md").read_text(encoding="utf-8")
    shown = "\n\n".join(page.split("\n\n")[:9])
    example = f"This is how `outputs/gigafactory-de-calcul.fr-en.md` begins:\n\n````markdown\n{shown}\n````"
    text = put_between(text, "example", example)
    digest = run("-m", "bilingual", "summarize", "outputs/", "--together", "--quiet")
    text = put_between(text, "digest", contradictions(digest))
    if figures:
        kept = {**figures, "scores": [r for r in figures["scores"] if r["path"] == "tool" and r["beam"] == 4]}
        body = (
            f"The embedded model (`{figures['model']}`, beam 4, the tool's text, no glossary):\n\n{scores_table(kept)}\n\n"
            f"{figures['caveat']} Made by `benchmarks/quality.py`; all figures and signatures stand in the model card."
        )
        text = put_between(text, "figures", body)
    path.write_text(text, encoding="utf-8")
    say("put the example and the figures of the README right")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("folder", nargs="?", type=Path)
    given.add_argument("--again", action="store_true")
    parser.add_argument("--figures", type=Path, help="take these figures of benchmarks/quality.py instead of measuring")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if arguments.folder:
        copy(arguments.folder)
        convert()
    if arguments.figures:
        shutil.copyfile(arguments.figures, MODEL / "figures.json")
        figures = json.loads((MODEL / "figures.json").read_text(encoding="utf-8"))
    else:
        figures = measure()
    write_card(figures)
    translate_seeds()
    shoot_page()
    write_readme(figures)
    say("done; read the difference before you commit it")


if __name__ == "__main__":
    main()
