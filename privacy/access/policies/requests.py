"""What stands against a request, whoever may approve it: asked by the verb, and said on the request's page beforehand."""

from privacy.access import errors
from privacy.access.models import AccessGrant, GrantState, ItemState
from privacy.access.policies.reviews import denied_since_asked


def stands_against(request: AccessGrant) -> errors.Refused | None:
    """Why nobody can approve this open request as things are, as the refusal that they would meet; None where nothing does."""
    if request.state != GrantState.REQUESTED:
        return None
    if (deny := denied_since_asked(request)) is not None:
        return errors.DeniedInReview(deny, waits=deny.item.state == ItemState.OPEN)
    return None
