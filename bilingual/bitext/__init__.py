"""A French text and its English translation, both there already, sentence beside sentence.

    two documents ── sentences ──> translation of the French ── words ──┐
                                                                        ├── path ──> beads ── moves ──> pairing ──> Document
                                            lengths, paragraphs ────────┘

The French is translated roughly and compared with the English, as Bleualign does (Sennrich & Volk, "MT-based Sentence Alignment for
OCR-generated Parallel Texts", AMTA 2010):

    words.py     what two sentences have in common, against chance
    anchors.py   pairs that can hardly belong to others, and the band around them
    path.py      the best way through the band
    moves.py     passages that stand elsewhere in the translation
    beads.py     `align_sentences`: the four together, on bare sentences
    pairing.py   `align`: documents in, a document out
"""

from bilingual.bitext.beads import Bead, align_sentences
from bilingual.bitext.pairing import FLAGS, align, pair_documents

__all__ = ["FLAGS", "Bead", "align", "align_sentences", "pair_documents"]
