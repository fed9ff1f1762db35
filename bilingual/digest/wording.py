"""What the words around a figure say of it: open or rounded, one end of a range, planned or past, what for, of which of several."""

from __future__ import annotations

import re

from bilingual.names import fold
from bilingual.numbers import scan
from bilingual.summary.figures import Figure
from bilingual.summary.words import lemma, lists

_SPACES = re.compile(r"\s+")
_INFINITIVE = r"(?!(?:entre|encore|contre|quatre|notre|votre|autre|hier|premier|dernier)\b)\w+(?:er|ir|oir|ire|dre|tre|vre)"
_FUTURE = r"(?:er|ir|ndr|rdr|udr|ttr|uir|ivr|aîtr)(?:a|ont|ait|aient)"
_PLANNED = re.compile(
    r"\b(?:d['’]ici|prévoi\w+|prévu\w*|prévision\w*|doi(?:t|vent)|devr\w+|projet\w*|projett\w+|promet\w*|promi\w+|vis(?:e|ent|er)"
    r"|objectif\w*|futur\w*|prochain\w*|espèr\w+|entend(?:ent)?|à\sterme|étape suivante|souhait\w+|veu(?:t|lent)|voudr\w+|pourr\w+"
    rf"|ambition\w*|cap|annonc\w+|bientôt|demain|s['’]apprêt\w+|en\spasse\sde|envisag\w+|compte(?:nt)?\s{_INFINITIVE}"
    rf"|v(?:a|ont)\s(?:\w+\s)?{_INFINITIVE}|ser(?:a|ont|ait|aient)|aur(?:a|ont|ait|aient)|viendr\w+|\w{{3,}}{_FUTURE}|\w{{2}}ndr(?:a|ont))\b",
    re.IGNORECASE,
)
_IMPERFECT = re.compile(r"\b\w+(?:ait|aient)\b", re.IGNORECASE)
_NO_IMPERFECT = frozenset(
    "fait parfait imparfait bienfait forfait satisfait insatisfait refait défait contrefait stupéfait sait lait plait trait extrait"
    " portrait retrait attrait abstrait distrait souhait soustrait".split()
)

_THE_MARK = r"(?:\s(?:les?|la\sbarre\sdes?|le\scap\sdes?))?"
_BEFORE = tuple(
    (bound, re.compile(rf"(?<!\w)(?:{words})\s*\Z", re.IGNORECASE))
    for bound, words in (
        ("limit", r"pas\splus\s(?:de|d['’])|jusqu['’]à|(?:tout\s)?au\splus|(?:(?:au|un)\s)?maximum(?:\sde)?"),
        (
            "least",
            r"(?:plus|pas\smoins)\s(?:de|d['’])|au\smoins|(?:(?:au|un)\s)?minimum(?:\sde)?|au\sbas\smot,?|à\spartir\sde"
            rf"|dépass\w+{_THE_MARK}",
        ),
        ("most", r"moins\s(?:de|d['’])|sous\sles"),
        (
            "about",
            r"environ|près\s(?:de|d['’])|quelques?|presque|quasi\w*|autour\sdes?|aux\salentours\sdes?|à\speu\sprès|plus\sou\smoins"
            rf"|à\speine|tout\sjuste|approximativement|grosso\smodo|de\sl['’]ordre\sde|(?:frôl|approch|avoisin)\w+{_THE_MARK}",
        ),
    )
)
_BEHIND = tuple(
    (bound, re.compile(rf"(?:(?!\s(?:et|mais)\s)[^,;:.!?\d(]){{0,40}}?,?\s\(?(?:{words})(?![\w’'-])", re.IGNORECASE))
    for bound, words in (
        ("least", r"(?:au\s)?minimum|au\smoins|au\sbas\smot|(?:ou|et|voire|sinon|peut-être)\s(?:même\s)?(?:plus|davantage)"),
        ("limit", r"(?:au\s)?maximum|(?:tout\s)?au\splus|(?:ou|voire)\smoins"),
        ("about", r"environ|à\speu\sprès|à\speine|tout\sjuste|approximativement|grosso\smodo"),
    )
)
_TO = re.compile(r"\s?(?:[-–—]|à|ou(?:\smême)?|,?\svoire|et\smême|jusqu['’]à)\s?", re.IGNORECASE)
_NOUNS_OR = re.compile(r"(?:\s[^\W\d_]+){1,4},?\s(?:ou(?:\smême)?|voire)\s", re.IGNORECASE)
_AND = re.compile(r"(?:\s[^\W\d_]+){0,4}\set\s", re.IGNORECASE)
_BETWEEN = re.compile(r"\bentre\s\Z", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:pass|grimp|augment|mont|bond|chut|tomb|baiss|rédui|port|agrand|doubl|étend|hausse|progress|recul|accroî|relev)\w*[^,;.]{0,40}\bde\s\Z",
    re.IGNORECASE,
)

_PURPOSE = re.compile(
    r"\b(?:[Pp]our|(?:destin|serv|dédi|consacr|affect|réserv|dévolu|allou)\w*\s(?:à|aux?))\s?"
    r"(?:(?:les?|la|l['’]|ses|leurs?|son|sa|des?|d['’]|du)\s?)?\b(?P<word>[^\W\d_]+)"
)
_NO_PURPOSE = frozenset("cent mille instant moment fois total moins plus heure jour année mois".split())
_NUMBERED = re.compile(
    r"(?:(?P<name>\b[^\W\d_]*[A-ZÀ-Ý][\w-]*)|\b(?:site|bâtiment|phase|tranche|hall|usine|ligne|réacteur|version|modèle|lot|tour|étage|salle"
    r"|numéro|secteur|zone|unité|bloc|groupe|niveau|saison|épisode|génération|parc|centre|quai|terminal|hangar))"
    r"\s(?:n[°o]\s?)?(?P<number>\d{1,4}|[IVX]{1,4}|[A-Z])(?![\w’'-])(?![ \u00a0\u202f.,]\d)"
)
_YEAR = re.compile(r"(?:19|20)\d\d")


def bound(figure: Figure) -> str:
    """What opens or rounds a figure.

    "least" and "most": it is open to that side; "limit": what a count may come to; "about": rounded; "range": one end of two; or "".
    """
    text = figure.segment.source
    if _in_range(text, figure):
        return "range"
    before, behind = _SPACES.sub(" ", text[: figure.span[0]]), _SPACES.sub(" ", text[figure.span[1] :])
    found = [name for name, words in _BEFORE if words.search(before)] + [name for name, words in _BEHIND if words.match(behind)]
    return found[0] if found else "about" if figure.number.kind == "approximate" else ""


def _in_range(text: str, figure: Figure) -> bool:
    """« entre 100 et 200 », « 100 à 200 », « 100, voire 200 »; not a change (« passer de 100 à 200 »)."""
    start, end = figure.number.span
    for found in scan(text, "fr"):
        a, b = found.number.span
        first, between = (a, text[b:start]) if b <= start else (start, text[end:a])
        if _AND.fullmatch(between):
            if _BETWEEN.search(text[:first]):
                return True
        elif (_TO.fullmatch(between) or _NOUNS_OR.fullmatch(between)) and not _CHANGE.search(text[:first]):
            return True
    return False


def planned(clause: str) -> bool:
    """Whether a clause speaks of what is to come or is wanted.

    >>> planned("Renault va vendre 350 000 voitures"), planned("Renault a vendu 300 000 voitures")
    (True, False)
    """
    return bool(_PLANNED.search(clause))


def past(clause: str) -> bool:
    """Whether a clause tells what was and may be no more: a verb in the imperfect.

    >>> past("Colossus comptait 100 puces"), past("Colossus a fait 100 puces"), past("Colossus compterait 100 puces")
    (True, False, False)
    """
    verbs = (match[0].lower() for match in _IMPERFECT.finditer(clause))
    return any(verb not in _NO_IMPERFECT and not _PLANNED.fullmatch(verb) for verb in verbs)  # « devrait » is planned


def purposes(clause: str) -> frozenset[str]:
    """What a clause says that things are for (« pour le calcul », « destinées au stockage »), as lemmas."""
    return frozenset(lemma(m["word"], "fr") for m in _PURPOSE.finditer(clause) if m["word"].islower()) - _NO_PURPOSE


def numbered(figure: Figure) -> frozenset[str]:
    """Things in the sentence that have a number or a letter (« Colossus 2 », « bâtiment B »): with another one they are other things."""
    function, text, (start, end) = lists("fr").function, figure.segment.source, figure.span
    return frozenset(
        fold(_SPACES.sub(" ", match[0]))
        for match in _NUMBERED.finditer(text)
        if (match.end() <= start or match.start() >= end)
        and not (match["name"] and match["name"].lower() in function)
        and not _YEAR.fullmatch(match["number"])
    )
