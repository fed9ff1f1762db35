"""What a run of the command line did, counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bilingual.document import Segment
    from bilingual.pipeline import Settings


@dataclass(slots=True)
class Tally:
    """What a run did, for its last line and its exit code."""

    written: int = 0
    current: int = 0
    unreadable: int = 0
    segments: int = 0
    marked: int = 0
    failed: int = 0
    terms: int = 0
    missed: int = 0
    violations: int = 0

    def add(self, segments: Iterable[Segment]) -> None:
        """Count finished segments."""
        from bilingual.enforcement import violations

        for segment in segments:
            self.segments += 1
            self.marked += bool(segment.flags) and segment.origin != "failed"
            self.failed += segment.origin == "failed"
            self.terms += len(segment.terms)
            self.missed += sum(hit.status in ("missed", "conflict") for hit in segment.terms)
            self.violations += violations(segment.terms)

    def exit_code(self, settings: Settings) -> int:
        """2 before 1 before 3 (docs/contract.md)."""
        violated = self.violations and settings.enforce == "strict" and settings.glossary is not None
        return 2 if self.unreadable else 1 if self.failed else 3 if violated else 0
