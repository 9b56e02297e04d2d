"""Who may open which page of the desk: URL name → permission, "signed in" or "public"."""

URLS = {
    "desk:home": "signed in",
    "desk:search": "signed in",
    "desk:person": "customers.view_customer",
    "desk:record_choice": "privacy.manage_optouts",
    "desk:open_request": "privacy.work_tickets",
    "desk:timeline": "privacy.view_ledger",
    "desk:end_session": "signed in",
    "desk:tables": "signed in",
}
