"""Who may open the pages of identity providers."""

URLS: dict[str, str] = {}
