"""The main path, whole: segments stream through protection, translation, the glossary, English form and checks, in order.

read ─> split ─> [ protect ─> translate ─> enforce ─> English form ─> check ] ─> write
                 └──────────── translate_segments, window by window ────────┘
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from bilingual import __version__
from bilingual.document import CLUTTER, Document, Segment, Signature, TermHit, replay
from bilingual.drafts import Draft, Plan, draft_all, to_segment
from bilingual.enforcement import Enforce, enforce
from bilingual.engines.engine import Engine, Search
from bilingual.english import Apostrophe, apostrophe_edits, apostrophe_of
from bilingual.errors import EngineError, InputError
from bilingual.glossary import Glossary
from bilingual.glossary.matching import Matcher, compile_matcher
from bilingual.links import draft_links
from bilingual.sentences import SPLITTER, split_document

FIRST_WINDOW, LARGEST_WINDOW = 64, 2048
"""Segments in flight: a small first window for a quick first result, doubled up to the largest for full batches."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to translate: every choice that the output depends on, beside the engine. All of it stands in the signature.

    ``links``: pair the words of source and target as well; the translation is the same.
    """

    beam: int = 4
    glossary: Glossary | None = None
    enforce: Enforce = "strict"
    keep_clutter: bool = False
    links: bool = False


def translate_segments(segments: Iterable[Segment], engine: Engine, settings: Settings = Settings()) -> Iterator[Segment]:
    """Translate a stream of segments: the same segments, in order, as many as went in, a bounded number in flight.

    What a segment becomes does not depend on its neighbours. One that the engine fails on comes back with origin ``failed``, the
    reason, and its source as its target.
    """
    matcher = compile_matcher(settings.glossary) if settings.glossary and settings.enforce != "off" else None
    stream, size = iter(segments), FIRST_WINDOW
    while True:
        window: list[Segment] = []
        try:
            window.extend(islice(stream, size))
        except InputError:  # what was read before the bad segment is still translated
            yield from _translate_window(window, engine, settings, matcher)
            raise
        if not window:
            return
        yield from _translate_window(window, engine, settings, matcher)
        size = min(2 * size, LARGEST_WINDOW)


def _translate_window(window: list[Segment], engine: Engine, settings: Settings, matcher: Matcher | None) -> list[Segment]:
    try:
        return _translate_together(window, engine, settings, matcher)
    except EngineError:
        # One of them broke the batch: find it, and let the others pass.
        return [_translate_alone(segment, engine, settings, matcher) for segment in window]


def _translate_together(window: list[Segment], engine: Engine, settings: Settings, matcher: Matcher | None) -> list[Segment]:
    search = Search(beam=settings.beam, links=settings.links)
    drafted = draft_all([segment.source for segment in window], engine, search)
    if matcher is None:
        done: list[tuple[Plan, Draft, tuple[TermHit, ...]]] = [(plan, draft, ()) for plan, draft in drafted]
    else:
        done = enforce(drafted, matcher, engine, search, settings.enforce)
    translated = [to_segment(segment, plan, draft, terms) for segment, (plan, draft, terms) in zip(window, done, strict=True)]
    if not settings.links:
        return translated
    linked = zip(translated, done, strict=True)
    return [replace(segment, links=draft_links(plan, draft, engine)) for segment, (plan, draft, _) in linked]


def _translate_alone(segment: Segment, engine: Engine, settings: Settings, matcher: Matcher | None) -> Segment:
    try:
        return _translate_together([segment], engine, settings, matcher)[0]
    except EngineError as error:
        return replace(segment, target=segment.source, origin="failed", flags=("failed",), reason=str(error))


def translate_documents(documents: Iterable[Document], engine: Engine, settings: Settings = Settings()) -> Iterator[Document]:
    """Translate a stream of documents as read (not yet split), in order; short ones share windows, so that batches stay full."""
    waiting: deque[Document] = deque()
    left = iter(documents)

    def feed() -> Iterator[Segment]:
        for document in left:
            ready = _ready(document, settings)
            waiting.append(ready)
            yield from ready.segments

    translated = translate_segments(feed(), engine, settings)
    for segment in translated:
        # Documents without a segment may stand before the one that this segment belongs to.
        while not waiting[0].segments:
            yield _finished(waiting.popleft(), engine, settings)
        document = waiting.popleft()
        rest = islice(translated, len(document.segments) - 1)
        yield _finished(document.with_segments([segment, *rest]), engine, settings)
    while waiting:
        yield _finished(waiting.popleft(), engine, settings)


def translate(document: Document, engine: Engine, settings: Settings = Settings()) -> Document:
    """Translate one document as read: split, without its clutter unless the settings keep it, with its signature."""
    return next(translate_documents([document], engine, settings))


def _ready(document: Document, settings: Settings) -> Document:
    split = split_document(document)
    if settings.keep_clutter:
        return split
    kept = tuple(block for block in split.blocks if block.kind not in CLUTTER)
    return replace(split, blocks=kept, left_out=len(split.blocks) - len(kept))


def signature(engine: Engine, settings: Settings) -> Signature:
    """The signature of what `engine` gives under `settings`, origins not counted yet."""
    return Signature(
        version=__version__,
        model=engine.model,
        engine=engine.name,
        beam=settings.beam,
        splitter=SPLITTER,
        glossary_sha256=settings.glossary.sha256 if settings.glossary else None,
        enforce=settings.enforce if settings.glossary else "off",
    )


def _finished(document: Document, engine: Engine, settings: Settings) -> Document:
    """`document` as it leaves the house: one kind of apostrophe throughout, and its signature."""
    habit = apostrophe_of("\n".join(segment.source for segment in document.segments))
    if habit:
        document = document.with_segments(_with_apostrophe(segment, habit) for segment in document.segments)
    origins = Counter(segment.origin for segment in document.segments)
    return replace(document, signature=replace(signature(engine, settings), origins=dict(sorted(origins.items()))))


def _with_apostrophe(segment: Segment, habit: Apostrophe) -> Segment:
    # Letter for letter: spans of terms and links stay what they are.
    edits = apostrophe_edits(segment.target, habit) if segment.origin == "mt" else []
    return replace(segment, target=replay(segment.target, edits), edits=(*segment.edits, *edits)) if edits else segment
