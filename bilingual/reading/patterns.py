"""Patterns for whole lines, written in named parts so that they can be read: ``<date>`` stands for the part called so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

_PART = re.compile(r"<(\w+)>")
_FOLD = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "\u2011": "-", "\xad": "", "\u200b": "", "\ufeff": "", "\u2060": ""})


def plain(text: str) -> str:
    r"""`text` as the patterns want it: composed (NFC), straight apostrophes, single ordinary spaces.

    >>> plain("Crédit\xa0: l’AFP")
    "Crédit : l'AFP"
    """
    return " ".join(unicodedata.normalize("NFC", text).translate(_FOLD).split())


def compiled(patterns: Iterable[str], parts: Mapping[str, str], flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """One pattern that matches where any of `patterns` does; a part may be made of parts before it.

    >>> compiled(["publié le <day>"], {"day": "[0-9]{1,2} <month>", "month": "mai|juin"}).fullmatch("publié le 3 mai") is not None
    True
    """
    return re.compile("|".join(f"(?:{_filled(pattern, parts)})" for pattern in patterns), flags)


def _filled(pattern: str, parts: Mapping[str, str]) -> str:
    return _PART.sub(lambda match: f"(?:{_filled(parts[match[1]], parts)})", pattern)
