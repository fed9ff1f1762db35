"""The card of an exported model: what it is, how it was made, what it scores. Every figure comes out of a file that a command wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bilingual.engines import find_model

SCORES = "scores.json"
CARD = "README.md"


def write_card(folder: Path) -> None:
    """Write ``README.md`` into an exported folder, from its configuration, ``training.json`` and, where it is there, ``scores.json``."""
    config = _read(folder / "hf" / "config.json")
    about, scores = _read(folder / "training.json"), _read(folder / SCORES)
    checkpoint = find_model(str(folder))
    able = checkpoint.abilities
    rows = {
        "architecture": f"Marian, {config['encoder_layers']} + {config['decoder_layers']} layers, width {config['d_model']}, "
        f"{config['encoder_attention_heads']} heads, feed-forward {config['encoder_ffn_dim']}, {config['vocab_size']} pieces",
        "annotated terms": " … ".join(able.annotation) if able.annotation else "none",
        "placeholders": f"{able.placeholders[0]} … {able.placeholders[-1]}" if able.placeholders else "none",
        "weights": about.get("weights", "unknown"),
        "trained": f"{about['steps']} steps, {about['target_pieces'] / 1e6:.2f} M target pieces"
        if "steps" in about
        else "unknown",
    }
    data = about.get("data")
    if data:
        rows["data"] = f"{data['pairs']} pairs, {data['linked']} with word links, {data['with_terms']} with terms"
        rows["sources"] = ", ".join(f"{s['name']} ({s['kept']} of {s['pairs']})" for s in data["sources"])
        rows["held out"] = ", ".join(d["file"] for d in data["held_out"]) or "none"
    lines = [
        "# A French-English Marian model\n",
        f"`{checkpoint.revision[:12]}`, made by `python -m training export`. float16 in `hf/`, CTranslate2 int8 in `ct2/`.\n",
        "| | |\n|---|---|",
        *(f"| {name} | {value} |" for name, value in rows.items()),
    ]
    if scores:
        lines += ["\n## Scores\n", scores_text(scores)]
    settings = json.dumps(about.get("settings", {}), indent=1)
    lines += ["\n## Settings of the run\n", f"```json\n{settings}\n```"]
    (folder / CARD).write_text("\n".join(lines) + "\n", encoding="utf-8")


def scores_text(scores: dict[str, Any]) -> str:
    """What `training.evaluation` measured, as Markdown."""
    lines = [f"Measured by `python -m training evaluate` with {scores['engine']}, raw model text."]
    if scores["sets"]:
        lines += ["", "| set | lines | beam | BLEU | chrF |", "|---|---:|---:|---:|---:|"]
        lines += [f"| {r['set']} | {r['lines']} | {r['beam']} | {r['bleu']:.1f} | {r['chrf']:.1f} |" for r in scores["sets"]]
        lines += ["", *(f"- {name} {signature}" for name, signature in scores["signatures"].items())]
    if scores["measures"]:
        lines += [
            "",
            f"Terms and links on kept-out pairs, the other lessons on these and the sets, beam {scores['beam']}:",
            "",
            "| measure | right | of | share |",
            "|---|---:|---:|---:|",
        ]
        lines += [f"| {m['measure']} | {m['right']} | {m['of']} | {_share(m)} |" for m in scores["measures"]]
    sizes = ", ".join(f"{form} {size:.1f} MB" for form, size in scores["megabytes"].items())
    lines += ["", f"Size: {sizes}."]
    if scores["words_per_second"]:
        speeds = ", ".join(f"beam {beam} {speed:.0f}" for beam, speed in scores["words_per_second"].items())
        lines += ["", f"French words a second of one thread's processor time: {speeds} ({scores['cpu']})."]
    return "\n".join(lines)


def _share(measure: dict[str, Any]) -> str:
    return f"{measure['right'] / measure['of']:.1%}" if measure["of"] else "–"


def _read(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return value
