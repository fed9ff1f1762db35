"""The English form of a translation: rules that put right what a small model leaves French, each change an `Edit`.

    target ── spaces ── numbers ── quotes ── apostrophes ── ellipses ── dashes ── punctuation ── end ── capitals ──> English

House style, as American news print has it: 100,000 and 1.5 billion; 20%; €5; June 1 (an English "1 June" stays); “ ” for « », with
‘ ’ inside; an incise between em dashes with a space on either side — so that no words are merged — and no space before : ; ? !.
What the source settles is taken from the source: straight or curly quotes and apostrophes, … or ..., the mark at the end of the
sentence, the capital at its start. Where a rule is in doubt the words stay as the model wrote them.

Methods of the edits: space, number, ordinal, date, time, percent, currency, quotes, apostrophe, ellipsis, dash, stop, capital.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bilingual.document import Edit, Span
from bilingual.english_numbers import number_forms
from bilingual.english_quotes import Apostrophe, apostrophe_forms, apostrophe_of, quote_forms
from bilingual.rewriting import Rewriting

__all__ = ["Apostrophe", "apostrophe_edits", "apostrophe_of", "english_form"]

_PASSES = 4  # one rule can make room for another: «100 000 $ !» takes two


def english_form(source: str, target: str, fixed: Sequence[Span] = ()) -> list[Edit]:
    """The edits that put `target`, the translation of French `source`, into English form; ``replay(target, edits)`` gives it.

    `fixed`: spans of `target` that are not touched (URLs, code, terms copied letter by letter); URLs, addresses, handles and code
    between backticks are left alone without it. Apostrophes are the sentence's own; `apostrophe_edits` makes the sentences of an
    article agree. Giving the result back makes no further edits.

    >>> from bilingual.document import replay
    >>> source, target = "« C’est 1,5 milliard d’euros ! »", '"This is 1,5 billion euros !"'
    >>> replay(target, english_form(source, target))
    '“This is 1.5 billion euros!”'
    >>> [edit.method for edit in english_form(source, target)]
    ['number', 'quotes', 'quotes', 'space']
    """
    if not target.strip() or not source.strip():
        return []
    work = Rewriting(target, (*fixed, *_own(target)))
    habit = apostrophe_of(source)
    for _ in range(_PASSES):
        made = len(work.edits)
        _plain_spaces(work)
        number_forms(work, source)
        quote_forms(work, source)
        if habit:
            apostrophe_forms(work, habit)
        _ellipses(work, source)
        _dashes(work, source)
        _punctuation(work)
        _end(work, source)
        _capitals(work, source)
        if len(work.edits) == made:
            break
    return work.edits


def apostrophe_edits(target: str, apostrophe: Apostrophe) -> list[Edit]:
    """The edits that write the apostrophes of English `target` as `apostrophe`, the one that its article uses.

    >>> from bilingual.document import replay
    >>> replay("It isn't here.", apostrophe_edits("It isn't here.", "’"))
    'It isn’t here.'
    """
    work = Rewriting(target, tuple(_own(target)))
    apostrophe_forms(work, apostrophe)
    return work.edits


def _own(target: str) -> list[Span]:
    return [match.span() for match in _UNTOUCHED.finditer(target)] if any(mark in target for mark in _SUSPECT) else []


_SUSPECT = ("://", "www.", "@", "#", "`")
_UNTOUCHED = re.compile(
    r"`[^`\n]{1,200}`|(?:https?|ftp)://[^\s<>\"«»“”]+|(?<![\w.@])www\.[^\s<>\"«»“”]+"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}|(?<![\w@/.])@\w{1,50}|(?<![\w#&/])#\w{1,80}"
)

# -------------------------------------------------------------------------------------------------------------- spaces

_SPACES = " \u00a0\u202f\u2009"
_RUN = re.compile(f"[{_SPACES}]{{2,}}|[\u00a0\u202f\u2009]")
_EDGE_SPACES = tuple(_SPACES)
_EDGES = re.compile(f"\\A[{_SPACES}]+|[{_SPACES}]+\\Z")
_BEFORE_MARK = re.compile(
    # not an emoticon, not .NET, not != and not the 16 : 9 of a screen
    r"(?<=\S) +(?=(?:[,?!]+|\.{1,3}|…|;|:)(?:[\s\"”’)\]»,;.…?!]|\Z))(?![:;][)(\]])(?!: \d)"
    r"|(?<=\S) +(?=[)”](?!\w))(?<![:;] )(?<![:;][)(] )|(?<=[(“])(?<![:;]\() +(?=[^\s)])"
)
_SPACED_MARKS = (" ,", " .", " ;", " :", " ?", " !", " …", "( ", " )", "“ ", " ”")
_CUT_OFF = re.compile(
    r"(?<=[^\W\d_]) (?=['’](?:s|ll|ve|re|d|m)\b)|(?<=[^\W\d_]) (?=n['’]t\b)|(?<=[^\W\d_]['’]) (?=(?:s|ll|ve|re)\b)"
)


def _plain_spaces(work: Rewriting) -> None:
    """French spaces and runs of spaces become one plain space; none stay at the ends."""
    text = work.text
    if "  " in text or not text.isascii():
        work.sub(_RUN, " ", "space")
    if text[:1] in _EDGE_SPACES or text[-1:] in _EDGE_SPACES:
        work.sub(_EDGES, "", "space")


def _punctuation(work: Rewriting) -> None:
    """No space before a mark or inside brackets, nor inside "it 's"."""
    text = work.text
    if any(mark in text for mark in _SPACED_MARKS):
        work.sub(_BEFORE_MARK, "", "space")
    if " '" in work.text or " ’" in work.text or "' " in work.text or " n'" in work.text:
        work.sub(_CUT_OFF, "", "space")


# -------------------------------------------------------------------------------------------------- ellipses and dashes

_DOTS = re.compile(r"(?<!\.)\.\.\.(?!\.)")
_SPACED_DASH = re.compile(r"(?<=[^\s\d] )[-–](?= \S)|(?<=\d )[-–](?= [^\s\d])|(?<=\S )–(?= [^\s\d])")
_LEADING_DASH = re.compile(r"\A[-–](?= \S)")
_FRENCH_DASH = re.compile(r"(?<=\s)[–—](?=\s)")
_FRENCH_HYPHEN = re.compile(r"(?<=\S\s)-(?=\s\S)")


def _ellipses(work: Rewriting, source: str) -> None:
    """… or ... as the source has it; where it has neither or both, as the model wrote it."""
    one, three = "…" in source, "..." in source
    if one and not three and "..." in work.text:
        work.sub(_DOTS, "…", "ellipsis")
    elif three and not one and "…" in work.text:
        work.sub(re.compile("…"), "...", "ellipsis")


def _dashes(work: Rewriting, source: str) -> None:
    """A spaced hyphen or en dash that stands for a dash of the source becomes an em dash; so does a pair of spaced hyphens.

    A single spaced hyphen of the source ("Title - Site", "PSG - OM") may join names: it stays.
    """
    if not (" - " in work.text or " – " in work.text or work.text[:2] in ("- ", "– ")):
        return
    if source.lstrip()[:1] in "–—":
        work.sub(_LEADING_DASH, "—", "dash")
    dashes, hyphens = len(_FRENCH_DASH.findall(source)), len(_FRENCH_HYPHEN.findall(source))
    wanted = dashes + hyphens if dashes or hyphens == 2 else 0
    if 0 < len(_SPACED_DASH.findall(work.text)) <= wanted:
        work.sub(_SPACED_DASH, "—", "dash")


# ---------------------------------------------------------------------------------------------------- end of a sentence

_CLOSERS = "\"'”’»)] \u00a0\u202f*_"
_ENDS = ".!?…:;"
_ABBREVIATED = re.compile(r"(?:\b(?:Inc|Ltd|Co|Corp|Jr|Sr|etc|vs|No|St|Mr|Mrs|Dr|a\.m|p\.m|e\.g|i\.e)|\b[A-Z]|\.[A-Za-z]|\.)\Z")


def _last(text: str) -> int:
    """Where the last character stands that is no closing mark; -1 where there is none."""
    at = len(text) - 1
    while at >= 0 and text[at] in _CLOSERS:
        at -= 1
    return at


def _end(work: Rewriting, source: str) -> None:
    """The mark at the end is that of the source: a gained full stop goes, a lost mark comes back, "." for « ? », « ! » or « : » is
    put right."""
    ours, theirs = _last(source), _last(work.text)
    if ours < 0 or theirs < 0:
        return
    wanted = source[ours] if source[ours] in _ENDS else ""
    given = work.text[theirs] if work.text[theirs] in _ENDS else ""
    if wanted == given or (wanted and given in "!?…" and given):
        return
    if not wanted:
        if given == "." and theirs and source[ours].isalnum() and not _ABBREVIATED.search(work.text, max(0, theirs - 8), theirs):
            work.replace(theirs, theirs + 1, "", "stop")
        return
    if wanted == "." and source[: ours + 1].endswith("..."):
        wanted = "..."
    if given in (".", ""):
        if wanted[0] == given or (not given and not work.text[theirs].isalnum() and work.text[theirs] not in "%$€£°+"):
            return
        if given == "." and _ABBREVIATED.search(work.text, max(0, theirs - 8), theirs):
            return
        _set_end(work, source, ours, theirs, given, wanted)


def _set_end(work: Rewriting, source: str, ours: int, theirs: int, given: str, wanted: str) -> None:
    if given:
        work.replace(theirs, theirs + 1, wanted, "stop")
        return
    # inside the closing quote where the source has it inside, else after everything
    inside = source[ours + 1 :].strip(" \u00a0\u202f") != ""
    at = theirs + 1 if inside else len(work.text)
    work.replace(at, at, wanted, "stop")


# ------------------------------------------------------------------------------------------------------------ capitals

_FIRST = re.compile(r"[\s\"'“‘«»(\[*_–—-]*(?P<letter>[^\W\d_])(?P<rest>[^\W\d_]*)")
_SMALL_I = re.compile(r"(?<![\w.'’/@#-])i(?=['’](?:m|ve|ll|d)\b| [a-z]{2,})")
_LOWER_WORD = re.compile(r"(?<![\w./@#])[a-z]{3,12}(?![\w@/]|\.\w)")
_PROPER = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february april june july september october november december "
    "english french german spanish italian portuguese russian chinese japanese korean american british european african asian "
    "canadian mexican brazilian dutch belgian swiss swedish norwegian danish finnish greek turkish indian pakistani iranian iraqi "
    "israeli palestinian ukrainian hungarian czech romanian bulgarian austrian irish scottish australian moroccan tunisian "
    "algerian egyptian syrian lebanese saudi vietnamese parisian islamic jewish".split()
)
_DOUBTFUL_MONTH = re.compile(
    r"(?<=\d )(?:march|may|august)(?= \d{4}|[,.;:)]|\Z)|\b(?:march|may|august)(?= \d{1,2}(?:st|nd|rd|th)?\b)"
)


def _capitals(work: Rewriting, source: str) -> None:
    """A capital at the start where the source has one (xAI and iPhone stay), on months, week days, languages and peoples, and on I."""
    text = work.text
    start = _FIRST.match(text)
    if start and start["letter"].islower() and not any(c.isupper() for c in start["rest"]):
        ours = _FIRST.match(source)
        if ours and ours["letter"].isupper():
            at = start.start("letter")
            work.replace(at, at + 1, text[at].upper(), "capital")
    if " i " in text or " i'" in text or " i’" in text or text[:2] in ("i ", "i'", "i’"):
        work.sub(_SMALL_I, lambda m: None if re.search(r"\bi\b", source) else "I", "capital")
    if not _PROPER.isdisjoint(_LOWER_WORD.findall(work.text)):
        work.sub(_LOWER_WORD, lambda m: m.group().capitalize() if m.group() in _PROPER else None, "capital")
    if "march" in text or "may" in text or "august" in text:
        work.sub(_DOUBTFUL_MONTH, lambda m: m.group().capitalize(), "capital")
