"""Who may open the pages of access reviews."""

URLS: dict[str, str] = {}
