"""A text while rules rewrite it: every change is recorded as an `Edit`, and spans that must not change are kept out of reach."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bilingual.document import Edit, Span, move_span


class Rewriting:
    """A target on its way into another form. ``text`` is what it is now, ``edits`` lead there from what it was, ``fixed`` are the
    spans of ``text`` that no edit may touch.

    >>> work = Rewriting("see www.a.fr , now", [(4, 12)])
    >>> work.replace(4, 12, "WWW", "space"), work.replace(12, 14, ",", "space"), work.text
    (False, True, 'see www.a.fr, now')
    """

    __slots__ = ("edits", "fixed", "text")

    def __init__(self, text: str, fixed: Sequence[Span] = ()) -> None:
        """Start from `text`; empty spans of `fixed` fix nothing."""
        self.text = text
        self.fixed = [span for span in fixed if span[0] < span[1]]
        self.edits: list[Edit] = []

    def replace(self, start: int, end: int, after: str, method: str) -> bool:
        """Put `after` in place of ``text[start:end]``. False where nothing would change, or a fixed span would."""
        before = self.text[start:end]
        if before == after or any(start < b and a < end for a, b in self.fixed):
            return False
        edit = Edit((start, end), before, after, method)
        # the check above leaves no span that the edit cuts into
        self.fixed = [moved for span in self.fixed if (moved := move_span(span, edit))]
        self.text = self.text[:start] + after + self.text[end:]
        self.edits.append(edit)
        return True

    def sub(self, pattern: re.Pattern[str], after: Callable[[re.Match[str]], str | None] | str, method: str) -> None:
        """Replace every match of `pattern`, from left to right, by `after` of it; None leaves it as it is."""
        position = 0
        while position <= len(self.text) and (match := pattern.search(self.text, position)):
            start, end = match.span()
            new = after if isinstance(after, str) else after(match)
            done = new is not None and self.replace(start, end, new, method)
            position = start + len(new) if done and new is not None else end
            position = max(position, start + (start == end))
