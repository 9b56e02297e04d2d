"""Who may open the pages of identity providers."""

URLS: dict[str, str] = {
    "scim": "public",  # its own door: a bearer token of a client, or 401 (tests/privacy/access/test_scim_door.py)
}
