"""``bilingual summarize``: what articles say, in both languages at once; one by one, or several together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bilingual.cli import memory as remembering
from bilingual.cli.console import detail, note, progress, set_verbosity, warn
from bilingual.cli.translate import DeviceChoice, EnforceChoice, EngineChoice, Tally, choose_settings, configured, load_chosen
from bilingual.errors import BilingualError, InputError

if TYPE_CHECKING:
    from bilingual.document import Digest, Document
    from bilingual.enforcement import Enforce

EXAMPLES = """\
Examples:

  bilingual summarize article.txt                   its summary in both languages, Markdown on stdout

  bilingual summarize out/ -o summaries/            of articles that are translated already (our JSONL): no model needed

  bilingual summarize news/ --together              one digest: what several say, what only one says, figures that do not agree

  bilingual summarize article.txt --sentences 3 --format jsonl
"""

_SUMMARY = ".summary.fr-en"


def summarize(
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[INPUT]...", help="French articles or our .jsonl, folders of them, or - for stdin."),
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder to write to.", file_okay=False)] = None,
    sentences: Annotated[
        int | None, typer.Option("--sentences", min=1, metavar="N", help="How many.  [default: 3 to 5, by length]")
    ] = None,
    ratio: Annotated[
        float | None, typer.Option("--ratio", min=0.01, max=1.0, metavar="R", help="Their share of the article instead.")
    ] = None,
    together: Annotated[bool, typer.Option("--together", help="One digest of all articles.")] = False,
    format_: Annotated[
        str | None, typer.Option("--format", help="Comma-separated: md, jsonl, html. Default: md,jsonl with -o, md without.")
    ] = None,
    glossary: Annotated[
        list[Path] | None, typer.Option("-g", "--glossary", help="Glossary file; may be repeated, the first wins.")
    ] = None,
    no_glossary: Annotated[bool, typer.Option("--no-glossary", help="Use no glossary at all.")] = False,
    enforce: Annotated[EnforceChoice | None, typer.Option(help="As for translate.  [default: strict]")] = None,
    model: Annotated[str | None, typer.Option("--model", help="As for translate.  [default: embedded]")] = None,
    engine: Annotated[EngineChoice | None, typer.Option(help="[default: auto, which is ctranslate2]")] = None,
    device: Annotated[DeviceChoice | None, typer.Option(help="[default: auto]")] = None,
    beam: Annotated[int | None, typer.Option(min=1, max=32, help="Beam width.  [default: 4]")] = None,
    threads: Annotated[int | None, typer.Option(min=0, help="Processor cores to use.  [default: all]")] = None,
    memory: Annotated[str | None, typer.Option("--memory", metavar="FILE|off", help=remembering.OPTION)] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say errors and warnings only.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say more.")] = False,
) -> None:
    """Summarise French articles in both languages, sentence by sentence; French ones are translated first."""
    set_verbosity(quiet=quiet, verbose=verbose)
    from bilingual.cli.articles import each_once
    from bilingual.config import find_config

    if sentences is not None and ratio is not None:
        raise InputError("--sentences and --ratio contradict each other")
    if together and (sentences is not None or ratio is not None):
        raise InputError("--together makes a digest, which --sentences and --ratio do not shape")
    formats = _formats(format_ or ("md,jsonl" if output else "md"), together)
    sources, missing = _sources(inputs or [])
    if output is None and len(sources) + missing > 1 and not together:
        raise InputError(f"{len(sources) + missing} inputs and one stdout: give a folder with -o, or --together for one digest")
    if output is None and len(formats) > 1:
        raise InputError(f"{len(formats)} formats and one stdout: give a folder with -o")
    if together and len(sources) + missing < 2:
        raise InputError("--together needs two articles or more")
    targets = {} if together else _targets(sources, output, formats)
    if output is not None:
        from bilingual.cli.files import check_writable

        check_writable(output)

    read = [(source, document) for source in sources if (document := _read(*source)) is not None]
    unreadable = missing + len(sources) - len(read)
    kept = each_once([document for _, document in read])
    read = [(source, document) for source, document in read if any(document is other for other in kept)]
    if together and len(read) < 2:
        raise InputError("--together needs two articles or more that can be read, and differ")

    config = find_config(Path.cwd())
    how: Enforce = enforce.value if enforce else configured(config, "enforce", EnforceChoice, "strict")
    tally = Tally(unreadable=unreadable)

    def translated(documents: Sequence[Document]) -> Iterator[Document]:
        from bilingual.pipeline import translate_documents

        settings = choose_settings(config, glossary, no_glossary, enforce, beam, False, [])
        loaded = load_chosen(config, model, engine, device, threads)
        detail(f"{loaded.model} on {loaded.name}, beam {settings.beam}")
        with remembering.using_memory(memory, config) as held:
            for document in translate_documents(documents, loaded, settings, held):
                tally.add(document.segments)
                yield document

    articles = _in_order([document for _, document in read], translated)
    try:
        if together:
            _write_digest(articles, output, formats)
        else:
            _write_each(read, articles, targets, formats, sentences, ratio)
    except KeyboardInterrupt:
        warn("interrupted")
        raise typer.Exit(130) from None
    if tally.failed:
        warn(f"{tally.failed} sentences could not be translated and stand in French")
    if tally.violations and how == "strict":
        warn(f"strict glossary terms not obeyed: {tally.violations}")
    raise typer.Exit(2 if tally.unreadable else 1 if tally.failed else 3 if tally.violations and how == "strict" else 0)


def _formats(text: str, together: bool) -> list[str]:
    from bilingual.writing import FORMATS

    known = ["md", "jsonl"] + (["html"] if together or "html" in FORMATS else [])
    names = list(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        of = "a digest" if together else "a summary"
        raise InputError(f"--format {text}: no format of {of}: {', '.join(unknown) or '(none)'}; there are {', '.join(known)}")
    return names


def _sources(given: list[Path]) -> tuple[list[tuple[Path, str]], int]:
    from bilingual.cli.articles import find_articles
    from bilingual.cli.files import STDIN

    if not given:
        if sys.stdin is None or sys.stdin.isatty():
            raise InputError(
                "nothing to summarise: give files, a folder, or - for stdin (bilingual summarize --help has examples)"
            )
        given = [STDIN]
    if STDIN in given and len(given) > 1:
        raise InputError("-: stdin cannot be mixed with other inputs")
    if STDIN in given:
        if sys.stdin is None:
            raise InputError("-: stdin is closed")
        return [(STDIN, "stdin.txt")], 0
    return find_articles(given)


def _targets(
    sources: Sequence[tuple[Path, str]], output: Path | None, formats: Sequence[str]
) -> dict[Path, list[tuple[str, Path]]]:
    """Where the summary of each source goes. Raises `InputError` where two would become one file, or one would overwrite an input.

    An article and the translation that was made of it may stand in one folder: whichever is read is summarised once.
    """
    if output is None:
        return {}
    inputs = {path.resolve() for path, _ in sources}
    found: dict[Path, list[tuple[str, Path]]] = {}
    taken: dict[Path, tuple[Path, str]] = {}
    for path, name in sources:
        relative = PurePosixPath(name)
        stem = relative.stem.removesuffix(_SUMMARY).removesuffix(".fr-en")
        found[path] = []
        for form in formats:
            target = output / relative.parent / f"{stem}{_SUMMARY}.{form}"
            if target.resolve() in inputs and path.resolve() != target.resolve():
                raise InputError(f"{target}: would overwrite an input; choose another folder with -o")
            other = taken.setdefault(target.resolve(), (path, name))
            if other[0] != path and path.suffix == other[0].suffix:
                raise InputError(f"{other[0]} and {path} would both become {target}; summarise them into two folders")
            found[path].append((form, target))
    return found


def _read(path: Path, name: str) -> Document | None:
    """An article as it stands in a file: ours with its translation, or French; None, and a warning, where it cannot be read."""
    from bilingual.cli.files import STDIN, read_bytes
    from bilingual.reading import looks_french, read_document
    from bilingual.writing.jsonl import from_jsonl

    try:
        data = read_bytes(path)
        if path.suffix.lower() == ".jsonl" or (path == STDIN and data.startswith(b'{"type":"document"')):
            try:
                return from_jsonl(data.decode("utf-8"), name if path == STDIN else str(path))
            except UnicodeDecodeError as error:
                raise InputError(f"{path}: is not UTF-8 (byte {error.start}); our JSONL always is") from error
        document = replace(read_document(data, name), name="stdin" if path == STDIN else name)
    except BilingualError as error:
        warn(str(error))
        return None
    for message in document.notes:
        note(f"{name}: {message}")
    french, language = looks_french("\n".join(block.text for block in document.blocks[:200])[:5000])
    if not french:
        warn(f"{name}: looks like {language}, not French; summarised all the same")
    return document


def _in_order(
    documents: Sequence[Document], translated: Callable[[Sequence[Document]], Iterator[Document]]
) -> Iterator[Document]:
    """The documents in their order, those that have no translation translated."""
    new = [document for document in documents if document.signature is None and not any(s.target for s in document.segments)]
    ready = translated(new) if new else iter(())
    with progress("summarising", "articles", len(documents)) as bar:
        for document in documents:
            yield next(ready) if any(document is other for other in new) else document
            bar.step(1, document.name)


def _write_each(
    read: Sequence[tuple[tuple[Path, str], Document]],
    articles: Iterator[Document],
    targets: Mapping[Path, list[tuple[str, Path]]],
    formats: Sequence[str],
    sentences: int | None,
    ratio: float | None,
) -> None:
    from bilingual.cli.files import write_whole
    from bilingual.summary import summarize as summary_of

    for ((path, name), _), document in zip(read, articles, strict=True):
        summary = summary_of(document, sentences, ratio=ratio)
        document = replace(document, summary=summary)
        if not summary.sentences:
            warn(f"{name}: no sentence to summarise")
        elif sentences is not None and len(summary.sentences) < sentences:
            note(f"{name}: {len(summary.sentences)} sentences, there are no more")
        if not targets:
            _print(_rendered(document, formats[0]))
            continue
        for form, target in targets[path]:
            write_whole(target, _rendered(document, form))
        detail(f"{path} -> {', '.join(str(target) for _, target in targets[path])}")


def _rendered(document: Document, form: str) -> str:
    from bilingual.writing import FORMATS
    from bilingual.writing.markdown import to_summary_markdown

    return to_summary_markdown(document) if form == "md" else FORMATS[form].render(document)


def _write_digest(articles: Iterator[Document], output: Path | None, formats: Sequence[str]) -> None:
    from bilingual.cli.files import DIGEST, write_whole
    from bilingual.digest import make_digest
    from bilingual.writing.digest import to_digest_jsonl, to_digest_markdown
    from bilingual.writing.digest_page import to_digest_html

    writers: dict[str, Callable[[Digest], str]] = {"md": to_digest_markdown, "jsonl": to_digest_jsonl, "html": to_digest_html}
    digest = make_digest(list(articles))
    for form in formats:
        if output is None:
            _print(writers[form](digest))
        else:
            write_whole(output / f"{DIGEST}.{form}", writers[form](digest))
    found = len(digest.contradictions)
    note(f"{len(digest.articles)} articles: {len(digest.agreed)} figures that several give, {found} that do not agree")


def _print(text: Any) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


__all__ = ["EXAMPLES", "summarize"]
