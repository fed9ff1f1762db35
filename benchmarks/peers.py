"""Other people's programs with the embedded model's weights in them: how long the same sentences take.

    python -m venv peers && peers/bin/pip install argostranslate 'optimum-onnx[onnxruntime]' torch
    python benchmarks/peers.py --with peers/bin/python

Each contender runs in a process of its own, one after the other, the peers under the interpreter that ``--with`` names (they want other
versions of our dependencies). All read the same sentences of WMT13, one a line, beam 4, all cores; the time is that of translating, once
everything is loaded and one sentence has been translated. *same*: chrF of what comes out against CTranslate2 alone with the same weights:
near 100 says that it is the same model that ran.

- *bilingual*: `translate_segments`, as ``bilingual translate --lines`` runs it
- *ctranslate2*: `Translator.translate_batch` on ready-made pieces, 32 a batch, sorted by length
- *argos*: Argos Translate 1.11, the model put into a package of its form, each line a text; its sentence splitter fetches a model at run
  time, so that the rule-based one of spaCy stands in for it
- *onnx*: optimum's `ORTModelForSeq2SeqLM` on ONNX Runtime, float32, 32 a batch, sorted by length
- *transformers*: `MarianMTModel.generate`, float32, the same

These weights cannot be run in dl-translate (m2m100, mBART and NLLB alone), nor in fxtranslate, firefox-translations and translateLocally
(models of Bergamot's form alone; the last is in no registry). EasyNMT runs Marian checkpoints by `generate` of transformers.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "bilingual" / "model"
BATCH, BEAM, LONGEST = 32, 4, 384
OURS = ("bilingual", "ctranslate2", "transformers")
CONTENDERS = ("ctranslate2", "bilingual", "argos", "onnx", "transformers")

Translate = Callable[[list[str]], list[str]]


def by_length(lines: list[str], batch: Callable[[list[str]], list[str]]) -> list[str]:
    """Run `batch` on groups of 32 lines of like length; the results in the order of `lines`."""
    order = sorted(range(len(lines)), key=lambda i: -len(lines[i]))
    made = [""] * len(lines)
    for start in range(0, len(order), BATCH):
        group = order[start : start + BATCH]
        for index, text in zip(group, batch([lines[i] for i in group]), strict=True):
            made[index] = text
    return made


def bilingual() -> Translate:
    sys.path.insert(0, str(ROOT))
    from bilingual.document import Segment
    from bilingual.engines import find_model, load_engine
    from bilingual.pipeline import Settings, translate_segments

    engine = load_engine(find_model("embedded"), device="cpu")

    def run(lines: list[str]) -> list[str]:
        segments = (Segment(f"p{n}.s1", line, block="line") for n, line in enumerate(lines, 1))
        return [segment.target for segment in translate_segments(segments, engine, Settings(beam=BEAM))]

    return run


def bare() -> Translate:
    import ctranslate2
    import sentencepiece

    pieces = sentencepiece.SentencePieceProcessor(str(MODEL / "hf" / "source.spm"))
    cores = len(os.sched_getaffinity(0))
    translator = ctranslate2.Translator(str(MODEL / "ct2"), compute_type="int8", inter_threads=cores, intra_threads=1)

    def run(lines: list[str]) -> list[str]:
        sources = [[*found, "</s>"] for found in pieces.encode(lines, out_type=str)]
        made = translator.translate_batch(sources, max_batch_size=BATCH, beam_size=BEAM, max_decoding_length=LONGEST)
        return [pieces.decode(result.hypotheses[0]) for result in made]

    return run


def argos() -> Translate:
    os.environ |= {"ARGOS_DEVICE_TYPE": "cpu", "HOME": tempfile.mkdtemp()}
    os.environ |= {"ARGOS_INTER_THREADS": str(len(os.sched_getaffinity(0))), "ARGOS_INTRA_THREADS": "1"}
    import spacy

    folder = Path(tempfile.mkdtemp()) / "fr_en"
    shutil.copytree(MODEL / "ct2", folder / "model")
    config = folder / "model" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text(encoding="utf-8")) | {"add_source_eos": True}), encoding="utf-8")
    shutil.copyfile(MODEL / "hf" / "source.spm", folder / "sentencepiece.model")
    names = {"from_code": "fr", "from_name": "French", "to_code": "en", "to_name": "English"}
    (folder / "metadata.json").write_text(json.dumps({"package_version": "1", "argos_version": "1.5", **names}), encoding="utf-8")
    spacy.blank("fr").to_disk(folder / "spacy")

    from argostranslate import settings
    from argostranslate.package import Package
    from argostranslate.translate import Language, PackageTranslation

    # Said only now: said before the import, it would be fetched at the import.
    settings.beam_size, settings.compute_type, settings.chunk_type = BEAM, "int8", settings.ChunkType.SPACY
    made = PackageTranslation(Language("fr", "French"), Language("en", "English"), Package(folder))
    return lambda lines: [made.translate(line) for line in lines]


def onnx() -> Translate:
    import transformers
    from optimum.onnxruntime import ORTModelForSeq2SeqLM

    tokenizer = transformers.MarianTokenizer.from_pretrained(MODEL / "hf")
    model = ORTModelForSeq2SeqLM.from_pretrained(MODEL / "hf", export=True)
    return _generating(model, tokenizer)


def marian() -> Translate:
    import torch
    import transformers

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    tokenizer = transformers.MarianTokenizer.from_pretrained(MODEL / "hf")
    model = transformers.MarianMTModel.from_pretrained(MODEL / "hf", dtype=torch.float32).eval()
    return _generating(model, tokenizer)


def _generating(model: Any, tokenizer: Any) -> Translate:
    import torch

    def batch(lines: list[str]) -> list[str]:
        given = tokenizer(lines, return_tensors="pt", padding=True)
        with torch.inference_mode():
            made = model.generate(**given, num_beams=BEAM, max_length=LONGEST)
        texts: list[str] = tokenizer.batch_decode(made, skip_special_tokens=True)
        return texts

    return lambda lines: by_length(lines, batch)


LOADERS: dict[str, Callable[[], Translate]] = {
    "bilingual": bilingual,
    "ctranslate2": bare,
    "argos": argos,
    "onnx": onnx,
    "transformers": marian,
}


def child(name: str, path: Path) -> None:
    """Run one contender on the lines of a file and print what it took and what came out, as one line of JSON."""
    lines = path.read_text(encoding="utf-8").split("\n")
    run = LOADERS[name]()
    run(["Le chat dort."])
    clock, processor = time.perf_counter(), time.process_time()
    made = run(lines)
    print(json.dumps({"elapsed": time.perf_counter() - clock, "cpu": time.process_time() - processor, "made": made}))


def measure(name: str, python: str, path: Path) -> dict[str, Any] | str:
    """What `child` printed under `python`, or in a line why it could not."""
    print(f"… {name}", file=sys.stderr, flush=True)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [python, __file__, "--child", name, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]))
        return
    from machine import DATA, Company, data_folder, describe, read_lines, say_machine, table
    from sacrebleu.metrics import CHRF

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with wmt13.fr")
    parser.add_argument("--with", dest="python", default=sys.executable, help="the interpreter that has the peers")
    parser.add_argument("--limit", type=int, default=300, help="sentences")
    parser.add_argument("--peer", choices=CONTENDERS, action="append", help="only this one beside ctranslate2; may be repeated")
    arguments = parser.parse_args()
    data_folder(parser, arguments.data, ["wmt13.fr"])
    company, machine = Company(), describe()
    lines = [line for line in read_lines(arguments.data / "wmt13.fr") if line.strip()][: arguments.limit]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "lines"
        path.write_text("\n".join(lines), encoding="utf-8")
        wanted = [n for n in CONTENDERS if n == "ctranslate2" or not arguments.peer or n in arguments.peer]
        found = {n: measure(n, sys.executable if n in OURS else arguments.python, path) for n in wanted}
    base = found["ctranslate2"]
    if isinstance(base, str):
        sys.exit(f"ctranslate2: {base}")
    rows = []
    for name, figures in found.items():
        if isinstance(figures, str):
            rows.append([name, f"could not: {figures[:100]}", "", ""])
            continue
        same = CHRF().corpus_score(figures["made"], [base["made"]]).score
        rows.append([name, f"{figures['cpu'] / base['cpu']:.2f}", f"{figures['elapsed'] / base['elapsed']:.2f}", f"{same:.1f}"])
    say_machine(machine)
    print(f"{len(lines)} sentences of WMT13, beam {BEAM}\n")
    print(table(["", "processor time, times ctranslate2", "elapsed, times ctranslate2", "same"], rows))
    company.say()


if __name__ == "__main__":
    main()
