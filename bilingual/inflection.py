"""French and English word forms by rule: plurals, agreement inside compounds, regular verbs, a/an, capitals.

The rules are those of school grammars with short tables of exceptions. Nothing is looked up in a dictionary, so that words which
no dictionary has yet (supercalculateur, gigafactory) inflect like any other. Where French hesitates (gigafactorys, gigafactories)
every form is given. The functions take words as a glossary lists them; they do not analyse running text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

IGNORABLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Characters without width that pages leave inside words: the soft hyphen, zero-width spaces and joiners."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


# --- English nouns -----------------------------------------------------------------------------------------------------------

_PLURALS = _pairs(
    "man men woman women child children person people mouse mice louse lice goose geese foot feet tooth teeth ox oxen penny "
    "pennies datum data medium media bacterium bacteria curriculum curricula memorandum memoranda spectrum spectra quantum "
    "quanta addendum addenda erratum errata stratum strata criterion criteria phenomenon phenomena automaton automata stimulus "
    "stimuli nucleus nuclei radius radii alumnus alumni cactus cacti fungus fungi locus loci bacillus bacilli matrix matrices "
    "vertex vertices vortex vortices appendix appendices helix helices codex codices larva larvae alga algae calf calves elf "
    "elves half halves knife knives leaf leaves life lives loaf loaves self selves shelf shelves thief thieves wife wives wolf "
    "wolves scarf scarves hoof hooves potato potatoes tomato tomatoes hero heroes echo echoes veto vetoes torpedo torpedoes "
    "cargo cargoes embargo embargoes tornado tornadoes volcano volcanoes mosquito mosquitoes quiz quizzes passerby passersby "
    "gas gases lens lenses bias biases atlas atlases alias aliases canvas canvases axis axes bus buses"
)
_SINGULARS = {plural: singular for singular, plural in _PLURALS.items() if plural not in ("data", "media")}
_MASS = _words(
    "series species sheep deer fish salmon aircraft spacecraft hovercraft means headquarters crossroads offspring chassis corps "
    "equipment information news research electricity machinery knowledge advice evidence traffic furniture money cash luggage "
    "progress homework feedback data metadata media commerce e-commerce chaos cosmos hydrogen uranium plutonium computing "
    "learning supercomputing training pretraining funding cooling heating processing engineering manufacturing marketing "
    "lending mining fundraising modeling gaming financing networking programming tuning commissioning decommissioning reasoning "
    "overfitting streaming branding printing outsourcing farming banking shipping advertising hosting crowdfunding refueling inferencing"
)
_ODD_S_PLURALS = _words("menus gurus emus skis taxis bikinis alibis kiwis")  # plurals that end like the singulars virus, basis
_SINGULAR_IC = _words(
    "topic metric graphic infographic clinic fabric critic mechanic tactic statistic characteristic epidemic pandemic academic "
    "lyric"
)
_E_BEFORE_S = _words(
    "cache headache ache niche avalanche quiche movie cookie calorie zombie selfie rookie brownie prairie tie pie lie genie axe "
    "house warehouse powerhouse cause clause pause use reuse muse excuse refuse fuse course horse"
)
_ENGLISH_PREPOSITIONS = _words("of in at for on to by with from per under without against as between into")
_POSTPOSITIVE = re.compile(
    r"(?:attorney|secretary|governor|director|consul|solicitor|surgeon|inspector|auditor|comptroller)[ -]general|court[ -]martial"
    r"|notary public|poet laureate|heir apparent|sum total|body politic|(?:president|mayor|governor)[ -](?:elect|designate)"
    r"|(?:runner-up|passer-by|hanger-on)",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"(?=[^A-Z]*[A-Z])[A-Z0-9&.]+")
_ACRONYM_PLURAL = re.compile(r"(?=[^A-Z]*[A-Z])[A-Z0-9&.]*[A-Z0-9](?:s|(?<=[SXZ])es)")


def _plural_word(word: str) -> str:
    if _ACRONYM_PLURAL.fullmatch(word) or not word[-1:].isalnum():
        return word
    if _ACRONYM.fullmatch(word):
        return word + ("es" if word[-1] in "SXZ" else "s")
    low = word.lower()
    if low in _MASS or low.endswith("ware") or low in _SINGULARS:
        return word
    if low in _PLURALS:
        return word[:1] + _PLURALS[low][1:]
    if re.search(r"[a-z]m[ae]n$", low) and not re.search(r"(?:hu|ger|ro|otto|talis|sha)man$|(?:speci|regi|abdo|o|ye)men$", low):
        return word[:-2] + "en"
    if low.endswith("sis"):
        return word[:-2] + "es"
    if low.endswith("s"):
        return word + "es" if low.endswith(("ss", "us", "is")) and low not in _ODD_S_PLURALS else word
    if low.endswith(("x", "z", "ch", "sh")):
        return word + ("zes" if re.search(r"[^aeiou][aeiou]z$", low) else "es")
    return word[:-1] + "ies" if re.search(r"[^aeiou]y$", low) else word + "s"


def _singular_word(word: str) -> str:
    if _ACRONYM_PLURAL.fullmatch(word):
        return word[:-2] if re.search(r"[SXZ]es$", word) else word[:-1]
    low = word.lower()
    if low in _MASS or low in _PLURALS or low.endswith(("ss", "ware")) or _ACRONYM.fullmatch(word):
        return word
    if low in _SINGULARS:
        return word[:1] + _SINGULARS[low][1:]
    if re.search(r"[a-z]men$", low) and not re.search(r"(?:speci|regi|abdo|o|ye)men$", low):
        return word[:-2] + "an"
    if not low.endswith("s") or len(low) < 3 or (low.endswith(("us", "is")) and low not in _ODD_S_PLURALS):
        return word
    if low[:-1] in _E_BEFORE_S:
        return word[:-1]
    if low.endswith("ics"):
        return word[:-1] if low[:-1] in _SINGULAR_IC else word
    if low.endswith("ies"):
        return word[:-3] + "y"
    if re.search(r"(?:analy|the|cri|diagno|empha|oa|ba|ellip)ses$", low) and not re.search(r"(?:databa|purcha)ses$", low):
        return word[:-2] + "is"
    return word[:-2] if low.endswith(("sses", "shes", "ches", "xes", "tzes", "uses")) else word[:-1]


def _on_head(phrase: str, plural: bool) -> str:
    """Inflect the head noun of an English phrase: the word before its first preposition, else the last."""
    change = _plural_word if plural else _singular_word
    first, mark, rest = (*re.split(r"([ -])", phrase, maxsplit=1), "", "")[:3]
    if mark and _POSTPOSITIVE.fullmatch(_singular_word(first) + mark + rest):
        return change(first) + mark + rest
    words = phrase.split(" ")
    if words[0].lower() in _ENGLISH_PREPOSITIONS:
        return phrase
    at = next((i - 1 for i, w in enumerate(words[:-1]) if i and w.lower() in _ENGLISH_PREPOSITIONS), len(words) - 1)
    parts = words[at].split("-")
    in_word = next((i - 1 for i, p in enumerate(parts[:-1]) if i and p.lower() in _ENGLISH_PREPOSITIONS), len(parts) - 1)
    if len(parts) > 1 and words[at].lower() in _MASS:
        return phrase
    parts[in_word] = change(parts[in_word])
    words[at] = "-".join(parts)
    return " ".join(words)


@lru_cache(maxsize=65536)
def english_plural(phrase: str, irregular: str | None = None) -> str:
    """The plural of an English noun phrase: that of its head noun; `irregular` where it is given.

    Words that have no plural (software, data, machine learning) and words that are plural already come back as they are.

    >>> [english_plural(p) for p in ("data center", "attorney general", "proof of concept", "GPU", "gigafactory", "software")]
    ['data centers', 'attorneys general', 'proofs of concept', 'GPUs', 'gigafactories', 'software']
    """
    if irregular:
        return irregular
    return _on_head(phrase, plural=True)


@lru_cache(maxsize=65536)
def english_singular(phrase: str) -> str:
    """The singular of an English noun phrase; a phrase that is singular already comes back as it is.

    >>> [english_singular(p) for p in ("data centers", "proofs of concept", "analyses", "GPUs", "caches", "batches", "robotics")]
    ['data center', 'proof of concept', 'analysis', 'GPU', 'cache', 'batch', 'robotics']
    """
    return _on_head(phrase, plural=False)


# --- English verbs -----------------------------------------------------------------------------------------------------------

_ENGLISH_VERBS = {
    forms.split()[0]: tuple(forms.split()[1:])
    for forms in re.split(
        "/",
        "be is are am was were been/begin began begun/bid bid/break broke broken/bring brought/build built/buy bought/"
        "come came/choose chose chosen/cut cut/do does did done/draw drew drawn/drive drove driven/fall fell fallen/"
        "feed fed/find found/fly flew flown/forecast forecast/get got gotten/give gave given/go goes went gone/"
        "grow grew grown/have has had/hold held/keep kept/know knew known/lead led/leave left/lend lent/let let/lose lost/"
        "make made/mean meant/meet met/pay paid/put put/read read/rise rose risen/run ran/see saw seen/sell sold/"
        "send sent/set set/shrink shrank shrunk/show shown/shut shut/speak spoke spoken/spend spent/spin spun/split split/"
        "spread spread/stand stood/take took taken/teach taught/tell told/think thought/understand understood/win won/"
        "write wrote written",
    )
}


def english_verb_forms(verb: str) -> frozenset[str]:
    """All forms of an English verb, the first word of a phrase being the verb; a leading "to" is dropped.

    >>> sorted(english_verb_forms("to train")), "built up" in english_verb_forms("build up")
    (['train', 'trained', 'training', 'trains'], True)
    """
    first, space, rest = verb.removeprefix("to ").partition(" ")
    prefix = next((p for p in ("re", "over", "out") if first.startswith(p) and first.removeprefix(p) in _ENGLISH_VERBS), "")
    irregular = tuple(prefix + form for form in _ENGLISH_VERBS.get(first.removeprefix(prefix), ()))
    forms = {first, first + "es" if first.endswith("s") else _plural_word(first), *irregular}
    stem = first[:-1] if re.search(r"[aeiouy].*[^eoy]e$", first) else first
    stems = {stem}
    if re.search(r"[^aeiou][aeiou][bdgklmnprtvz]$", first):  # commit, model: doubled or not, both spellings are in use
        stems = {first + first[-1]} if len(re.findall(r"[aeiouy]+", first)) == 1 else {first, first + first[-1]}
    for s in stems:
        forms.add(s + "ing")
        if not irregular:
            forms.add(s[:-1] + "ied" if re.search(r"[^aeiou]y$", s) else s + ("d" if s.endswith("e") else "ed"))
    return frozenset(form + space + rest for form in forms)


# --- a or an -----------------------------------------------------------------------------------------------------------------

_SPOKEN_ACRONYMS = _words(
    "NASA NATO NAND RAM ROM RAID LAN SIM LIDAR RADAR LASER SAAS FIFA UNESCO UNICEF UEFA NAFTA MIDI MOOC FOMO HIPAA RISC FLOPS "
    "SONAR FEMA SARS LORA RAG MIMO NORAD NIST SWOT SWIFT REACH STEM FAIR LASSO MAGA SCADA NAS SAN NAT MAC SWAT HEPA ROI LAMP"
)
_A_BEFORE_VOWEL = re.compile(
    r"(?:eu(?!ler)|ew[ae]|one(?![a-tv-z])|once|ouija|u(?:ni(?!n|m[pa]|d[ei])|s(?:e|u[arf]|in)|t(?:i|o[pr]|a[hn])|ran|ro(?!l)|bi[qs]|biq"
    r"|kr|gand|rugu|re[at]|rin|vul|yg))"
)
_AN_BEFORE_CONSONANT = re.compile(r"(?:hour|heir|honest|honou?r|herb(?!ert|iv|ic)|nvidia|x(?![aeiouy])|y(?![aeiou])[a-z]{2})")
_VOWEL_LETTERS = "AEFHILMNORSX"  # letters whose name starts with a vowel sound


@lru_cache(maxsize=16384)
def indefinite_article(word: str) -> str:
    """The article that a word or phrase takes when read aloud: "a" or "an". Quotes and currency signs before it are skipped.

    >>> [indefinite_article(w) for w in ("H100", "AI", "GPU", "hour", "unit", "8-core", "one-off", "European", "xAI", "x-ray")]
    ['an', 'an', 'a', 'an', 'a', 'an', 'a', 'a', 'an', 'an']
    """
    match = re.search(r"\w[\w.,&'’]*", word)
    if not match:
        return "a"
    token = match.group()
    if token[0].isdigit():
        number = re.match(r"[\d.,]*\d", token)
        digits = number.group() if number else token
        whole = re.split(r"[.,]", digits)[0]
        year = len(digits) == 4 and digits[:2] in ("11", "18") and digits.isdigit()
        return "an" if whole[0] == "8" or whole in ("11", "18") or year else "a"
    letters = re.match(r"[^\W\d_]+", token)
    head = letters.group() if letters else token
    base = head[:-1] if re.fullmatch(r"[A-Z]{2,}s", head) else head
    if base.upper() in _SPOKEN_ACRONYMS and base[:2].isupper():
        return "an" if base[0] in "AEIO" else "a"
    spelled = base.isupper() and (len(base) <= 4 or not re.search(r"[AEIOUY]", base))
    if spelled or re.fullmatch(r"[A-Z][a-z][A-Z]", head) or len(head) == 1 or re.match(r"[A-Z]&", token):
        return "an" if head[0].upper() in _VOWEL_LETTERS else "a"
    if re.match(r"[a-z][A-Z]", head):
        return "an" if head[0] in _VOWEL_LETTERS.lower() else "a"
    low = _unaccented(head).casefold()
    if _AN_BEFORE_CONSONANT.match(low):
        return "an"
    return "an" if low[0] in "aeiou" and not _A_BEFORE_VOWEL.match(low) else "a"


# --- French nouns, adjectives, verbs -----------------------------------------------------------------------------------------

_FRENCH_PLURALS = _pairs(
    "œil yeux ciel cieux monsieur messieurs madame mesdames mademoiselle mesdemoiselles aïeul aïeux bonhomme bonshommes bail "
    "baux travail travaux vitrail vitraux corail coraux émail émaux soupirail soupiraux vantail vantaux bijou bijoux caillou "
    "cailloux chou choux genou genoux hibou hiboux joujou joujoux pou poux"
)
_FRENCH_SINGULARS = {plural: singular for singular, plural in _FRENCH_PLURALS.items()}
_ALS = _words("bal carnaval festival régal chacal récital naval fatal banal bancal natal cérémonial aval cal narval mistral")
_S_AFTER_U = _words("bleu pneu émeu landau sarrau")
_SINGULAR_IN_S = _words(
    "fonds cours puits accès procès excès bras corps progrès succès recours parcours secours discours concours os repas poids "
    "temps bois mois pays tapis avis permis compromis colis virus processus campus bus consensus cas pas tas bas gras gros dos "
    "lens gaz français anglais japonais chinois suédois jus abus refus dans plus moins jamais toujours univers revers "
    "divers envers tiers remords alors hors dehors dès très près après exprès matelas débris palais relais engrais biais "
    "marais rabais mars laps stress business express bonus malus cursus terminus radius focus lotus corpus opus "
    "versus gps cosmos chaos pathos ethos héros propos repos clos gris bis iris souris brebis fois trois paris fils"
)
_X_SINGULARS = _words(
    "taux faux chaux prix voix choix croix noix paix flux afflux influx deux poix houx roux doux jaloux époux toux"
)
_AU_SINGULARS = _words("noyau tuyau joyau boyau étau préau gluau landau")
_EU_SINGULARS = _words("cheveu lieu feu jeu neveu enjeu milieu vœu aveu adieu essieu")
FRENCH_LINKS = _words("de d du des à au aux en pour par sur sous sans avec contre dans entre vers chez dès")
"""The prepositions that end the inflecting part of a French compound (« centres | de données »)."""

_ER_ENDINGS = _words(
    "e es ons ez ent ais ait ions iez aient ai as a âmes âtes èrent erai eras era erons erez eront erais erait erions eriez "
    "eraient asse asses ât assions assiez assent ant é ée és ées er"
)
_IR_ENDINGS = _words(
    "is it issons issez issent isse isses issions issiez issais issait issaient îmes îtes irent irai iras ira irons irez iront "
    "irais irait irions iriez iraient issant i ie ies ir ît"
)
_RE_ENDINGS = _words(
    "s ons ez ent e es ais ait ions iez aient is it îmes îtes irent rai ras ra rons rez ront rais rait rions riez raient isse "
    "isses ît issions issiez issent ant u ue us ues re"
)


def _unaccented(text: str) -> str:
    if text.isascii():
        return text
    text = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE")
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c) and c not in IGNORABLE)


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Without capitals, accents, ligatures or characters without width: for finding, never for showing.

    >>> fold("ÉNERGIE"), fold("cœur"), fold("super\\u00adcalculateur")
    ('energie', 'coeur', 'supercalculateur')
    """
    return _unaccented(text).casefold()


@lru_cache(maxsize=262144)
def french_key(word: str) -> str:
    """One key for all number forms of a word: equal keys are a necessary, not a sufficient, condition for being the same word.

    >>> french_key("Réseaux") == french_key("réseau"), french_key("travaux") == french_key("travail")
    (True, True)
    """
    low = fold(word)
    low = _FOLDED_SINGULARS.get(low, low)
    low = low.rstrip("sxz") or low[:1]
    if low.endswith("ail"):
        return low[:-3] + "al"
    if low.endswith("au"):
        return low[:-2] + "al"
    if low.endswith("y"):
        return low[:-1] + "ie"
    return low[:-1] if low.endswith(("che", "she")) else low


_FOLDED_SINGULARS = {_unaccented(plural): _unaccented(singular) for plural, singular in _FRENCH_PLURALS.items()}


def french_plurals(word: str) -> tuple[str, ...]:
    """The plural forms of one French word, the usual one first; the word itself where it does not change.

    >>> [french_plurals(w)[0] for w in ("réseau", "neuronal", "festival", "prix", "travail", "GPU")]
    ['réseaux', 'neuronaux', 'festivals', 'prix', 'travaux', 'GPU']
    """
    low = word.lower()
    if len(low) < 2:
        return (word,)
    if _ACRONYM.fullmatch(word):
        return word, word + "s"
    if not low[-1].isalpha() or low[-1] in "sxz" or _ACRONYM_PLURAL.fullmatch(word):
        return (word,)
    if low in _FRENCH_PLURALS:
        return (word[:1] + _FRENCH_PLURALS[low][1:],) if low != "œil" else ("yeux",)
    if low.endswith("al") and low not in _ALS:
        hesitant = low in ("final", "idéal", "glacial", "austral", "boréal")
        return (word[:-2] + "aux", word + "s") if hesitant else (word[:-2] + "aux",)
    if low.endswith(("au", "eu")) and low not in _S_AFTER_U:
        return (word + "x",)
    if re.search(r"[^aeiouéy]y$", low):
        return word + "s", word[:-1] + "ies"
    if low.endswith(("ch", "sh")):
        return word + "s", word + "es"
    return (word + "s",)


def french_singular(word: str) -> str:
    """The singular of one French word that may be listed in the plural; the word itself where it already is singular.

    >>> [french_singular(w) for w in ("puces", "réseaux", "fonds", "taux", "signaux", "noyaux", "GPUs")]
    ['puce', 'réseau', 'fonds', 'taux', 'signal', 'noyau', 'GPU']
    """
    low = word.lower()
    if _ACRONYM_PLURAL.fullmatch(word):
        return word[:-1]
    if low in _FRENCH_SINGULARS:
        return word[:1] + _FRENCH_SINGULARS[low][1:] if low != "yeux" else "œil"
    if low in _SINGULAR_IN_S or low in _X_SINGULARS or len(low) < 3 or low.endswith("ss"):
        return word
    if low.endswith("s"):
        return word[:-1]
    if low.endswith("eaux") or low[:-1] in _AU_SINGULARS or low[:-1] in _EU_SINGULARS:
        return word[:-1]
    return word[:-3] + "al" if low.endswith("aux") else word


_FEMININES = {
    "eau": "elle", "eux": "euse", "teur": "trice teuse", "eur": "euse eure", "if": "ive", "ef": "ève", "el": "elle",
    "eil": "eille", "en": "enne", "on": "onne", "et": "ette ète", "er": "ère", "anc": "anche", "ic": "ique",
    "ec": "èche ecque", "ong": "ongue", "oux": "ouce ouse ousse", "gu": "guë güe", "as": "asse ase", "os": "osse ose",
    "ais": "aise aîche",
}  # fmt: skip


def french_adjective_forms(adjective: str) -> frozenset[str]:
    """Masculine and feminine, singular and plural, of an adjective given in the masculine singular (or in one form for both).

    >>> sorted(french_adjective_forms("génératif"))
    ['génératif', 'génératifs', 'générative', 'génératives']
    """
    low = adjective.lower()
    feminine: tuple[str, ...] = ()
    if not low.endswith("e"):
        ending = next((ending for ending in _FEMININES if low.endswith(ending)), "")
        stem = adjective[: len(adjective) - len(ending)]
        feminine = tuple(stem + new for new in _FEMININES.get(ending, "e").split())
    return frozenset({adjective, *feminine, *(p for form in (adjective, *feminine) for p in french_plurals(form))})


def french_verb_forms(infinitive: str) -> frozenset[str]:
    """The forms of a regular verb in -er, -ir (finir) or -re (vendre), participles included; of others the infinitive alone.

    The first word of a phrase is taken for the verb. Irregular verbs need their forms listed as variants.

    >>> {"entraîne", "entraînés", "entraînera"} <= french_verb_forms("entraîner"), "amorçait" in french_verb_forms("amorcer")
    (True, True)
    """
    first, space, rest = infinitive.partition(" ")
    kind, stem = first[-2:], first[:-2]
    forms = {infinitive}
    endings = {"er": _ER_ENDINGS, "ir": _IR_ENDINGS}.get(kind, _RE_ENDINGS if first.endswith(("ndre", "rdre")) else frozenset())
    for ending in endings:
        stems = {stem}
        if kind == "er":
            if ending[0] in "aoâ":
                stems = {re.sub(r"c$", "ç", re.sub(r"g$", "ge", stem))}
            elif ending in ("e", "es", "ent") or ending.startswith("er"):
                stems |= {re.sub(r"([ao]|u)y$", r"\1i", stem), re.sub(r"[eé]([^aeiouéè]{1,2})$", r"è\1", stem)}
                stems |= {re.sub(r"e([lt])$", r"e\1\1", stem)}
        forms |= {s + ending + space + rest for s in stems}
    return frozenset(forms)


@lru_cache(maxsize=8192)
def french_forms(term: str, pos: str = "", plural: str | None = None) -> frozenset[str]:
    """The forms in which a French term comes: itself, its plurals; by `pos` "adjective" its feminines, by "verb" its conjugation.

    In a compound the words before the first preposition inflect, and an adjective after its complement may agree with the head.
    Apostrophes and hyphens stay as they are given; `plural` replaces the plural that the rules make.

    >>> sorted(french_forms("centre de données"))
    ['centre de données', 'centres de données']
    >>> {"réseaux neuronaux"} < french_forms("réseau neuronal"), {"start-ups"} < french_forms("start-up")
    (True, True)
    """
    if plural:
        return frozenset({term, plural})
    if pos == "verb":
        return french_verb_forms(term)
    pieces = re.split(r"([\s\-'’]+)", term)
    words, marks = pieces[::2], pieces[1::2]
    link = next((i for i, w in enumerate(words) if w.lower() in FRENCH_LINKS), len(words))
    if link == 0 or pos in ("adverb", "proper noun"):
        return frozenset({term})
    if pos == "adjective" and len(words) == 1:
        return french_adjective_forms(term)
    forms = {term}
    for which in (0, -1):  # every word by its first plural form, then by its last
        changed = [french_plurals(word)[which] for word in words[:link]]
        forms.add(_joined([*changed, *words[link:]], marks))
        again = next((i for i in range(link + 2, len(words)) if words[i].lower() in FRENCH_LINKS), len(words))
        if again > link + 2:  # modèles de langage avancés
            agreeing = [french_plurals(word)[which] for word in words[link + 2 : again]]
            forms.add(_joined([*changed, *words[link : link + 2], *agreeing, *words[again:]], marks))
        if link == len(words) > 1:  # start-ups, data centers, porte-conteneurs
            forms |= {_joined([*words[:-1], changed[-1]], marks), _joined([changed[0], *words[1:]], marks)}
    return frozenset(forms)


def _joined(words: list[str], marks: list[str]) -> str:
    return "".join(word + mark for word, mark in zip(words, [*marks, ""], strict=True))


# --- capitals ----------------------------------------------------------------------------------------------------------------

_MIXED = re.compile(r"\w*[a-z]\w*[A-Z]|[A-Z0-9]{2,}s?\b")
_SMALL = _words("a an the of in on at to by for from with and or nor but as per vs")


def is_brand_like(word: str) -> bool:
    """Whether a word's capitals are its own and may not be changed: xAI, OpenAI, GPUs, H100.

    >>> [is_brand_like(w) for w in ("xAI", "GPUs", "OpenAI", "Colossus", "chip")]
    [True, True, True, False, False]
    """
    return bool(_MIXED.match(word))


def capitalize(text: str) -> str:
    """The first letter raised, unless the first word's capitals are its own.

    >>> capitalize("supercomputers arrive"), capitalize("xAI builds")
    ('Supercomputers arrive', 'xAI builds')
    """
    first = re.match(r"[\W_]*", text)
    at = first.end() if first else 0
    return text if is_brand_like(text[at:]) else text[:at] + text[at : at + 1].upper() + text[at + 1 :]


def match_case(text: str, like: str, base: str = "") -> str:
    """`text` in the capitals of `like`: CAPITALS, Title Case, a first capital, or as it is. Brands and acronyms keep their own.

    `base` is the dictionary form of `like`: what is capital there already (PDG) says nothing about the text around it.

    >>> match_case("data center", "CENTRE DE DONNÉES"), match_case("data center", "Centre de Données"), match_case("CEO", "Pdg")
    ('DATA CENTER', 'Data Center', 'CEO')
    >>> match_case("chief executive officer", "PDG", base="PDG"), match_case("model of xAI", "MODÈLE")
    ('chief executive officer', 'MODEL OF xAI')
    """
    letters = [c for c in like if c.isalpha()]
    if not letters or like == base or not letters[0].isupper():
        return text
    pieces = re.split(r"(\w+)", text)
    if len(letters) > 1 and all(c.isupper() for c in letters):
        return "".join(p if is_brand_like(p) else p.upper() for p in pieces)
    words = [w for w in re.findall(r"\w+", like) if len(w) > 3]
    if len(words) > 1 and all(w[0].isupper() for w in words):
        titled = "".join(p if is_brand_like(p) or p in _SMALL else p[:1].upper() + p[1:] for p in pieces)
        return capitalize(titled)
    return capitalize(text)
