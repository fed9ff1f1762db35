"""The glossary room: rows and files of terms, where they stand in French, how English renders them, and what is wrong with them."""

from bilingual.glossary.files import load as load_glossary
from bilingual.glossary.model import Glossary, Merged, Term, merge
from bilingual.glossary.tables import default_glossary

__all__ = ["Glossary", "Merged", "Term", "default_glossary", "load_glossary", "merge"]
