"""How a process of the house begins: what it imports stays to its end."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_to_the_end() -> Iterator[None]:
    """What is made inside is not looked through by the garbage collector: not now, not later, not once more at the end.

    120,000 objects, of which nothing is ever garbage: 0.4 s of the 1.5 s that a short command took.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
