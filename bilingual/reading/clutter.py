"""What a web page leaves around an article: calls to share, to follow and to subscribe, sources, notices.

A block found here is left out of the outputs by default, so precision comes first: a pattern must match the whole block, it ends in a
closed list of words wherever a running sentence could begin the same way, and nothing longer than `LONGEST` is looked at.
"""

from __future__ import annotations

import re
from functools import cache

from bilingual.document import BlockKind
from bilingual.reading.patterns import compiled

LONGEST = 300
"""Code points; a longer block is a paragraph, whatever it begins with (cookie notices may be twice as long)."""

_POINTING = "🔗👉➡⬇📲🔔📩📧✉📬🐦📌▶📢📣🎧💬👍❤"

# Lower case. Every pattern may end in « ! », « : », « … » and the like.
_PARTS = {
    "end": r" ?[:!.…→»>]*",
    "network": r"facebook|twitter|x(?: \((?:ex-?|anciennement )twitter\))?|instagram|linkedin|whatsapp|telegram|pinterest|reddit|youtube|"
    r"tiktok|snapchat|threads|bluesky|mastodon|messenger|twitch|flipboard|discord|google(?: (?:news|actualités|actus|discover|\+))?|"
    r"(?:les |nos |vos |tous les |tous nos )?réseaux(?: sociaux)?|(?:e-?|par )?mails?|courriel|sms|flux rss|rss",
    "networks": r"<network>(?:(?:,| ou| et| &| /| \|| ·| •)? ?<network>)*",
    "friends": r"(?:vos|tes|ses|mes|des|un) (?:amis?|proches|contacts|collègues|abonnés|followers)",
    "this": r"(?:cet |l'|notre |votre )?(?:article|actu|actualité|info|image)|"
    r"(?:cette|la) (?:page|publication|info|actualité|vidéo|recette|image)|"
    r"(?:ce|le) (?:contenu|billet|post|lien|podcast)",
    "letter": r"(?:la |notre |nos |votre |cette )?"
    r"(?:newsletters?|infolettres?|lettres? d'info(?:rmation)?s?|lettre hebdomadaire|liste de diffusion)",
    "minutes": r"(?:environ |~ ?|≈ ?)?\d{1,3} ?(?:min(?:ute)?s?\b\.?|mn|')",
    "offer": r"newsletters?|lettre|chaîne|flux|podcast|journal|magazine|quotidien|revue|site|média|rédaction|articles?|contenus?|"
    r"offre|numérique|alertes?",
    "now": r"gratuitement|maintenant|dès maintenant|vite|aussi",
}
_SHARE = (
    r"partage[rz](?:-le)?(?: <this>)?(?: ?:)?(?:(?: sur| via| par| avec)?(?: :)? ?(?:<networks>|<friends>))?<end>(?: <networks>)?",
    r"partagez <this> [^.?!:]{1,80}",
    r"(?:vous avez aimé|vous aimez|cet article vous a plu) ?[^.?!]{0,40}\? partagez[^.?!]{0,60}",
    r"(?:re)?tweete[rz](?: <this>)?|épingler|j'aime(?: ça)? chargement",
    r"(?:imprimer|envoyer|transférer)(?: <this>)?(?: (?:par (?:e-?mail|mail|courriel)|à un ami))?",
    r"copier (?:le lien|l'url|l'adresse)(?: (?:de l'article|dans le presse-papiers?))?|lien copié",
    r"(?:suivez|likez)[- ]nous|(?:suivez|likez|retrouvez|rejoignez|ajoutez)[- ]nous (?:aussi |également |dès maintenant )?"
    r"(?:sur|via|dans) (?:notre (?:page|compte|chaîne|groupe) )?<networks>[^.?!]{0,40}",
    r"(?:suivez|retrouvez)(?:-moi|-le|-la|-les)? [^.?!,;]{1,80} sur (?:notre (?:page|compte|chaîne) )?<networks>",
    r"(?:nous |me )?suivre sur <networks>|suivez @\w+",
    r"\d[\d .,]*k? ?(?:partages?|j'aime|likes?|retweets?|tweets?)|partages? ?:? ?\d+k?",
    r"<network>(?: ?[|/·•] ?<network>| <network>)+",
)
_SHARE_POINTED = (
    r"(?:suivez|suivre|rejoignez|retrouvez|partagez|tweetez|likez|abonnez-vous|cliquez)\b[^.?!]{1,120}(?:\.\w[^ ]*)?",
)
_SOURCE = (
    r"\(?(?:sources?|source originale|source de l'article|article original|article d'origine|lien vers l'article(?: original)?|"
    r"article source|sources? et références?)(?: \([^()]{1,40}\))? ?:(?: ?.{1,250})?",
    r"\(?via ?: ?.{1,100}|via (?:https?://|www\.)[^ ]+",
)
_OTHER = (
    # advertisements and sponsors
    r"publicités?|advertisement|\(?(?:contenu |article |post |billet |message )?sponsorisée?s?\)?",
    r"publi-?(?:rédactionnel|reportage|-information)|contenu (?:partenaire|de marque)",
    r"la suite (?:de (?:l'article|cet article|votre (?:contenu|article|lecture)) )?"
    r"(?:après|sous|derrière) (?:la|cette|une) (?:publicité|annonce|pub|vidéo)",
    # subscriptions
    r"(?:(?:cet |l'|ce |la suite de (?:cet |l'))?(?:article|contenu)|la suite)?(?: est)? ?réservée?s? (?:à|aux) (?:nos |l')?abonné(?:e?s)?",
    r"il (?:vous|te) reste [\d.,]+ ?% de (?:cet |l')article à lire[^?!]{0,80}",
    r"(?:déjà )abonnée?(?:\(e\))? ?\?(?: (?:se connecter|connectez-vous|identifiez-vous))?",
    r"se connecter|s'identifier|s'abonner|je m'abonne|s'inscrire|me connecter|créer (?:un|mon|votre) compte",
    r"abonnez[- ]vous(?: <now>)?",
    r"(?:(?:je m'|s')?inscri\w*|abonne[rz]?|inscription)(?:[- ]vous)?(?: <now>)? (?:à|pour recevoir) <letter>[^.?!]{0,100}",
    r"abonnez[- ]vous(?: \w+)? (?:à|pour) (?:notre|nos|votre|la|lire|accéder|continuer|poursuivre|soutenir|recevoir|profiter|suivre)\b"
    r"(?=[^?!]*\b<offer>\b)[^.?!]{1,100}",
    r"recevez (?:[^.?!,;]{1,80} )?(?:par (?:e-?mail|mail|courriel)|dans votre bo[iî]te(?: aux lettres| mail| de réception)?|<letter>)"
    r"(?: (?:chaque|tous les) [\w ]{3,20})?",
    r"<letter>",
    # reading time, comments
    r"(?:temps|durée) de lecture(?: estimée?)? ?:? ?<minutes>|(?:lecture|à lire en|lire en)(?: estimée)? ?:? ?<minutes>",
    r"<minutes> (?:de lecture|pour lire)(?: .{0,20})?|écouter (?:cet |l')article(?: ?\(?<minutes>\)?)?",
    r"(?:\d[\d ]*|aucun|0) (?:commentaires?|réactions?|réponses?)|(?:commentaires?|réactions?|réponses?) ?[(:] ?\d+ ?\)?",
    r"(?:laisse[rz]|ajoute[rz]|poste[rz]|écri(?:re|vez)|publie[rz]|lire|voir|afficher|rédige[rz]) (?:un|les|votre|vos|tous les) "
    r"(?:\d+ )?(?:commentaires?|réponses?)(?: ?\(\d+\)| ci-dessous)?",
    r"(?:dites|donnez|partagez|laissez)(?:[- ](?:le|la|les|moi|nous))* (?:votre avis |vos avis |ce que vous en pensez )?"
    r"(?:dans les|en) commentaires?(?: ci-dessous)?",
    r"soyez le premier à (?:commenter|réagir|donner votre avis)(?: (?:cet|à cet|l') ?article)?",
    r"connectez-vous pour (?:commenter|répondre|réagir)",
    r"votre adresse (?:e-?mail|mail|de messagerie) ne sera pas publiée\..{0,120}",
    # other articles
    r"(?:à |a )?(?:lire|voir|écouter|regarder|découvrir|relire) (?:aussi|également|encore)(?: sur [\w .']{1,40}?)?"
    r"(?:(?: ?[:>»→|] ?| [–—-] ).{1,250}| ?[«“][^»”]{1,250}[»”][.!?]?)",
    r"(?:à |a )?(?:lire|voir|écouter|regarder|découvrir|relire) (?:aussi|également)",
    r"sur le même sujet|articles? (?:similaires?|liés?|connexes?|associés?|recommandés?)|vous aimerez(?: peut-être)? aussi",
    r"dans la même (?:rubrique|catégorie)|nos (?:autres|derniers) articles|les plus (?:lus|partagés|commentés)",
    r"lire la suite|lire plus|voir plus|afficher plus|afficher la suite|en savoir plus|lire l'article(?: complet| entier| original)?",
    r"continuer la lecture|cliquez ici(?: pour (?:lire|voir) (?:la suite|l'article))?",
    # consent, legal notices, navigation
    r"accepter (?:tous )?(?:les |nos )?cookies|tout (?:accepter|refuser)|refuser tous les cookies|continuer sans accepter",
    r"(?:gérer|paramétrer|personnaliser) (?:les|mes|vos|nos|le) (?:cookies|préférences|choix|consentement)",
    r"politique de (?:confidentialité|cookies)|politique (?:des|de gestion des) cookies|mentions légales|plan du site",
    r"conditions générales (?:d'utilisation|de vente)|tous droits réservés|copyright (?:©|\(c\)).{1,60}",
    r"(?:©|\(c\)|copyright).{0,80}tous droits réservés.{0,40}",
    r"accueil ?[>»›/|] ?.{1,200}",
    r"retour (?:en |vers le )?haut(?: de (?:la )?page)?|haut de (?:la )?page|aller au contenu(?: principal)?|retour à l'accueil",
    r"(?:article|page) (?:précédente?|suivante?)|article (?:précédent|suivant) ?: .{1,150}",
    r"suivant ?[»>→]|[«<←] ?précédent|chargement(?: en cours)?",
    r"(?:tags?|étiquettes|classé (?:dans|sous)|publié dans|posté dans) ?: .{1,150}",
)
_COOKIES = (
    r"(?:(?:ce|notre) (?:site|blog)(?: web| internet)?|nous(?: et nos partenaires)?|avec votre accord, nos partenaires et nous)"
    r"(?:,? [\w'-]+){0,6}? (?=(?:utilis|stock|dépos|recour|accéd)\w*(?: [\w'-]+){0,5} (?:des|de|les|aux|ces) (?:\w+ )?cookies)"
    r"(?=.*\b(?:navigation|expérience|audience|sites?|contenus?|publicit|consent|traceurs|trafic|préférences|statistiques|partenaires|accept))"
    r".{0,500}",
    r"en (?:poursuivant|continuant) (?:votre|la|à) navig\w+.{0,500}",
)
_READ_TOO = re.compile(r"(?:À|A|à) (?:lire|voir|relire|écouter|découvrir) (?:aussi|également) [A-ZÀ-Ý]")
_SOMEONE = re.compile(r"\b(?:vous|votre|vos|notre|nos)\b")


@cache
def _table() -> tuple[tuple[BlockKind, re.Pattern[str]], ...]:
    """The patterns, compiled when the first text is read."""
    kinds: tuple[tuple[BlockKind, tuple[str, ...]], ...] = (("share", _SHARE), ("source", _SOURCE), ("other", _OTHER))
    return tuple((kind, compiled((f"(?:{pattern})<end>" for pattern in patterns), _PARTS)) for kind, patterns in kinds)


@cache
def _one(name: str) -> re.Pattern[str]:
    return compiled({"pointed": (_SHARE_POINTED[0] + "<end>",), "cookies": _COOKIES, "network": ("<network>",)}[name], _PARTS)


def undecorated(line: str) -> str:
    """`line` (plain) without the emoji, arrows, bars and bullets in front of it.

    >>> undecorated("🔗 Suivez-nous")
    'Suivez-nous'
    """
    for at, char in enumerate(line):
        if char.isalnum() or char in "«“\"'([{<>@#©$€£%":
            return line[at:]
    return line


def clutter(line: str) -> BlockKind | None:
    """Which kind of clutter a block is, given in its `patterns.plain` form; None for the article's own text.

    >>> clutter("Partager :"), clutter("Source : www.example.org"), clutter("Publicité")
    ('share', 'source', 'other')
    >>> clutter("Partager ses données est risqué."), clutter("Source d'inspiration pour beaucoup, elle a tout quitté.")
    (None, None)
    """
    if len(line) > 2 * LONGEST:
        return None
    bare = undecorated(line)
    lower = bare.lower()
    if "cookie" in lower and _one("cookies").fullmatch(lower) and _SOMEONE.search(lower):
        return "other"
    if len(line) > LONGEST:
        return None
    for kind, pattern in _table():
        if pattern.fullmatch(lower):
            return kind
    signs = line[: len(line) - len(bare)]
    if any(sign in signs for sign in _POINTING) and _one("pointed").fullmatch(lower):
        return "share"
    return "other" if _READ_TOO.match(bare) else None


def is_network(line: str) -> bool:
    """Whether a block is the name of a social network alone: a button, where it stands among others.

    >>> is_network("WhatsApp"), is_network("WhatsApp change de logo")
    (True, False)
    """
    return len(line) < 40 and _one("network").fullmatch(undecorated(line).lower()) is not None
