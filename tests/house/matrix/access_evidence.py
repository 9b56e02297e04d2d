"""Who may open the pages of timeliness and evidence."""

# Auditors too: evidence is for those who read the promises and the ledger both; the view asks for the second.
URLS: dict[str, str] = {
    "access:timeliness": "privacy.administer_access",
    **dict.fromkeys(
        (
            "access:evidence",
            "access:evidence_key",
            "access:make_leaver_pack",
            "access:make_review_pack",
            "access:download_pack",
        ),
        "privacy.administer_access",
    ),
}
