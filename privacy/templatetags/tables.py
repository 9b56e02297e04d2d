"""The stock admin's tables in the manners of this house: `{% load tables %}`."""

import re
from html import unescape
from typing import Any

from django import template
from django.template.context import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from customers.doors.pages import may_open
from privacy.templatetags.lumens import status

register = template.Library()

_STATE = re.compile(r'^(<td class="field-(?:state|outcome|answer)[^>]*>)([^<>—]+)(</td>)$')
_YES_OR_NO = re.compile(r'<img src="[^"]*icon-(yes|no|unknown)[^"]*"[^>]*>')
_LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_SAID = {"yes": "yes", "no": "no", "unknown": "—"}


@register.filter
def told(cell: Any) -> SafeString:
    """A cell of a list: a state as on every other list, yes and no in words."""
    drawn = _YES_OR_NO.sub(lambda found: _SAID[found[1]], str(conditional_escape(cell)))
    return mark_safe(_STATE.sub(lambda found: f"{found[1]}{status(unescape(found[2]))}{found[3]}", drawn))  # noqa: S308


@register.simple_tag(takes_context=True)
def value_of(context: Context, field: Any) -> SafeString:
    """What a field of a row says; a link only to what this person may open."""
    user = context["request"].user
    drawn = _LINK.sub(lambda found: found[0] if may_open(user, found[1]) else found[2], str(conditional_escape(field.contents())))
    return mark_safe(_YES_OR_NO.sub(lambda found: _SAID[found[1]], drawn))  # noqa: S308


@register.filter
def searched_by(model_admin: Any) -> str:
    """By what the rows of a table are found, for its search field: "Name, login or code"."""
    words = []
    for path in model_admin.search_fields:
        name = path.split("__")[-1].replace("_", " ")
        words.append({"email": "e-mail"}.get(name, name))
    known = list(dict.fromkeys(words))
    said = " or ".join([", ".join(known[:-1]), known[-1]] if len(known) > 1 else known)
    return said[:1].upper() + said[1:]
