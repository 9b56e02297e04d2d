"""Who may open the pages of timeliness and evidence."""

URLS: dict[str, str] = {}
