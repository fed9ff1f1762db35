"""Singular or plural: from the form of a French term, or from the words before it where the form does not tell (les GPU, un prix)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from bilingual.glossary.model import Term, is_acronym
from bilingual.glossary.tokens import Tokens, tokenize
from bilingual.inflection import FRENCH_LINKS, english_plural, english_singular, fold, french_plurals, french_singular

Number = Literal["singular", "plural", "invariant", "unknown"]
"""``invariant``: the English has one form for both, or it cannot follow the French; ``unknown``: nothing in the sentence tells."""

_SINGULAR = frozenset(
    "un une le la l du au ce cet cette chaque aucun aucune nul nulle mon ma ton ta son sa notre votre leur quel quelle tel telle "
    "quelque 1".split()
)
_PLURAL = frozenset(
    "les des ces aux plusieurs quelques certains certaines tous toutes divers diverses differents differentes mes tes ses nos vos "
    "leurs quels quelles tels telles nombreux nombreuses deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze "
    "quinze seize vingt trente quarante cinquante soixante cent cents mille".split()
)
_COUNTS = frozenset(
    "million millions milliard milliards millier milliers dizaine dizaines douzaine vingtaine trentaine quarantaine cinquantaine "
    "soixantaine centaine centaines paire nombre".split()
)
_BETWEEN = frozenset(  # adjectives that stand before the noun, in all their forms
    "nouveau nouvel nouveaux nouvelle nouvelles grand grande grands grandes petit petite petits petites gros grosse grosses premier "
    "premiere premiers premieres dernier derniere derniers dernieres futur future futurs futures prochain prochaine prochains "
    "prochaines propre propres autre autres meilleur meilleure meilleurs meilleures ancien ancienne anciens anciennes vieux vieille "
    "vieilles seul seule seuls seules meme memes vrai vraie vrais vraies puissant puissante puissants puissantes fameux fameuse "
    "fameuses immense immenses enorme enormes principal principale principaux principales second seconde deuxieme troisieme "
    "simple simples jeune jeunes beau belle beaux belles bon bonne bons bonnes rare rares".split()
)
_UNITED = frozenset("de d en a par pour du des aux au".split())
_NO_NOUNS = frozenset(
    "de d en a par pour sans avec sur sous dans contre entre vers chez comme et ou ni mais que qu qui est sont".split()
)
# Feminines are only looked for where they are not likely to be a verb: not signale, documente, trafique, motive.
_NOUN_ENDINGS = ("ment", "ic", "il", "signal")
_NOUNS_IN_IF = ("motif", "actif")
_FRENCH_ADJECTIVE_ENDINGS = ("éen", "ien", "iel", "uel", "nel", "if", "eux")
_ADJECTIVE_ENDINGS = ("ed", "ive", "ous", "al", "ic", "able", "ible", "ful", "less", "ant", "ent", "ary", "ory")


def number_in_text(term: Term, source: str, tokens: Tokens, first: int, last: int) -> Number:
    """The number of the occurrence of `term`, listed as `source`, that spans the words `first` … `last` of a sentence.

    >>> term = Term("GPU", "GPU")
    >>> [number_in_text(term, "GPU", tokenize(t), 2, 2) for t in ("avec un GPU", "avec 8 GPU", "à base GPU", "ce sont GPUs")]
    ['singular', 'plural', 'unknown', 'plural']
    """
    if term.status == "do-not-translate" or term.pos in ("verb", "adjective", "adverb", "proper noun"):
        return "invariant"
    singular, plural = english_number_forms(term.source, term.target, term.plural)
    if singular == plural or (is_listed_in_plural(source) and plural != term.target):
        return "invariant"
    if may_be_adjective(term, source) and _follows_a_noun(tokens, first):
        return "invariant"
    before = _number_before(tokens, first)
    surface = _number_of_form(source, tokens.words[first : last + 1])
    if surface == "singular" and before == "plural" and fold(tokens.words[first - 1]) in ("les", "des", "ces"):
        return "plural"  # a forgotten s
    return surface if surface != "unknown" else before


def may_be_adjective(term: Term, source: str) -> bool:
    """Whether a row without a part of speech may be an adjective, by the ending of the French or of the English.

    >>> may_be_adjective(Term("positif", "positive"), "positif"), may_be_adjective(Term("puce", "chip"), "puce")
    (True, False)
    """
    if term.pos or " " in source:
        return False
    looks = term.target.endswith(_ADJECTIVE_ENDINGS) or (
        source.endswith(_FRENCH_ADJECTIVE_ENDINGS) and source not in _NOUNS_IN_IF
    )
    return source.endswith("é") or (looks and not source.endswith(_NOUN_ENDINGS))


def _follows_a_noun(tokens: Tokens, first: int) -> bool:
    if not first or tokens.gaps[first - 1] not in (" ", "-"):
        return False
    before = fold(tokens.words[first - 1])
    return not (before in _SINGULAR or before in _PLURAL or before in _BETWEEN or before in _NO_NOUNS or before.isdigit())


@lru_cache(maxsize=65536)
def english_number_forms(source: str, target: str, irregular: str = "") -> tuple[str, str]:
    """Singular and plural of a target; where the glossary lists both sides in the plural, the target is the plural.

    >>> english_number_forms("puce", "chip"), english_number_forms("symptômes", "symptoms"), english_number_forms("logiciel", "software")
    (('chip', 'chips'), ('symptom', 'symptoms'), ('software', 'software'))
    """
    if is_listed_in_plural(source) and (singular := english_singular(target)) != target:
        return singular, target
    if source.endswith("é") and target.endswith("ed"):
        return target, irregular or target  # les infectés, the infected
    return target, english_plural(target, irregular or None)


@lru_cache(maxsize=65536)
def is_listed_in_plural(source: str) -> bool:
    """Whether a glossary lists this French term in the plural.

    >>> is_listed_in_plural("énergies renouvelables"), is_listed_in_plural("levée de fonds"), is_listed_in_plural("fonds")
    (True, False, False)
    """
    return any(len(word) > 3 and not is_acronym(word) and french_singular(word) != word for word in head_words(source))


@lru_cache(maxsize=65536)
def head_words(source: str) -> tuple[str, ...]:
    """The words of a French term that change with its number: those before its first preposition.

    >>> head_words("grand modèle de langage")
    ('grand', 'modèle')
    """
    words = tokenize(source).words
    link = next((i for i, word in enumerate(words) if i and word.lower() in FRENCH_LINKS), len(words))
    return words[:link]


@lru_cache(maxsize=65536)
def _number_of_form(source: str, surface: tuple[str, ...]) -> Number:
    heads = head_words(source)
    seen: Number = "unknown"
    # A compound that is written as one word (startups for start-up) has its number at its end.
    pairs = zip(heads, surface, strict=False) if len(surface) >= len(heads) else [("".join(heads), "".join(surface))]
    for listed, word in pairs:
        singular = listed if is_acronym(listed) else french_singular(listed)
        folded, plurals = fold(word), {fold(form) for form in french_plurals(singular)}
        if folded != fold(singular) and folded in plurals:
            return "plural"
        if folded == fold(singular) and folded not in plurals:
            seen = "singular"
    return seen


def _number_before(tokens: Tokens, first: int) -> Number:
    at = first - 1
    for _ in range(4):
        if at < 0 or tokens.gaps[at] not in (" ", "'"):
            return "unknown"
        word = fold(tokens.words[at])
        if word.isdigit():
            grouped = at > 0 and tokens.words[at - 1].isdigit() and tokens.gaps[at - 1] in (" ", ".", ",")
            return "singular" if word == "1" and not grouped else "plural"
        if word in _PLURAL:
            return "plural"
        if word in _SINGULAR:
            return "singular"
        if word in ("de", "d"):
            return "plural" if at > 0 and tokens.gaps[at - 1] == " " and fold(tokens.words[at - 1]) in _COUNTS else "unknown"
        if word not in _BETWEEN:
            return "unknown"
        if word.endswith(("s", "x")) and word not in ("gros", "vieux", "fameux"):
            return "plural"
        at -= 1
    return "unknown"


def is_complement(tokens: Tokens, first: int) -> bool:
    """Whether the term at word `first` hangs on a noun before it (fabricant de puces), which English may put after it (chip maker).

    >>> is_complement(tokenize("le prix des puces"), 3), is_complement(tokenize("des puces"), 1)
    (True, False)
    """
    at = first - 1
    while at >= 0 and tokens.gaps[at] in (" ", "'") and fold(tokens.words[at]) in ("l", "la", "le", "les"):
        at -= 1
    return at > 0 and tokens.gaps[at] in (" ", "'") and fold(tokens.words[at]) in _UNITED and tokens.gaps[at - 1] in (" ", "-")
