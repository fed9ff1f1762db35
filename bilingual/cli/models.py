"""``bilingual models``: what there is, fetch it, where it lies."""

from __future__ import annotations

from typing import Annotated

import typer

from bilingual.cli.console import note

app = typer.Typer(help="List, fetch and find translation models.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list", epilog="Example:\n\n  bilingual models list")
def list_models() -> None:
    """The embedded model, the presets, and the converted models in the cache."""
    from bilingual.engines.models import EMBEDDED, PRESETS, cache_folder, find_model
    from bilingual.errors import ModelError

    print(f"{EMBEDDED:10} {find_model().signature}  in the package, the default")
    for preset, name in PRESETS.items():
        try:
            state = f"{find_model(name, fetch=False).signature}  in the hub cache"
        except ModelError:
            state = f"{name}  not fetched (bilingual models fetch {preset})"
        print(f"{preset:10} {state}")
    folder = cache_folder() / "ctranslate2"
    for path in sorted(folder.glob("*/model.bin")):
        print(f"{'converted':10} {path.parent.name}")


@app.command(epilog="Example:\n\n  bilingual models fetch Helsinki-NLP/opus-mt-fr-en")
def fetch(
    model: Annotated[str, typer.Argument(help="A preset (opus, opus-big) or a hub id, org/name[@revision].")],
    convert: Annotated[
        bool, typer.Option("--convert/--no-convert", help="Convert it to CTranslate2 at once (needs [torch]).")
    ] = True,
) -> None:
    """Fetch a model from the hub into its cache, and convert it."""
    from bilingual.engines.models import convert as convert_model
    from bilingual.engines.models import find_model

    checkpoint = find_model(model, note=note)
    if convert and checkpoint.ct2 is None:
        print(convert_model(checkpoint, note=note))
    else:
        print(checkpoint.hf or checkpoint.ct2)


@app.command(epilog="Example:\n\n  bilingual models path embedded")
def path(
    model: Annotated[str, typer.Argument(help="embedded, a preset, a hub id or a folder.")] = "embedded",
) -> None:
    """Print where a model lies on this machine; nothing is fetched."""
    from bilingual.engines.models import find_model

    checkpoint = find_model(model, fetch=False)
    print(checkpoint.hf or checkpoint.ct2)
