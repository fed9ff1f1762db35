"""How fast to learn when: up, level, down (warm-up, stable, decay; Hu et al. 2024, "MiniCPM").

The level part can go on as long as one likes and be brought down from anywhere, so that a run need not know its end.
"""

from __future__ import annotations


def share(step: int, steps: int, warm_up: int, decay: int, floor: float) -> float:
    """The share of the peak rate at `step` (from 0): linear from 0 over `warm_up`, 1, linear to `floor` over the last `decay` of `steps`.

    >>> [round(share(s, steps=10, warm_up=2, decay=4, floor=0.1), 3) for s in (0, 1, 5, 6, 8, 10)]
    [0.5, 1.0, 1.0, 1.0, 0.55, 0.1]
    """
    if step < warm_up:
        return (step + 1) / warm_up
    into = step - (steps - decay)
    return 1.0 if into <= 0 else floor + (1 - floor) * max(0.0, 1 - into / decay)
