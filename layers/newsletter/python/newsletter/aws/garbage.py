"""Python's search for garbage, made rare in a function that makes much and throws it away at once.

A thousand recipients take some ten thousand lists and mappings, which are freed as soon as nobody names them. Python
looks through them again and again, and through all modules, for circles that nobody can reach; a worker leaves next to
none. Without it a send takes a tenth less of the processor.
"""

from __future__ import annotations

import gc
from functools import cache

CONTAINERS = 50_000
"""Between two looks at what is young: some 5 MB at most that lie about for so long. Python's own number is 700."""


@cache
def collect_seldom() -> None:
    """Take everything that is there by now for lasting, and look for garbage seldom from now on."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(CONTAINERS)
