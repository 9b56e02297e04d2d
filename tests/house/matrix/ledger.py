URLS = {"ledger:seals": "privacy.view_ledger"}
