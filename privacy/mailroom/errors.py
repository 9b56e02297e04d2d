"""What this room refuses, as sentences for people."""


class MailroomRefused(Exception):
    """Base of everything that this room refuses."""


class NoMailbox(MailroomRefused):
    def __init__(self, why: str) -> None:
        super().__init__(f"The mailbox cannot be read: {why}")
