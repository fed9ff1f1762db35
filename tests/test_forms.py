"""Inputs with structure: what is read out of them, and that the English goes back into the same places."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from conftest import ROOT
from hypothesis import example, given, settings
from hypothesis import strategies as st
from saying import read, same, translated

from bilingual.errors import InputError
from bilingual.forms import write_form
from bilingual.forms.markdown import read_inline, read_markdown
from bilingual.forms.spell_markdown import escape

MARKDOWN = """\
---
title: Le *tram*
---

# Le **tram** revient ## {#tram}

Il roule [depuis `lundi`](http://a.fr/x_y "Le retour") matin,
dans **toute la
ville**. Voir [la note], [note][n] ou <https://a.fr/b_c> ; ![Une rame](x.png "Sous la pluie") passe&nbsp;! Ce n’est ~~pas~~ fini[^1].

> **Une phrase. Et une
> deuxième**, dit-il.

- [ ] un
- deux *items*
  1. trois
     quatre

| Ligne | Ville \\| pays |
|:------|---:|
| **A** | `x` et y |

<div>Laissé tel quel</div>

```python
print("laissé")
```

[la note]: http://x.fr "Titre laissé"
[n]: /n
[^1]: Une note.

    Sa suite.

Dernier
=======
"""


def test_markdown_is_read_by_its_structure() -> None:
    document = read(MARKDOWN, "a.md")
    assert [(b.kind, b.level, b.text) for b in document.blocks] == [
        ("title", 1, "Le tram revient"),
        (
            "paragraph",
            0,
            "Il roule depuis `lundi` matin,\ndans toute la\nville. Voir la note, note ou https://a.fr/b_c ;  passe\xa0!"
            " Ce n’est pas fini.",
        ),
        ("caption", 0, "Le retour"),
        ("caption", 0, "Une rame"),
        ("caption", 0, "Sous la pluie"),
        ("quote", 0, "Une phrase. Et une\ndeuxième, dit-il."),
        ("list-item", 0, "un"),
        ("list-item", 0, "deux items"),
        ("list-item", 0, "trois\nquatre"),
        ("list-item", 0, "Ligne"),
        ("list-item", 0, "Ville | pays"),
        ("list-item", 0, "A"),
        ("list-item", 0, "`x` et y"),
        ("paragraph", 0, "Une note."),
        ("paragraph", 0, "Sa suite."),
        ("heading", 2, "Dernier"),
    ]
    assert [b.number for b in document.blocks] == list(range(1, 17))


def test_markdown_in_upper_case() -> None:
    written = write_form(translated(read(MARKDOWN, "a.md"), str.upper)).decode()
    assert (
        written
        == """\
---
title: Le *tram*
---

# LE **TRAM** REVIENT ## {#tram}

IL ROULE [DEPUIS `lundi`](http://a.fr/x_y "LE RETOUR") MATIN, DANS **TOUTE LA VILLE**. \
VOIR [LA NOTE][la note], [NOTE][n] OU <https://a.fr/b_c> ;  ![UNE RAME](x.png "SOUS LA PLUIE") PASSE ! CE N’EST ~~PAS~~ FINI.[^1]

> **UNE PHRASE. ET UNE DEUXIÈME**, DIT-IL.

- [ ] UN
- DEUX *ITEMS*
  1. TROIS QUATRE

| LIGNE | VILLE \\| PAYS |
|:------|---:|
| **A** | `x` ET Y |

<div>Laissé tel quel</div>

```python
print("laissé")
```

[la note]: http://x.fr "Titre laissé"
[n]: /n
[^1]: UNE NOTE.

    SA SUITE.

DERNIER
=======
"""
    )


PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("outputs/*.md")])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_sentence_by_itself_gives_the_same_bytes(path) -> None:
    data = path.read_bytes()
    document = read(data, path.name)
    assert write_form(same(document)) == data
    assert len(document.blocks) > 3


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_keep_their_structure(path) -> None:
    document = read(path.read_bytes(), path.name)
    again = read(write_form(translated(document, lambda word: word[::-1] if word.isascii() else word)), path.name)
    shape = [(b.level, len(p.marks)) for b, p in zip(document.blocks, document.form.parts[0].places, strict=True)]
    assert [(b.level, len(p.marks)) for b, p in zip(again.blocks, again.form.parts[0].places, strict=True)] == shape


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_encoding_and_line_ends_stay(encoding: str, ends: str) -> None:
    data = MARKDOWN.replace("\n", ends).encode(encoding)
    document = read(data, "a.md")
    assert write_form(same(document)) == data
    written = write_form(translated(document, str.upper)).decode(encoding)
    assert "| LIGNE | VILLE" in written and written.count(ends) == written.count("\n") and ("\r\n" in written) == (ends == "\r\n")


WORDS = [
    "Le",
    "tram",
    "l’eau",
    "Nantes",
    "3,5",
    "« oui »",
    "!",
    ".",
    ",",
    "5 * 3",
    "a_b",
    "[sic]",
    "<",
    "&",
    "\\",
    "#",
    "1.",
    "—",
]
MARKS = [("**", "**"), ("*", "*"), ("[", "](http://a.fr)"), ("[", '](b "Un titre")'), ("~~", "~~"), ("<b>", "</b>"), ("_", "_")]


@st.composite
def inline(draw: st.DrawFn, depth: int = 0) -> str:
    parts = ["tram"] if depth else []  # emphasis of signs alone is nobody's
    for _ in range(draw(st.integers(1, 4))):
        what = draw(st.integers(0, 9))
        if what < 2 and depth < 2:
            opens, closes = draw(st.sampled_from(MARKS))
            parts.append(opens + draw(inline(depth + 1)) + closes)
        elif what == 2:
            parts.append(
                draw(
                    st.sampled_from(
                        ["`x*y`", "<https://a.fr/_b_>", "![Image](c.png)", "[^1]", "&eacute;", "\\*", "https://a.fr/c_d"]
                    )
                )
            )
        else:
            parts.append(draw(st.sampled_from(WORDS)))
    return draw(st.sampled_from([" ", " ", "\n"])).join(parts)


BLOCKS = st.tuples(st.sampled_from(["", "# ", "> ", "- ", "1. ", "- > ", "[^1]: ", "Titre\n==\n\n"]), inline())
PAGE = st.lists(BLOCKS, min_size=1, max_size=5)


def page(blocks: list[tuple[str, str]]) -> str:
    written = []
    for lead, body in blocks:
        indent = re.sub(r"[^>]", " ", lead) if "\n" not in lead and lead != "# " else ""
        body = body.replace("\n", " ") if lead == "# " else body.replace("\n", "\n" + indent)
        written.append(lead + body)
    return "\n\n".join(written) + "\n"


@given(PAGE)
@example([("", "tram\n\n`x*y`\n\\\n**tram Le** ![Image](c.png)")])
@settings(max_examples=120, deadline=None)
def test_generated_pages_keep_every_mark(blocks: list[tuple[str, str]]) -> None:
    text = page(blocks)
    try:
        document = read(text, "a.md")
    except InputError:
        return
    assert write_form(same(document)).decode() == text
    done = translated(document, lambda word: word[::-1].capitalize())
    again = read(write_form(done), "a.md")
    assert ["".join(b.text.split()) for b in again.blocks] == [
        "".join("".join(s.target for s in b.segments).split()) for b in done.blocks
    ]
    before, after = document.form.parts[0].places, again.form.parts[0].places
    assert [len(p.marks) for p in before] == [len(p.marks) for p in after], "no mark is lost or doubled"


@given(st.text(max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_markdown_is_read_and_written_back(text: str) -> None:
    try:
        data = text.encode()
        document = read(data, "a.md")
    except (InputError, UnicodeEncodeError):
        return
    assert write_form(same(document)) == data


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_escaped_text_reads_as_itself(text: str) -> None:
    plain = " ".join(text.replace("\0", "").split())
    assert " ".join(read_inline(escape(plain, every=True), {}).text.split()) == plain


def test_hostile_markdown_is_read_in_time() -> None:
    for text in (
        "[" * 20000,
        "*a " * 10000,
        "a " + "` `` " * 10000,
        "> " * 3000 + "a",
        "![" * 10000,
        "<a " * 10000,
        "| a " * 5000 + "\n|" + "-|" * 5000,
    ):
        found, _, _ = read_markdown(text + "\n\nFin.")
        assert found[-1].text == "Fin."


def test_without_the_original_there_is_no_same_form() -> None:
    with pytest.raises(InputError, match="the original is not at hand"):
        write_form(replace(read("Oui.", "a.txt"), form=None))


PAGE_OF_HTML = """\
<!DOCTYPE html>
<html lang="fr-FR"><head><meta charset="utf-8"><title>Le tram | Le Journal</title>
<style>p { color: red }</style><script>if (a < b) document.write("<p>Non</p>")</script></head>
<body><header><h1>Le <em>tram</em> revient</h1></header>
<nav><ul><li><a href="/">Accueil</a></li><li>Rubriques</li></ul></nav>
<article class="post">
  <p>Il roule <a href="a.html?x=1&amp;y=2" title="Non lu">depuis <code>lundi</code></a> matin&nbsp;: c&rsquo;est
     <b>une bonne <i>nouvelle</i></b> pour Nantes &amp; Rennes.<sup><a href="#n1">1</a></sup></p>
  <div class="share-bar"><a>Partager</a></div>
  <h2>Le calendrier</h2>
  <ul><li>lundi</li><li>mardi <p>et plus</p></ul>
  <p>Une ligne<br>
  Une autre<br/><img src="x.png" alt="Une &quot;rame&quot;"> suite
  <p>Sans fin
  <blockquote><p>Une phrase. <b>Une deuxième.</b> Une troisième.</p></blockquote>
  <table><tr><td>un</td><td>deux</td></tr></table>
  <pre>laissé tel quel</pre><form><label>Adresse</label></form>
</article><footer><p>Mentions légales de ce site, avec un long texte que personne ne lit jamais, ou presque.</p></footer>
</body></html>
"""


def test_html_is_read_by_its_structure() -> None:
    document = read(PAGE_OF_HTML, "a.html")
    assert [(b.kind, b.level, b.text) for b in document.blocks] == [
        ("title", 1, "Le tram revient"),
        (
            "paragraph",
            0,
            "Il roule depuis `lundi` matin\xa0: c’est une bonne nouvelle pour Nantes & Rennes.",
        ),
        ("heading", 2, "Le calendrier"),
        ("list-item", 0, "lundi"),
        ("list-item", 0, "mardi"),
        ("list-item", 0, "et plus"),
        ("paragraph", 0, "Une ligne"),
        ("paragraph", 0, "Une autre"),
        ("paragraph", 0, "suite"),
        ("caption", 0, 'Une "rame"'),
        ("paragraph", 0, "Sans fin"),
        ("quote", 0, "Une phrase. Une deuxième. Une troisième."),
        ("list-item", 0, "un"),
        ("list-item", 0, "deux"),
    ]


def test_html_in_upper_case() -> None:
    written = write_form(translated(read(PAGE_OF_HTML, "a.html"), str.upper)).decode()
    for expected in (
        '<html lang="en">',
        "<h1>LE <em>TRAM</em> REVIENT</h1>",
        '<p>IL ROULE <a href="a.html?x=1&amp;y=2" title="Non lu">DEPUIS <code>lundi</code></a> MATIN : C’EST'
        ' <b>UNE BONNE <i>NOUVELLE</i></b> POUR NANTES &amp; RENNES.<sup><a href="#n1">1</a></sup></p>',
        '<p>UNE LIGNE<br>\n  UNE AUTRE<br/><img src="x.png" alt="UNE &quot;RAME&quot;"> SUITE',
        "<blockquote><p>UNE PHRASE. <b>UNE DEUXIÈME.</b> UNE TROISIÈME.</p></blockquote>",
        "<li>Rubriques</li>",
        "<pre>laissé tel quel</pre><form><label>Adresse</label></form>",
        "<p>Mentions légales",
        'document.write("<p>Non</p>")',
    ):
        assert expected in written, expected


HTML_PAGES = [
    "<p>Un <b>deux</b> trois</p>" * 3,
    PAGE_OF_HTML,
    "Texte sans <i>balise",
    "<div><p>Un</div></b><p>a < b & c</p><!-- x",
]
TAGS = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<a href='x>y'>",
    "</a>",
    "<br>",
    "<li>",
    "</div>",
    "<div>",
    "<!-- c -->",
    "&eacute;",
    "&nbsp;",
]
TAGS += [
    "<code>x</code>",
    "<img alt='Une image'>",
    "<td>",
    "<script>",
    "</script>",
    "<",
    "&",
    '"',
    "<h2>",
    "</h2>",
    " ",
    "\n",
    "Oui.",
    "tram",
]


@given(st.one_of(st.sampled_from(HTML_PAGES), st.lists(st.sampled_from(TAGS), max_size=30).map("".join), st.text(max_size=80)))
@settings(max_examples=400, deadline=None)
def test_any_html_is_read_and_written_back(text: str) -> None:
    try:
        data = text.encode()
        document = read(data, "a.html")
    except (InputError, UnicodeEncodeError):
        return
    part = replace(document.form.parts[0], swaps=())
    document = replace(document, form=replace(document.form, parts=(part,)))
    assert write_form(same(document)) == data
    done = translated(document, lambda word: word[::-1].capitalize())
    again = read(write_form(done), "a.html")
    assert ["".join(b.text.split()) for b in again.blocks] == [
        "".join("".join(s.target for s in b.segments).split()) for b in done.blocks
    ]
    before, after = document.form.parts[0].places, again.form.parts[0].places
    assert [len(p.marks) for p in before] == [len(p.marks) for p in after], "no mark is lost or doubled"


def test_html_keeps_its_encoding() -> None:
    data = '<meta charset="iso-8859-1"><p>L’été <b>est là</b>.</p>'.encode("cp1252")
    document = read(data, "a.html")
    assert document.encoding == "cp1252" and write_form(same(document)) == data
    done = document.with_segments(replace(s, target="Ça → “là”") for s in document.segments)
    assert write_form(done).decode("cp1252").endswith("Ça &#8594; “là”.</p>") or b"&#8594;" in write_form(done)


def test_without_marks_of_its_own_the_densest_part_is_the_article() -> None:
    menu = "".join(f'<div><p><a href="/{i}">Une rubrique du site numéro {i}</a></p></div>' for i in range(30))
    body = "".join(
        f"<p>Le tram numéro {i} roule de nouveau depuis ce matin dans toute la ville de Nantes.</p>" for i in range(12)
    )
    document = read(
        f"<body><div>{menu}</div><div><div>{body}</div></div><div><p>Tous droits réservés, bien sûr, à nous.</p></div>", "a.html"
    )
    assert len(document.blocks) == 12 and all("tram" in b.text for b in document.blocks)


def test_hostile_html_is_read_in_time() -> None:
    for text in (
        "<a " * 50000,
        "<" * 100000,
        "<div>" * 20000 + "a",
        "<!--" * 30000,
        '<a b="' * 30000,
        "&#" * 50000,
        "<script>" * 20000,
        "<b>" * 20000 + "a",
        "</p>" * 50000,
    ):
        try:
            document = read(text + "<p>Fin.</p>", "a.html")
        except InputError:
            continue
        write_form(translated(document, str.upper))


SUBTITLES = """\
1
00:00:01,000 --> 00:00:03,500
<i>Le tram de Nantes roule de nouveau</i>
<i>depuis lundi matin, après deux ans,</i>

2
00:00:03,600 --> 00:00:05,000 X1:40
{\\an8}et toute la ville en parle.

3
00:00:06,000 --> 00:00:08,000
- Vous y croyez ?
- Oui, <b>bien sûr</b> !

4
00:00:20,000 --> 00:00:22,000
♪ ♪

5
00:00:23,000 --> 00:00:24,000
Fin & suite.
"""


def test_subtitles_join_sentences_across_cues() -> None:
    document = read(SUBTITLES, "a.srt")
    assert [[s.source for s in b.segments] for b in document.blocks] == [
        ["Le tram de Nantes roule de nouveau\ndepuis lundi matin, après deux ans,\net toute la ville en parle."],
        ["- Vous y croyez ?", "- Oui, bien sûr !"],
        ["Fin & suite."],
    ]
    assert {b.kind for b in document.blocks} == {"paragraph"}
    assert write_form(same(document)).decode() == SUBTITLES


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_subtitles_keep_their_times(ends: str) -> None:
    written = write_form(translated(read(SUBTITLES.replace("\n", ends), "a.srt"), str.upper)).decode()
    assert (
        written
        == """\
1
00:00:01,000 --> 00:00:03,500
<i>LE TRAM DE NANTES ROULE DE NOUVEAU</i>
<i>DEPUIS LUNDI MATIN, APRÈS DEUX ANS,</i>

2
00:00:03,600 --> 00:00:05,000 X1:40
{\\an8}ET TOUTE LA VILLE EN PARLE.

3
00:00:06,000 --> 00:00:08,000
- VOUS Y CROYEZ ?
- OUI, <b>BIEN SÛR</b> !

4
00:00:20,000 --> 00:00:22,000
♪ ♪

5
00:00:23,000 --> 00:00:24,000
FIN & SUITE.
""".replace("\n", ends)
    )


def test_vtt() -> None:
    text = "WEBVTT\n\nNOTE laissé\n\n00:01.000 --> 00:02.000 align:start\n<v Anne>Un &amp; deux</v>\n\n00:03.000 --> 00:04.000\nFin.\n"
    document = read(text, "a.vtt")
    assert [s.source for s in document.segments] == ["Un & deux\nFin."] and write_form(same(document)).decode() == text
    written = write_form(translated(document, str.upper)).decode()
    assert written == text.replace("Un &amp; deux", "UN &amp; DEUX").replace("Fin.", "FIN.")


WORDS_SAID = st.lists(
    st.sampled_from(["oui", "le tram", "<i>roule</i>", "enfin.", "- Non", "!", "anticonstitutionnellement"]), max_size=8
)


@given(st.lists(st.tuples(WORDS_SAID, st.booleans()), min_size=1, max_size=6), st.integers(0, 30))
@settings(max_examples=200, deadline=None)
def test_every_cue_stays_and_every_word_is_shown_once(cues, length: int) -> None:
    text = "".join(
        f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{(chr(10) if two else ' ').join(said)}\n\n"
        for n, (said, two) in enumerate(cues)
    )
    try:
        document = read(text, "a.srt")
    except InputError:
        return
    assert write_form(same(document)).decode() == text
    target = " ".join(f"mot{i}" for i in range(length)) or "."
    done = document.with_segments(replace(s, target=target) for s in document.segments)
    written = write_form(done).decode()
    timing = re.compile(r"^.*-->.*$", re.MULTILINE)
    assert timing.findall(written) == timing.findall(text)
    assert written.count("<i>") == written.count("</i>")
    shown = re.sub(r"</?i>", "", written)
    assert re.findall(r"mot\d+", shown) == re.findall(r"mot\d+", target) * len(done.segments)
    assert all(len(line) <= 42 for line in shown.splitlines() if "mot" in line)


def test_speakers_keep_their_dash() -> None:
    document = read("1\n00:00:01,000 --> 00:00:02,000\n- Vous y croyez ?\n- Oui !\n", "a.srt")
    done = document.with_segments(replace(s, target=t) for s, t in zip(document.segments, ("Do you?", "Yes!"), strict=True))
    assert write_form(done).decode().endswith("\n- Do you?\n- Yes!\n")


def test_raised_numbers_are_words_unless_they_are_notes() -> None:
    document = read('<p>Il fait 12 m<sup>2</sup> ici<sup><a href="#n">3</a></sup>.</p>', "a.html")
    assert document.blocks[0].text == "Il fait 12 m2 ici."
