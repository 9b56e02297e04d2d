"""Who may open the pages of the access map."""

URLS: dict[str, str] = {}
