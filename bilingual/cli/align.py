"""``bilingual align``: a French text and the English translation that there already is, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated

import typer

from bilingual.cli.console import detail, note, progress, set_verbosity, warn
from bilingual.cli.translate import DeviceChoice, EngineChoice, choose_glossary, load_chosen
from bilingual.errors import InputError

if TYPE_CHECKING:
    from bilingual.cli.outputs import Job
    from bilingual.document import Document
    from bilingual.engines import Engine
    from bilingual.glossary import Glossary
    from bilingual.reading import FoundInput

EXAMPLES = """\
Examples:

  bilingual align article.fr.txt article.en.txt             both side by side, Markdown on stdout

  bilingual align article.fr.txt article.en.txt -o out/ --format html,jsonl

  bilingual align french/ english/ -o out/                  all pairs of files with the same name, .fr and .en aside

  bilingual align contrat.fr.txt contract.en.txt -o out/ && bilingual check out/
"""

LEGIBLE = 300
"""Characters from which on a language is told with some certainty."""
UNEQUAL = 3
"""How many times as long one text may be as the other before it is said."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A French file and its English one; ``source.relative`` is what the outputs are named after, ``names`` what the two are called."""

    source: FoundInput
    english: Path
    names: tuple[str, str]


def align(
    french: Annotated[Path, typer.Argument(metavar="FR", help="The French text, or a folder of them.")],
    english: Annotated[Path, typer.Argument(metavar="EN", help="Its English translation, or a folder of them.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder to write to.", file_okay=False)] = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="Comma-separated, as for translate. Default: md,jsonl with -o, md without.")
    ] = None,
    glossary: Annotated[
        list[Path] | None, typer.Option("-g", "--glossary", help="Glossary file; may be repeated, the first wins.")
    ] = None,
    no_glossary: Annotated[bool, typer.Option("--no-glossary", help="Look for no terms.")] = False,
    model: Annotated[
        str | None, typer.Option("--model", help="What the French is compared through; see translate.  [default: embedded]")
    ] = None,
    engine: Annotated[EngineChoice | None, typer.Option(help="[default: auto, which is ctranslate2]")] = None,
    device: Annotated[DeviceChoice | None, typer.Option(help="[default: auto]")] = None,
    threads: Annotated[int | None, typer.Option(min=0, help="Processor cores to use.  [default: all]")] = None,
    summary: Annotated[
        bool, typer.Option("--summary/--no-summary", help="Put an aligned bilingual summary on top of each article.")
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="Write over what a person corrected.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say errors and warnings only.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say more.")] = False,
) -> None:
    """Align a French text with an existing English translation, sentence by sentence, and write both side by side."""
    set_verbosity(quiet=quiet, verbose=verbose)
    from bilingual.cli.outputs import parse_formats
    from bilingual.config import find_config

    config = find_config(Path.cwd())
    formats = parse_formats(format_ or config.format or ("md,jsonl" if output else "md"))
    pairs, unpaired = find_pairs(french, english)
    if output is None and (len(pairs) > 1 or len(formats) > 1):
        many = f"{len(pairs)} pairs" if len(pairs) > 1 else f"{len(formats)} formats"
        raise InputError(f"{many} and one stdout: give a folder with -o")
    terms = choose_glossary(glossary or [], no_glossary, False, config)
    jobs, index = _jobs(pairs, output, formats, force)
    loaded = load_chosen(config, model, engine, device, threads)
    detail(f"{loaded.model} on {loaded.name}")
    raise typer.Exit(_align_all(pairs, jobs, index, formats, summary, loaded, terms, unpaired))


def find_pairs(french: Path, english: Path) -> tuple[list[Pair], int]:
    """The pairs of files that two paths stand for, and how many files of two folders have no partner; each of those is said.

    Raises `InputError` for what is missing, for one file twice, a file beside a folder, and folders without a pair.
    """
    from bilingual.reading import find_inputs

    sides = [find_inputs([french]), find_inputs([english], english=True)]
    if french.is_dir() != english.is_dir():
        raise InputError(f"{french} and {english}: two files or two folders are needed, not one of each")
    for path in (french, english):
        if str(path) == "-":
            raise InputError("-: align reads files; two texts cannot both come from stdin")
    if french.resolve() == english.resolve():
        raise InputError(f"{french}: is given as the French and as the English; give two different files")
    if not french.is_dir():
        return [_pair(sides[0][0], sides[1][0])], 0
    found = [
        {_key(item.relative, language): item for item in reversed(side)} for side, language in zip(sides, _TAGS, strict=True)
    ]
    for side, other, tags in ((sides[0], found[1], 0), (sides[1], found[0], 1)):
        for item in side:
            if _key(item.relative, _TAGS[tags]) not in other:
                warn(f"{item.path}: has no partner of the same name in {(english, french)[tags]}; left out")
    common = [key for key in sorted(found[0], key=str) if key in found[1]]
    if not common:
        raise InputError(f"{french} and {english}: no two files have the same name (.fr and .en aside)")
    unpaired = sum(len(side) for side in sides) - 2 * len(common)
    return [_pair(found[0][key], found[1][key]) for key in common], unpaired


_TAGS = (("fr", "fra", "french"), ("en", "eng", "english"))


def _key(relative: PurePosixPath, tags: Sequence[str]) -> PurePosixPath:
    """The name that a file shares with its partner: without suffix and language.

    >>> _key(PurePosixPath("a/b.fr.txt"), _TAGS[0]), _key(PurePosixPath("b_EN.md"), _TAGS[1])
    (PurePosixPath('a/b'), PurePosixPath('b'))
    """
    stem = relative.stem
    for tag in tags:
        for sign in ".-_":
            if stem.lower().endswith(f"{sign}{tag}") and len(stem) > len(tag) + 1:
                return relative.with_name(stem[: -len(tag) - 1])
    return relative.with_name(stem)


def _pair(french: FoundInput, english: FoundInput) -> Pair:
    key = _key(french.relative, _TAGS[0])
    named = replace(french, relative=key.with_name(key.name + (french.relative.suffix or ".txt")))
    return Pair(named, english.path, (str(french.relative), str(english.relative)))


def _jobs(pairs: Sequence[Pair], output: Path | None, formats: list[str], force: bool) -> tuple[list[Job] | None, Path | None]:
    if output is None:
        return None, None
    from bilingual.cli.files import check_writable
    from bilingual.cli.outputs import corrected, plan_index, plan_outputs
    from bilingual.writing.receipt import count

    jobs = plan_outputs([pair.source for pair in pairs], output, formats)
    given = {pair.english.resolve() for pair in pairs}
    for job in jobs:
        for _, target in job.targets:
            if target.resolve() in given:
                raise InputError(f"{target}: would overwrite an input; choose another folder with -o")
            if kept := 0 if force else corrected(target):
                raise InputError(f"{target}: holds {count(kept, 'corrected sentence')}; left alone (--force writes over them)")
    index = plan_index(jobs, output)
    check_writable(output)
    return jobs, index


def _align_all(
    pairs: Sequence[Pair],
    jobs: list[Job] | None,
    index: Path | None,
    formats: list[str],
    summary: bool,
    engine: Engine,
    glossary: Glossary | None,
    unpaired: int,
) -> int:
    import sys

    from bilingual.cli.files import write_whole
    from bilingual.cli.outputs import make_index
    from bilingual.summary import summarize
    from bilingual.writing import FORMATS

    bad = unpaired
    try:
        with progress("aligning", "pairs", len(pairs)) as bar:
            for place, pair in enumerate(pairs):
                try:
                    document = _aligned(pair, engine, glossary)
                except InputError as error:
                    warn(str(error))
                    bad += 1
                    continue
                if summary:
                    document = replace(document, summary=summarize(document))
                if jobs is None:
                    sys.stdout.buffer.write(FORMATS[formats[0]].render(document).encode("utf-8", "backslashreplace"))
                    sys.stdout.buffer.flush()
                else:
                    for name, target in jobs[place].targets:
                        write_whole(target, FORMATS[name].render(document))
                bar.step(1, document.name)
        if jobs and index:
            write_whole(index, make_index(jobs, index.parent))
    except KeyboardInterrupt:
        warn("interrupted; what was finished is written" if jobs else "interrupted; nothing written")
        return 130
    return 2 if bad else 0


def _aligned(pair: Pair, engine: Engine, glossary: Glossary | None) -> Document:
    from bilingual.bitext import align as align_documents

    french, english = _read(pair)
    document = align_documents(french, english, engine, glossary)
    for line in _told(document):
        note(f"{document.name}: {line}")
    alone = sum(not (s.source and s.target) or "unsure" in s.flags for s in document.segments)
    if 2 * alone > len(document.segments):
        warn(f"{pair.english}: most of it does not fit {pair.source.path}: is this its translation, and the whole of it?")
    return document


def _read(pair: Pair) -> tuple[Document, Document]:
    from bilingual.cli.files import read_bytes
    from bilingual.reading import looks_french, read_document

    paths = (pair.source.path, pair.english)
    texts = []
    languages = []
    for path, name in zip(paths, pair.names, strict=True):
        document = read_document(read_bytes(path), name)
        for message in document.notes:
            note(f"{path}: {message}")
        languages.append(looks_french("\n".join(block.text for block in document.blocks[:200])[:5000]))
        texts.append(document)
    (french, first), (also_french, second) = languages
    enough = all(sum(len(block.text) for block in text.blocks) >= LEGIBLE for text in texts)
    if first == "English" and also_french and enough:
        raise InputError(f"{paths[0]} looks English and {paths[1]} French: give the French file first, the English one second")
    if not french:
        warn(f"{paths[0]}: looks like {first}, not French; aligned all the same")
    if second != "English" and enough:
        warn(f"{paths[1]}: looks like {second}, not English; aligned all the same")
    if texts[0].source_sha256 == texts[1].source_sha256:
        raise InputError(f"{paths[0]} and {paths[1]} have the same content; give a text and its translation")
    sizes = [sum(len(block.text) for block in text.blocks) for text in texts]
    if max(sizes) > UNEQUAL * max(1, min(sizes)):
        warn(
            f"{paths[0]} and {paths[1]}: {sizes[0]:,} and {sizes[1]:,} characters; much will have no counterpart. Are these the two?"
        )
    return texts[0], texts[1]


def _told(document: Document) -> Iterator[str]:
    """What became of the sentences, in a line."""
    from bilingual.writing.receipt import count

    beads: dict[str, int] = {}
    for segment in document.segments:
        if segment.alignment:
            beads[segment.alignment.bead] = beads.get(segment.alignment.bead, 0) + 1
    pairs = sum(number for bead, number in beads.items() if "0" not in bead)
    parts = [count(pairs, "pair") + f" ({', '.join(f'{n} {bead}' for bead, n in sorted(beads.items()) if '0' not in bead)})"]
    for flag, words in (("moved", "moved"), ("unsure", "unsure"), ("missing", "only in French"), ("added", "only in English")):
        number = sum(flag in segment.flags for segment in document.segments)
        parts += [f"{number} {words}"] if number else []
    terms = [hit for segment in document.segments for hit in segment.terms]
    if terms:
        parts.append(f"{count(len(terms), 'glossary term')}, {sum(hit.status != 'kept' for hit in terms)} not rendered")
    yield "; ".join(parts)


__all__ = ["EXAMPLES", "align", "find_pairs"]
