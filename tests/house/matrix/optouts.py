"""Who may open which page of opt-outs: URL name → permission, "signed in" or "public"."""

URLS = {
    "optouts:list": "privacy.manage_optouts",
    "optouts:record": "privacy.manage_optouts",
    "optouts:opt_out": "privacy.manage_optouts",
    "optouts:ask": "privacy.manage_optouts",
    "optouts:confirm": "privacy.manage_optouts",
    "optouts:deliveries": "privacy.send_suppression",
    "optouts:receipt": "privacy.send_suppression",
    "optouts:one_click": "public",
    "optouts:again": "public",
}
