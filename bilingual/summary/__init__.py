"""The summary of one article: sentences chosen once and shown in both languages, with headline, figures, names and terms."""

from __future__ import annotations

from bilingual.summary.selection import Weights, default_number, summarize

__all__ = ["Weights", "default_number", "summarize"]
