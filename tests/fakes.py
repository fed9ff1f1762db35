"""An engine without a model: what it gives is decided by the test. Words are its pieces."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bilingual.engines.engine import STOCK, Abilities, Hypothesis, Pieces, Search
from bilingual.errors import EngineError


class FakeVocabulary:
    """Pieces are words; `unreadable` characters are not in it."""

    def __init__(self, unreadable: str = ""):
        self.unreadable = unreadable

    def encode_source(self, texts: Sequence[str]) -> list[list[str]]:
        return [text.split() for text in texts]

    encode_target = encode_source

    def source_length(self, text: str) -> int:
        return len(self.encode_source([text])[0])

    def decode(self, pieces: Sequence[Sequence[str]]) -> list[str]:
        return [" ".join(p) for p in pieces]

    def can_read(self, character: str) -> bool:
        return character not in self.unreadable and not (0x1F000 <= ord(character) < 0x20000)

    def can_write(self, text: str) -> bool:
        return all(self.can_read(c) for c in text)


class FakeEngine:
    """Answers with `say(text, search)`: one text, or several for an n-best list. Keeps the history of its calls in ``calls``."""

    name = "fake/none"
    overlaps = False
    model = "fake@0"

    def __init__(
        self,
        say: Callable[[str, Search], str | list[str]] = lambda text, search: text,
        *,
        abilities: Abilities = STOCK,
        longest: int = 100,
        unreadable: str = "",
        fails_on: str | None = None,
    ):
        self.say = say
        self.abilities = abilities
        self.max_source_pieces = longest
        self.vocabulary = FakeVocabulary(unreadable)
        self.fails_on = fails_on
        self.calls: list[tuple[list[str], Search]] = []

    def translate(
        self, sources: Sequence[Pieces], search: Search, prefixes: Sequence[Pieces] | None = None
    ) -> list[list[Hypothesis]]:
        texts = [" ".join(pieces) for pieces in sources]
        self.calls.append((texts, search))
        assert all(len(pieces) <= self.max_source_pieces for pieces in sources), "a source longer than the engine can read"
        if self.fails_on is not None and any(self.fails_on in text for text in texts):
            raise EngineError("the fake engine was told to fail")
        found = []
        for text in texts:
            said = self.say(text, search)
            choices = [said] if isinstance(said, str) else said
            padded = (choices + [choices[-1]] * search.n_best)[: search.n_best]
            found.append([Hypothesis(tuple(c.split()), -0.1 * (rank + 1)) for rank, c in enumerate(padded)])
        return found

    def score(self, sources: Sequence[Pieces], targets: Sequence[Pieces]) -> list[float]:
        return [-0.1 for _ in sources]
