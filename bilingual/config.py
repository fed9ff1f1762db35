"""Settings from a file: ``bilingual.toml``, or ``[tool.bilingual]`` in ``pyproject.toml``, of this folder or the nearest one above.

An option of the command line wins over the file. Unknown keys are errors: a misspelt key must not be a silent default. Paths count
from the file that names them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from bilingual.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file may set; None (or empty) where it does not. ``path`` is the file."""

    glossary: tuple[Path, ...] = ()
    enforce: str | None = None
    model: str | None = None
    engine: str | None = None
    device: str | None = None
    beam: int | None = None
    threads: int | None = None
    format: str | None = None
    keep_clutter: bool | None = None
    memory: Path | None = None
    path: Path | None = None


_TYPES: dict[str, type] = {
    "enforce": str,
    "model": str,
    "engine": str,
    "device": str,
    "beam": int,
    "threads": int,
    "format": str,
    "keep_clutter": bool,
    "memory": str,
}

_NEEDED: dict[type, str] = {str: "a text", int: "a whole number", bool: "true or false"}

_BOUNDS: dict[str, tuple[int, int | None]] = {"beam": (1, 32), "threads": (0, None)}
"""The same as those of the command line's options."""


def find_config(start: Path) -> Config:
    """The configuration that holds in folder `start`; an empty one where there is no file. Raises `ConfigError` (file: key: what)."""
    for folder in (start, *start.parents):
        own = folder / "bilingual.toml"
        if own.is_file():
            return parse_config(_read(own), own)
        project = folder / "pyproject.toml"
        if project.is_file():
            tool = _read(project).get("tool", {})
            if isinstance(tool, dict) and "bilingual" in tool:
                return parse_config(tool["bilingual"], project)
    return Config()


def parse_config(table: Any, path: Path) -> Config:
    """A `Config` from a table of TOML.

    >>> parse_config({"beam": 2, "glossary": "terms.tsv"}, Path("/house/bilingual.toml")).glossary
    (PosixPath('/house/terms.tsv'),)
    """
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: [tool.bilingual] is not a table")
    known = {field.name for field in fields(Config)} - {"path"}
    config = Config(path=path)
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in known:
            raise ConfigError(f"{path}: unknown key {key!r}; known are {', '.join(sorted(known)).replace('_', '-')}")
        if name == "glossary":
            names = [value] if isinstance(value, str) else value
            if not (isinstance(names, list) and all(isinstance(n, str) for n in names)):
                raise ConfigError(f"{path}: glossary: a file name or a list of file names is needed")
            config = replace(config, glossary=tuple(path.parent / n for n in names))
            continue
        wanted = _TYPES[name]
        given: Any = value
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            raise ConfigError(f"{path}: {key}: {_NEEDED[wanted]} is needed, not {value!r}")
        least, most = _BOUNDS.get(name, (None, None))
        if least is not None and (given < least or (most is not None and given > most)):
            raise ConfigError(f"{path}: {key}: {least} or more{f' and at most {most}' if most else ''} is needed, not {given}")
        if name == "memory":
            given = None if given == "off" else path.parent / given
        config = replace(config, **{name: given})
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not readable as TOML ({error})") from error
