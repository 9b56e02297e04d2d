"""Tables of access: what can be given, who may do what, how it is taken away elsewhere, who reviews it, what was refused."""

from privacy.access.models.breakglass import BreakGlassEligibility
from privacy.access.models.changes import (
    OUTSTANDING,
    ChangeState,
    HandTask,
    Proof,
    Step,
    SystemAccount,
    SystemChange,
    Wanted,
)
from privacy.access.models.drifts import Drift, DriftKind, DriftState, Reconciliation
from privacy.access.models.entitlements import BOUND_SECONDS, HERE, Entitlement, FunctionEntitlement, System, SystemKind
from privacy.access.models.evidence import EvidencePack, PackKind
from privacy.access.models.grants import MAY_BE_THERE, SECOND_FACTORS, AccessGrant, GrantState, Origin
from privacy.access.models.reviews import (
    Answer,
    Decision,
    ItemState,
    Review,
    ReviewItem,
    ReviewScope,
    ReviewState,
    Role,
)
from privacy.access.models.scim import GroupEligibility, ScimClient, ScimGroup, ScimMember, ScimUser
from privacy.access.models.signin import DeniedAttempt, DeniedKind

__all__ = [
    "BOUND_SECONDS",
    "HERE",
    "MAY_BE_THERE",
    "OUTSTANDING",
    "SECOND_FACTORS",
    "AccessGrant",
    "Answer",
    "BreakGlassEligibility",
    "ChangeState",
    "Decision",
    "DeniedAttempt",
    "DeniedKind",
    "Drift",
    "DriftKind",
    "DriftState",
    "Entitlement",
    "EvidencePack",
    "FunctionEntitlement",
    "GrantState",
    "GroupEligibility",
    "HandTask",
    "ItemState",
    "Origin",
    "PackKind",
    "Proof",
    "Reconciliation",
    "Review",
    "ReviewItem",
    "ReviewScope",
    "ReviewState",
    "Role",
    "ScimClient",
    "ScimGroup",
    "ScimMember",
    "ScimUser",
    "Step",
    "System",
    "SystemAccount",
    "SystemChange",
    "SystemKind",
    "Wanted",
]
