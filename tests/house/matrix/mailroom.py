"""Who may open which page of the mailroom: URL name → permission, "signed in" or "public"."""

URLS = {
    "mailroom:inbox": "privacy.work_tickets",
    "mailroom:message": "privacy.work_tickets",
    "mailroom:settle": "privacy.work_tickets",
    "mailroom:letters": "privacy.work_tickets",
    "mailroom:letter_again": "privacy.work_tickets",
}
