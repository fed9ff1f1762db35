"""draft"""
from bilingual.bitext.beads import Bead, align_sentences
__all__=["Bead","align_sentences"]
