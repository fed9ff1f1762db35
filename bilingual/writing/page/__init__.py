"""The page: a document as one HTML file that people read, and the index of a folder of them.

One file, nothing fetched: style and script are written into it, and its content security policy lets in only what carries their hashes.
Two columns by sentence; a table without scripts. What stands where:

    article.py   a document's parts in the shape that the template wants
    rows.py      one sentence pair: marked terms, word links in a few characters
    index.py     `Card`, what a page says of its article in short, and the index of a run
    assets.py    templates, style and script of the package
"""

from bilingual.writing.page.article import to_html
from bilingual.writing.page.index import Card, card, card_of, to_index

__all__ = ["Card", "card", "card_of", "to_html", "to_index"]
