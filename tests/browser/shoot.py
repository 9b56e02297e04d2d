"""Photographs every page for people to look at, wide and narrow, light and dark, into /tmp/shots.

    python -m tests.browser.shoot http://127.0.0.1:8000 LOGIN [--only queue,person] [--wide] [--narrow] [--light] [--dark]

After `make setup` or `make test`: `make run` alone installs no Playwright. Chromium comes from the distribution's packages
(`apt-get install chromium`); `make test` installs it where it may.

Signs in by writing a session into the server's own database, so it needs the server's settings in its environment. For
demonstrations and development only.
"""

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server")
    parser.add_argument("login")
    parser.add_argument("--only", default="", help="parts of URL names, separated by commas")
    parser.add_argument("--out", default="/tmp/shots")
    for flag in ("wide", "narrow", "light", "dark", "full"):
        parser.add_argument(f"--{flag}", action="store_true")
    options = parser.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumens_admin.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client
    from playwright.sync_api import Error, sync_playwright

    from privacy.models import Employee
    from tests.browser import chromium, pages
    from tests.factories.access import sign_in

    client = sign_in(Client(), Employee.objects.get(login=options.login))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    wanted = [part for part in options.only.split(",") if part]
    sizes = [size for size in SIZES if getattr(options, size)] or list(SIZES)
    schemes = [scheme for scheme in ("light", "dark") if getattr(options, scheme)] or ["light", "dark"]
    Path(options.out).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = chromium.start(playwright)
        for size in sizes:
            width, height = SIZES[size]
            context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": options.server}])
            page = context.new_page()
            page.on("console", lambda message: message.type == "error" and print("console:", message.text))
            for name, address in pages.addresses(wanted or None):
                try:
                    answer = page.goto(options.server + address, wait_until="load")
                except Error:  # a file
                    page.goto("about:blank")
                    continue
                if answer is None or answer.status != 200 or urlsplit(page.url).path != address:
                    print(answer.status if answer else "no answer", name, address, "→", page.url, file=sys.stderr)
                    continue
                with suppress(Error):  # parts that the page fetches by itself
                    page.wait_for_load_state("networkidle", timeout=6_000)
                for scheme in schemes:
                    page.emulate_media(color_scheme=scheme)
                    page.screenshot(path=f"{options.out}/{name.replace(':', '.')}-{size}-{scheme}.png", full_page=options.full)
                if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                    print("scrolls sideways:", size, name, page.evaluate("document.documentElement.scrollWidth"))
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
