"""Verbs of access: the only writes to its tables."""

from privacy.access.actions.bootstrap import create_security_administrator
from privacy.access.actions.catalogue import install_catalogue, justify, no_longer_justify, set_owner
from privacy.access.actions.emergency import break_glass, end_naming, look_at_emergency, name_for_emergencies
from privacy.access.actions.employment import (
    bring_back,
    change_function,
    close_leavers,
    end_employment,
    revoke_everything,
    schedule_leaving,
)
from privacy.access.actions.ending import revoke_entitlement, revoke_grant
from privacy.access.actions.evidence import make_leaver_pack, make_review_pack, take_pack
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
from privacy.access.actions.handover import HandedBack, HandedOver, hand_over
from privacy.access.actions.outbox import settle_everything
from privacy.access.actions.pushing import (
    Pushed,
    Rehearsed,
    open_hand_tasks,
    prove_by_hand,
    push_due,
    push_system,
    rehearse_push,
    systems_with_work,
)
from privacy.access.actions.reading import (
    Revealed,
    authorise_export,
    check_reason,
    check_searches,
    record_export_end,
    record_search,
    reveal,
)
from privacy.access.actions.reconciling import Compared, accept_drift, mend_drift, reconcile, rehearse_reconciliation
from privacy.access.actions.restoring import Restored, restore_after_mistake
from privacy.access.actions.review_answers import answer_many, answer_review, undo_answer
from privacy.access.actions.review_cancelling import cancel_review
from privacy.access.actions.review_clock import advance_reviews
from privacy.access.actions.review_handing_on import hand_on_decisions_of, hand_on_everything
from privacy.access.actions.reviews import launch_review, prepare_review, sign_off_review
from privacy.access.actions.roster import RosterPlan, apply_roster, one_roster_at_a_time, plan_roster
from privacy.access.actions.scim import catch_up
from privacy.access.actions.scim_clients import connect_client, digest_of, note_use, revoke_client
from privacy.access.actions.scim_groups import make_eligible, no_longer_eligible
from privacy.access.actions.signin import (
    ask_for_links,
    count_refused_factor,
    end_session,
    end_sessions_past_a_limit,
    enrol_authenticator,
    record_denied,
    send_link,
)
from privacy.access.actions.systems import (
    add_entitlement,
    change_entitlement,
    change_system,
    connect_system,
    link_account,
    try_again,
    unlink_account,
)
from privacy.access.actions.tasks import do_task, send_back_task, take_evidence, verify_task
from privacy.access.actions.warnings import (
    tell_of_waiting,
    warn_of_late_removals,
    warn_of_ledger,
    warn_of_many,
    warn_of_ndas,
)

__all__ = [
    "Compared",
    "HandedBack",
    "HandedOver",
    "Pushed",
    "Rehearsed",
    "Restored",
    "Revealed",
    "RosterPlan",
    "accept_drift",
    "add_entitlement",
    "advance_reviews",
    "answer_many",
    "answer_review",
    "apply_roster",
    "approve_grant",
    "ask_for_links",
    "authorise_export",
    "break_glass",
    "bring_back",
    "cancel_review",
    "catch_up",
    "change_entitlement",
    "change_function",
    "change_system",
    "check_reason",
    "check_searches",
    "close_leavers",
    "connect_client",
    "connect_system",
    "count_refused_factor",
    "create_security_administrator",
    "deny_grant",
    "digest_of",
    "do_task",
    "end_employment",
    "end_naming",
    "end_session",
    "end_sessions_past_a_limit",
    "enrol_authenticator",
    "hand_on_decisions_of",
    "hand_on_everything",
    "hand_over",
    "install_catalogue",
    "justify",
    "keep_grant",
    "lapse_requests",
    "launch_review",
    "link_account",
    "look_at_emergency",
    "make_eligible",
    "make_leaver_pack",
    "make_review_pack",
    "mend_drift",
    "name_for_emergencies",
    "no_longer_eligible",
    "no_longer_justify",
    "note_use",
    "one_roster_at_a_time",
    "open_hand_tasks",
    "plan_roster",
    "prepare_review",
    "prove_by_hand",
    "push_due",
    "push_system",
    "reconcile",
    "record_denied",
    "record_export_end",
    "record_search",
    "rehearse_push",
    "rehearse_reconciliation",
    "request_grant",
    "restore_after_mistake",
    "resume_grant",
    "reveal",
    "revoke_client",
    "revoke_entitlement",
    "revoke_everything",
    "revoke_grant",
    "schedule_leaving",
    "send_back_task",
    "send_link",
    "set_owner",
    "settle_everything",
    "sign_off_review",
    "suspend_grant",
    "systems_with_work",
    "take_evidence",
    "take_pack",
    "tell_of_waiting",
    "try_again",
    "undo_answer",
    "unlink_account",
    "verify_task",
    "warn_of_late_removals",
    "warn_of_ledger",
    "warn_of_many",
    "warn_of_ndas",
    "withdraw_request",
]
