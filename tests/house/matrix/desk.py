"""Who may open which page of the desk: URL name → permission, "signed in" or "public"."""

URLS = {
    "desk:home": "signed in",
    "desk:search": "signed in",
    "desk:person": "customers.view_customer",
    "desk:timeline": "privacy.view_ledger",
    "desk:end_session": "signed in",
    "desk:tables": "signed in",
}
