"""Is it French at all? A warning, never a gate: names and short texts mislead every language identifier."""

from __future__ import annotations

import math
import re

SAMPLE = 5_000
"""How many code points of a text are looked at."""

ENOUGH = 40
"""With fewer letters than this a text is taken for French."""

_MARGIN = 2.0  # how much likelier (log, over the square root of the bytes) another language must be before it is named
_NAMES = {
    "ar": "Arabic",
    "ca": "Catalan",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "he": "Hebrew",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+")


def looks_french(text: str) -> tuple[bool, str]:
    """Whether `text` looks French, and the English name of the language that it looks like.

    Judged on the first `SAMPLE` code points, by py3langid (Lui and Baldwin's langid.py with newer models) among the languages of `_NAMES`;
    with fewer than `ENOUGH` letters the answer is French. py3langid is loaded at the first call (about a second).

    >>> looks_french("Le gouvernement a présenté mardi une réforme attendue depuis longtemps.")
    (True, 'French')
    >>> looks_french("The government presented a long-awaited reform of the railways on Tuesday.")
    (False, 'English')
    """
    sample = _ADDRESS.sub(" ", text[:SAMPLE])
    if sum(map(str.isalpha, sample)) < ENOUGH:
        return True, _NAMES["fr"]
    import py3langid

    scores = {code: score for code, score in py3langid.rank(sample) if code in _NAMES}
    best = max(scores, key=scores.__getitem__)
    ahead = (scores[best] - scores["fr"]) / math.sqrt(len(sample.encode("utf-8", errors="replace")))
    if ahead < _MARGIN:
        return True, _NAMES["fr"]
    return False, _NAMES[best]
