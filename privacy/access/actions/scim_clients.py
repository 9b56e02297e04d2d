"""Identity providers that may speak to us: their tokens are made, used and revoked here."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Q

from privacy.access import errors
from privacy.access.actions.systems import check_administers
from privacy.access.models import ScimClient
from privacy.ledger.actions import act, unless_taken
from privacy.workforce.models import Employee

TOKEN_BYTES = 32
TOKEN_BEGINS = "lumens-scim-"  # noqa: S105 - so that scanners for leaked secrets can know one
USE_IS_WRITTEN_EVERY = timedelta(minutes=1)


def digest_of(token: str) -> bytes:
    """What is kept of a token: its SHA-256 (32 bytes). It is random, so nothing slower is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def connect_client(name: str, *, by: Employee | None, now: datetime) -> tuple[ScimClient, str]:
    """Let an identity provider speak to us; returns it and its bearer token, which is not kept and cannot be shown again.

    by: None for the command at the terminal. Raises ClientNameTaken, MayNotConnect.
    """
    name = " ".join(name.split())
    if not name or len(name) > 100 or not name.isprintable():
        raise errors.ToldOtherwise("A client has a name of 1 to 100 characters.")
    with act("connect_scim_client", by=by):
        if by is not None:
            check_administers(by, now=now, refusal=errors.MayNotConnect)
        token = TOKEN_BEGINS + secrets.token_urlsafe(TOKEN_BYTES)
        with unless_taken(errors.ClientNameTaken()):
            client = ScimClient.objects.create(name=name, token_digest=digest_of(token), made_by=by, made_at=now)
        return client, token


def revoke_client(client_id: int, *, by: Employee, reason: str, now: datetime) -> ScimClient:
    """From this commit on, its token opens nothing. Raises AlreadyRevokedClient, ReasonNeeded, MayNotConnect."""
    reason = reason.strip()
    if not reason:
        raise errors.ReasonNeeded
    with act("revoke_scim_client", by=by, reason=reason, client=client_id):
        # People before clients, as what a client says locks them.
        check_administers(by, now=now, refusal=errors.MayNotConnect)
        client = ScimClient.objects.select_for_update().get(pk=client_id)
        if client.revoked_at is not None:
            raise errors.AlreadyRevokedClient
        client.revoked_by, client.revoked_at = by, now
        client.save(update_fields=["revoked_by", "revoked_at"])
        return client


def note_use(client: ScimClient, *, now: datetime, address: str | None) -> None:
    """Write down that a client spoke, at most once in USE_IS_WRITTEN_EVERY."""
    if client.last_used_at is not None and client.last_used_at > now - USE_IS_WRITTEN_EVERY:
        return
    with act("note_scim_use", by=None, client=client.pk):
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_IS_WRITTEN_EVERY)
        ScimClient.objects.filter(stale, pk=client.pk).update(last_used_at=now, last_address=address or None)
