"""Who may open the pages of emergencies, restoring and keeping. Pages of one grant refuse whom it does not concern."""

URLS = {
    "access:emergencies": "signed in",
    "access:name_for_emergencies": "privacy.administer_access",
    "access:break_glass": "signed in",
    "access:end_naming": "privacy.administer_access",
    "access:look": "signed in",
    "access:keep": "signed in",
    "access:restore": "privacy.approve_grants",
}
