"""Whose address is it? Nobody writes to a robot's."""

from privacy.mailroom.policies.senders import is_automatic, may_be_a_robots


def may_be_written_to(address: str) -> bool:
    """Whether an automatic letter may go to this address, of which no message tells anything else."""
    facts = {
        "from": [["", address]],
        "headers": {},
        "subject": "",
        "text": "",
        "is_report": False,
        "report_type": "",
        "calendar": False,
    }
    return not is_automatic(facts) and not may_be_a_robots(facts)
