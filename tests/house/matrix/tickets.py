"""Who may open which page of requests: URL name → permission, "signed in" or "public"."""

URLS = {
    "tickets:queue": "privacy.work_tickets",
    "tickets:new": "privacy.work_tickets",
    "tickets:ticket": "privacy.work_tickets",
    "tickets:do": "privacy.work_tickets",
    "tickets:calendar": "privacy.manage_settings",
    "tickets:open_after_all": "privacy.manage_settings",
    "tickets:bulk": "privacy.work_tickets",
}
