"""The command ``bilingual``: what it offers, and how what goes wrong becomes one line on stderr and an exit code."""

from __future__ import annotations

import errno
import os
import sys
import threading
from contextlib import suppress
from typing import Annotated, Any, NoReturn

import typer

from bilingual import __version__
from bilingual.cli import align, check, doctor, evaluate, glossary, imports, memory, models, review, summarize, translate, watch
from bilingual.cli.console import open_missing_streams, warn
from bilingual.errors import BilingualError

app = typer.Typer(
    name="bilingual",
    help="Translate French articles into English, offline, with a glossary, both languages side by side.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

_UsageError: Any = typer.BadParameter.__base__
"""What Typer raises for a command line that it cannot read; the class has no public name."""


def _version(wanted: bool) -> None:
    if wanted:
        print(f"bilingual {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and stop.")
    ] = False,
) -> None:
    pass


app.command("translate", epilog=translate.EXAMPLES)(translate.translate)
app.command("summarize", epilog=summarize.EXAMPLES)(summarize.summarize)
app.command("align", epilog=align.EXAMPLES)(align.align)
app.command("check", epilog=check.EXAMPLES)(check.check)
app.command("evaluate", epilog=evaluate.EXAMPLES)(evaluate.evaluate)
app.command("import", epilog=imports.EXAMPLES)(imports.import_)
app.command("review", epilog=review.EXAMPLES)(review.review)
app.command("doctor", epilog=doctor.EXAMPLES)(doctor.doctor)
app.command("watch", epilog=watch.EXAMPLES)(watch.watch)
app.add_typer(glossary.app, name="glossary")
app.add_typer(models.app, name="models")
app.add_typer(memory.app, name="memory")


def main() -> NoReturn:
    """Run the command line. Exit codes are those of docs/contract.md."""
    open_missing_streams()
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except BilingualError as error:
        warn(str(error))
        _leave(error.exit_code)
    except _UsageError as error:
        _say_usage(error)
        _leave(2)
    except OSError as error:
        _stop_writing(error)
    except SystemExit as stop:
        if isinstance(stop.__context__, OSError) and stop.__context__.errno == errno.EPIPE:  # Typer makes it a 1
            _stop_writing(stop.__context__)
        _leave(stop.code if isinstance(stop.code, int) else 1)
    except KeyboardInterrupt:
        warn("interrupted")
        _leave(130)
    _leave(code or 0)


def _leave(code: int) -> NoReturn:
    if threading.active_count() > 1:  # sentences that nobody waits for any more are still being translated
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _stop_writing(error: OSError) -> NoReturn:
    """End where stdout takes no more: without a word where its reader has left (``| head``), as a signal would end it."""
    if error.errno != errno.EPIPE:
        warn(f"stdout: cannot be written ({error.strerror or error})")
    os._exit(141 if error.errno == errno.EPIPE else 2)  # what is still buffered cannot be written either


def _say_usage(error: Any) -> None:
    message: str = error.format_message()
    if "\n" in message:  # called without arguments: the help itself
        print(message, file=sys.stderr)
        return
    path = error.ctx.command_path if error.ctx else "bilingual"
    text = message[:1].lower() + message[1:].rstrip(".")
    warn(f"{text} ({path} --help says more)")
