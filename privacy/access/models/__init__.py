"""Tables of access: who may do what, and what was refused."""

from privacy.access.models.signin import DeniedAttempt, DeniedKind

__all__ = ["DeniedAttempt", "DeniedKind"]
