"""Who may open which page of access: URL name → permission, "signed in" or "public"."""

SIGNED_IN = "signed in"
# Pages of one grant or person are open to those whom it concerns; the views themselves refuse everybody else.
URLS = {
    "access:mine": SIGNED_IN,
    "access:ask": SIGNED_IN,
    "access:grants": "privacy.administer_access",
    "access:grant": SIGNED_IN,
    "access:approve": SIGNED_IN,
    "access:deny": SIGNED_IN,
    "access:withdraw": SIGNED_IN,
    "access:revoke": SIGNED_IN,
    "access:suspend": SIGNED_IN,
    "access:resume": SIGNED_IN,
    "access:people": "privacy.administer_access",
    "access:add_person": "privacy.manage_people",
    "access:person": SIGNED_IN,
    "access:left": "privacy.manage_people",
    "access:stays": "privacy.manage_people",
    "access:moved": "privacy.manage_people",
    "access:back": "privacy.manage_people",
    "access:revoke_all": "privacy.revoke_grants",
    "access:end_sessions_of": "privacy.revoke_grants",
    "access:sessions": "privacy.revoke_grants",
    "access:end_past_a_limit": "privacy.revoke_grants",
    "access:entitlements": "privacy.administer_access",
    "access:entitlement": "privacy.administer_access",
    "access:own": "privacy.administer_access",
    "access:justify": "privacy.administer_access",
    "access:denied": "privacy.administer_access",
    "access:reveal": SIGNED_IN,
    "access:export_customers": "customers.export_customers",
}
