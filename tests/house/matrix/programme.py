"""Who may open which page of the programme: URL name → permission or "signed in"."""

MANAGES, SIGNED_IN = "privacy.manage_programme", "signed in"
URLS = {
    "programme:home": MANAGES,
    "programme:to_read": SIGNED_IN,
    "programme:publish": MANAGES,
    "programme:policy": SIGNED_IN,
    "programme:acknowledge": SIGNED_IN,
    "programme:briefings": MANAGES,
    "programme:add_briefing": MANAGES,
    "programme:add_review": MANAGES,
    "programme:add_threat": MANAGES,
    "programme:reassess": MANAGES,
}
