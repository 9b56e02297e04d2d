"""How a process of the house begins: what it imports stays to its end."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_to_the_end() -> Iterator[None]:
    """What is made inside is not looked through by the garbage collector: not now, not later, not once more at the end.

    A third of what a short command costs: half a million objects, of which nothing is ever garbage.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
