"""The command ``python -m training``: parse, call, say. Exit codes are those of docs/contract.md."""

from __future__ import annotations

import errno
import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bilingual.cli.console import open_missing_streams
from bilingual.engines.models import EMBEDDED, find_model
from bilingual.errors import BilingualError, InputError, ModelError
from training.settings import PrepareSettings, RunSettings, load_settings, settings_from

app = typer.Typer(
    name="training",
    help="From French-English pairs to the model of the package; training/README.md has the recipe.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

_UsageError: Any = typer.BadParameter.__base__
"""What Typer raises for a command line that it cannot read; the class has no public name."""

Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of the run.")]
Option = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting, JSON after the sign. Repeatable.")
]


def say(text: str) -> None:
    """A line about what is being done, on stderr."""
    print(f"· {text}", file=sys.stderr, flush=True)


@app.command()
def prepare(
    folder: Annotated[Path, typer.Argument(metavar="DATA", help="Folder to make.")],
    source: Annotated[
        list[str], typer.Option("--source", "-s", metavar="[NAME=]FILE", help=".tsv, .fr with .en, .tmx. Repeatable.")
    ],
    held_out: Annotated[
        list[Path] | None, typer.Option("--held-out", metavar="FILE", help="Sentences that must not be trained on, a line each.")
    ] = None,
    like: Annotated[
        list[Path] | None, typer.Option("--like", metavar="FILE", help="French like that to be translated, a sentence a line.")
    ] = None,
    set_: Option = None,
) -> None:
    """Read, filter and link pairs into a folder of shards with a manifest."""
    from training.corpus import find_source
    from training.prepare import prepare as make

    settings = settings_from(PrepareSettings, _values(set_), "--set")
    manifest = make(folder, [find_source(s) for s in source], held_out or [], like or [], settings, say)
    for name, number in manifest["refused"].items():
        say(f"left out, {name}: {number}")


@app.command()
def start(
    run: Run,
    model: Annotated[
        str, typer.Option("--from", metavar="MODEL", help="embedded, a hub id, or a Marian folder; 'new' for none.")
    ],
    data: Annotated[Path | None, typer.Option("--data", help="Prepared folder: its English says what need be produced.")] = None,
    teach: Annotated[bool, typer.Option(help="Tags and placeholders into the vocabulary.")] = True,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Sizes of a new model (width, pieces …).")
    ] = None,
) -> None:
    """Make what a run starts from."""
    from training.start import Sizes, start_from, start_new

    if model == "new":
        if data is None:
            raise InputError("--from new: needs --data, to learn a vocabulary from")
        done = start_new(run, data, settings_from(Sizes, _values(set_), "--set"))
    else:
        checkpoint = find_model(model, note=say)
        if checkpoint.hf is None:
            raise ModelError(f"{model}: a CTranslate2 folder cannot be trained; the Hugging Face form is needed")
        done = start_from(run, checkpoint.hf, teach=teach, data=data)
    say(f"{done['pieces']} pieces, {done['added']} of them new, {done['producible']} can be produced")


@app.command()
def train(
    run: Run,
    data: Annotated[Path | None, typer.Option("--data", help="Prepared folder; where the run goes on, the one it has.")] = None,
    set_: Option = None,
) -> None:
    """Train, or go on training; SIGINT and SIGTERM end it with everything saved."""
    from training.train import SETTINGS
    from training.train import train as work

    path = run / SETTINGS
    before = load_settings(RunSettings, path) if path.is_file() else RunSettings()
    values = {**({"data": str(data)} if data else {}), **_values(set_)}
    raise typer.Exit(work(run, replace(before, **_checked(values)), say))


@app.command()
def average(
    run: Run,
    last: Annotated[
        int | None, typer.Option(min=1, help="Mean of so many snapshots; without it the exponential average.")
    ] = None,
    with_: Annotated[
        list[Path] | None,
        typer.Option("--with", metavar="RUN", help="Mean with other runs from the same start, or Marian folders. Repeatable."),
    ] = None,
) -> None:
    """Choose which mean of weights `export` takes."""
    from training.averaging import average as make

    say(f"averaged: {', '.join(make(run, last, with_ or []))}")


@app.command()
def export(run: Run, folder: Annotated[Path, typer.Argument(metavar="MODEL", help="Folder to make.")]) -> None:
    """Write the model: Hugging Face float16, CTranslate2 int8, card."""
    from training.export import export as make

    make(run, folder, say)
    say(f"bilingual translate --model {folder} runs it; scripts/embed_model.py {folder}/hf puts it into the package")


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="embedded, or a model's folder.")],
    dev: Annotated[
        list[str] | None, typer.Option("--dev", metavar="[NAME=]FILE", help="Pairs, as for prepare. Repeatable.")
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="Prepared folder with kept-out pairs.")] = None,
    beam: Annotated[str, typer.Option(help="Beam widths with commas; the last one measures the lessons.")] = "1,4",
    limit: Annotated[int | None, typer.Option(min=1, help="Pairs of each set at most, from all over it.")] = None,
    threads: Annotated[int, typer.Option(help="Processor cores, 0 for all.")] = 0,
    json_: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="The figures as JSON, too.")] = None,
) -> None:
    """Measure a model; an exported one gets the figures into its scores.json and its card."""
    from bilingual.engines.models import embedded_folder
    from training.card import SCORES, scores_text, write_card
    from training.corpus import find_source, read_pairs
    from training.evaluation import evaluate as measure
    from training.evaluation import spread
    from training.export import ABOUT
    from training.prepare import read_kept_out

    try:
        beams = [int(width) for width in beam.split(",")]
    except ValueError:
        raise typer.BadParameter("numbers with commas between them, such as 1,4", param_hint="--beam") from None
    folder = embedded_folder() if model == EMBEDDED else Path(model)
    sets = {s.name: spread(list(read_pairs(s)), limit) for s in map(find_source, dev or [])}
    kept_out = spread(read_kept_out(data), limit) if data else []
    report = asdict(measure(folder, sets, kept_out, beams, threads, say))
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    if json_:
        json_.write_text(text, encoding="utf-8")
    if (folder / ABOUT).is_file():
        (folder / SCORES).write_text(text, encoding="utf-8")
        write_card(folder)
    print(scores_text(report))


def _values(given: list[str] | None) -> dict[str, Any]:
    """``name=value`` options as values; what is no JSON is text.

    >>> _values(["steps=3", "dtype=float32", "mixture={\\"names\\": 0}"])
    {'steps': 3, 'dtype': 'float32', 'mixture': {'names': 0}}
    """
    values: dict[str, Any] = {}
    for option in given or []:
        name, equals, value = option.partition("=")
        if not equals:
            raise InputError(f"--set {option}: NAME=VALUE is needed")
        try:
            values[name] = json.loads(value)
        except ValueError:
            values[name] = value
    return values


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """The values as fields of `RunSettings`. Raises `ConfigError` for an unknown one."""
    made = settings_from(RunSettings, values, "--set")
    return {name: getattr(made, name) for name in values}


def main() -> NoReturn:
    """Run the command line."""
    open_missing_streams()
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except BilingualError as error:
        print(f"training: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except _UsageError as error:
        print(f"training: {error.format_message()}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        _stop(error)
    except SystemExit as stop:
        if isinstance(stop.__context__, OSError):  # Typer makes a reader that has left a 1
            _stop(stop.__context__)
        raise
    sys.exit(code or 0)


def _stop(error: OSError) -> NoReturn:
    """End where a file, or stdout, cannot be read or written: a full disk, a folder that is not there, a reader that has left."""
    if error.errno != errno.EPIPE:
        print(f"training: {error.filename or 'cannot be written'}: {error.strerror or error}", file=sys.stderr, flush=True)
    os._exit(141 if error.errno == errno.EPIPE else 2)  # what is still buffered for stdout cannot be written either
