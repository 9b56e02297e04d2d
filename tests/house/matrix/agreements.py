"""Who may open which page of agreements: URL name → permission."""

SHARES = "privacy.manage_sharing"
URLS = {
    "agreements:parties": SHARES,
    "agreements:add_party": SHARES,
    "agreements:party": SHARES,
    "agreements:add_agreement": SHARES,
    "agreements:end_agreement": SHARES,
    "agreements:ndas": SHARES,
    "agreements:add_nda": SHARES,
    "agreements:end_nda": SHARES,
}
