"""The writing room: JSONL that reads back to the same bytes, Markdown that nothing in a text can break, plain text.

After a wanted change of an output: ``python tests/test_writing.py --regenerate`` writes the golden files anew; read their diff.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bilingual.document import Block, BlockKind, Document, Edit, Segment, Signature, TermHit
from bilingual.errors import InputError
from bilingual.writing import FORMATS, document_line, from_jsonl, line_of, segment_line, to_jsonl, to_markdown, to_text
from bilingual.writing.escape import BULLET, escape, mark, visible
from bilingual.writing.page.assets import asset, fingerprint
from bilingual.writing.receipt import notice, term_tallies

HERE = Path(__file__).parent
GOLDEN = HERE / "golden" / "writing"
SIGN = "\u00a0⚠"

many = settings(max_examples=100, deadline=None)
some = settings(max_examples=25, deadline=None)  # whole documents take their time to be made up


def cases(name: str) -> list[dict]:
    return json.loads((HERE / "cases" / name).read_text(encoding="utf-8"))


def labelled(name: str) -> pytest.MarkDecorator:
    found = cases(name)
    return pytest.mark.parametrize("case", found, ids=[case["label"] for case in found])


# --- Documents made by hand -------------------------------------------------------------------------------------------------------


def hit(source: str, french: str, wanted: str, target: str = "", english: str = "", **more) -> TermHit:
    start = source.index(french)
    place = target.index(english) if english else -1
    return TermHit((start, start + len(french)), wanted, (place, place + len(english)) if english else None, **more)


def block(number: int, kind: BlockKind, *segments: Segment, level: int = 0) -> Block:
    placed, start = [], 100 * number
    for place, segment in enumerate(segments, 1):
        stop = start + len(segment.source)
        placed.append(replace(segment, id=f"p{number}.s{place}", block=kind, span=(start, stop)))
        start = stop + 1
    text = " ".join(segment.source for segment in segments)
    return Block(number, kind, text, (100 * number, 100 * number + len(text)), level, tuple(placed))


def said(source: str, target: str, **more) -> Segment:
    return Segment("p1.s1", source, target=target, **{"score": -0.25, **more})


def article() -> Document:
    title = ("Une usine de puces s’installe à Brest", "A chip factory comes to Brest")
    first = ("L’usine gravera des puces pour les superordinateurs.", "The plant will etch chips for supercomputers.")
    missed = ("Chaque puce coûtera 2 €.", "Every flea will cost €2.")
    nodes = ("Le nœud de gravure reste secret.", "The process node remains secret.")
    tags = ("Le patron a écrit <b>« enfin ! »</b> | sur https://exemple.fr/~usine.", "The boss wrote <b>“at last!”</b> | on X.")
    return Document(
        name="presse/usine.txt",
        blocks=(
            block(1, "title", said(*title, terms=(hit(title[0], "puces", "chip", title[1], "chip", status="kept"),)), level=1),
            block(2, "byline", said("Par Anne Le Goff", "By Anne Le Goff", origin="memory", score=None)),
            block(
                4,
                "paragraph",
                said(
                    *first,
                    terms=(
                        hit(first[0], "puces", "chip", first[1], "chips", status="kept"),
                        hit(
                            first[0],
                            "superordinateurs",
                            "supercomputer",
                            first[1],
                            "supercomputers",
                            status="enforced",
                            method="prefix",
                            score_change=-0.04219,
                        ),
                    ),
                    edits=(Edit((31, 48), "supercalculators.", "supercomputers.", "prefix", -0.04219),),
                ),
                said(*missed, flags=("low-confidence",), terms=(hit(missed[0], "puce", "chip", reason="no candidate"),)),
                said(
                    "Elle emploiera 1 200 personnes.", "It will employ 12,000 people.", flags=("number-changed", "low-confidence")
                ),
            ),
            block(5, "heading", said("Où est le secret ?", "Where is the secret?"), level=2),
            block(
                6,
                "quote",
                said(
                    *nodes,
                    origin="post-edited",
                    terms=(hit(nodes[0], "nœud de gravure", "process node", nodes[1], "process node", status="kept"),),
                ),
                said(
                    "Personne ne parle.",
                    "",
                    origin="failed",
                    score=None,
                    flags=("failed",),
                    reason="the engine ran out of memory",
                ),
            ),
            block(7, "tweet", said(*tags)),
            block(8, "caption", said("La salle blanche. (Photo : A. L. G.)", "The clean room. (Photo: A. L. G.)")),
            block(9, "list-item", said("Deux ans de travaux.", "Two years of work."), said("Au moins.", "At least.")),
            block(10, "list-item", said("- Trois chaînes.", "- Three lines.")),
            block(
                11,
                "heading",
                said("Et après ?", "And then?", terms=(TermHit((0, 2), "and", None, "conflict", level="prefer"),)),
                level=3,
            ),
            block(12, "source", said("https://exemple.fr/usine_2", "https://exemple.fr/usine_2", origin="copied", score=None)),
        ),
        source_sha256="5e" * 32,
        encoding="cp1252",
        notes=("read as cp1252",),
        signature=Signature(
            "0.1.0",
            "embedded@1f2e3d4c",
            "ctranslate2/int8",
            4,
            "rules/1",
            "a1" * 32,
            "strict",
            {"mt": 11, "memory": 1, "post-edited": 1, "failed": 1, "copied": 1},
        ),
        left_out=2,
    )


def lines() -> Document:
    pairs = [("Bonjour.", "Hello."), ("", ""), ("Prix | *net*", "Net | *price*"), ("Un\u2028deux", "One\u2028two")]
    blocks = tuple(block(n, "line", said(french, english, score=None)) for n, (french, english) in enumerate(pairs, 1))
    return Document("-", blocks, signature=Signature("0.1.0", "embedded@1f2e3d4c", "transformers/float32", 1, "lines"))


GOLDEN_DOCUMENTS = {"article": article, "lines": lines}


def golden_text(form: str, document: Document) -> str:
    """What a golden file holds: pages without their style and script, which change for other reasons."""
    text = FORMATS[form].render(document)
    if form == "html":
        for name in ("page.css", "page.js"):
            text = text.replace(asset(name), name).replace(fingerprint(asset(name)), f"sha256 of {name}")
    return text


def regenerate() -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for name, make in GOLDEN_DOCUMENTS.items():
        for form in FORMATS:
            (GOLDEN / f"{name}{FORMATS[form].suffix}").write_text(golden_text(form, make()), encoding="utf-8", newline="")


@pytest.mark.parametrize("name", GOLDEN_DOCUMENTS)
@pytest.mark.parametrize("form", FORMATS)
def test_golden(name, form):
    expected = (GOLDEN / f"{name}{FORMATS[form].suffix}").read_bytes().decode("utf-8")
    assert golden_text(form, GOLDEN_DOCUMENTS[name]()) == expected


# --- Hostile text -----------------------------------------------------------------------------------------------------------------

PIECES = (
    "puce",
    "é",
    "«",
    "»",
    "’",
    " ",
    "\u00a0",
    "\u202f",
    "\n",
    "\r\n",
    "\t",
    "\x0b",
    "\x1c",
    "\x1f",
    "\x85",
    "\u2028",
    "\u3000",
    "\u200b",
    "\x00",
    "\x1b[31m",
    "\x7f",
    "\x9b",
    "\u202e",
    "\u2066",
    "\u200e",
    "\ud800",
    "\udc00",
    "\ufeff",
    "\ufffe",
    "e\u0301",
    "👩‍💻",
    "™",
    "€",
    "|",
    "\\",
    "\\|",
    "`",
    "``",
    "*",
    "**",
    "_",
    "__",
    "~",
    "~~",
    "#",
    "# ",
    "- ",
    "+ ",
    "1. ",
    "> ",
    "---",
    "===",
    ":--",
    "|---|",
    "[",
    "](",
    "[a](b)",
    "![",
    "[^1]",
    "[x]: y",
    "<",
    ">",
    "<br>",
    "<b>",
    "</td>",
    "<script>",
    "<!--",
    "-->",
    "<a@b.fr>",
    "<http://a.fr>",
    "&",
    "&amp;",
    "&#124;",
    "&nbsp",
    "$",
    "$$",
    "{{",
    "{%",
    "}}",
    ":",
    "javascript:",
    "http://",
    "https://a.fr/b_c",
    "www.",
    "a@b.fr",
    "!",
    '"',
    "'",
    "(",
    ")",
    "=",
    ";",
    ".",
    "a",
    "B",
    "7",
)
hostile = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(st.characters(), max_size=20))
spans = st.tuples(st.integers(0, 30), st.integers(0, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))
KINDS: tuple[BlockKind, ...] = (
    "paragraph",
    "heading",
    "list-item",
    "quote",
    "tweet",
    "caption",
    "byline",
    "source",
    "title",
    "line",
)


@st.composite
def terms(draw) -> TermHit:
    return TermHit(
        draw(spans),
        draw(hostile),
        draw(st.none() | spans),
        draw(st.sampled_from(["kept", "enforced", "missed", "conflict"])),
        draw(hostile),
        draw(st.floats()),
        draw(st.sampled_from(["strict", "prefer", "report"])),
        draw(hostile),
    )


edits = st.builds(Edit, spans, hostile, hostile, hostile, st.none() | st.floats())
signatures = st.builds(
    Signature,
    hostile,
    hostile,
    hostile,
    st.integers(0, 99),
    hostile,
    st.none() | hostile,
    hostile,
    st.dictionaries(st.sampled_from(["mt", "memory", "post-edited", "failed", "copied"]), st.integers(0, 9)),
)


@st.composite
def documents(draw, kinds: Sequence[BlockKind] = KINDS, tidy: bool = False) -> Document:
    """Documents of any text; `tidy` ones have no more than a flag and kept terms."""
    blocks, number = [], 0
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=5)):
        number += draw(st.integers(1, 3))
        made = []
        for _ in range(draw(st.integers(0, 3))):
            segment = Segment(
                "p1.s1",
                draw(hostile),
                target=draw(hostile),
                origin=draw(st.sampled_from(["mt", "memory", "post-edited", "copied", "failed"])),
                score=draw(st.none() | st.floats()),
                flags=tuple(draw(st.lists(hostile, max_size=2))),
                terms=tuple(draw(st.lists(terms(), max_size=2))),
                edits=tuple(draw(st.lists(edits, max_size=1))),
                reason=draw(st.just("") | hostile),
            )
            if tidy:
                kept = tuple(replace(term, status="kept") for term in segment.terms)
                segment = replace(segment, origin="post-edited", flags=(), reason="", terms=kept)
            made.append(segment)
        blocks.append(block(number, kind, *made, level=draw(st.integers(0, 9))))
    return Document(
        draw(hostile),
        tuple(blocks),
        source_sha256=draw(hostile),
        encoding=draw(hostile),
        notes=tuple(draw(st.lists(hostile, max_size=2))),
        signature=draw(st.none() | signatures),
        left_out=draw(st.integers(0, 3)),
    )


# --- Escaping ---------------------------------------------------------------------------------------------------------------------

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OURS = {"text", "strong_open", "strong_close", "em_open", "em_close"}


def rendered(token: Token) -> str:
    """The text of an inline token; a line break of ours is U+001E, which `visible` leaves in no text."""
    parts = []
    for child in token.children or []:
        if child.type == "html_inline":
            assert child.content == "<br>"
            parts.append("\x1e")
        else:
            assert child.type in OURS, child
            parts.append(child.content)
    return "".join(parts)


def bold(token: Token) -> list[str]:
    found, depth = [], 0
    for child in token.children or []:
        if child.type == "strong_open":
            found.append("")
            depth += 1
        elif child.type == "strong_close":
            depth -= 1
        elif depth:
            found[-1] += child.content
    return found


def cell(markdown: str) -> Token:
    tokens = PARSER.parse(f"| x | y |\n|---|---|\n| {markdown} | z |\n")
    inline = [token for token in tokens if token.type == "inline"]
    assert [token.content for token in inline[:2]] == ["x", "y"] and [token.content for token in inline[3:]] == ["z"]
    return inline[2]


def shown(text: str) -> str:
    return visible(text).replace("\t", " ").strip()


@labelled("writing-escape.json")
def test_escape(case):
    assert escape(case["text"]) == case["markdown"]
    assert rendered(cell(case["markdown"])) == shown(case["text"])


@labelled("writing-mark.json")
def test_mark(case):
    made = mark(case["text"], [((start, stop), "") for start, stop in case["spans"]])
    assert made == case["markdown"]
    assert bold(cell(made)) == case["bold"]
    assert rendered(cell(made)) == shown(case["text"])


@many
@given(hostile)
def test_escaped_text_renders_as_itself_in_a_cell(text):
    assert rendered(cell(escape(text).strip())) == shown(text)


@many
@given(hostile, st.lists(spans, max_size=3))
def test_marked_text_renders_as_itself_in_italics(text, places):
    if shown(text):
        inline = PARSER.parse(f"_{mark(text, [(place, '') for place in places]).strip()}_\n")[1]
        assert rendered(inline) == shown(text)
        assert [child.type for child in inline.children if child.type.startswith("em")] == ["em_open", "em_close"]


@many
@given(hostile, st.lists(spans, max_size=4))
def test_bold_is_bold_and_hides_nothing(text, places):
    made = cell(mark(text, [(place, SIGN) for place in places]).strip())
    assert rendered(made).replace(SIGN, "").strip() == shown(text)
    for words in bold(made):
        assert words in shown(text)


@many
@given(st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=30), spans)
def test_words_are_bold_wherever_they_stand(text, place):
    wanted = text[slice(*place)].strip()
    assert bold(cell(mark(text, [(place, "")]).strip())) == ([wanted] if wanted else [])


@many
@given(hostile)
def test_visible_hides_nothing(text):
    seen = visible(text)
    assert len(seen.splitlines()) <= 1
    assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", seen)
    seen.encode("utf-8")
    assert visible(seen) == seen


@many
@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_visible_leaves_words_alone(text):
    assert visible(text) == text


@pytest.mark.parametrize("piece", ["&", "_", "http://a.fr/_", "www.", "{{", "**", "\\|", "&a", "&#1", "\n ", "<", "a_"])
def test_escaping_is_linear(piece):
    start = time.perf_counter()
    escape(piece * (200_000 // len(piece)))
    assert time.perf_counter() - start < 2


# --- Markdown ---------------------------------------------------------------------------------------------------------------------


def article_tokens(page: str) -> list[Token]:
    """The tokens of the article itself: up to the first rule."""
    tokens = PARSER.parse(page)
    return tokens[: next((i for i, token in enumerate(tokens) if token.type == "hr"), len(tokens))]


def rows(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The cells of every row of a table's body."""
    inside, row = False, []
    for token in tokens:
        if token.type == "tbody_open":
            inside = True
        elif token.type == "tbody_close":
            inside = False
        elif inside and token.type == "inline":
            row.append(token)
        elif inside and token.type == "tr_close":
            yield row
            row = []


def bulleted(kind: str, place: int, text: str) -> str:
    return "• " * (kind == "list-item" and place == 0 and bool(shown(text)) and not BULLET.match(text)) + shown(text)


TABLED = ("paragraph", "list-item", "quote", "tweet", "caption", "byline", "share", "source", "other", "line")


@some
@given(documents(kinds=TABLED))
def test_a_row_for_each_segment_and_every_text_as_it_is(document):
    found = list(rows(article_tokens(to_markdown(document))))
    wanted = [(b.kind, place, s) for b in document.blocks for place, s in enumerate(b.segments)]
    assert len(found) == len(wanted)
    for (french, english), (kind, place, segment) in zip(found, wanted, strict=True):
        assert rendered(french).replace(SIGN, "") == bulleted(kind, place, segment.source)
        text, _, remark = rendered(english).partition("\x1e")
        expected = bulleted(kind, place, segment.target)
        if expected:
            assert text == expected
            assert not remark or remark.startswith("⚠ ")
        else:
            assert not remark and (not text or text.startswith("⚠ "))


@some
@given(documents(kinds=("title", "heading"), tidy=True))
def test_headings_hold_both_languages(document):
    tokens = article_tokens(to_markdown(replace(document, name="a.txt")))
    headings = [(token.tag, tokens[i + 1]) for i, token in enumerate(tokens) if token.type == "heading_open"]
    written = [b for b in document.blocks if any(shown(s.source) or shown(s.target) for s in b.segments)]
    title = written[0] if written and written[0].kind == "title" else None
    tag, inline = headings.pop(0)
    assert (tag, rendered(inline)) == ("h1", sides(title)[1] or sides(title)[0] if title else "a.txt")
    if title:
        written.remove(title)
    assert len(headings) == len(written)
    for (tag, inline), b in zip(headings, written, strict=True):
        assert tag == f"h{min(max(b.level, 2), 6)}"
        french, english = sides(b)
        assert rendered(inline) == "\x1e".join(filter(None, (english, french)))


def sides(b: Block) -> tuple[str, str]:
    return " ".join(filter(None, (shown(s.source) for s in b.segments))), " ".join(
        filter(None, (shown(s.target) for s in b.segments))
    )


@some
@given(documents())
def test_nothing_in_a_document_becomes_markup(document):
    page = to_markdown(document)
    page.encode("utf-8")
    assert page.endswith(" -->\n") and "\r" not in page and page == to_markdown(document)
    *tokens, comment = PARSER.parse(page)
    assert comment.type == "html_block" and comment.content.count("-->") == 1
    assert sum(token.type == "html_block" for token in tokens) == 0
    for token in tokens:
        if token.type == "inline":
            rendered(token)
    kinds = {token.type for token in tokens} - {token.type for token in PARSER.parse(to_markdown(article()))}
    assert not kinds, kinds


@some
@given(documents())
def test_the_comment_says_what_the_jsonl_says(document):
    found = re.search(r"<!-- bilingual (\{.*\}) -->\s*$", to_markdown(document))
    record, line = json.loads(found[1]), json.loads(document_line(document))
    assert record == {key: line[key] for key in ("schema", "source_sha256", "left_out", "signature")}


def test_a_page_says_what_it_is():
    page = to_markdown(article())
    assert "**Machine translation, unreviewed but for 1 of 14 sentences post-edited.**" in page
    assert "Left out as page clutter: 2 blocks." in page
    assert "presse" not in page, "no path"
    assert "⚠ _failed: the engine ran out of memory_" in page
    assert "Chaque **puce**\u00a0⚠ coûtera" in page
    assert "| puces, puce | chip, chips ⚠ _chip_ | 3 | 2 kept, ⚠ 1 missed |" in page


def test_terms_are_counted_most_frequent_first():
    tallies = term_tallies(article())
    assert [(*t.english, *(f"wanted {word}" for word in t.wanted), t.times) for t in tallies] == [
        ("chip", "chips", "wanted chip", 3),
        ("supercomputers", 1),
        ("process node", 1),
        ("wanted and", 1),
    ]


def test_a_title_further_down_stays_in_its_place():
    blocks = (block(1, "paragraph", said("Un.", "One.")), block(2, "title", said("Titre", "Title"), level=1))
    page = to_markdown(Document("a.txt", blocks))
    assert page.startswith("# a.txt\n") and page.index("| One. |") < page.index("## Title<br>_Titre_")


def test_a_page_without_title_has_the_name_of_its_file():
    assert to_markdown(Document("presse/a_b*.txt", ())).startswith("# a_b\\*.txt\n")
    assert not to_markdown(Document("-", ())).startswith("#")


@pytest.mark.parametrize(
    ("origins", "expected"),
    [
        ("mt mt", "Machine translation, unreviewed"),
        ("mt memory failed", "Machine translation, unreviewed"),
        ("mt post-edited", "Machine translation, unreviewed but for 1 of 2 sentences post-edited"),
        ("post-edited post-edited", "Machine translation, post-edited: 2 sentences"),
        ("post-edited copied", "Machine translation, post-edited: 1 sentence"),
        ("copied", "Nothing to translate"),
        ("", "Nothing to translate"),
    ],
)
def test_the_notice_stays_until_every_sentence_is_post_edited(origins, expected):
    made = block(1, "paragraph", *(said("Oui.", "Yes.", origin=origin) for origin in origins.split()))
    document = Document("a.txt", (made,))
    assert notice(document) == expected
    assert f"**{expected}.**" in to_markdown(document)
    assert to_text(document).endswith(f"[{expected}. Signature: source a.txt.]\n")


# --- JSONL ------------------------------------------------------------------------------------------------------------------------


@some
@given(documents())
def test_jsonl_reads_back_to_the_same_bytes(document):
    written = to_jsonl(document)
    assert to_jsonl(from_jsonl(written, "a.jsonl")) == written


@some
@given(documents())
def test_every_line_is_an_object_for_any_reader(document):
    written = to_jsonl(document)
    assert written.encode("utf-8").decode("utf-8") == written and written.endswith("\n")
    found = [json.loads(line) for line in written.splitlines()]
    assert [record["type"] for record in found] == ["document"] + ["segment"] * len(document.segments)


@some
@given(documents())
def test_line_by_line_is_the_whole(document):
    streamed = "".join(segment_line(s, b.level) for b in document.blocks for s in b.segments)
    assert document_line(document) + streamed == to_jsonl(document)


def test_what_is_read_is_what_was_written():
    document = article()
    read = from_jsonl(to_jsonl(document), "a.jsonl")
    assert read.blocks == tuple(
        replace(b, segments=tuple(replace(s, terms=rounded(s.terms), edits=rounded(s.edits)) for s in b.segments))
        for b in document.blocks
    )
    assert (read.name, read.title, read.encoding, read.notes) == (
        document.name,
        document.title,
        document.encoding,
        document.notes,
    )
    assert (read.signature.model, read.signature.origins["mt"], read.left_out) == ("embedded@1f2e3d4c", 11, 2)


def rounded(items):
    return tuple(replace(item, score_change=round(item.score_change, 4)) for item in items)


def test_the_order_of_the_fields_is_the_contract():
    first, second = to_jsonl(article()).split("\n")[:2]
    assert list(json.loads(first))[:6] == ["type", "schema", "name", "title", "source_sha256", "signature"]
    signature = json.loads(first)["signature"]
    assert list(signature) == ["version", "model", "engine", "beam", "splitter", "glossary_sha256", "enforce", "origins"]
    assert list(signature["origins"].items()) == [("mt", 11), ("memory", 1), ("post-edited", 1), ("copied", 1), ("failed", 1)]
    assert " ".join(json.loads(second)) == "type id block span source target origin score flags terms edits level"
    assert " ".join(json.loads(second)["terms"][0]) == "source target wanted status method score_change"


def test_unknown_fields_and_lines_are_ignored():
    lines = to_jsonl(article()).split("\n")
    lines[1] = lines[1][:-1] + ',"mood":{"x":[1]}}'
    lines.insert(2, '{"type":"mood","rank":1,"segment":"p1.s1","source":"a","target":"b"}')
    lines[0] = "\ufeff" + lines[0][:-1] + ',"later":1}\r'
    assert to_jsonl(from_jsonl("\n\n".join(lines), "a.jsonl")) == to_jsonl(article())


@labelled("writing-jsonl-broken.json")
def test_a_broken_line_is_named(case):
    with pytest.raises(InputError) as caught:
        from_jsonl("\n".join(case["lines"]), "a.jsonl")
    assert str(caught.value).startswith(case["message"])
    assert "\n" not in str(caught.value)


def test_a_line_too_deep_is_named():
    with pytest.raises(InputError, match=r"^a.jsonl:1: nested too deeply"):
        from_jsonl("[" * 200_000, "a.jsonl")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["source", "target", "span", "x"]), inner),
    max_leaves=6,
)
FIELDS = ["id", "source", "target", "span", "block", "origin", "score", "flags", "terms", "edits", "reason", "level", "signature"]


@many
@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.sampled_from(["document", "segment", "summary", 3]), st.booleans())
def test_any_line_is_read_or_refused(fields, kind, sound):
    record = {"type": kind, "schema": "bilingual/1", **({"id": "p1.s1", "source": "Oui."} if sound else {}), **fields}
    first = "" if kind == "document" else document_line(Document("a", ()))
    try:
        document = from_jsonl(first + json.dumps(record), "a.jsonl")
    except InputError as error:
        assert str(error).startswith(f"a.jsonl:{1 if kind == 'document' else 2}: ")
    else:
        assert to_jsonl(from_jsonl(to_jsonl(document), "b")) == to_jsonl(document)
        to_markdown(document)


def test_a_surrogate_pair_is_written_as_its_character():
    line = segment_line(Segment("p1.s1", "\ud83d\ude00 \ud83d", target="\udc00\ud800"))
    assert '"source":"😀 \\ud83d","target":"\\udc00\\ud800"' in line


# --- Plain text -------------------------------------------------------------------------------------------------------------------


@many
@given(st.lists(hostile, max_size=6))
def test_as_many_lines_as_segments(targets):
    document = Document("a", tuple(block(n, "line", said("Oui.", target)) for n, target in enumerate(targets, 1)))
    text = to_text(document)
    text.encode("utf-8")
    *found, last = text.split("\n")
    assert not last
    for line, target in zip(found, targets, strict=True):
        assert len(line.splitlines()) <= 1
        assert line.split() == re.sub("[\ud800-\udfff]", "\ufffd", target).split()


def test_a_line_block_without_segments_is_an_empty_line():
    blocks = (block(1, "line", said("Un.", "One.")), Block(2, "line", ""), block(3, "line", said("Trois.", "Three.")))
    assert to_text(Document("a", blocks)) == "One.\n\nThree.\n"


def test_an_article_without_footer_is_its_english_alone():
    document = replace(article(), blocks=article().blocks[:4])
    assert to_text(document, footer=False) == (
        "A chip factory comes to Brest\n\nBy Anne Le Goff\n\n"
        "The plant will etch chips for supercomputers. Every flea will cost €2. It will employ 12,000 people.\n\n"
        "Where is the secret?\n"
    )


@pytest.mark.parametrize("target", ["", "Personne ne parle."])
def test_a_failed_sentence_leaves_no_gap(target):
    made = block(1, "paragraph", said("Personne ne parle.", target, origin="failed"), said("Bon.", "Good."))
    assert to_text(Document("a", (made,)), footer=False) == "[not translated: Personne ne parle.] Good.\n"


def test_only_a_person_may_leave_a_sentence_out():
    made = block(1, "paragraph", said("Bref.", "", flags=("empty",)), said("Bon.", "", origin="post-edited"), said(" ", ""))
    assert to_text(Document("a", (made,)), footer=False) == "[not translated: Bref.]\n"
    assert "| Bref. | ⚠ _empty_ |\n| Bon. |  |\n" in to_markdown(Document("a", (made,)))


def test_line_of_is_one_line():
    assert line_of(said("a", "One\r\ntwo\u2028three\ud800 \tfour\x1b")) == "One two three\ufffd \tfour\x1b"


def test_no_lines_are_no_lines():
    assert to_text(Document("a", ())) == ""


def test_formats():
    assert {name: form.suffix for name, form in FORMATS.items()} == {
        "md": ".md",
        "jsonl": ".jsonl",
        "html": ".html",
        "txt": ".txt",
        "tmx": ".tmx",
        "xliff": ".xlf",
        "xliff2": ".xliff",
        "csv": ".csv",
    }


if __name__ == "__main__":
    if sys.argv[1:] != ["--regenerate"]:
        sys.exit("usage: python tests/test_writing.py --regenerate")
    regenerate()
