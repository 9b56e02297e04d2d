"""Who may open which page of requests: URL name → permission, "signed in" or "public"."""

URLS = {
    "tickets:queue": "privacy.work_tickets",
    "tickets:new": "privacy.work_tickets",
    "tickets:ticket": "privacy.work_tickets",
    "tickets:do": "privacy.work_tickets",
    "tickets:bulk": "privacy.work_tickets",
}
