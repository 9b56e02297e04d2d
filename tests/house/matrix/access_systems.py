"""Who may open the pages of systems, changes in them, drift, tasks by hand."""

URLS: dict[str, str] = {}
