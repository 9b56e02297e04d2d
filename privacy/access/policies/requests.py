"""What stands against a request, whoever may approve it: asked by the verb, and said on the request's page beforehand."""

from privacy.access import errors
from privacy.access.models import AccessGrant, GrantState, ItemState, Origin
from privacy.access.policies.reviews import denied_since_asked


def stands_against(request: AccessGrant) -> errors.Refused | None:
    """Why nobody can approve this open request as things are, as the refusal that they would meet; None where nothing does."""
    if request.state != GrantState.REQUESTED:
        return None
    if (deny := denied_since_asked(request)) is not None:
        return errors.DeniedInReview(deny, waits=deny.item.state == ItemState.OPEN)
    held = AccessGrant.objects.filter(employee=request.employee_id, entitlement=request.entitlement_id)
    # What a review's silence suspended, nobody did: its renewal is a fresh decision of the same owner and manager.
    by_somebody = held.filter(state=GrantState.SUSPENDED, suspended_by__isnull=False).exclude(origin=Origin.BREAK_GLASS)
    suspended = by_somebody.select_related("suspended_by").first()
    if suspended is not None:
        return errors.IsSuspended(suspended)
    return None
