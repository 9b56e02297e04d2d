"""An identity provider that speaks to the house over HTTP, as Okta and Entra do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from django.db import connections
from django.test.testcases import LiveServerThread, ThreadedWSGIServer
from django.utils import timezone

from privacy.access.actions import connect_client

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER, GROUP = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

SHARED: list[Any] = []


class _KeepsConnections(ThreadedWSGIServer):
    daemon_threads = False  # the end of the server waits for the end of every request

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "connections_override": {"default": SHARED[-1]}})

    def serve_forever(self, poll_interval: float = 0.02) -> None:
        """Half a second, as usual, would be the longest part of most tests: the end of the server waits for it."""
        super().serve_forever(poll_interval)

    def _close_connections(self) -> None:
        """The connection is the test's."""


class _Thread(LiveServerThread):
    server_class = _KeepsConnections


@contextmanager
def running_server() -> Iterator[str]:
    """The address of a server over real sockets whose requests run inside the test's own transaction, one at a time.

    For two requests at once use `live_server`.
    """
    from django.contrib.staticfiles.handlers import StaticFilesHandler

    connection = connections["default"]
    connection.inc_thread_sharing()
    SHARED.append(connections["default"])
    # As with Django's own test client, a request's end does not close the connection that the test goes on with.
    closes, shared = "close_if_unusable_or_obsolete", connections["default"]
    setattr(shared, closes, lambda: None)
    thread = _Thread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    assert thread.error is None, thread.error
    try:
        yield f"http://127.0.0.1:{thread.port}"
    finally:
        thread.terminate()
        delattr(shared, closes)
        connection.dec_thread_sharing()


class Provider:
    """Requests with a token of its own. `patch(id, op, …)` sends operations; answers are httpx responses."""

    def __init__(self, url: str, name: str = "Okta", **headers: str) -> None:
        self.client, self.token = connect_client(name, by=None, now=timezone.now())
        self.http = httpx.Client(
            base_url=f"{url}/scim/v2",
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/scim+json",
                "Connection": "close",
                **headers,
            },
            timeout=30,
            verify=False,  # its server speaks plain HTTP: reading the authorities of the world takes longer than most tests
        )

    def close(self) -> None:
        self.http.close()

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(path, params=query)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.http.post(path, json=body, headers=headers)

    def put(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.http.put(path, json=body, headers=headers)

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> httpx.Response:
        return self.http.patch(path, json={"schemas": [PATCH_OP], "Operations": list(operations)}, headers=headers)

    def delete(self, path: str, **headers: str) -> httpx.Response:
        return self.http.delete(path, headers=headers)

    def add(self, user_name: str, **said: Any) -> dict[str, Any]:
        """Tell of somebody; the user as answered."""
        answer = self.post("/Users", {"schemas": [USER], "userName": user_name, **said})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def find(self, user_name: str) -> dict[str, Any]:
        """The one user of that name."""
        answer = self.get("/Users", filter=f'userName eq "{user_name}"')
        assert answer.status_code == 200, answer.text
        (found,) = answer.json()["Resources"]
        return dict(found)

    def read(self, user: dict[str, Any]) -> dict[str, Any]:
        answer = self.get(f"/Users/{user['id']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def read_group(self, group: dict[str, Any]) -> dict[str, Any]:
        answer = self.get(f"/Groups/{group['id']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def is_scim_error(answer: httpx.Response, status: int, scim_type: str | None = None) -> bool:
    """Whether an answer is an error of SCIM with that status, and of that type where one is named."""
    assert answer.status_code == status, (answer.status_code, answer.text[:500])
    assert answer.headers["Content-Type"].startswith("application/scim+json"), answer.headers
    body = answer.json()
    assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert body["status"] == str(status)
    assert scim_type is None or body.get("scimType") == scim_type, body
    return True
