"""Passages that the model looked past: words of the French that no word of the English looks at.

The attention of a head that was trained to align words (Garg et al. 2019) says for each piece of the hypothesis where in the source
it comes from. Summed over the hypothesis it says of each piece of the source how much became of it: the coverage of Tu et al. 2016
("Modeling Coverage for Neural Machine Translation"), looked at when the translation is done. `benchmarks/omissions.py` measures
what it finds.

Not asked for in the main path yet (`Search.coverage`): what CTranslate2 4.8 gives as the attention of a first piece out of a beam
depends on the other sentences of the batch, and a translation must not. Attention while a text is forced (`bilingual.links.attend`)
does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bilingual.document import Span

COVERED = 0.2
"""Attention, summed over the hypothesis, below which a word of the source has been looked past."""
FEWEST = 2
"""Words looked past from which a sentence probably lacks something. One alone is mostly a word that English does without."""

_WORD = re.compile(r"[^\W\d_]{3,}")
_LIGHT = frozenset(
    """
    les une des aux cet cette ces cela ceci que qui quoi dont mais donc car pas plus elle elles ils nous vous lui eux leur leurs son ses
    mon mes notre nos votre vos est sont était étaient été être suis êtes sommes sera seront serait soit fut étant ayant ont avait
    avaient avoir aura avons avez eut par pour sur sous dans avec sans chez vers entre contre depuis pendant selon comme ainsi aussi très
    bien tout tous toute toutes même mêmes hui aujourd plupart fait faits faite faites faire font manière façon chose choses lieu mois ans
    année années fois cas part titre sein plan cours lors alors lorsque lorsqu quand puis déjà encore grâce celui celle ceux celles lequel
    laquelle lesquels non oui peu mise mettre jusqu autre autres dollars euros
    """.split()
)
"""Words of three letters and more that a good translation may well do without, or says with a sign."""


def looked_past(source: str, offsets: Sequence[Span], covered: Sequence[float], left_out: Sequence[Span] = ()) -> list[Span]:
    """Spans of the words of `source` that the hypothesis hardly looks at, without words of grammar and those in `left_out`.

    `offsets`: where each source piece stands in `source`; `covered`: the attention on each, summed over the hypothesis.

    >>> looked_past("Le maire dort", [(0, 2), (3, 8), (9, 13)], [1.1, 0.9, 0.0])
    [(9, 13)]
    """
    if min(covered[: len(offsets)], default=1.0) >= COVERED:
        return []
    found, first = [], 0
    for match in _WORD.finditer(source):
        start, end = match.span()
        while first < len(offsets) and offsets[first][1] <= start:
            first += 1
        total, piece = 0.0, first
        while piece < len(offsets) and offsets[piece][0] < end:
            total += covered[piece]
            piece += 1
        answered = match[0].lower() in _LIGHT or any(a < end and start < b for a, b in left_out)
        if piece > first and total < COVERED and not answered:
            found.append((start, end))
    return found
