"""The page in a real browser: Debian's Chromium, driven by Playwright. Skipped where there is none; `.ci/run` sees that there is one."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_page import summarised
from test_writing import PIECES, article, block, hit, said

from bilingual.document import Block, Document, Segment
from bilingual.writing.escape import visible
from bilingual.writing.page import card, to_html, to_index

CHROMIUM = os.environ.get("BILINGUAL_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"

pytestmark = pytest.mark.browser

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if os.environ.get("BILINGUAL_BROWSER") != "required":
        pytest.importorskip("playwright.sync_api", reason="needs playwright, of the extra [test]")
        if not CHROMIUM:
            pytest.skip("needs Chromium: apt-get install chromium, or name it in BILINGUAL_CHROMIUM")
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "BILINGUAL_BROWSER=required, and there is no chromium"
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Open a document (or a page) from the disk. In the end nothing must have been asked of a network and nothing gone wrong."""
    contexts: list[Any] = []
    asked: list[str] = []
    said_: list[str] = []

    def call(what: Document | str, width: int = 1280, height: int = 900, anchor: str = "", **options: Any) -> Any:
        path = tmp_path / f"page{len(contexts)}.html"
        path.write_text(what if isinstance(what, str) else to_html(what), encoding="utf-8", newline="")
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said_.append(message.text))
        page.on("pageerror", lambda error: said_.append(str(error)))
        page.on("dialog", lambda dialog: said_.append(f"dialog: {dialog.message}"))
        page.goto(path.as_uri() + anchor)
        return page

    yield call
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith("file://") or not url.split("#")[0].endswith(".html")] == []
    assert said_ == []


def linked() -> Document:
    """The article of the golden files with a summary, and with word links in one sentence."""
    document = summarised(article())
    source, target = "Le chat noir, lui, a dormi 😀 là.", "The black cat has slept 😀 there."
    pairs = [("Le", "The"), ("noir", "black"), ("chat", "cat"), ("a", "has"), ("dormi", "slept"), ("là", "there")]

    def span(text: str, word: str) -> tuple[int, int]:
        start = re.search(rf"\b{word}\b", text).start()  # type: ignore[union-attr]
        return start, start + len(word)

    words = Segment(
        "p20.s1",
        source,
        target=target,
        links=tuple((span(source, french), span(target, english)) for french, english in pairs),
        terms=(hit(source, "chat", "cat", target, "cat", status="enforced", method="repair", score_change=-0.25),),
    )
    filler = [said(f"Phrase numéro {n} du texte.", f"Sentence number {n} of the text.") for n in range(40)]
    return replace(
        document,
        blocks=(
            *document.blocks,
            Block(20, "paragraph", source, segments=(words,)),
            *(block(21 + n, "paragraph", one, one) for n, one in enumerate(filler)),
        ),
    )


BOXES = """() => [...document.querySelectorAll('#article tr[id], .hd:not(.alone)')].map(row => [...row.children].slice(0, 2)
    .map(cell => { const b = cell.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom] }))"""
PAIR = "() => [...(CSS.highlights.get('pair') || [])].map(range => range.toString())"


# -------------------------------------------------------------------------------------------------------------------- layout


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("width", [375, 900, 1600])
def test_rows_are_aligned(visit: Open, width: int, scripts: bool) -> None:
    page = visit(linked(), width, java_script_enabled=scripts)
    assert page.locator("#bar").is_visible() == scripts
    cells = page.locator("#article tr[id]")
    for index in (0, 4, cells.count() - 1):
        french, english = (cells.nth(index).locator("td").nth(side).bounding_box() for side in (0, 1))
        if width == 375:
            assert english["y"] >= french["y"] + french["height"] - 1 and abs(english["x"] - french["x"]) < 1
        else:
            assert abs(english["y"] - french["y"]) < 1 and english["x"] > french["x"] + french["width"]
    if not scripts:
        return
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    boxes = page.evaluate(BOXES)
    lefts = {round(english[0]) for _, english in boxes}
    assert len(boxes) > 90 and (width == 375 or len(lefts) <= 4)  # rows, headings, quotes, lists
    for french, english in boxes:
        assert english[1] >= french[3] - 1 if width == 375 else abs(english[1] - french[1]) < 1


def test_one_language_or_both(visit: Open) -> None:
    page = visit(linked())
    french, english = page.locator('[id="p4.s1"] td').nth(0), page.locator('[id="p4.s1"] td').nth(1)
    for key, name, wanted in (
        ("3", "English", (False, True)),
        ("4", "French", (True, False)),
        ("2", "Interleaved", (True, True)),
    ):
        page.keyboard.press("1")
        page.keyboard.press(key)
        assert (french.is_visible(), english.is_visible()) == wanted
        page.keyboard.press("1")
        page.get_by_text(name, exact=True).first.click()
        assert (french.is_visible(), english.is_visible()) == wanted
        assert page.locator("h1").is_visible() == wanted[1]
    assert english.bounding_box()["y"] > french.bounding_box()["y"]
    page.locator("body").press("3")
    tops = [page.locator(f'[id="p4.s{n}"] td').nth(1).bounding_box()["y"] for n in (1, 2)]
    assert tops[0] == tops[1], "the sentences of a paragraph flow"
    assert "#" not in page.url and page.evaluate("() => localStorage.length + document.cookie.length") == 0


def test_a_reload_keeps_what_is_shown_and_nothing_else_does(visit: Open) -> None:
    page = visit(article())
    page.keyboard.press("3")
    page.reload()
    page.wait_for_function("() => document.body.dataset.view == document.querySelector('#view :checked').value")
    assert visit(article()).evaluate("() => document.body.dataset.view") == "both"


def test_dark_and_calm_on_request(visit: Open) -> None:
    def darkness(page: Any) -> int:
        return sum(map(int, re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))[:3]))

    page = visit(article(), color_scheme="dark", reduced_motion="reduce")
    assert darkness(page) < 120
    page.get_by_role("button", name="Dark").click()
    assert darkness(page) > 600 and page.locator("#theme").get_attribute("aria-pressed") == "false"
    assert page.evaluate("getComputedStyle(document.querySelector('#article td')).transitionDuration") == "0s"
    assert darkness(visit(article())) > 600


def test_print_has_both_columns_and_no_tools(visit: Open, tmp_path: Path) -> None:
    page = visit(linked(), 375)
    page.keyboard.press("2")
    page.emulate_media(media="print")
    french, english = (page.locator('[id="p4.s1"] td').nth(side).bounding_box() for side in (0, 1))
    assert abs(english["y"] - french["y"]) < 1 and english["x"] > french["x"]
    assert not page.locator("#bar").is_visible() and not page.locator("#help").is_visible()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF-") and len(pdf) > 20_000


# -------------------------------------------------------------------------------------------------------------- pointing, terms


def at(page: Any, row: str, side: int, word: str) -> tuple[float, float]:
    """The middle of a word on the screen."""
    x, y = page.evaluate(
        """([id, side, word]) => { const walker = document.createTreeWalker(document.getElementById(id).children[side], 4);
        for (let node; node = walker.nextNode();) { const at = node.data.indexOf(word); if (at < 0) continue;
          const range = new Range(); range.setStart(node, at); range.setEnd(node, at + word.length);
          const box = range.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2] } }""",
        [row, side, word],
    )
    return x, y


def test_words_light_up_their_partners(visit: Open) -> None:
    page = visit(linked())
    page.locator('[id="p20.s1"]').scroll_into_view_if_needed()
    for side, word, wanted in (
        (0, "noir", {"noir", "black"}),
        (1, "slept", {"slept", "dormi"}),
        (1, "there", {"là", "there"}),
        (0, "chat", {"chat", "cat"}),
        (0, "lui", set()),
    ):
        page.mouse.move(*at(page, "p20.s1", side, word))
        page.wait_for_function("wanted => [...(CSS.highlights.get('pair') || [])].length == wanted", arg=len(wanted))
        assert set(page.evaluate(PAIR)) == wanted
    page.mouse.move(*at(page, "p20.s1", 1, "cat"))
    page.wait_for_function("() => document.querySelectorAll('a.on').length == 2")
    lit = "() => [...document.getElementById('p20.s1').children].map(c => getComputedStyle(c).backgroundColor)"
    assert len(set(page.evaluate(lit))) == 1 and "rgba(0, 0, 0, 0)" not in page.evaluate(lit)


def test_a_term_shows_its_receipt(visit: Open) -> None:
    page = visit(linked())
    receipt = page.locator("#receipt")
    term = page.locator('[id="p20.s1"] td:nth-child(2) a')
    assert not receipt.is_visible()
    term.click()
    assert receipt.is_visible()
    text = receipt.inner_text()
    assert "chat → cat" in text and "Enforced: the glossary put it in." in text
    assert "The words that rendered it were replaced; the sentence’s score changed by −0.25." in text
    page.keyboard.press("Escape")
    assert not receipt.is_visible() and term.evaluate("term => term == document.activeElement")
    page.keyboard.press("Enter")
    assert receipt.is_visible()
    receipt.get_by_role("link").click()
    assert not receipt.is_visible() and page.url.endswith("#t5")
    missed = page.locator('[id="p4.s2"] a')
    missed.click()
    assert "puce → chip" in receipt.inner_text() and "Missed" in receipt.inner_text()
    assert page.locator('[id="p4.s1"] td:first-child a').first.get_attribute("tabindex") == "-1"
    assert missed.get_attribute("tabindex") is None


def test_a_browser_without_highlights_and_popovers(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(to_html(linked()), encoding="utf-8")
    page = browser.new_page()
    page.add_init_script(
        "delete window.Highlight; delete HTMLElement.prototype.showPopover; delete HTMLElement.prototype.popover"
    )
    page.goto((tmp_path / "page.html").as_uri())
    receipt = page.locator("#receipt")
    page.locator('[id="p4.s1"] td:nth-child(2) a').first.click()
    assert receipt.is_visible() and "puces → chips" in receipt.inner_text()
    page.keyboard.press("Escape")
    assert not receipt.is_visible()
    page.keyboard.press("/")
    page.keyboard.type("supercomputers")
    page.wait_for_function("() => document.querySelectorAll('tr.hit').length == 1")
    page.close()


def test_the_summary_leads_to_its_sentences(visit: Open) -> None:
    page = visit(linked(), 375, 700)
    page.locator("#summary td.e a").last.click()
    page.wait_for_timeout(600)
    row = page.locator('[id="p12.s1"]')
    assert row.evaluate("row => row.matches('.cur') && row == document.activeElement")
    assert 0 <= row.bounding_box()["y"] <= 700


# ------------------------------------------------------------------------------------------------------------- keys and search


def test_keys(visit: Open) -> None:
    page = visit(linked(), reduced_motion="reduce")
    current = "() => (document.querySelector('.cur') || {}).id"
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate(current) == "p2.s1"
    page.keyboard.press("k")
    assert page.evaluate(current) == "p1.s1" == page.evaluate("() => document.activeElement.id")
    page.keyboard.press("d")
    assert page.evaluate(current) == "p4.s2"
    while page.evaluate(current) != "p20.s1":
        page.keyboard.press("j")
    assert 60 < page.locator(".cur").bounding_box()["y"] < 880
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert set(page.evaluate(PAIR)) == {"noir", "black"}
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys and marks").is_visible()
    page.get_by_label("Single keys work").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    page.keyboard.press("/")
    assert page.evaluate(current) == "p20.s1" and page.evaluate("() => document.activeElement.id") != "q"


def test_search(visit: Open) -> None:
    page = visit(linked(), reduced_motion="reduce")
    page.keyboard.press("/")
    page.keyboard.type("NUMERO 7 ")
    found = page.locator("#found")
    page.wait_for_function("() => document.getElementById('found').textContent == '2 found'")
    painted = "name => [...CSS.highlights.get(name)].map(range => range.toString())"
    assert page.evaluate(painted, "find") == ["numéro 7", "numéro 7"]
    page.keyboard.press("Enter")
    assert found.inner_text() == "1 of 2" and page.evaluate(painted, "found") == ["numéro 7"]
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert found.inner_text() == "1 of 2"
    assert 0 < page.locator('[id="p28.s1"]').bounding_box()["y"] < 900
    page.keyboard.press("Escape")
    assert page.locator("#q").input_value() == "" and not page.evaluate("() => CSS.highlights.has('find')")
    page.keyboard.press("3")
    page.keyboard.press("/")
    page.keyboard.type("numéro")
    page.wait_for_function("() => document.getElementById('found').textContent == 'Nothing found'")


# ----------------------------------------------------------------------------------------------------- what must not happen


def test_hostile_text_only_appears(visit: Open) -> None:
    texts = [
        "<script>window.pwned = 1</script>",
        "<img src=x onerror='window.pwned = 1'>",
        "javascript:window.pwned=1 https://exemple.fr/",
        "\u202eretourné\u202c \u2066isolé",
        "\"'></td></tr></table><h1>x</h1>",
        "</style></script><!-- ",
        "".join(piece for piece in PIECES),
        "https://exemple.fr/" + "x" * 400,
    ]
    segments = [
        replace(
            said(text, text, reason=text, flags=(text,)),
            terms=(hit(text, text[3:9], text, text, text[3:9], status="enforced", method=text),),
        )
        for text in texts
    ]
    page = visit(Document("<b>.txt", (block(1, "title", segments[0]), block(2, "tweet", *segments)), notes=tuple(texts)), 375)
    for number, text in enumerate(texts, 1):
        cells = page.locator(f'[id="p2.s{number}"] td')
        assert [cells.nth(side).text_content() for side in (0, 1)] == [visible(text)] * 2
    assert page.evaluate(
        "() => [window.pwned, document.scripts.length, document.images.length, document.querySelectorAll('h1').length]"
    ) == [
        None,
        1,
        0,
        1,
    ]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator('[id="p2.s1"] td:nth-child(2) a').click()
    assert "ipt>wi" in page.locator("#receipt").inner_text()
    page.keyboard.press("/")
    page.keyboard.type("<script>")
    page.wait_for_function("() => /found/.test(document.getElementById('found').textContent)")
    assert page.evaluate("() => window.pwned") is None


def test_the_policy_stops_what_would_leave_the_page(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(to_html(article()), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    blocked = page.evaluate(
        """() => new Promise(done => { const seen = []; document.addEventListener('securitypolicyviolation', event => {
        seen.push(event.effectiveDirective); if (seen.length == 3) done(seen.sort()) });
        const add = (tag, attributes) => document.body.append(Object.assign(document.createElement(tag), attributes));
        add('img', { src: 'http://127.0.0.1:9/x.png' }); add('script', { textContent: 'window.pwned = 1' });
        const styled = document.createElement('p'); styled.setAttribute('style', 'color: red'); document.body.append(styled) })"""
    )
    assert blocked == ["img-src", "script-src-elem", "style-src-attr"] and page.evaluate("() => window.pwned") is None
    page.close()


# --------------------------------------------------------------------------------------------------------- accessible, large


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit: Open, scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs axe-playwright-python, of the extra [test]"
    ).Axe()

    def findings(page: Any) -> list[str]:
        result = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        return [f"{found['id']}: {node['html'][:120]}: {node['failureSummary']}" for found in result for node in found["nodes"]]

    document = linked()
    small = replace(document, blocks=document.blocks[:15])
    page = visit(small, color_scheme=scheme, reduced_motion="reduce")
    for view in "1234":
        page.keyboard.press(view)
        assert findings(page) == [], view
    page.keyboard.press("1")
    page.keyboard.press("d")
    page.locator('[id="p20.s1"] td:nth-child(2) a').click()
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert findings(page) == []
    assert findings(visit(small, 375, color_scheme=scheme)) == []
    assert findings(visit(to_index([("a.html", card(document)), ("b.html", card(article()))]), color_scheme=scheme)) == []


def test_a_large_article_stays_usable(visit: Open) -> None:
    words = "La machine calcule vite et refroidit ses puces dans un grand bassin d’eau claire".split()
    links = tuple(((5 * n, 5 * n + 4), (5 * n, 5 * n + 4)) for n in range(14))
    blocks = []
    for number in range(1, 1001):
        made = []
        for sentence in range(5):
            shift = (number * 5 + sentence) % len(words)
            text = f"{' '.join(words[shift:] + words[:shift])} {number}.{sentence}."
            made.append(Segment(f"p{number}.s{sentence + 1}", text, target=text, links=links))
        blocks.append(Block(number, "paragraph", "", segments=tuple(made)))
    began = time.monotonic()
    text = to_html(Document("a.txt", tuple(blocks)))
    made_in, began = time.monotonic() - began, time.monotonic()
    page = visit(text)
    page.keyboard.press("j")
    page.wait_for_function("() => document.querySelector('.cur')")
    opened_in, began = time.monotonic() - began, time.monotonic()
    page.keyboard.press("/")
    page.keyboard.type("999.4")
    page.wait_for_function("() => /found/.test(document.getElementById('found').textContent)")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => { const box = document.getElementById('p999.s4').getBoundingClientRect(); return box.top > 60 && box.bottom < innerHeight }"
    )
    found_in, began = time.monotonic() - began, time.monotonic()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.evaluate("() => document.body.offsetHeight")
    changed_in = time.monotonic() - began
    print(
        f"5,000 sentences: {len(text) / 1e6:.2f} MB, {made_in=:.2f} s, {opened_in=:.2f} s, {found_in=:.2f} s, {changed_in=:.2f} s"
    )
    assert made_in < 15 and opened_in < 10 and found_in < 6 and changed_in < 6  # a busy machine; a quiet one takes a tenth
