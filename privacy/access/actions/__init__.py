"""Verbs of access: the only writes to its tables."""

from privacy.access.actions.bootstrap import create_security_administrator
from privacy.access.actions.catalogue import install_catalogue, justify, no_longer_justify, set_owner
from privacy.access.actions.employment import (
    Keep,
    bring_back,
    change_function,
    close_leavers,
    end_employment,
    revoke_everything,
    schedule_leaving,
)
from privacy.access.actions.ending import revoke_grant
from privacy.access.actions.grants import (
    approve_grant,
    deny_grant,
    keep_grant,
    lapse_requests,
    request_grant,
    resume_grant,
    suspend_grant,
    withdraw_request,
)
from privacy.access.actions.reading import Revealed, authorise_export, record_export_end, reveal
from privacy.access.actions.roster import RosterPlan, apply_roster, plan_roster
from privacy.access.actions.signin import end_session, enrol_authenticator, record_denied

__all__ = [
    "Keep",
    "Revealed",
    "RosterPlan",
    "apply_roster",
    "approve_grant",
    "authorise_export",
    "bring_back",
    "change_function",
    "close_leavers",
    "create_security_administrator",
    "deny_grant",
    "end_employment",
    "end_session",
    "enrol_authenticator",
    "install_catalogue",
    "justify",
    "keep_grant",
    "lapse_requests",
    "no_longer_justify",
    "plan_roster",
    "record_denied",
    "record_export_end",
    "request_grant",
    "resume_grant",
    "reveal",
    "revoke_everything",
    "revoke_grant",
    "schedule_leaving",
    "set_owner",
    "suspend_grant",
    "withdraw_request",
]
