"""Under what a translation is remembered: a digest of everything that it depends on, and of nothing else.

Not in it: how the text was split, what stood around the sentence, how many threads there were, and all of the glossary but the rows
that stand in this sentence. So a changed glossary costs the sentences whose terms changed, and no others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b, sha256
from importlib import metadata
from pathlib import Path

from bilingual import __version__
from bilingual.document import Span
from bilingual.glossary.matching import Hit
from bilingual.glossary.model import Term, digest

OUTSIDE = frozenset(
    "cli config digest distributed memory metrics model reading review summary writing __init__ __main__ pipeline".split()
)
"""Rooms that have no say in what a single sentence becomes."""

LIBRARIES = ("ctranslate2", "sentencepiece", "simplemma", "transformers", "torch")
"""Packages that have."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What translations of one kind have in common: who made them, and by which rules.

    >>> Kind("embedded@1a2b", "ctranslate2/int8", 4, "0.1.0+f00").text
    'embedded@1a2b ctranslate2/int8 beam 4 rules 0.1.0+f00'
    """

    model: str
    engine: str
    beam: int
    rules: str

    @property
    def text(self) -> str:
        """The same as one line."""
        return f"{self.model} {self.engine} beam {self.beam} rules {self.rules}"


def kind_of(model: str, engine: str, beam: int) -> Kind:
    """The kind of what `model` gives in `engine`, both named as in a signature, by the rules of this installation."""
    return Kind(model, engine, beam, rules())


@lru_cache(maxsize=1)
def rules() -> str:
    """The version of the package, and a digest of its sources and tables and of the versions of the libraries behind it.

    A version number alone would not do: a checkout changes more often than its number.
    """
    seen = sha256()
    for name in LIBRARIES:
        seen.update(f"{name} {_installed(name)}\n".encode())
    package = Path(__file__).resolve().parent.parent
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        if path.suffix in (".py", ".json") and parts[0].removesuffix(".py") not in OUTSIDE:
            seen.update("/".join(parts).encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{__version__}+{seen.hexdigest()[:12]}"


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def key_of(kind: Kind, source: str, enforce: str, hits: Sequence[Hit], banned: Sequence[tuple[Term, Span]] = ()) -> bytes:
    """The key of a sentence's translation. `hits`, `banned`: the rows of the glossary that stand in it, and that forbid something.

    Without either, how hard the glossary is enforced makes no difference, and neither does whether there is one.

    >>> kind = Kind("m@1", "e", 4, "r")
    >>> key_of(kind, "Oui.", "strict", ()) == key_of(kind, "Oui.", "off", ())
    True
    """
    parts = [kind.text, source]
    if hits or banned:
        parts += [enforce, *map(_hit, hits), *(f"{span} {_row(term)}" for term, span in banned)]
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _hit(hit: Hit) -> str:
    return f"{hit.span} {hit.text} {hit.number} {'|'.join(hit.targets)} {hit.complement} {_row(hit.term)}"


@lru_cache(maxsize=65536)
def _row(term: Term) -> str:
    return digest((term,))
