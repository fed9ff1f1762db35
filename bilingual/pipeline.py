"""The main path, whole: segments stream through protection, translation, the glossary, English form and checks, in order.

read ─> split ─> [ protect ─> translate ─> enforce ─> English form ─> check ] ─> write
                 └──────────── translate_segments, window by window ────────┘
                      around it, where there is one: memory
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain, islice, repeat
from threading import Thread
from typing import Protocol, runtime_checkable

from bilingual import __version__
from bilingual.document import CLUTTER, Document, Segment, Signature, TermHit, replay
from bilingual.drafts import Draft, Plan, draft_all, to_segment
from bilingual.enforcement import Enforce, enforce, receipts
from bilingual.enforcement.repair import linked_drafts
from bilingual.engines.engine import Engine, Search
from bilingual.english import Apostrophe, apostrophe_edits, apostrophe_of
from bilingual.errors import EngineError, InputError
from bilingual.glossary import Glossary
from bilingual.glossary.matching import Matcher, compile_matcher, find_terms
from bilingual.links import draft_links
from bilingual.memory import Kind, Memory, key_of, kind_of
from bilingual.sentences import SPLITTER, split_document

WINDOWS = (64, 1024, 2048)
"""Segments taken together, the first time, the second, and from then on; two windows are in flight at most. The first is small for a
quick first result, the others large for full batches: sentences of one length meet in one batch, and a window of 512 takes half as long
again as one of 2,048 for the same sentences."""


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


def translate_segments(
    segments: Iterable[Segment], engine: Engine | Crew, settings: Settings = Settings(), memory: Memory | None = None
) -> Iterator[Segment]:
    """Translate a stream of segments: the same segments, in order, as many as went in, a bounded number in flight.

    What a segment becomes does not depend on its neighbours. One that the engine fails on comes back with origin ``failed``, the
    reason, and its source as its target. With a `memory`, what it has is not translated, and what it has not is remembered, window
    by window; but for the origin everything comes out the same, save what a person has corrected.
    """
    matcher = _compiled(settings.glossary) if settings.glossary and settings.enforce != "off" else None
    stream, running = iter(segments), deque[_Running]()
    share = engine.size if isinstance(engine, Crew) else 1
    overlaps = isinstance(engine, Crew) or engine.overlaps
    for size in chain(WINDOWS, repeat(WINDOWS[-1])):
        window: list[Segment] = []
        broken: InputError | None = None
        try:
            window.extend(islice(stream, size * share))
        except InputError as error:  # what was read before the bad segment is still translated
            broken = error
        if window:
            running.append(_start(window, engine, settings, matcher, memory))
        # While a window is finished here, the engine has the next one; the very first is not kept waiting for it.
        ahead = 1 if overlaps and window and not broken and size != WINDOWS[0] else 0
        while len(running) > ahead:
            yield from _finish(running.popleft(), settings, memory)
        if broken:
            raise broken
        if not window:
            return


@runtime_checkable
class Crew(Protocol):
    """Workers elsewhere that stand for an engine (`bilingual.distributed`): ``size`` of them, all with this ``model`` and engine ``name``.

    Contract: `begin` has a window translated under the settings that the crew was hired with, and gives at once a function that waits
    for the result: what `translate_segments` would give here.
    """

    model: str
    name: str
    size: int

    def begin(self, window: Sequence[Segment]) -> Callable[[], list[Segment]]:
        """See the class."""


_compiled = lru_cache(maxsize=2)(compile_matcher)
"""A large glossary takes a second to index: once for all articles that are translated one by one."""


@dataclass(frozen=True, slots=True)
class _Running:
    """A window under way: ``done`` has what the memory knew, ``fresh`` gives the translations of the places in ``todo``."""

    done: list[Segment | None]
    todo: Sequence[int]
    fresh: Callable[[], list[Segment]]
    kind: Kind | None = None
    keys: Sequence[bytes] = ()


def _start(
    window: list[Segment], engine: Engine | Crew, settings: Settings, matcher: Matcher | None, memory: Memory | None
) -> _Running:
    done: list[Segment | None] = [None] * len(window)
    kind, keys = None, []
    if memory is not None:
        kind = kind_of(engine.model, engine.name, settings.beam)
        terms = [find_terms(matcher, segment.source) if matcher else ((), ()) for segment in window]
        keys = [key_of(kind, segment.source, settings.enforce, *found) for segment, found in zip(window, terms, strict=True)]
        done = memory.recall(window, keys, linked=settings.links)
        corrected = memory.corrections(segment.source for segment in window)
        for i, segment in enumerate(window):
            if segment.source in corrected:
                done[i] = _as_corrected(segment, corrected[segment.source], matcher)
    todo = [i for i, segment in enumerate(done) if segment is None]
    rest = [window[i] for i in todo]
    if isinstance(engine, Crew):
        return _Running(done, todo, engine.begin(rest) if rest else list, kind, keys)
    work = partial(_translate_anew, rest, engine, settings, matcher)
    return _Running(done, todo, _in_background(work) if engine.overlaps and rest else work, kind, keys)


def _finish(running: _Running, settings: Settings, memory: Memory | None) -> Iterator[Segment]:
    fresh = running.fresh() if running.todo else []
    if memory is not None and running.kind is not None:
        memory.keep(running.kind, zip([running.keys[i] for i in running.todo], fresh, strict=True), linked=settings.links)
    rest = iter(fresh)
    return (next(rest) if segment is None else segment for segment in running.done)


def _in_background(work: Callable[[], list[Segment]]) -> Callable[[], list[Segment]]:
    """Begin `work` in a thread; what comes back waits for its result, or raises what it raised.

    No daemon: one that comes out of the engine while Python is ending would end the program with an abort (as of Python 3.13).
    """
    future: Future[list[Segment]] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run).start()
    return future.result


def _as_corrected(segment: Segment, target: str, matcher: Matcher | None) -> Segment:
    """`segment` with the words of a person, which nothing changes any more; the terms are looked for and said."""
    terms = receipts(matcher, segment.source, target) if matcher else ()
    return replace(segment, target=target, origin="post-edited", terms=terms)


def _translate_anew(window: list[Segment], engine: Engine, settings: Settings, matcher: Matcher | None) -> list[Segment]:
    try:
        return _translate_together(window, engine, settings, matcher)
    except EngineError:
        # One of them broke the batch: find it, and let the others pass.
        return [_translate_alone(segment, engine, settings, matcher) for segment in window]


def _translate_together(window: list[Segment], engine: Engine, settings: Settings, matcher: Matcher | None) -> list[Segment]:
    search = Search(beam=settings.beam)
    drafted = draft_all([segment.source for segment in window], engine, search)
    if matcher is None:
        done: list[tuple[Plan, Draft, tuple[TermHit, ...]]] = [(plan, draft, ()) for plan, draft in drafted]
    else:
        done = enforce(drafted, matcher, engine, search, settings.enforce)
    translated = [to_segment(segment, plan, draft, terms) for segment, (plan, draft, terms) in zip(window, done, strict=True)]
    if not settings.links:
        return translated
    # Forced once more: out of a beam, CTranslate2 4.8 gives a first piece the attention of another, by the batch that it is in.
    drafts = linked_drafts([draft for _, draft, _ in done], engine)
    linked = zip(translated, done, drafts, strict=True)
    return [replace(segment, links=draft_links(plan, draft, engine)) for segment, (plan, _, _), draft in linked]


def _translate_alone(segment: Segment, engine: Engine, settings: Settings, matcher: Matcher | None) -> Segment:
    try:
        return _translate_together([segment], engine, settings, matcher)[0]
    except EngineError as error:
        return replace(segment, target=segment.source, origin="failed", flags=("failed",), reason=str(error))


def translate_documents(
    documents: Iterable[Document], engine: Engine | Crew, settings: Settings = Settings(), memory: Memory | None = None
) -> Iterator[Document]:
    """Translate a stream of documents as read (not yet split), in order; short ones share windows, so that batches stay full."""
    waiting: deque[Document] = deque()
    left = iter(documents)

    def feed() -> Iterator[Segment]:
        for document in left:
            ready = made_ready(document, settings)
            waiting.append(ready)
            yield from ready.segments

    translated = translate_segments(feed(), engine, settings, memory)
    for segment in translated:
        # Documents without a segment may stand before the one that this segment belongs to.
        while not waiting[0].segments:
            yield _finished(waiting.popleft(), engine, settings)
        document = waiting.popleft()
        rest = islice(translated, len(document.segments) - 1)
        yield _finished(document.with_segments([segment, *rest]), engine, settings)
    while waiting:
        yield _finished(waiting.popleft(), engine, settings)


def translate(
    document: Document, engine: Engine | Crew, settings: Settings = Settings(), memory: Memory | None = None
) -> Document:
    """Translate one document as read: split, without its clutter unless the settings keep it, with its signature."""
    return next(translate_documents([document], engine, settings, memory))


def made_ready(document: Document, settings: Settings) -> Document:
    """A document as read, split into the sentences that are translated under `settings`: without its clutter unless they keep it."""
    split = split_document(document)
    if settings.keep_clutter:
        return split
    kept = tuple(block for block in split.blocks if block.kind not in CLUTTER)
    return replace(split, blocks=kept, left_out=len(split.blocks) - len(kept))


def signature(engine: Engine | Crew, settings: Settings) -> Signature:
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


def _finished(document: Document, engine: Engine | Crew, settings: Settings) -> Document:
    """`document` as it leaves the house: one kind of apostrophe throughout, and its signature."""
    habit = apostrophe_of("\n".join(segment.source for segment in document.segments))
    if habit:
        document = document.with_segments(_with_apostrophe(segment, habit) for segment in document.segments)
    origins = Counter(segment.origin for segment in document.segments)
    return replace(document, signature=replace(signature(engine, settings), origins=dict(sorted(origins.items()))))


def _with_apostrophe(segment: Segment, habit: Apostrophe) -> Segment:
    # Letter for letter: spans of terms and links stay what they are.
    edits = apostrophe_edits(segment.target, habit) if segment.origin in ("mt", "memory") else []
    return replace(segment, target=replay(segment.target, edits), edits=(*segment.edits, *edits)) if edits else segment
