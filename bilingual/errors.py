"""Everything `bilingual` raises on purpose.

The tree; the number is the exit code that the command line gives it::

    BilingualError            1
    ├── InputError            2   missing, unreadable, empty or binary input; outputs that would collide
    ├── GlossaryError         2   broken rows: every one of them, with its line number
    ├── ConfigError           2   an unknown key or an unusable value in a configuration file
    ├── OutputError           2   a folder or file that cannot be written
    └── EngineError           1   the engine could not run
        └── ModelError        2   a model that is not there, not Marian, or cannot be fetched or converted

A message says what is wrong, where (``file:line`` where there is one) and what to do about it. It is one line, except for a
`GlossaryError`, which has one line for each broken row.
"""

from __future__ import annotations


class BilingualError(Exception):
    """The root: catch this to catch whatever the package raises on purpose."""

    exit_code = 1


class InputError(BilingualError):
    """An input is missing, unreadable, empty or not text, or two outputs would collide."""

    exit_code = 2


class GlossaryError(BilingualError):
    """A glossary has rows that cannot be used."""

    exit_code = 2


class ConfigError(BilingualError):
    """A configuration file has an unknown key or an unusable value."""

    exit_code = 2


class OutputError(BilingualError):
    """An output folder or file cannot be written."""

    exit_code = 2


class EngineError(BilingualError):
    """The translation engine could not run."""


class ModelError(EngineError):
    """A model is not there, is not a Marian checkpoint, or cannot be fetched or converted."""

    exit_code = 2
