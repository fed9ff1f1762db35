"""Options that several commands have, once: what they are called, what they take, and what their help says."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bilingual.cli import memory as remembering


class EngineChoice(StrEnum):
    """Values of ``--engine``."""

    auto = "auto"
    ctranslate2 = "ctranslate2"
    transformers = "transformers"


class DeviceChoice(StrEnum):
    """Values of ``--device``."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


class EnforceChoice(StrEnum):
    """Values of ``--enforce``."""

    strict = "strict"
    report = "report"
    off = "off"


Glossaries = Annotated[
    list[Path] | None, typer.Option("-g", "--glossary", help="Glossary file; may be repeated, the first wins.")
]
NoGlossary = Annotated[bool, typer.Option("--no-glossary", help="Use no glossary at all.")]
Enforcing = Annotated[
    EnforceChoice | None,
    typer.Option("--enforce", help="strict: obey the glossary; report: only say what it finds; off.  [default: strict]"),
]
Model = Annotated[
    str | None,
    typer.Option("--model", help="embedded, opus, opus-big, a hub id (org/name[@revision]) or a folder.  [default: embedded]"),
]
EngineOption = Annotated[EngineChoice | None, typer.Option("--engine", help="[default: auto, which is ctranslate2]")]
Device = Annotated[DeviceChoice | None, typer.Option("--device", help="[default: auto]")]
Beam = Annotated[int | None, typer.Option("--beam", min=1, max=32, help="Beam width.  [default: 4]")]
Threads = Annotated[int | None, typer.Option("--threads", min=0, help="Processor cores to use.  [default: all]")]
MemoryOption = Annotated[str | None, typer.Option("--memory", metavar="FILE|off", help=remembering.OPTION)]
KeepClutter = Annotated[bool, typer.Option("--keep-clutter", help="Translate share buttons, source lines and the like too.")]
Summarize = Annotated[
    bool, typer.Option("--summary/--no-summary", help="Put an aligned bilingual summary on top of each article.")
]
Force = Annotated[bool, typer.Option("--force", help="Translate again what is up to date, or was corrected by a person.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say errors and warnings only.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more.")]
