"""Models and the two engines that run them. Nothing heavy is imported until an engine is loaded."""

from bilingual.engines.engine import Abilities, Engine, Hypothesis, Search
from bilingual.engines.models import Checkpoint, find_model, load_engine

__all__ = ["Abilities", "Checkpoint", "Engine", "Hypothesis", "Search", "find_model", "load_engine"]
