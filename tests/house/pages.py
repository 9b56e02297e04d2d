"""What a browser would make of our pages, for tests that walk through all of them."""

import re
from collections import Counter, deque
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

from django.db import connection
from django.utils import timezone

TABLES = 40
ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post")


@dataclass
class Form:
    """One form of a page: where it goes, and its fields as somebody would fill them in who fills in every one."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """What a browser would do with a page: links to follow, forms to send, and what the page policy would refuse."""

    def __init__(self, text):
        super().__init__()
        self.links, self.refused, self.forms = [], [], []
        self.tags = Counter()
        self._form, self._choice, self._writes = None, "", ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = {name: value or "" for name, value in attributes}
        self.tags[tag] += 1
        self.refused += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.refused.append(tag)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        for name in ADDRESSES:
            if given.get(name, "").strip().lower().startswith(("javascript:", "data:", "vbscript:")):
                self.refused.append(given[name])
        if given.get("hx-get"):
            self.links.append(given["hx-get"])
        self._read_form(tag, given)

    def _read_form(self, tag, given):
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is None:
            return
        fields, name = self._form.fields, given.get("name", self._choice)
        if tag == "option" and self._choice and given.get("value") and not fields.get(name):
            fields[name] = given["value"]
        elif tag == "select":
            self._choice = name
            fields.setdefault(name, "")
        elif name and tag == "button" and given.get("value"):
            fields.setdefault(name, given["value"])
        elif name and tag in ("input", "textarea") and given.get("type") != "file":
            fields[name] = fields.get(name) or given.get("value") or _something(given.get("type", tag))

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        if tag == "select":
            self._choice = ""


def _something(kind):
    """What somebody might write into a field of that type."""
    today = timezone.localdate()
    known = {"date": f"{today}", "datetime-local": f"{today}T12:00", "email": "mary@example.com", "number": "1", "checkbox": "on"}
    return known.get(kind, "because of the audit")


def kind_of(address):
    """Addresses that differ only in keys are of one kind."""
    parts = urlsplit(address)
    return re.sub(r"\d+", "N", parts.path), tuple(sorted(re.findall(r"(\w+)=", parts.query)))


def newest():
    """The number of the newest event in each table of the ledger, one look at the end of an index each; how many jobs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, CASE tablename WHEN 'procrastinate_jobs' THEN 'count(*)' ELSE 'max(pgh_id)' END FROM pg_tables"
            " WHERE tablename LIKE '%ledgerevent' OR tablename = 'procrastinate_jobs'"
        )
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', {asked} FROM {table}" for table, asked in cursor.fetchall()))
        return {table: number for table, number in cursor.fetchall() if number}


def walk(client, beginnings, *, most=450, most_of_one_kind=4):
    """(address, answer, page) of every page that links lead to: one of each kind, then more of them.

    page: None where the answer is none that a browser shows.
    """
    seen, kinds, waiting, again = set(), Counter(), deque(beginnings), deque()
    while (waiting or again) and len(seen) < most:
        address = (waiting or again).popleft()
        kind = kind_of(address)
        tables = address.startswith("/admin/privacy/") and "?" in address  # each filter of each list would be a kind
        if address in seen or kinds[kind] >= most_of_one_kind or "logout" in address or (tables and kinds["table"] >= TABLES):
            continue
        if kinds[kind] and waiting:
            again.append(address)
            continue
        seen.add(address)
        kinds[kind] += 1
        kinds["table"] += tables
        answer = client.get(address)
        html = not answer.streaming and answer.headers.get("Content-Type", "").startswith("text/html")
        page = Page(answer.content.decode()) if html and answer.status_code < 400 else None
        yield address, answer, page
        for link in page.links if page else ():
            target = urldefrag(urljoin(address, link))[0]
            if urlsplit(target).netloc == "" and target.startswith("/") and not target.startswith("/static/"):
                waiting.append(target)
