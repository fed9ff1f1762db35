"""What stands beside a summary: headline, key figures, names with counts, terms with their renderings, all taken from the text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from bilingual.document import Document, Mention, Segment
from bilingual.names import find_names, fold
from bilingual.summary.figures import Figure, find_figures
from bilingual.summary.words import lists

_SIGNS = frozenset({"€", "$", "£", "%"})
MOST_FIGURES, MOST_NAMES, MOST_TERMS = 6, 8, 8
"""As many as a line or two of a page hold: what is to be seen at a glance must be short."""


def headline(document: Document) -> Mention | None:
    """The title above the text, in both languages; None where the article has none."""
    for block in takewhile(lambda block: block.kind not in ("paragraph", "line"), document.blocks):
        if block.kind == "title" and any(s.source.strip() for s in block.segments):
            source, target = (
                " ".join(filter(None, (getattr(s, side).strip() for s in block.segments))) for side in ("source", "target")
            )
            return Mention(source, target, tuple(s.id for s in block.segments))
    return None


def key_figures(segments: Iterable[Segment], scores: Mapping[str, float], most: int = MOST_FIGURES) -> tuple[Mention, ...]:
    """The figures to show, the same value of the same thing once, in order of the text.

    First those of the sentences that say most (`scores`), then repeated ones, money, shares and large numbers before small ones. The
    English is that of the first place that has it.
    """
    groups: dict[tuple[object, str], list[Figure]] = {}
    for segment in segments:
        for figure in find_figures(segment):
            if figure.noun[0] == figure.noun[1] and figure.thing not in _SIGNS:
                continue  # « … et 200 000 demain »: the number alone tells nothing
            groups.setdefault((figure.value, figure.thing), []).append(figure)

    def worth(group: list[Figure]) -> float:
        heavy = group[0].thing in _SIGNS or abs(group[0].value) >= 1000
        return max(scores.get(figure.segment.id, 0.0) for figure in group) + 0.5 * heavy + 0.25 * min(4, len(group) - 1)

    best = sorted(groups.values(), key=lambda group: -worth(group))[:most]
    kept = [group for group in groups.values() if any(group is other for other in best)]
    return tuple(_together([(f.source, f.target, f.segment.id) for f in group]) for group in kept)


def _together(found: Sequence[tuple[str, str, str]]) -> Mention:
    """One mention of several places: the longest words among those that have English."""
    shown = max(found, key=lambda item: (bool(item[1]), len(item[0])))
    return Mention(shown[0], shown[1], tuple(where for _, _, where in found))


def names(segments: Iterable[Segment], most: int = MOST_NAMES) -> tuple[Mention, ...]:
    """The names that English keeps, the most frequent first, then in order of appearance; a surname counts for the full name.

    >>> one = Segment("p1.s1", "Jensen Huang dirige Nvidia.", target="Jensen Huang runs Nvidia.")
    >>> [(m.source, m.segments) for m in names([one, Segment("p1.s2", "Huang sourit.", target="Huang smiles.")])]
    [('Jensen Huang', ('p1.s1', 'p1.s2')), ('Nvidia', ('p1.s1',))]
    """
    found: dict[str, list[tuple[str, Segment]]] = {}
    for segment in segments:
        for name in name_texts(segment):
            found.setdefault(fold(name), []).append((name, segment))
    last_words: dict[str, list[str]] = {}
    for key in found:
        if " " in key:
            last_words.setdefault(key.rpartition(" ")[2], []).append(key)
    for key in [key for key in found if len(last_words.get(key, ())) == 1]:
        whole = last_words[key][0]
        found[whole] = sorted([*found[whole], *found.pop(key)], key=lambda pair: _place(pair[1].id))
    mentions = []
    for group in found.values():
        spelled = Counter(name for name, _ in group)
        name = max(spelled, key=lambda n: (" " in n, spelled[n]))
        inside = any(fold(name) in fold(segment.target) for _, segment in group)
        mentions.append(Mention(name, name if inside else "", tuple(segment.id for _, segment in group)))
    return tuple(sorted(mentions, key=lambda m: -len(m.segments))[:most])


_NOUNS = frozenset("GPU CPU TPU NPU LLM SSD RAM API ONG PME".split())
_CAPITALS = re.compile(r"(?<![\w’'-])[A-ZÀ-Ý][^\W\d_]+(?:-[^\W\d_]+)*(?:[ \u00a0][A-ZÀ-Ý][^\W\d_]+(?:-[^\W\d_]+)*)+")


def name_texts(segment: Segment) -> list[str]:
    """The names of a sentence in order: those that English keeps, with the first names before them, and capitals in a row.

    Acronyms of common nouns (GPU) are none, and neither are English words for days and the like.

    >>> name_texts(Segment("p1.s1", "Selon Anne Delorme, la société Océane Énergies paie les GPU."))
    ['Anne Delorme', 'Océane Énergies']
    """
    text = segment.source
    spans = [span for span in find_names(text) if text[slice(*span)].rstrip("s") not in _NOUNS]
    function = lists("fr").function
    for match in _CAPITALS.finditer(text):
        start, end = match.span()
        first = match[0].split()[0]
        if (
            first.lower() in function
            or first.isupper()
            or (not text[:start].strip(' «“"—–-•') and not any(a <= start < b for a, b in spans))
        ):
            start += len(first) + 1
            if " " not in text[start:end].replace("\u00a0", " "):
                continue
        if text[start:end].isupper():
            continue
        inside = [span for span in spans if span[0] < end and start < span[1]]
        start, end = min([start, *(a for a, _ in inside)]), max([end, *(b for _, b in inside)])
        spans = sorted([(start, end), *(span for span in spans if span not in inside)])
    return [name for span in spans if not _english_words(name := text[slice(*span)])]


_ENGLISH_DATES = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march july august september october november"
    " december".split()
)


def _english_words(name: str) -> bool:
    """Whether a French dictionary takes words for a name that are ordinary English: « It », « Monday », « In May »; not « The Who »."""
    words = name.lower().split()
    if name.isupper() or words[0] == "the" or words == ["will"]:
        return False
    return all(word in _ENGLISH_DATES or word in lists("en").function for word in words)


def _place(identity: str) -> tuple[int, ...]:
    return tuple(int(part[1:]) for part in identity.split("."))


def terms(segments: Iterable[Segment], most: int = MOST_TERMS) -> tuple[Mention, ...]:
    """The glossary's terms with what stands for them in the English, the most frequent first; those that are not rendered left out.

    Forms of one entry of the glossary are one term, shown as it first stands; words that English writes alike are none.
    """
    found: dict[str, list[tuple[str, str, str]]] = {}
    for segment in segments:
        for hit in segment.terms:
            if hit.target and fold(segment.source[slice(*hit.source)]) != fold(segment.target[slice(*hit.target)]):
                found.setdefault(hit.entry or hit.wanted.casefold(), []).append(
                    (segment.source[slice(*hit.source)], segment.target[slice(*hit.target)], segment.id)
                )
    ordered = sorted(found.values(), key=lambda group: -len(group))[:most]
    return tuple(Mention(group[0][0], group[0][1], tuple(where for _, _, where in group)) for group in ordered)
