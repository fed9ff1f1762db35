"""Figures of several articles held against each other: which agree, and which cannot both be so.

    sentence ── figures ──> Claim: what is counted, how many, of whom, when, planned or stated, more or less ──> pairs that contradict

To be believed when it speaks: two figures contradict each other only where everything else that the sentences say around them fits as
far as can be seen: the thing counted, who is named (the same, or names that an article says belong together), the dates, plan or
fact, then or now (« comptait »), what for (« pour le calcul »), and a verb of one family (« compte », « rassemble ») or other words in
common; and where neither article gives the other's figure as well. Rounded, approximate and open figures (« plus de ») that may be the
same are the same; ranges (« entre 100 et 200 ») and limits (« jusqu'à ») are held against nothing. Much is left out on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise

from bilingual.digest import wording
from bilingual.document import Block, Document, Segment
from bilingual.names import fold
from bilingual.numerals import tokenise
from bilingual.summary.figures import Figure, find_figures
from bilingual.summary.mentions import name_texts
from bilingual.summary.words import content_words, lemma, lists

SIGNS = frozenset({"€", "$", "£", "%"})
UNITS = frozenset(
    "an année mois semaine jour heure minute seconde kilomètre mètre km m fois mégawatt gigawatt kilowatt watt MW GW kW mégawattheure degré"
    " page place point ligne personne".split()
)
"""Units and words that count too many things: a figure of theirs is compared as money is, by what else the sentence says."""


def _forms(words: str) -> frozenset[str]:
    """Words and, of verbs in -er, the forms that a dictionary may take for nouns (« compte », « porte »)."""
    given = words.split()
    stems = [word[:-2] for word in given if word.endswith("er")]
    return frozenset(
        [*given, *(stem + ending for stem in stems for ending in ("e", "ent", "ait", "aient", "a", "é", "era", "erait"))]
    )


FAMILIES: tuple[frozenset[str], ...] = tuple(
    _forms(words)
    for words in (
        "compter rassembler regrouper réunir abriter comprendre comporter contenir posséder disposer accueillir héberger aligner totaliser"
        " équiper doter composer former employer fonctionner tourner reposer",
        "coûter coût facture budget prix investissement investir dépenser chiffrer montant débourser",
        "lever levée récolter rapporter financement",
        "valoriser valorisation valoir",
        "mort morte tuer décès décéder victime périr",
        "blesser blessé blessure",
        "acheter achat acquérir acquisition commander commande",
        "vendre vente écouler",
        "licencier licenciement supprimer suppression",
        "embaucher embauche recruter recrutement créer création",
        "produire production fabriquer fabrication",
        "manifester manifestant défiler",
        "passer atteindre doubler grimper agrandir porter viser cap objectif dépasser",
    )
)
"""Verbs and nouns that say the same of a figure."""

_DENIED = re.compile(r"\b(?:ne|n['’]|sans|aucune?|faux|dément\w*|nie\w*)\b|\?", re.IGNORECASE)
_PART = re.compile(
    r"\b(?:chacune?|chaque|par|supplémentaires?|de\splus|en\splus|en\smoins|hausse|baisse|autres?|dont|sur|premiers?|premières?|nouve\w+)\b",
    re.I,
)
_DATES = frozenset(
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi samedi"
    " dimanche hier demain printemps été automne hiver trimestre semestre dernier dernière derniers dernières prochain prochaine".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_CLAUSES = re.compile(r"\s?;\s|, (?:mais|et|tandis que|alors que)\s")


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure and what its sentence says around it. ``article`` counts from 1.

    ``names``: of the sentence; ``before``: those that stand before the figure; ``around``: those of its paragraph. ``kind``: which of
    several (« premier », « nord », « femmes », « Colossus 2 »), and what narrows the thing counted (« blessés graves », « puces en
    réserve »). ``purposes``, ``planned``, ``past`` and ``bound`` are those of `bilingual.digest.wording`.
    """

    article: int
    figure: Figure
    names: frozenset[str]
    before: frozenset[str]
    around: frozenset[str]
    dates: frozenset[str]
    kind: frozenset[str]
    purposes: frozenset[str]
    planned: bool
    past: bool
    denied: bool
    bound: str
    part: bool
    words: frozenset[str]

    @property
    def segment(self) -> Segment:
        """The sentence."""
        return self.figure.segment

    @property
    def value(self) -> Fraction:
        """How many."""
        return self.figure.value


def claims_of(document: Document, article: int) -> list[Claim]:
    """The figures of one article with their surroundings; titles and headings are left out, they play with words."""
    found: list[tuple[Figure, Block]] = []
    for block in document.blocks:
        if block.kind in ("title", "heading", "byline", "share", "source", "other"):
            continue
        for segment in block.segments:
            found += [(figure, block) for figure in find_figures(segment)]
    around = {id(block): frozenset(name for s in block.segments for name in entities(s)) for _, block in found}
    return [_claim(figure, article, around[id(block)]) for figure, block in found]


def _claim(figure: Figure, article: int, around: frozenset[str]) -> Claim:
    text = figure.segment.source
    clause = _clause(text, figure.span)
    inside = {fold(word) for word in re.findall(r"\w+", figure.source) if word.isupper() or any(map(str.isdigit, word))}
    words = {word for word in content_words(text) if not word.isdigit()}
    names = frozenset(name for name in entities(figure.segment) if name not in inside)
    own = {lemma(word.lower(), "fr") for word in _WORD.findall(figure.source)} | inside
    return Claim(
        article=article,
        figure=figure,
        names=names,
        before=frozenset(name for name in names if name in fold(text[: figure.span[0]])),
        around=around,
        dates=_dates(text, figure),
        kind=_kind(text, figure),
        purposes=wording.purposes(clause),
        planned=wording.planned(clause),
        past=wording.past(clause),
        denied=bool(_DENIED.search(clause)),
        bound=wording.bound(figure),
        part=bool(
            _PART.search(text[max(0, figure.span[0] - 30) : figure.span[1] + 25].replace("au moins", "").replace("plus de", ""))
        ),
        words=frozenset(word for word in words if word not in own and fold(word) not in names),
    )


def _clause(text: str, span: tuple[int, int]) -> str:
    """The stretch between the semicolons and conjunctions around a figure."""
    start = max((m.end() for m in _CLAUSES.finditer(text[: span[0]])), default=0)
    end = _CLAUSES.search(text[span[1] :])
    return text[start : span[1] + end.start()] if end else text[start:]


def named(segment: Segment) -> frozenset[str]:
    """The names of a sentence by their last word, without accents."""
    return frozenset(fold(name).split()[-1] for name in name_texts(segment))


def entities(segment: Segment) -> frozenset[str]:
    """Who and where: names, and words with a capital inside the sentence; by their last word, without accents."""
    text = segment.source
    found = set(named(segment))
    for match in re.finditer(r"(?<=[\w,;’'(«“\"] )[«“(\"@]?[A-ZÀ-Ý][\w-]+|(?<=[dlDL]['’])[A-ZÀ-Ý][\w-]+|@\w+", text):
        if text[max(0, match.start() - 2) : match.start()].strip() not in (".", "!", "?"):
            found.add(fold(match[0].lstrip('«“("@')))
    return frozenset(name for name in found if len(name) > 1)


def _dates(text: str, figure: Figure) -> frozenset[str]:
    """Years and names of months, days and seasons in the sentence."""
    years = {
        token.found.number.text
        for token in tokenise(text, "fr", False)
        if token.found
        and re.fullmatch(r"(?:19|20)\d\d", token.found.number.text)
        and token.found.number.span != figure.number.span
    }
    return frozenset(years | {word for word in _WORD.findall(text.lower()) if word in _DATES})


_WHICH = frozenset(
    "premier première premiers premières second seconde deuxième troisième quatrième dernier dernière autre autres ancien ancienne"
    " nouveau nouvelle nord sud ouest gauche droite matin soir nuit hommes femmes garçons filles adultes enfants mineurs majeurs"
    " public privé moitié tiers quart total totale brut net moyenne".split()
)
_BRACKET = re.compile(r"\s?(?:[^\W\d_]+\s){0,2}\((?P<short>[A-ZÀ-Ý]{2,6})s?\)")
_AFTER = re.compile(
    r"[ \u00a0](?:(?:en|sans|pour|dans|aux?|à|du|des|de|d['’])[ \u00a0]?(?:(?:les?|la|l['’])[ \u00a0]?)?\b)?(?P<word>[^\W\d_]+)"
)
_VERB = re.compile(r"(?:ent|ont|ait|aient|era|ira|eront|iront)$")


def _kind(text: str, figure: Figure) -> frozenset[str]:
    """Words that say which of several is meant, and those that narrow the thing: in its phrase beyond the noun, and right behind it.

    A phrase with its short form in brackets behind it (« unités de calcul (GPU) ») is one noun.
    """
    words = {word for word in _WORD.findall(text.lower()) if word in _WHICH} | wording.numbered(figure)
    start, end = figure.noun
    if start == end or _BRACKET.match(text, end):
        return frozenset(words)
    term = next((hit.source[1] for hit in figure.segment.terms if hit.source[0] == start), None)
    head = term or start + len(re.split(r"[ \u00a0]", text[start:end])[0])
    function = lists("fr").function
    inside = [word for word in _WORD.findall(text[head:end]) if word.islower() and word not in function]
    behind = _AFTER.match(text, end)
    if behind and behind["word"].islower() and behind["word"] not in function and not _VERB.search(behind["word"]):
        inside.append(behind["word"])
    return frozenset(words | {lemma(word, "fr") for word in inside})


# ------------------------------------------------------------------------------------------------------- the thing counted


def same_things(claims: Iterable[Claim]) -> dict[str, str]:
    """Names of counted things → one name for those that the articles themselves use for the same.

    Two are the same where both stand before one code or name of a model (« puces H100 », « GPU H100 »), where one is put in brackets behind
    the other (« unités de traitement graphique (GPU) »), and where a code alone is counted (« 100 000 H100 »).
    """
    parent: dict[str, str] = {}

    def find(thing: str) -> str:
        while parent.setdefault(thing, thing) != thing:
            thing = parent[thing]
        return thing

    def join(one: str, two: str) -> None:
        a, b = sorted((find(one), find(two)))
        parent[b] = a

    for claim in claims:
        figure = claim.figure
        key = _key(figure.thing)
        find(key)
        if figure.thing in SIGNS or figure.thing in UNITS:
            continue
        for code in figure.codes:
            for part in code.split():
                if any(c.isdigit() for c in part) and any(c.isupper() for c in part):
                    join(key, _key(part))
        text = figure.segment.source
        if bracket := _BRACKET.match(text, figure.span[1]):
            join(key, _key(bracket["short"]))
    return {thing: find(thing) for thing in list(parent)}


def _key(thing: str) -> str:
    return fold(thing)


# --------------------------------------------------------------------------------------------------------- agree or not


def agree(one: Claim, two: Claim) -> bool:
    """Whether both figures may be the same number: rounded, approximate, or open to one side."""
    a, b = one.value, two.value
    if a == b or set(one.figure.number.readings) & set(two.figure.number.readings):
        return True
    small, large = (one, two) if a < b else (two, one)
    if small.bound == "least" or large.bound == "most":
        return True
    apart = abs(a - b) / max(abs(a), abs(b))
    return (
        apart <= Fraction(1, 10)
        if "about" in (one.bound, two.bound) or "least" in (one.bound, two.bound)
        else apart <= Fraction(1, 50)
    )


def _family(one: Claim, two: Claim) -> bool:
    """Whether the figures hang on words of one family."""
    return any(one.words & words and two.words & words for words in FAMILIES)


def _related(one: Claim, two: Claim) -> bool:
    """Whether the sentences say the same of their figures: words of one family, or other words in common; for money, shares and units,
    which count anything, nearly all words."""
    common = one.words & two.words
    alike = len(common) / max(1, min(len(one.words), len(two.words)))
    thing = one.figure.thing
    if thing in SIGNS or thing in UNITS:
        return len(common) >= 2 and len(common) >= 0.75 * len(one.words | two.words)
    return _family(one, two) or (len(common) >= 2 and alike >= 0.3)


Links = frozenset[frozenset[str]]


def contradict(one: Claim, two: Claim, names: Sequence[frozenset[str]], links: Links = frozenset()) -> bool:
    """Whether two claims about the same thing cannot both be so. `names[i]`: the names of article i + 1; `links`: see `belonging`."""
    if one.article == two.article or agree(one, two) or one.denied or two.denied or one.part or two.part:
        return False
    if (one.planned, one.past, one.dates, one.kind) != (two.planned, two.past, two.dates, two.kind):
        return False
    if one.purposes and two.purposes and not one.purposes & two.purposes:
        return False
    if "range" in (one.bound, two.bound) or (one.bound == "limit") != (two.bound == "limit"):
        return False
    ours, theirs = names[one.article - 1], names[two.article - 1]
    if not (one.names or two.names):  # nobody is named: only where the articles tell one story
        return len(ours & theirs) >= 2 and _related(one, two)
    if not (one.names and two.names):
        return False
    if one.before and two.before and not one.before & two.before:
        return False  # « Meta vise 350 000 puces, plus que Colossus »
    if one.names <= two.names or two.names <= one.names:
        return _related(one, two)
    # Other names: an article must say that they belong together, each be known to the other, and one stand in the other's paragraph.
    known = one.names <= theirs and two.names <= ours and (one.names & two.around or two.names & one.around)
    if not known or not any(frozenset((a, b)) in links for a in one.names for b in two.names):
        return False
    return one.figure.thing not in SIGNS and one.figure.thing not in UNITS and _family(one, two)


_APART = re.compile(
    r"\b(?:et|ou|ni|mais|plus|moins|autant|comme|contre|face|rival\w*|concurrent\w*|tandis|alors|sans|loin|derrière|devant)\b|[;:]"
)
_NEAR = 45


def belonging(documents: Sequence[Document]) -> frozenset[frozenset[str]]:
    """Pairs of names that stand close together in a sentence with nothing between them that sets them apart or beside each other.

    « Colossus, le superordinateur que xAI vient de présenter »: Colossus and xAI; not « xAI et Meta », « plus que Colossus ».
    """
    found = set()
    for document in documents:
        for segment in document.segments:
            text, at = segment.source, 0
            places = []
            for name in name_texts(segment):
                at = text.index(name, at)
                places.append((at, at + len(name), fold(name).split()[-1]))
                at += len(name)
            for (_, end, one), (start, _, two) in pairwise(places):
                if one != two and start - end <= _NEAR and not _APART.search(text[end:start]):
                    found.add(frozenset((one, two)))
    return frozenset(found)


def contradictions(claims: Sequence[Claim], names: Sequence[frozenset[str]], links: Links) -> list[tuple[Claim, Claim]]:
    """The pairs of claims that contradict each other; `names` and `links` as for `contradict`."""
    things = same_things(claims)
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(things[_key(claim.figure.thing)], []).append(claim)
    found = []
    for group in groups.values():
        for one, two in combinations(group[:_MOST_CLAIMS], 2):
            if contradict(one, two, names, links) and not _both_said(one, two, group):
                found.append((one, two))
    return found


_MOST_CLAIMS = 400
"""Claims about one thing that are held against each other; a table of figures has more."""


def _both_said(one: Claim, two: Claim, group: Sequence[Claim]) -> bool:
    """Whether one of the articles gives the other's figure as well: then it knows of both."""
    values = {(claim.article, claim.value) for claim in group}
    return (one.article, two.value) in values or (two.article, one.value) in values
