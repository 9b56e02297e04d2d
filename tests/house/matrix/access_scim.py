"""Who may open the pages of identity providers."""

URLS: dict[str, str] = {
    "scim": "public",  # its own door: a bearer token of a client, or 401 (tests/privacy/access/test_scim_door.py)
    "access:scim_clients": "privacy.administer_access",
    "access:connect_scim": "privacy.administer_access",
    "access:revoke_scim": "privacy.administer_access",
    "access:scim_group": "privacy.administer_access",
    "access:scim_eligible": "privacy.administer_access",
}
