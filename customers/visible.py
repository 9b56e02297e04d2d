"""Text from outside as it may be shown on a terminal, in a log and on a page: nothing in it steers or hides (ASVS 16.4.1)."""


def visible(text: str, *, keep: str = "") -> str:
    """The text with every character that cannot be seen written out (`\\x1b`), save those in `keep`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else f"\\x{ord(c):02x}" for c in text)
