"""Who may open the pages of systems, changes in them, drift, tasks by hand."""

ADMINISTERS = "privacy.administer_access"
SIGNED_IN = "signed in"  # the page itself asks whether this person has anything to do with it

URLS: dict[str, str] = {
    **dict.fromkeys(
        (
            "access:systems",
            "access:connect",
            "access:system",
            "access:change_system",
            "access:add_entitlement",
            "access:change_entitlement",
            "access:link_account",
            "access:unlink_account",
            "access:compare",
            "access:mend_drift",
            "access:accept_drift",
            "access:removals",
            "access:try_again",
        ),
        ADMINISTERS,
    ),
    **dict.fromkeys(
        (
            "access:change",
            "access:do_task",
            "access:verify_task",
            "access:send_back_task",
            "access:evidence_file",
            "access:tasks",
            "access:progress_of_grant",
            "access:progress_of_person",
        ),
        SIGNED_IN,
    ),
}
