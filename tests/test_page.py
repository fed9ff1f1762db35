"""The page without a browser: what stands in it is what was given, and nothing that was given becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_writing import article, block, documents, hostile, lines, said

from bilingual.document import Block, Document, Mention, Segment, Span, Summary, SummarySentence
from bilingual.writing.escape import visible
from bilingual.writing.page import Card, card, card_of, to_html, to_index
from bilingual.writing.page.assets import asset, fingerprint
from bilingual.writing.page.rows import DIGITS, encode_links, shown_span

VOID = {"meta", "input", "link", "br"}
TAGS = set(re.findall(r"<([a-z][a-z0-9]*)", "".join(asset(f"{name}.html.j2") for name in ("article", "index", "shell")))) | {
    f"h{level}" for level in range(1, 7)
}
ATTRIBUTES = set(
    "id class lang href data-p data-v data-m data-c data-w data-n data-view role hidden tabindex scope".split()
) | set("charset http-equiv content name type value checked placeholder autocomplete spellcheck maxlength for method".split())

some = settings(max_examples=40, deadline=None)


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self, tag: str = "", **wanted: str) -> Iterator[Element]:
        for child in self.children:
            if isinstance(child, Element):
                if (not tag or child.tag == tag) and all(child.attributes.get(k) == v for k, v in wanted.items()):
                    yield child
                yield from child.all(tag, **wanted)


class Tree(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]
        self.comments: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == [self.root], "a tag is not closed"

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), "an attribute stands twice"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag

    def handle_data(self, data):
        self.open[-1].children.append(data)

    def handle_comment(self, data):
        self.comments.append(data)


def parsed(page: str) -> Tree:
    tree = Tree(page)
    for element in tree.root.all():
        assert element.tag in TAGS
        assert all(name in ATTRIBUTES or name.startswith("aria-") for name in element.attributes), element.attributes
    return tree


def summarised(document: Document) -> Document:
    first, last = document.segments[0], document.segments[-1]
    mention = Mention("1 200", "1,200", (last.id,))
    return replace(
        document,
        summary=Summary(
            (
                SummarySentence(2, first.id, first.source, first.target),
                SummarySentence(1, last.id, last.source, last.target, ("x",)),
            ),
            Mention("Une manchette", "A headline", (first.id,)),
            (mention,),
            (Mention("Brest", "Brest", (first.id, last.id)),),
        ),
    )


# ----------------------------------------------------------------------------------------------------------- any text appears


@some
@given(documents())
def test_any_text_appears_and_does_nothing_else(document: Document) -> None:
    page = to_html(document)
    tree = parsed(page)
    assert "\r" not in page and page.endswith(" -->\n")
    assert [c.split()[0] for c in tree.comments] == ["bilingual"] and page.count("<script>") == 1
    for link in tree.root.all("a"):
        assert link.attributes["href"].startswith("#")
    cells = {row.attributes["id"]: list(row.all("td")) for row in tree.root.all("tr") if "s" in row.attributes.get("id", "")}
    for block_ in document.blocks:
        for segment in block_.segments:
            if segment.id in cells:
                french, english, *_ = cells[segment.id]
                assert (french.text, english.text) == (visible(segment.source), visible(segment.target))
                assert french.attributes["lang"] == "fr"
    ids = {element.attributes.get("id") for element in tree.root.all()}
    assert {segment.id for segment in document.segments} <= ids
    rows = [s for b in document.blocks if b.kind not in ("title", "heading") for s in b.segments]
    assert len(cells) == len(rows)


@some
@given(st.lists(st.tuples(hostile, hostile, hostile), min_size=1, max_size=3))
def test_any_text_appears_in_the_summary_and_the_index(texts: list[tuple[str, str, str]]) -> None:
    segments = [Segment("p1.s1", french, target=english) for french, english, _ in texts]
    document = replace(summarised(Document(texts[0][2], (block(1, "paragraph", *segments),))), notes=(texts[0][2],))
    tree = parsed(to_html(document))
    [brief] = tree.root.all("section", id="summary")
    shown = [cell.text for cell in brief.all("td", lang="fr")]
    assert shown == [visible(document.segments[0].source), visible(document.segments[-1].source)]
    index = parsed(to_index([("a.fr-en.html", card(document))]))
    assert [link.attributes["href"] for link in index.root.all("a")] == ["a.fr-en.html"]


def test_hostile_text_stays_text() -> None:
    text = "<script>alert(1)</script> <img src=x onerror=alert(1)> javascript:alert(1) \u202e\"'--></table>{{ 7*7 }}"
    page = to_html(Document(text, (block(1, "title", said(text, text)), block(2, "quote", said(text, text)))))
    tree = parsed(page)
    assert page.count("<script>") == 1 and "<img" not in page and "\u202e" not in page
    assert "49" not in next(tree.root.all("main")).text
    assert "{{ 7*7 }}" in page and "⟦U+202E⟧" in page


# ------------------------------------------------------------------------------------------------------------------ the parts


def test_the_same_document_gives_the_same_bytes_and_names_no_machine() -> None:
    document = summarised(article())
    assert to_html(document) == to_html(document)
    assert "presse/" not in to_html(document)


@pytest.mark.parametrize("page", [to_html(article()), to_index([("a.html", card(article()))])], ids=["article", "index"])
def test_the_policy_lets_in_what_the_page_carries_and_nothing_else(page: str) -> None:
    tree = parsed(page)
    [policy] = [m.attributes["content"] for m in tree.root.all("meta") if "http-equiv" in m.attributes]
    rules = dict(rule.split(maxsplit=1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for name, tag in (("style-src", "style"), ("script-src", "script")):
        found = [element.text for element in tree.root.all(tag)]
        assert rules[name] == (" ".join(f"'{fingerprint(text)}'" for text in found) or "'none'")
    assert not re.search(r"(?:https?:)?//\w|url\(|@import|src=", page.replace("https://exemple.fr", ""))


def test_the_page_itself_takes_less_than_60_kb_and_a_sentence_little() -> None:
    empty = len(to_html(Document("a.txt", ())).encode())
    assert empty <= 60_000
    source, target = "Un chat dort sur le toit de la maison.", "A cat sleeps on the roof of the house."
    many = [Segment(f"p1.s{n}", source, target=target) for n in range(1, 1001)]
    page = to_html(Document("a.txt", (Block(1, "paragraph", "", segments=tuple(many)),)))
    assert (len(page.encode()) - empty) / 1000 - len(source + target) < 70


def test_a_page_says_what_it_is() -> None:
    tree = parsed(to_html(article()))
    assert next(tree.root.all("html")).attributes["lang"] == "en"
    assert next(tree.root.all("title")).text == next(tree.root.all("h1")).text == "A chip factory comes to Brest"
    [footer] = tree.root.all("footer")
    assert "Machine translation, unreviewed" in footer.text and "embedded@1f2e3d4c" in footer.text
    assert {element.tag for element in tree.root.all()} >= {"main", "header", "footer", "article"}


def test_headings_never_skip_a_level() -> None:
    deep = [block(n, "heading", said(f"T{n}", f"H{n}"), level=level) for n, level in enumerate((4, 6, 2, 5), 1)]
    tree = parsed(to_html(Document("a.txt", tuple(deep))))
    levels = [int(e.tag[1]) for e in tree.root.all() if re.fullmatch("h[1-6]", e.tag)]
    assert levels[:5] == [1, 2, 3, 2, 3]


def test_a_title_that_could_not_be_translated_stands_in_french() -> None:
    failed = said("Titre", "Titre", origin="failed", score=None, flags=("failed",), reason="no memory")
    [heading] = parsed(to_html(Document("a.txt", (block(1, "title", failed, level=1),)))).root.all("h1")
    assert heading.text == "Titre" and heading.attributes["lang"] == "fr"


def test_documents_with_nothing_in_them() -> None:
    for document in (
        Document("-", ()),
        Document("", (Block(1, "title", ""),)),
        Document("a", (block(1, "line", said("", "")),)),
        lines(),
    ):
        assert next(parsed(to_html(document)).root.all("h1")).text


def test_terms_are_paired_and_lead_to_their_receipts() -> None:
    tree = parsed(to_html(article()))
    ids = {element.attributes["id"] for element in tree.root.all() if "id" in element.attributes}
    assert {link.attributes["href"][1:] for link in tree.root.all("a")} <= ids
    [row] = tree.root.all("tr", id="p4.s1")
    french, english = row.all("td")
    assert [a.text for a in french.all("a")] == ["puces", "superordinateurs"]
    assert [(a.text, a.attributes.get("data-m")) for a in english.all("a")] == [("chips", None), ("supercomputers", "prefix")]
    [missed] = next(tree.root.all("tr", id="p4.s2")).all("a")
    assert missed.attributes["class"] == "missed" and missed.attributes["data-v"] == "chip"


def test_ids_stand_once() -> None:
    ids = [e.attributes["id"] for e in parsed(to_html(summarised(article()))).root.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))


def test_a_summary_leads_to_its_sentences() -> None:
    document = replace(summarised(article()), blocks=article().blocks[1:])
    tree = parsed(to_html(document))
    [section] = tree.root.all("section", id="summary")
    links = [(a.attributes["href"], a.text) for a in section.all("a")]
    assert links[0] == ("#p1.s1", "Une usine de puces s’installe à Brest") and ("#p12.s1", "1 2001,200") not in links
    assert next(tree.root.all("h1")).text == "A headline"


# ------------------------------------------------------------------------------------------------------------------ word links


def decoded(links: str) -> list[tuple[Span, Span]]:
    numbers, value, shift = [], 0, 0
    for digit in links:
        bits = DIGITS.index(digit)
        value += (bits & 31) << shift
        shift += 5
        if bits < 32:
            numbers.append(-(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    found, last, start = [], 0, 0
    for gap, length, shift, width in zip(*[iter(numbers)] * 4, strict=True):
        first, start = last + gap, start + shift
        last = first + length
        found.append(((start, start + width), (first, last)))
    return found


places = st.tuples(st.integers(0, 5000), st.integers(1, 60)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(st.lists(st.tuples(places, places), max_size=30))
def test_links_come_back(links: list[tuple[Span, Span]]) -> None:
    assert decoded(encode_links(links)) == sorted(links, key=lambda pair: pair[1])


@given(hostile, st.integers(0, 20), st.integers(0, 20))
def test_a_span_covers_what_the_page_shows_of_it(text: str, start: int, length: int) -> None:
    start, end = min(start, len(text)), min(start + length, len(text))
    units = visible(text).encode("utf-16-le")
    first, last = shown_span(text, (start, end))
    assert units[2 * first : 2 * last].decode("utf-16-le") == visible(text[:end])[len(visible(text[:start])) :]


def test_links_cost_about_five_characters() -> None:
    words = [((7 * n, 7 * n + 5), (6 * n, 6 * n + 4)) for n in range(100)]
    assert len(encode_links(words)) <= 500


# ----------------------------------------------------------------------------------------------------------------------- cards


def test_a_card_says_what_the_index_shows() -> None:
    document = summarised(article())
    made = card(document)
    assert (made.sentences, made.doubtful, made.kept, made.enforced, made.missed) == (15, 4, 3, 1, 2)
    assert card_of(asdict(made)) == made
    page = parsed(to_index([("deep/a%20b.fr-en.html", made), ("c.html", Card("c.txt", ("", "")))])).root
    assert [a.text for a in page.all("a")] == ["A chip factory comes to Brest", "c"]
    assert "2 articles" in page.text and "6 terms: 3 kept, 1 enforced, 2 missed" in page.text


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_what_is_no_card_is_none(record: object) -> None:
    assert card_of(record) is None
    if isinstance(record, dict):
        assert card_of({**asdict(card(article())), "title": record}) is None
