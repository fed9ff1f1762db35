"""Templates, style and script of the page, read from the package when first needed."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = ("article.html.j2", "index.html.j2", "shell.html.j2")


def render(template: str, **values: Any) -> str:
    """`template` with `values`, every one of them escaped; style, script and the policy that admits them are there by themselves."""
    return _environment().get_template(template).render(**values)


def asset(name: str) -> str:
    """The text of a file beside this module.

    >>> "</style" in asset("page.css") or "</script" in asset("page.js")
    False
    """
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def fingerprint(text: str) -> str:
    """`text` as a content security policy names it.

    >>> fingerprint("")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


@cache
def _environment() -> Environment:
    from jinja2 import DictLoader, Environment, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        loader=DictLoader({name: asset(name) for name in TEMPLATES}),
    )
    style, script = asset("page.css"), asset("page.js")
    made.globals.update(
        style=Markup(style),  # ours, and without an end tag in it: no text from outside comes near
        script=Markup(script),
        style_hash=fingerprint(style),
        script_hash=fingerprint(script),
    )
    return made
