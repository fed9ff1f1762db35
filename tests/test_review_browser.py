"""The page of a review in a real browser: Debian's Chromium, driven by Playwright, against the real server on this machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from test_browser import browser  # noqa: F401  (a fixture)
from test_review import CASES, MATCHER, article

from bilingual.cli.review import Disk
from bilingual.document import Document, Segment
from bilingual.review.desk import Desk
from bilingual.review.door import Keys
from bilingual.review.server import application, listen, server
from bilingual.writing.jsonl import from_jsonl, to_jsonl

pytestmark = pytest.mark.browser

PAIRS = [
    ("Un centre de puces", "A center of chips"),
    ("Le centre abrite 100 000 puces.", "The center houses 100,000 chips."),
    ("Le supercalculateur a 40 ans.", "The supercomputer is 50."),
    ("Il dort depuis lundi, dit-on, et personne ne sait encore quand il se lèvera pour de bon.",
     "He has been asleep since Monday, they say, and nobody knows yet when he will get up for good, if he ever does get up."),
    ("Tout va bien.", "All is well."),
]  # fmt: skip


@dataclass
class Review:
    """An article under review: its file, its address, the pages that are open."""

    path: Path
    keys: Keys
    visit: Callable[..., Any]
    stop: Callable[[], None]

    def segment(self, identity: str) -> Segment:
        return next(s for s in from_jsonl(self.path.read_text("utf-8"), "a").segments if s.id == identity)


@pytest.fixture
def review(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Review]]:  # noqa: F811
    """Serve a document. In the end nothing must have been asked of anybody else, and nothing gone wrong but what was expected."""
    contexts: list[Any] = []
    ends: list[Callable[[], None]] = []
    asked: list[str] = []
    said: list[str] = []
    expected: list[str] = []

    def call(document: Document | None = None, expect: str = "") -> Review:
        path = tmp_path / "a.fr-en.jsonl"
        path.write_text(to_jsonl(document or article(*PAIRS)), encoding="utf-8")
        heard = listen(0)
        keys = Keys(heard.getsockname()[1])
        serving = server(application(Desk(Disk(path, Path(path.name)), path.name, MATCHER), keys))
        thread = Thread(target=serving.run, kwargs={"sockets": [heard]})
        thread.start()
        expected.append(expect)

        def stop() -> None:
            serving.should_exit = True
            thread.join(10)
            heard.close()

        ends.append(stop)

        def visit(width: int = 1280, height: int = 900, **options: Any) -> Any:
            context = browser.new_context(viewport={"width": width, "height": height}, **options)
            contexts.append(context)
            page = context.new_page()
            page.on("request", lambda request: asked.append(request.url))
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.on("dialog", lambda dialog: said.append(f"dialog: {dialog.message}"))
            page.goto(keys.address)
            page.wait_for_selector("#article .row")
            return page

        return Review(path, keys, visit, stop)

    yield call
    for context in contexts:
        context.close()
    for stop in ends:
        stop()
    assert [url for url in asked if not url.startswith("http://127.0.0.1:")] == []
    assert [text for text in said if not (expected[0] and expected[0] in text)] == []


def english(page: Any, identity: str) -> Any:
    return page.locator(f'[id="{identity}"] textarea')


def notes(page: Any, identity: str) -> list[str]:
    return [text.strip() for text in page.locator(f'[id="{identity}-n"] li').all_inner_texts()]


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.closest('.row')?.id || ''"))


def until(page: Any, holds: Callable[[], bool]) -> None:
    """Wait: the page's policy admits no predicate that Playwright would poll in it."""
    for _ in range(250):
        if holds():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it did not come to that")


def state(page: Any, text: str) -> None:
    until(page, lambda: page.locator("#state").text_content() == text)


def marks(page: Any, identity: str, side: str) -> list[str]:
    return [
        f"{m.get_attribute('class').split()[1]}: {m.inner_text()}" for m in page.locator(f'[id="{identity}"] {side} .m').all()
    ]


def test_a_term_and_a_number_are_seen_while_typing_and_what_is_confirmed_is_saved(review: Callable[..., Review]) -> None:
    one = review()
    page = one.visit()
    assert page.url == f"http://127.0.0.1:{one.keys.port}/", "the token is not to be seen"
    assert notes(page, "p2.s1") == [] and marks(page, "p2.s1", ".f") == ["kept: puces"]
    field = english(page, "p2.s1")
    field.fill("The center houses 10,000 fleas.")
    page.wait_for_selector('[id="p2.s1"].error')
    assert marks(page, "p2.s1", ".f") == ["doubt: 100 000", "missed: puces"]
    assert marks(page, "p2.s1", ".mirror") == ["doubt: 10,000", "missed: fleas"]
    assert [text.split(":")[0] for text in notes(page, "p2.s1")] == [
        "puces is rendered as fleas, which is forbidden; wanted",
        "100 000 became 10,000",
    ]
    state(page, "1 not saved")
    page.get_by_role("button", name="Insert chips").click()
    assert field.input_value() == "The center houses 10,000 chips." and focused(page) == "p2.s1"
    until(page, lambda: len(notes(page, "p2.s1")) == 1)
    assert marks(page, "p2.s1", ".mirror") == ["doubt: 10,000", "kept: chips"]
    field.fill("The centre houses 100,000 chips.")
    page.wait_for_selector('[id="p2.s1"]:not(.error)')
    assert notes(page, "p2.s1") == [] and one.segment("p2.s1").origin == "mt"
    field.press("Enter")
    assert focused(page) == "p3.s1"
    state(page, "All saved")
    now = one.segment("p2.s1")
    assert (now.target, now.origin, [t.status for t in now.terms]) == (
        "The centre houses 100,000 chips.",
        "post-edited",
        ["kept"],
    )
    page.reload()
    page.wait_for_selector('[id="p2.s1"].confirmed')
    assert english(page, "p2.s1").input_value() == now.target
    assert page.locator("#progress").inner_text() == "1 of 5 done"


def test_the_keyboard_alone(review: Callable[..., Review]) -> None:
    one = review()
    page = one.visit()
    english(page, "p1.s1").focus()
    page.keyboard.press("Tab")
    assert focused(page) == "p2.s1"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "p2.s1"
    page.keyboard.press("Alt+ArrowDown")
    assert focused(page) == "p3.s1", "the next that is flagged"
    page.keyboard.press("ArrowDown")
    lines = page.evaluate(
        "(e => Math.round((e.clientHeight - 7) / parseFloat(getComputedStyle(e).lineHeight)))(document.activeElement)"
    )
    assert focused(page) == "p4.s1" and lines > 1
    for _ in range(lines - 1):
        page.keyboard.press("ArrowDown")
        assert focused(page) == "p4.s1", "its other lines come first"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "p5.s1"
    page.keyboard.press("ArrowUp")
    for _ in range(lines - 1):
        assert focused(page) == "p4.s1"
        page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert focused(page) == "p3.s1"
    english(page, "p3.s1").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("The machine is 40.")
    until(page, lambda: page.locator('[id="p3.s1-n"] button').count() == 1)
    page.keyboard.press("Home")
    for _ in range(2):
        page.keyboard.press("Control+Shift+ArrowRight")
    page.keyboard.press("Alt+Enter")
    assert english(page, "p3.s1").input_value() == "supercomputer is 40."
    page.keyboard.press("Home")
    page.keyboard.type("The ")
    page.keyboard.press("Control+z")
    page.keyboard.type("Our ")
    until(page, lambda: notes(page, "p3.s1") == [])
    page.keyboard.press("Control+s")
    state(page, "All saved")
    assert one.segment("p3.s1").target.endswith("supercomputer is 40.") and focused(page) == "p3.s1"
    page.keyboard.press("Alt+u")
    page.wait_for_selector('[id="p3.s1"].untouched')
    assert one.segment("p3.s1").origin == "mt" and english(page, "p3.s1").input_value() == "The supercomputer is 50."
    english(page, "p5.s1").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector('[id="p5.s1"].confirmed')
    assert focused(page) == "p5.s1", "there is no next"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()
    [*tests] = [(s.id, s.origin) for s in from_jsonl(one.path.read_text("utf-8"), "a").segments if s.origin != "mt"]
    assert tests == [("p5.s1", "post-edited")]


def test_filters_and_counters(review: Callable[..., Review]) -> None:
    one = review()
    page = one.visit()

    def shown() -> list[str]:
        return [row.get_attribute("id") for row in page.locator(".row:not([hidden])").all()]

    def counters() -> list[str]:
        return [text.split()[1] for text in page.locator("#show span").all_inner_texts()]

    assert counters() == ["5", "1", "0", "5"]
    page.locator("#show").get_by_text("Flagged").click()
    assert shown() == ["p3.s1"]
    english(page, "p3.s1").fill("The supercomputer is 40.")
    page.wait_for_selector('[id="p3.s1"]:not(.error)')
    assert shown() == ["p3.s1"], "what is being edited does not go away"
    page.keyboard.press("Enter")
    state(page, "All saved")
    page.locator("#article").focus()
    page.wait_for_selector("#none:not([hidden])")
    assert counters() == ["5", "0", "1", "4"] and shown() == []
    page.locator("#show").get_by_text("Edited").click()
    assert shown() == ["p3.s1"]
    page.locator("#show").get_by_text("Open").click()
    assert shown() == ["p1.s1", "p2.s1", "p4.s1", "p5.s1"]


def test_what_was_typed_is_saved_when_the_page_is_left(review: Callable[..., Review]) -> None:
    one = review()
    page = one.visit()
    english(page, "p5.s1").focus()
    page.keyboard.press("End")
    page.keyboard.type(" Really 😀.")
    page.goto("about:blank")
    for _ in range(50):
        if one.segment("p5.s1").origin == "post-edited":
            break
        time.sleep(0.1)
    assert one.segment("p5.s1").target == "All is well. Really 😀."


def test_a_file_that_cannot_be_written_and_one_that_another_program_wrote(review: Callable[..., Review]) -> None:
    one = review(expect="Failed to load resource")
    page = one.visit()
    one.path.chmod(0o444)
    english(page, "p5.s1").fill("All is fine.")
    page.keyboard.press("Enter")
    page.wait_for_selector("#trouble:not([hidden])")
    assert "a.fr-en.jsonl: is read-only" in page.locator("#trouble-text").inner_text()
    assert page.locator('[id="p5.s1"] .badge').inner_text() == "not saved"
    state(page, "1 not saved")
    assert english(page, "p5.s1").input_value() == "All is fine." and one.segment("p5.s1").origin == "mt"
    one.path.chmod(0o644)
    page.get_by_role("button", name="Try again").click()
    state(page, "All saved")
    assert one.segment("p5.s1").target == "All is fine." and not page.locator("#trouble").is_visible()

    one.path.write_text(to_jsonl(article(*PAIRS[:4], ("Tout va bien.", "Theirs."))), encoding="utf-8")
    english(page, "p4.s1").fill("He sleeps, and has since Monday, they say.")
    page.keyboard.press("Control+s")
    page.wait_for_selector("#trouble:not([hidden])")
    assert "another program has changed it" in page.locator("#trouble-text").inner_text()
    assert one.segment("p5.s1").target == "Theirs."
    page.get_by_role("button", name="Read the file again").click()
    until(page, lambda: english(page, "p5.s1").input_value() == "Theirs.")
    assert english(page, "p4.s1").input_value() == "He sleeps, and has since Monday, they say."
    state(page, "1 not saved")
    page.get_by_role("button", name="Save", exact=True).click()
    state(page, "All saved")
    assert (one.segment("p4.s1").origin, one.segment("p5.s1").target) == ("post-edited", "Theirs.")


def test_an_empty_sentence_is_not_saved_and_two_windows_do_not_lose_each_other_s_words(review: Callable[..., Review]) -> None:
    one = review()
    page, other = one.visit(), one.visit()
    english(page, "p5.s1").fill("")
    page.keyboard.press("Enter")
    page.wait_for_selector('[id="p5.s1"].error')
    until(page, lambda: any("not saved" in text for text in notes(page, "p5.s1")))
    assert one.segment("p5.s1").target == "All is well."
    english(other, "p2.s1").fill("Another window.")
    other.keyboard.press("Control+s")
    state(other, "All saved")
    english(page, "p2.s1").fill("This window.")
    page.keyboard.press("Enter")
    until(page, lambda: any("in another window" in text for text in notes(page, "p2.s1")))
    assert one.segment("p2.s1").target == "Another window."
    english(page, "p2.s1").press("Enter")
    page.wait_for_selector('[id="p2.s1"].confirmed')
    assert one.segment("p2.s1").target == "This window."


def test_a_server_that_has_gone_is_said_and_the_words_stay(review: Callable[..., Review]) -> None:
    one = review(expect="Failed to load resource")
    page = one.visit()
    one.stop()
    english(page, "p5.s1").fill("All is fine.")
    page.wait_for_selector("#trouble:not([hidden])")
    assert "The review has ended" in page.locator("#trouble-text").inner_text()
    state(page, "1 not saved")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy what is not saved").click()
    assert page.evaluate("navigator.clipboard.readText()") == "p5.s1\tAll is fine.\n"


def test_hostile_text_does_nothing(review: Callable[..., Review]) -> None:
    texts = [text for text in CASES["hostile"] if "\ud83d" not in text and "\x00" not in text]
    one = review(article(*((text, text) for text in texts)))
    page = one.visit()
    for number, text in enumerate(texts, 1):
        assert english(page, f"p{number}.s1").input_value() == text
        english(page, f"p{number}.s1").fill(f"{text} {text}")
    page.keyboard.press("Control+s")
    state(page, "All saved")
    assert page.title() != "gone" and page.locator("img, #article b, #article script").count() == 0
    assert [one.segment(f"p{n}.s1").target for n in range(1, len(texts) + 1)] == [f"{text} {text}" for text in texts]


@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_the_marks_lie_under_their_words(review: Callable[..., Review], width: int) -> None:
    page = review().visit(width, 740, reduced_motion="reduce")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    french, field = page.locator('[id="p4.s1"] .f').bounding_box(), english(page, "p4.s1").bounding_box()
    assert field["y"] >= french["y"] + french["height"] - 2 if width == 360 else abs(field["y"] - french["y"]) < 2
    english(page, "p4.s1").fill("A word and another one. " * 20)
    shapes = page.evaluate(
        """() => [...document.querySelectorAll('.field')].map(box => { const [mirror, field] = box.children;
        return [mirror.textContent === field.value, field.scrollHeight <= field.clientHeight + 1,
          mirror.getBoundingClientRect().height === field.getBoundingClientRect().height] })"""
    )
    assert shapes == [[True] * 3] * 5
    assert (
        page.locator("#state").is_visible()
        and page.evaluate("getComputedStyle(document.querySelector('#done i')).transitionDuration") == "0s"
    )
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    box = page.locator("#state").bounding_box()
    assert 0 <= box["y"] <= 740, "whether everything is saved is always to be seen"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(review: Callable[..., Review], scheme: str) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="needs axe-playwright-python, of the extra [test]"
    ).Axe()

    def findings(page: Any) -> list[str]:
        # Playwright's own world: the page's policy keeps scripts of strangers out, axe's as well.
        result = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        return [f"{found['id']}: {node['html'][:120]}: {node['failureSummary']}" for found in result for node in found["nodes"]]

    one = review()
    page = one.visit(color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    assert findings(page) == []
    english(page, "p5.s1").press("Enter")
    page.wait_for_selector('[id="p5.s1"].confirmed')
    english(page, "p2.s1").fill("The center houses 10,000 fleas.")
    page.wait_for_selector('[id="p2.s1"].error')
    assert findings(page) == []
    page.evaluate("document.getElementById('trouble').hidden = false")
    page.evaluate("document.getElementById('trouble-text').textContent = 'Something is wrong.'")
    assert findings(page) == []
    page.get_by_role("button", name="Keys").click()
    assert findings(page) == []
    assert findings(one.visit(360, 740, color_scheme=scheme, bypass_csp=True)) == []


def test_a_long_article_stays_usable(review: Callable[..., Review]) -> None:
    one = review(
        article(
            *(
                (f"Il a {n} puces dans un bassin d’eau claire.", f"He has {n} chips in a basin of clear water.")
                for n in range(2, 2002)
            )
        )
    )
    began = time.monotonic()
    page = one.visit()
    opened = time.monotonic() - began
    field = english(page, "p1000.s1")
    began = time.monotonic()
    field.fill("He has no chips.")
    page.wait_for_selector('[id="p1000.s1"].error')
    field.press("Enter")
    state(page, "All saved")
    assert (
        focused(page) == "p1001.s1" and json.loads(one.path.read_text("utf-8").split("\n")[1000])["target"] == "He has no chips."
    )
    assert opened < 15 and time.monotonic() - began < 8, "some two seconds and one on an idle machine"
