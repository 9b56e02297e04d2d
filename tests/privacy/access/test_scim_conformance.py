"""Every check of scim2-tester, a client that tries the whole protocol, against the running server."""

import httpx
import pytest
from django.utils import timezone
from scim2_client import BaseSyncSCIMClient
from scim2_tester import Status, check_server

from privacy.access.actions import connect_client
from tests.factories.scim import running_server
from tests.factories.workforce import EmployeeFactory

pytestmark = [pytest.mark.slow(18), pytest.mark.django_db]


class OverHttp(BaseSyncSCIMClient):
    """scim2-client on httpx, as its own engine does it on httpx2."""

    def __init__(self, http: httpx.Client) -> None:
        super().__init__()
        self.http = http

    def _stays_under_base_url(self, endpoint):
        return str(self.http.build_request("GET", endpoint).url).startswith(str(self.http.base_url))

    def _parse_json(self, response):
        return response.json()

    def request(self, method, url, **kwargs):
        return self.http.request(method, url, **kwargs)


def test_every_check_of_the_tester_passes(db):
    EmployeeFactory()
    _, token = connect_client("tester", by=None, now=timezone.now())
    headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
    with (
        running_server() as url,
        httpx.Client(base_url=f"{url}/scim/v2", headers=headers, timeout=60) as http,
    ):
        results = check_server(OverHttp(http))
    failed = [f"{r.title}: {r.reason}" for r in results if r.status not in (Status.SUCCESS, Status.COMPLIANT, Status.SKIPPED)]
    assert not failed, "\n".join(failed)
    assert len([r for r in results if r.status in (Status.SUCCESS, Status.COMPLIANT)]) > 100
