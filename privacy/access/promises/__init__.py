"""The promises that access keeps (statement D, E.1, E.2, E.5). One file per subject."""

from privacy.access.promises.grants import GRANT_PROMISES
from privacy.access.promises.reviews import REVIEW_PROMISES
from privacy.access.promises.revoked import REVOKED_PROMISES
from privacy.access.promises.signin import SIGNIN_PROMISES

PROMISES = [*SIGNIN_PROMISES, *GRANT_PROMISES, *REVOKED_PROMISES, *REVIEW_PROMISES]
