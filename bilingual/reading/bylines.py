"""Lines about an article rather than of it: who wrote it and when, what a picture shows, what somebody posted.

All of these are content; a wrong answer here costs a label, not a text. Every function takes the `patterns.plain` form of a block.
"""

from __future__ import annotations

import re
from functools import cache

from bilingual.reading.patterns import compiled

_PARTS = {
    "month": r"janv(?:ier|\.)?|févr(?:ier|\.)?|mars|avr(?:il|\.)?|mai|juin|juil(?:let|\.)?|août|sept(?:embre|\.)?|oct(?:obre|\.)?|"
    r"nov(?:embre|\.)?|déc(?:embre|\.)?",
    "weekday": r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
    "hour": r" ?(?:à|,|-|–|·)? ?\d{1,2} ?[h:] ?\d{0,2}(?: ?min)?",
    "date": r"(?:le )?(?:<weekday>,? )?(?:\d{1,2}(?:er)? <month>(?: \d{4})?|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4})<hour>?",
    "word": r"[A-ZÀ-ÝŒ][\w'.-]*",
    "name": r"(?:(?:M\.|Mme|Mlle|Dr|Pr) )?<word>(?: (?:(?:de|du|des|de la|le|la|van|von|der|ben|el|al|bin) |d')?<word>){1,3}",
    "role": r"journaliste|rédact(?:eur|rice)|aut(?:eur|rice)|auteure|fondat(?:eur|rice)|cofondat(?:eur|rice)|créat(?:eur|rice)|"
    r"blogg?eu(?:r|se)|blogger|correspondante?|chroniqueu(?:r|se)|édit(?:eur|rice)|éditorialiste|rédaction|pigiste|reporter|"
    r"envoyée? spéciale?|spécialiste|enseignante?|professeure?|chercheu(?:r|se)|directeur|directrice|responsable|consultante?|"
    r"ingénieure?|traduct(?:eur|rice)|contribut(?:eur|rice)|photographe|essayiste|écrivaine?|économiste|historienne?|sociologue|"
    r"étudiante?|chef de rubrique|cheffe",
    "agency": r"(?:l')?AFP|Reuters|AP|ATS|Belga|[Ll]a rédaction(?: [\w .']{1,40})?|agences?|"
    r"notre (?:correspondante?|envoyée? spéciale?)[\w ',à-ÿ]{0,40}",
    "who": r"<name>|<agency>",
    "wrote": r"publiée?|postée?|mise? (?:à jour|en ligne)|modifiée?|écrite?|rédigée?|paru|créée?|dernière (?:mise à jour|modification)",
    "when": r"<date>|hier|aujourd'hui|il y a \d+ \w+|à \d{1,2} ?[h:] ?\d{0,2}",
    "picture": r"illustration|image|photo(?:graphie)?|capture d'écran|vue (?:aérienne|d'artiste|satellite)|rendu 3d|logo|"
    r"gros plan",
    "post": r"capture d'écran (?:d'un|du) (?:\w+)|tweet|post|publication|message",
    "showing": r"(?:annonç|montr|représent|affirm|déclar|indiqu|illustr|présent|expliqu|dévoil|révél|évoqu|confirm|promett|vant|"
    r"critiqu|répond|partage|dis|détaill|moqu)ant",
    "credit": r"crédits?|photos?|photographie|images?|illustration|visuel|dessin|infographie|vidéo|capture(?: d'écran)?|copyright|ph\.",
}
_PATTERNS = {
    # « Par » is also a preposition: a name must follow, and after the name nothing that could be a sentence.
    "by": (
        r"(?:Par|PAR|Texte(?: et photos)? ?:|Auteure? ?:|Autrice ?:|Rédaction ?:) <who>(?:(?:,? et |, | & |/)<who>)*"
        r"(?: \(?avec <agency>\)?)?(?: ?[,|·•–—(-] ?[^.?!]{1,80}| <date>(?: [^.?!]{0,60})?| pour [^.?!]{1,40})?\.?",
    ),
    "by_first_name": (r"Par <word>\.?",),
    "name": (r"[–—-]? ?<name>(?:,? et <name>)?",),
}
_PATTERNS_ANY_CASE = {
    "stamp": (
        r"(?:article |billet |texte )?<wrote>(?: ?:)?(?: ?[,(|·–-])? ?(?:<when>|par (?:la |l')?(?-i:[A-ZÀ-Ý])[^.?!,|·]{1,60})"
        r"(?:(?: ?[,(|·–-])? ?<when>|(?: ?[,(|·–-])? (?:par|dans|sur) [^.?!,|·]{1,60}"
        r"| (?:et|,|\||·|•|–|-) (?:<wrote>|(?-i:<name>)|lecture|temps)[^.?!]{0,60}){0,3}\)?\.?",
    ),
    "credited": (
        r"(?:propos recueillis|entretien réalisé|interview réalisée|adapté|texte|"
        r"traduite?(?: de l'[\w-]+| du [\w-]+)?(?: et adaptée?)?) par [^.?!]{2,80}\.?",
        r"traduit de l'[\w-]+\.?|\(?avec <agency>\)?|[\w' ]{2,30} avec (?:l')?afp|\(?afp\)?",
    ),
    "date": (r"<date>\.?",),
    "name_and_role": (r"[–—-]? ?<name> ?[,|·•–(-] ?(?:<date>|[^.?!]{0,40}\b<role>\b[^.?!]{0,80})",),
    "role": (r"\b<role>\b",),
    "credit_end": (
        r"[(\[] ?(?:<credit>(?: [\w'-]+){0,4} ?[:©/]|©|<credit> (?:afp|reuters)\b)[^()\[\]]{0,120}[)\]] ?\.?$",
        r"(?:©|crédits? (?:photo|image|visuel)s? ?:) ?[^.?!]{1,60}\.?$",
    ),
    "caption": (
        r"(?:crédits? (?:photo|image|visuel|illustration|vidéo|couverture|dessin)\w*(?: [\w'-]+){0,4}|source (?:photo|image)s?|copyright)"
        r" ?: ?[^?]{1,200}|© ?[^?]{1,200}",
        r"crédits? ?: ?(?-i:[A-ZÀ-Ý@©])[^?]{1,80}",
        r"(?:légende|photos?|images?|illustration|visuel|capture d'écran|ci-(?:dessus|dessous|contre)|fig(?:ure|\.) ?\d+|"
        r"photo d'illustration)(?: \(?[\w' -]{1,30}\)?)? ?[:–—-] .{1,280}",
        r"<picture>(?: \w+)? (?:de |d'|du |des |en |sur |montrant |représentant |générée? |prise? )[^.?!]{8,280}",
        r"(?:<post>|<picture>|graphique|carte|vidéo)(?: \w+)? (?:de |d'|du |des |par )[^.?!,;:]{1,60} <showing>\b.{4,280}",
        r"capture d'écran (?:d'un |d'une |du |de ).{8,280}",
    ),
    "attribution": (r"(?:[–—-]+ ?)?[^()@#]{1,60}\(@\w{1,30}\)(?:[ ,·|–-]+[\w ,.:'-]{0,40})?",),
    "post_label": (r"(?:re)?tweet (?:de |d'|du )[^.?!]{2,60}",),
}
_HANDLE = re.compile(r"(?<![\w.])@\w{2,30}\b")
_HASHTAG = re.compile(r"(?<![\w&/])#\w*[^\W\d]\w*")
_SHORT_LINK = re.compile(r"\b(?:pic\.twitter\.com|pic\.x\.com|t\.co)/\w+")
_INNER_STOP = re.compile(r"\w{3}[.!?…] [A-ZÀ-Ý«“]")


@cache
def _one(name: str) -> re.Pattern[str]:
    if name in _PATTERNS:
        return compiled(_PATTERNS[name], _PARTS)
    return compiled(_PATTERNS_ANY_CASE[name], _PARTS, re.IGNORECASE)


def is_byline(line: str, *, edge: bool) -> bool:
    """Whether a line says who wrote the article, or when; `edge`: it stands in the first or last lines of the article.

    >>> is_byline("Par Jean Dupont", edge=False), is_byline("Publié le 3 mai 2024 à 10h30 par Jean Dupont", edge=False)
    (True, True)
    >>> is_byline("Par ailleurs, le maire a démissionné.", edge=True)
    False
    """
    if len(line) > 200:
        return False
    names = ("by", "stamp", "credited", "by_first_name", "date") if edge else ("by", "stamp", "credited")
    return any(_one(name).fullmatch(line) for name in names)


def is_name(line: str) -> bool:
    """Whether a line is a person's name and nothing else, as far as capitals tell.

    >>> is_name("Marie de La Tour"), is_name("Le vélo en ville")
    (True, False)
    """
    return len(line) <= 60 and _one("name").fullmatch(line) is not None


def is_name_and_role(line: str) -> bool:
    """Whether a line is a name with a trade or a date after it.

    >>> is_name_and_role("Jean Dupont, journaliste"), is_name_and_role("Le maire, journaliste à ses heures")
    (True, False)
    """
    if len(line) > 160 or not line[:1].isupper() or not _one("name_and_role").fullmatch(line):
        return False
    return is_name(re.split(r" ?[,|·•–(]| -", line, maxsplit=1)[0])


def is_role(line: str) -> bool:
    """Whether a line without a final stop names a writer's trade.

    >>> is_role("Rédactrice en chef"), is_role("Le rédacteur est parti.")
    (True, False)
    """
    return len(line) <= 160 and line[-1:] not in (".", "!", "?", ":") and _one("role").search(line) is not None


def is_caption(line: str, *, first: bool) -> bool:
    """Whether a line is the legend, the credit or the alternative text of a picture. `first`: it opens the article.

    >>> is_caption("Le pont au petit matin. (Crédit : Lise Aubert)", first=False)
    True
    >>> is_caption("Photo : le marché repart", first=True)
    False
    """
    if len(line) > 420:
        return False
    if _one("credit_end").search(line[-180:]):
        return True
    return not first and len(line) <= 300 and not _INNER_STOP.search(line) and _one("caption").fullmatch(line) is not None


def is_attribution(line: str) -> bool:
    """Whether a line signs an embedded post.

    >>> is_attribution("– Lise Aubert (@lise_aubert) 2 juin 2024"), is_attribution("– Oui, dit-elle.")
    (True, False)
    """
    return len(line) <= 140 and _one("attribution").fullmatch(line) is not None


def is_tweet(line: str) -> bool:
    """Whether a line by itself looks like a post.

    That is: it opens with a handle, ends with a hashtag or a link behind one, has two hashtags or a link of the network's own.

    >>> is_tweet("Le tram revient lundi ! #Nantes"), is_tweet("Le compte @nantes annonce le retour du tram.")
    (True, False)
    """
    if not 2 < len(line) <= 320:
        return False
    hashtags = list(_HASHTAG.finditer(line))
    if len(hashtags) >= 2 or _SHORT_LINK.search(line):
        return True
    if hashtags and (hashtags[0].end() >= len(line.rstrip(" .!?…")) or "://" in line[hashtags[0].end() :]):
        return True
    if len(line.split()) <= 8 and _one("post_label").fullmatch(line):
        return True
    handle = _HANDLE.search(line)
    return handle is not None and (handle.start() == 0 or line.startswith("RT @"))
