"""The verbs of the ground floor. Each runs inside an act of the ledger, which its caller opens."""
