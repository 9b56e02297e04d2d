"""The workforce has no pages of its own: people are looked at under access."""

URLS: dict[str, str] = {}
