"""axe-core, put into a page once and asked as often as the page changes its looks."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT

RULES: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,  # axe copies style sheets into <style> elements, which the page policy refuses (and counts)
}
# What another colour scheme may change, at the same size.
COLOURS: dict[str, Any] = {**RULES, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def faults(page: Any, options: dict[str, Any]) -> list[str]:
    """Every violation: its rule, the element, where it is."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate("(options) => axe.run(options).then((results) => results.violations)", options)
    return [
        f"{violation['id']}: {node['html'][:160]} ({node['target'][0]})"
        for violation in violations
        for node in violation["nodes"][:3]
    ]
