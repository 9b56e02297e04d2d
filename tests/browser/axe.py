"""axe-core, put into a page once and asked as often as the page changes its looks."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

RULES: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,  # axe copies style sheets into <style> elements, which the page policy refuses (and counts)
}
# What another colour scheme may change, at the same size. A colour does not depend on the width: of both schemes, each is
# looked at with all rules at one width, and what shows at the other width only is looked at there.
COLOURS: dict[str, Any] = {**RULES, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


# Elements with words of their own that can be seen now, kept under a name.
_KEEP_SHOWN = """(name) => {
  const words = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const seen = [...document.body.querySelectorAll("*")].filter((one) => one.checkVisibility() && (words(one) || one.value));
  (window.__shown ??= {})[name] = new Set(seen);
}"""
_RUN_ON_THE_REST = """([options, here, there]) => {
  const include = [...window.__shown[here]].filter((one) => one.isConnected && !window.__shown[there].has(one));
  return include.length ? axe.run({ include }, options).then((results) => results.violations) : [];
}"""


def faults(page: Any, options: dict[str, Any]) -> list[str]:
    """Every violation: its rule, the element, where it is."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    return _in_words(page.evaluate("(options) => axe.run(options).then((results) => results.violations)", options))


def keep_what_shows(page: Any, size: str) -> None:
    """Remember what can be read at this size, for `faults_of_colour`."""
    page.evaluate(_KEEP_SHOWN, size)


def faults_of_colour(page: Any, *, here: str, not_at: str) -> list[str]:
    """Violations by the colours now, of what can be read at the size `here` and could not be read at the other."""
    return _in_words(page.evaluate(_RUN_ON_THE_REST, [COLOURS, here, not_at]))


def _in_words(violations: list[dict[str, Any]]) -> list[str]:
    return [
        f"{violation['id']}: {node['html'][:160]} ({node['target'][0]})"
        for violation in violations
        for node in violation["nodes"][:3]
    ]
