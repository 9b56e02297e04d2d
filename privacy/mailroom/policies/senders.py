"""Was this sent by a person? Robots never opt out, never open a request, are never answered (OPTOUTS.md, "Mailroom", 4)."""

import re
from typing import Any

from privacy.mailroom.policies.words import without_prefixes

_BULK = frozenset({"bulk", "list", "junk", "auto_reply", "auto-reply"})
_ROBOTS = re.compile(r"(mailer[-_.]?daemon|mail-daemon|postmaster-noreply|double-bounce|bounce[s]?([-+].*)?)@", re.IGNORECASE)
_KNOWN_SUBJECTS = re.compile(
    r"\s*\[?(auto(matic|mated|matische)?[ -]?(reply|response|antwort|generated)\b|autoreply|autoresponder|auto:|"
    r"automatisches? |out[ -]of[ -](the[ -])?office\b|ooo:|vacation( reply| response| message| notice)?\s*(:|$)|on vacation\b|"
    r"away from (my|the) (mail|office|desk)\b|i(['’]m| am) (currently )?(out of|away)\b|"
    r"abwesen(d|heit)|r[ée]ponse automatique|absence du bureau|"
    r"respuesta autom[áa]tica|fuera de la oficina|risposta automatica|fuori ufficio|resposta autom[áa]tica|"
    r"automatisch antwoord|afwezig|autosvar|automatiskt svar|frånvar|automatisk svar|automaattinen vastaus|"
    r"automatyczna odpowied|автоответ|自动回复|自動返信|自動回覆)",
    re.IGNORECASE,
)  # fmt: skip


def is_automatic(facts: dict[str, Any]) -> str:
    """Why this message is a robot's; empty for a person's. X-Auto-Response-Suppress proves nothing: people's mail has it too."""
    headers: dict[str, list[str]] = facts["headers"]
    submitted = [_first_word(value) for value in headers.get("auto-submitted", [])]
    if any(value and value != "no" for value in submitted):
        return "Auto-Submitted"
    for name in ("x-autoreply", "x-autorespond", "x-auto-reply", "x-autoresponse"):
        if any(value.strip().lower() not in {"", "no", "false"} for value in headers.get(name, [])):
            return name.title()
    if any(value.replace(" ", "") == "<>" for value in headers.get("return-path", [])):
        return "empty Return-Path"
    if any(_ROBOTS.match(address) for _, address in facts["from"]):
        return "sent by a mail daemon"
    for name in ("precedence", "x-precedence"):
        if any(_first_word(value) in _BULK for value in headers.get(name, [])):
            return f"Precedence {_first_word(headers[name][0])}"
    if _KNOWN_SUBJECTS.match(without_prefixes(facts["subject"])):
        return "subject of an automatic reply"
    return ""


def may_be_answered(facts: dict[str, Any]) -> bool:
    """Whether an automatic letter may go back: never to robots, never to mailing lists."""
    return not is_automatic(facts) and not any(name in facts["headers"] for name in ("list-id", "list-unsubscribe", "list-post"))


def _first_word(value: str) -> str:
    words = re.split(r"[\s;,(]+", value.strip().lower(), maxsplit=1)
    return words[0] if words else ""
