"""Who may open the pages of the access map."""

URLS: dict[str, str] = {
    "access:map": "privacy.administer_access",
    "access:map_export": "privacy.administer_access",
    "access:would_go": "signed in",  # those who oversee, manage or are the person
}
