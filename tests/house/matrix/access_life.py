"""Who may open the pages of break-glass, restoring, keeping."""

URLS: dict[str, str] = {}
