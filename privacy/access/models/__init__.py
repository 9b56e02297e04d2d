"""Tables of access: what can be given, who may do what, and what was refused."""

from privacy.access.models.entitlements import HERE, Entitlement, FunctionEntitlement, System
from privacy.access.models.grants import AccessGrant, GrantState, Origin
from privacy.access.models.signin import DeniedAttempt, DeniedKind

__all__ = [
    "HERE",
    "AccessGrant",
    "DeniedAttempt",
    "DeniedKind",
    "Entitlement",
    "FunctionEntitlement",
    "GrantState",
    "Origin",
    "System",
]
