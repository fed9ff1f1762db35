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
# Words that are frequent in French and in no other language of the list (Spanish has la, que and un as well).
_FRENCH = frozenset(
    "les des du est et dans pour pas sur aux au cette ce il elle sont ont avec une qui plus leur ses mais ou où".split()
)
_CERTAIN, _DIFFERENT = 0.12, 4
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[@#]\w+")


def looks_french(text: str) -> tuple[bool, str]:
    """Whether `text` looks French, and the English name of the language that it looks like.

    Judged on the first `SAMPLE` code points, by py3langid (Lui and Baldwin's langid.py with newer models) among the languages of `_NAMES`;
    with fewer than `ENOUGH` letters the answer is French. Text full of French function words is French without asking py3langid,
    which takes about a second to load.

    >>> looks_french("Le gouvernement a présenté mardi une réforme attendue depuis longtemps.")
    (True, 'French')
    >>> looks_french("The government presented a long-awaited reform of the railways on Tuesday.")
    (False, 'English')
    """
    sample = _ADDRESS.sub(" ", text[:SAMPLE])
    if sum(map(str.isalpha, sample)) < ENOUGH:
        return True, _NAMES["fr"]
    words = _WORD.findall(sample.lower())
    known = [word for word in words if word in _FRENCH]
    if len(set(known)) >= _DIFFERENT and len(known) >= _CERTAIN * len(words):
        return True, _NAMES["fr"]
    import py3langid

    scores = {code: score for code, score in py3langid.rank(sample) if code in _NAMES}
    best = max(scores, key=scores.__getitem__)
    ahead = (scores[best] - scores["fr"]) / math.sqrt(len(sample.encode("utf-8", errors="replace")))
    if ahead < _MARGIN:
        return True, _NAMES["fr"]
    return False, _NAMES[best]
