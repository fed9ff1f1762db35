"""French noun phrases and acronyms in running text, by rule: what a glossary might hold.

The patterns are those that Daille (1994, « Approche mixte pour l'extraction automatique de terminologie ») found most French terms to
have: noun + adjective, noun + noun, noun (de | d' | à | en …) noun, and their chains. There is no tagger: a word counts as a noun when
the texts themselves show it after an article or the like, a form of a verb (by simplemma's dictionary) does not count as an adjective
unless it is a participle, and words of grammar and very general words end a phrase.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bilingual.document import Span
from bilingual.glossary.tokens import Tokens
from bilingual.inflection import french_singular

MOST_WORDS = 4  # words of a phrase that are not links
MOST_TOKENS = 7

# Words that nothing but a noun, or an adjective before one, follows; le, la, les and l' may also be pronouns before a verb.
_STRONG = frozenset(
    "un une des du au aux ce cet cette ces son sa ses leur leurs mon ma mes ton ta tes notre nos votre vos quelques plusieurs chaque "
    "aucun aucune certain certaine deux trois quatre cinq six sept huit neuf dix cent mille certains certaines "
    "divers diverses différents différentes".split()
)
_WEAK = frozenset("le la les l d de".split())
_BEFORE_NOUN = frozenset(
    "nouveau nouvel nouvelle nouveaux nouvelles grand grande grands grandes petit petite petits petites premier première premiers "
    "premières second seconde deuxième troisième dernier dernière derniers dernières autre autres même mêmes bon bonne bons bonnes gros "
    "grosse vaste vastes jeune jeunes futur future futurs futures ancien ancienne anciens anciennes vrai vraie véritable véritables "
    "principal principale principaux principales meilleur meilleure meilleurs meilleures seul seule seuls seules prochain prochaine "
    "tel telle tels telles tout toute tous toutes long longue simple simples immense énorme énormes".split()
)
"""Adjectives that stand before the noun: they begin no phrase, and what an article says holds for the word after them."""
_LINKS = frozenset("de d du des à au aux en".split())
_LINKED_ARTICLE = frozenset("la l".split())  # « traitement de la parole », « réseau de l'entreprise »
_GRAMMAR = frozenset(
    "je tu il elle on nous vous ils elles me te se moi toi lui eux y qui que quoi dont où quel quelle quels quelles ceci cela ça c j m n "
    "s t qu lorsqu puisqu jusqu quoiqu celui celle ceux celles et ou ni mais or donc car si comme quand lorsque puisque parce afin ainsi "
    "alors aussi après avant avec chez contre dans depuis derrière dès devant durant entre envers hors jusque malgré outre par parmi "
    "pendant pour près sans sauf selon sous suite sur vers via voici voilà est sont été être était étaient sera seront serait "
    "seraient soit fut furent suis es sommes êtes étant a ai as ont avons avez avait avaient aura auront aurait auraient ait aient eu eut "
    "avoir ayant fait faire font fera peut peuvent pourrait pourraient doit doivent devrait va vont vient ne pas plus moins très trop peu "
    "bien mal déjà encore toujours jamais souvent ici là hier demain aujourd hui non oui notamment environ presque surtout plutôt "
    "seulement désormais ensuite enfin puis cependant toutefois pourtant également maintenant tard tôt ensemble autant tant tellement "
    "quelque quelqu rien personne personnes chacun chacune lequel laquelle lesquels lesquelles duquel auquel etc "
    "beaucoup assez loin parfois dessus dessous mauvais mauvaise "
    "of the and for to is".split()  # titles and slogans in English
)
_GENERAL = frozenset(
    "an ans année années mois jour jours semaine semaines heure heures minute minutes fois siècle janvier février mars avril mai juin "
    "juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi samedi dimanche matin soir million millions "
    "milliard milliards millier milliers dizaine dizaines centaine centaines douzaine vingtaine trentaine tiers moitié quart dollar "
    "dollars euro euros pour-cent part parts partie parties sorte type types nombre plupart ensemble reste fin début cours lieu cas façon "
    "manière chose choses côté point fait faits titre effet suite terme termes cadre sujet objet raison raisons exemple besoin mise "
    "place monde pays ville état moment temps homme hommes femme femmes gens série quantité ailleurs plein partir travers lors face afin "
    "quasi juste grâce cause autour rapport hauteur provenance collaboration présence absence compte attente cœur sein issue tour propos "
    "domaine domaines secteur secteurs total totale mieux pire vu voie mètres mètre kilomètres kilomètre tonnes tonne".split()
)
"""Measures, times and words so general that no glossary lists a phrase for them; they neither begin nor end a phrase."""
_GENERAL_MODIFIERS = frozenset(
    "important importante importants importantes baptisé baptisée baptisés situé située situés situées basé basée basés basées fondé "
    "fondée créé créée créés lié liée liés liées prévu prévue prévus prévues annoncé annoncée dit dite dits dites appelé appelée nommé "
    "nommée destiné destinée destinés destinées capable capables possible possibles nécessaire nécessaires actuel actuelle actuels "
    "actuelles récent récente récents récentes suivant suivante précédent précédente supplémentaire supplémentaires environ seul seuls "
    "propre propres entier entière entiers proche proches rendu rendue pris prise prises mis doté dotée équipé équipée composé composée "
    "utilisé utilisée utilisés utilisées connu connue américain américaine américains américaines français française européen européenne "
    "chinois chinoise mondial mondiale mondiaux local locale locaux locales".split()
)

_WORD = re.compile(r"[^\W\d_]{2,40}")
_ACRONYM = re.compile(r"(?!(?:[IVXLCDM]+)s?$)[A-Z]{2,6}s?")
_PARTICIPLE = re.compile(r"(?:[éiu]|ée|ie|ue)s?$")
_INFINITIVE = re.compile(r"(?:[^i]er|ir|[dtv]re|uire|crire|[ld]ire|lure)$")
_BRACKET = re.compile(r"\s?[(\[]\s?")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A candidate as it stands in a sentence: its key (equal for all its number forms), span, text, and words that are not links."""

    key: tuple[str, ...]
    span: Span
    text: str
    size: int

    @property
    def is_acronym(self) -> bool:
        """Whether it is a word in capitals.

        >>> Phrase(("GPU",), (0, 4), "GPUs", 1).is_acronym
        True
        """
        return _ACRONYM.fullmatch(self.text) is not None


@dataclass(frozen=True, slots=True)
class Nouns:
    """What a set of texts shows about its words: how often each stands where only a noun can, where a noun may, and as a name."""

    strong: Counter[str]
    weak: Counter[str]
    names: frozenset[str]

    def has(self, word: str) -> bool:
        """Whether `word` counts as a noun."""
        key = _key(word)
        if self.strong[key]:
            return True
        low = word.lower()
        return self.weak[key] > 0 and not _INFINITIVE.search(low) and not is_verb_form(low)


@lru_cache(maxsize=65536)
def _key(word: str) -> str:
    """One key for both numbers of a word. Accents count: « taille » is a noun, « taillé » is none."""
    return french_singular(word.lower())


def learn_nouns(sentences: Iterable[Tokens]) -> Nouns:
    """Count what stands after articles, possessives, demonstratives and numbers.

    >>> from bilingual.glossary.tokens import tokenize
    >>> nouns = learn_nouns([tokenize("Les centres consomment ; un nouveau centre consomme moins.")])
    >>> nouns.has("centre"), nouns.has("consomme")
    (True, False)
    """
    strong: Counter[str] = Counter()
    weak: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for tokens in sentences:
        before = ""
        for i, word in enumerate(tokens.words):
            low = word.lower()
            key = _key(word)
            if before in _STRONG:
                strong[key] += 1
            elif before in _WEAK:
                weak[key] += 1
            if word.islower():
                small[key] += 1
            elif i and tokens.gaps[i - 1] in (" ", "'", "-") and not word.isupper():
                capital[key] += 1
            joined = tokens.gaps[i] in (" ", "'")
            before = "" if not joined else before if low in _BEFORE_NOUN and before in _STRONG | _WEAK else low
    return Nouns(strong, weak, frozenset(key for key, count in capital.items() if count > small[key]))


@lru_cache(maxsize=65536)
def is_verb_form(word: str) -> bool:
    """Whether a word in small letters is a form of a verb and no participle, as far as a dictionary of lemmas knows.

    >>> [is_verb_form(word) for word in ("consomme", "utiliser", "supervisé", "énergétique", "utilisant")]
    [True, True, False, False, True]
    """
    import simplemma

    lemma = str(simplemma.lemmatize(word, lang="fr"))
    if lemma == word:
        return _INFINITIVE.search(word) is not None and bool(simplemma.is_known(word, lang="fr"))
    return lemma.endswith(("er", "ir", "re")) and not _PARTICIPLE.search(word)


@lru_cache(maxsize=65536)
def is_adverb(word: str) -> bool:
    """Whether a word in -ment is no noun: the dictionary lists words that inflect, « traitement » but not « récemment ».

    >>> is_adverb("récemment"), is_adverb("traitement")
    (True, False)
    """
    import simplemma

    return word.endswith("ment") and not simplemma.is_known(word, lang="fr")


def find_phrases(tokens: Tokens, nouns: Nouns) -> Iterator[Phrase]:
    """All noun phrases of a sentence with `MOST_WORDS` words at most, one word included, nested ones included; and acronyms.

    >>> from bilingual.glossary.tokens import tokenize
    >>> tokens = tokenize("Un centre de données consomme une énergie renouvelable.")
    >>> [phrase.text for phrase in find_phrases(tokens, learn_nouns([tokens]))]
    ['centre', 'centre de données', 'données', 'énergie', 'énergie renouvelable']
    """
    capitals = sum(word.isupper() for word in tokens.words if len(word) > 1)
    shouted = capitals > len(tokens.words) / 2
    kinds = [_kind(tokens, i, nouns, shouted) for i in range(len(tokens.words))]
    for first, kind in enumerate(kinds):
        if kind in ("noun", "acronym") and not (first and tokens.gaps[first - 1] == "-"):
            yield from _from(tokens, kinds, first)


def _kind(tokens: Tokens, i: int, nouns: Nouns, shouted: bool) -> str:
    word = tokens.words[i]
    low = word.lower()
    if tokens.chains[i] >= 0:
        return "end"
    if low in _LINKS:
        return "link"
    if low in _LINKED_ARTICLE:
        return "article"
    if not shouted and _ACRONYM.fullmatch(word) and low not in _GRAMMAR:
        return "acronym"
    if not _WORD.fullmatch(word) or low in _GRAMMAR or low in _STRONG or low in _WEAK or low in _BEFORE_NOUN or low in _GENERAL:
        return "end"
    if (word.isupper() and not shouted) or _key(word) in nouns.names or not (word.islower() or i == 0 or shouted):
        return "end"
    if low in _GENERAL_MODIFIERS or is_adverb(low):
        return "end"
    if nouns.has(word):
        return "noun"
    return "end" if is_verb_form(low) and is_verb_form(_key(low)) else "modifier"


def _from(tokens: Tokens, kinds: Sequence[str], first: int) -> Iterator[Phrase]:
    """The phrases that begin at a noun: each goes on over modifiers, nouns, and links with the noun after them."""
    size, last = 1, first
    if tokens.gaps[last] != "-":
        yield _phrase(tokens, first, last, size)
    while size < MOST_WORDS and last - first < MOST_TOKENS - 1:
        following = _next(tokens, kinds, last)
        if following is None or following - first >= MOST_TOKENS:
            return
        last, size = following, size + 1
        if tokens.gaps[last] != "-":
            yield _phrase(tokens, first, last, size)


def _next(tokens: Tokens, kinds: Sequence[str], last: int) -> int | None:
    """The next word that a phrase which stands up to `last` may end with."""
    at = last + 1
    if at >= len(kinds) or tokens.gaps[last] not in (" ", "-"):
        return None
    if kinds[at] in ("noun", "modifier", "acronym"):
        return at
    if kinds[at] != "link" or tokens.gaps[at] not in (" ", "'"):
        return None
    after = at + 1
    if after < len(kinds) and kinds[after] == "article" and tokens.words[at].lower() == "de" and tokens.gaps[after] in (" ", "'"):
        after += 1
    return after if after < len(kinds) and kinds[after] in ("noun", "modifier", "acronym") else None


def _phrase(tokens: Tokens, first: int, last: int, size: int) -> Phrase:
    words = tokens.words[first : last + 1]
    span = (tokens.spans[first][0], tokens.spans[last][1])
    keys = tuple(word.removesuffix("s") if _ACRONYM.fullmatch(word) else _key(word) for word in words)
    return Phrase(keys, span, tokens.text[slice(*span)], size)


def dictionary_form(texts: Counter[str]) -> str:
    """What a glossary would list for the forms in which a phrase was found: the singular where it was found, in small letters.

    >>> dictionary_form(Counter({"centres de données": 3, "Centre de données": 1})), dictionary_form(Counter({"réseaux neuronaux": 2}))
    ('centre de données', 'réseau neuronal')
    """
    small: Counter[str] = Counter()
    for text, count in texts.items():
        words = re.split(r"([ '\-])", text.replace("’", "'"))
        shouted = text.isupper() and len(words) > 1
        small["".join(word if word.isupper() and len(word) > 1 and not shouted else word.lower() for word in words)] += count
    found = [text for text in small if _singular(text, behind_hyphens=True) == text]
    if found:
        return min(found, key=lambda text: (-small[text], text))
    return _singular(min(small, key=lambda text: (-small[text], text)))


def _singular(text: str, behind_hyphens: bool = False) -> str:
    """The words up to the first link in the singular; behind a hyphen only if asked, since « porte-conteneurs » is one ship."""
    pieces = re.split(r"([ '\-])", text)
    changed = []
    linked = False
    for i, piece in enumerate(pieces):
        linked = linked or piece in _LINKS
        kept = linked or piece.endswith("ès") or (i > 0 and pieces[i - 1] == "-" and not behind_hyphens)
        changed.append(piece if kept else french_singular(piece))
    return "".join(changed)


def long_forms(tokens: Tokens, phrases: Sequence[Phrase]) -> Iterator[tuple[Phrase, Phrase]]:
    """Acronyms in brackets with the longest phrase before them: « unité de traitement graphique (GPU) ».

    >>> from bilingual.glossary.tokens import tokenize
    >>> tokens = tokenize("Une unité de traitement graphique (GPU).")
    >>> phrases = list(find_phrases(tokens, learn_nouns([tokens])))
    >>> [(acronym.text, long.text) for acronym, long in long_forms(tokens, phrases)]
    [('GPU', 'unité de traitement graphique')]
    """
    ending: dict[int, Phrase] = {}
    for phrase in phrases:
        if phrase.size > 1 and (phrase.span[1] not in ending or phrase.size > ending[phrase.span[1]].size):
            ending[phrase.span[1]] = phrase
    for acronym in phrases:
        start = acronym.span[0]
        ends = (end for end in range(start - 1, start - 4, -1) if end in ending and _BRACKET.fullmatch(tokens.text[end:start]))
        if acronym.is_acronym and (end := next(ends, None)) is not None:
            yield acronym, ending[end]
