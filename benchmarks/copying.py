"""What must come through letter by letter, or by its value: URLs, handles, hashtags, emoji, names and numbers of real articles.

python benchmarks/copying.py FOLDER        # articles; by default ../shared/seeds beside the repository
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from machine import ROOT, describe, say_machine, table

from bilingual.engines import find_model, load_engine
from bilingual.glossary import default_glossary
from bilingual.names import find_names, lost_names
from bilingual.numbers import find_numbers, number_changes
from bilingual.pipeline import Settings, translate_documents
from bilingual.protect import find_protected
from bilingual.reading import find_inputs, read_document


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT.parent / "shared" / "seeds")
    folder = parser.parse_args().folder
    engine = load_engine(find_model())
    documents = [read_document(found.path.read_bytes(), found.path.name) for found in find_inputs([folder])]
    settings = Settings(glossary=default_glossary(), keep_clutter=True)
    all_of, right = Counter[str](), Counter[str]()
    for document in translate_documents(documents, engine, settings):
        for segment in document.segments:
            for span in find_protected(segment.source, engine.vocabulary.can_read):
                all_of[span.kind] += 1
                right[span.kind] += span.text in segment.target
            all_of["name"] += len(find_names(segment.source))
            right["name"] += len(find_names(segment.source)) - len(lost_names(segment.source, segment.target))
            changes = [change for change in number_changes(segment.source, segment.target) if change.source]
            all_of["number"] += len(find_numbers(segment.source, "fr"))
            right["number"] += len(find_numbers(segment.source, "fr")) - len(changes)
    say_machine(describe())
    print(
        f"{len(documents)} articles, {engine.model} on {engine.name}, glossary {settings.glossary and settings.glossary.name}.\n"
    )
    rows = [[kind, total, right[kind], f"{right[kind] / total:.1%}"] for kind, total in sorted(all_of.items())]
    print(table(["what", "in the French", "right in the English", "share"], rows, left=1))
    print("\nNames and numbers are counted by the rules that `bilingual check` has; what those do not see is not counted.")


if __name__ == "__main__":
    main()
