"""The promises that access keeps (statement D, E.1, E.2, E.5)."""

from privacy.access.promises.signin import SIGNIN_PROMISES

# The rest of this room's promises are declared in files of their own beside signin.py and listed here.
PROMISES = [*SIGNIN_PROMISES]
