"""Who may open the pages of access reviews. What is open to everybody signed in asks by itself whom it concerns."""

SIGNED_IN = "signed in"
URLS: dict[str, str] = {
    "access:reviews": "privacy.administer_access",
    "access:prepare_review": "privacy.administer_access",
    "access:my_reviews": SIGNED_IN,
    "access:answer_many": SIGNED_IN,
    "access:review_row": SIGNED_IN,
    "access:answer_review": SIGNED_IN,
    "access:undo_answer": SIGNED_IN,
    "access:hand_on_decision": SIGNED_IN,
    "access:review_item": SIGNED_IN,
    "access:review": SIGNED_IN,
    "access:launch_review": "privacy.administer_access",
    "access:cancel_review": "privacy.administer_access",
    "access:sign_off_review": "privacy.administer_access",
    "access:hand_on_reviewer": SIGNED_IN,
    "access:export_review": SIGNED_IN,
}
