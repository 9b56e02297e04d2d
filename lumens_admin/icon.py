"""The mark in a browser's tab, for pages that cannot name it: plain answers, files, errors of the browser itself."""

from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def mark(request: HttpRequest) -> HttpResponseRedirect:
    """Sends on to the mark, under the name that carries its hash."""
    return HttpResponseRedirect(static("lumens/mark.svg"))
