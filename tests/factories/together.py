"""Several people who do something at the same moment: real threads, a connection each. For tests with `transaction=True`."""

import threading

from django.db import connections


def together(*acts):
    """Run these at once; what each returned, or the exception that it raised, in their order."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def do(place, act):
        try:
            barrier.wait(30)
            results[place] = act()
        except Exception as refusal:
            results[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=do, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results
