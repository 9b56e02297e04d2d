"""Many operations in one request (RFC 7644, 3.7). Who has left is heard in all of them, whatever becomes of the others."""

import json
import logging
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from scim2_models import Resource
from scim2_server.bulk import BULK_ID_PREFIX, BulkPlan, BulkStep
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation
from scim2_server.service import ScimService
from scim2_server.storage import ScimStorage

from privacy.access.api.description import MOST_OPERATIONS
from privacy.access.api.leaving import LEAVING, says_left

logger = logging.getLogger(__name__)
OF_OTHER_WORDS = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT)
_BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


@dataclass(frozen=True)
class Leaving:
    """Operations of a bulk request that say that somebody has left, by their place in it, with what is said of them alone."""

    alone: dict[int, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def in_operations(cls, operations: Any) -> "Leaving":
        """operations: in tidy words."""
        said = {
            index: _said_alone(operation)
            for index, operation in enumerate(operations if isinstance(operations, list) else [])
            if isinstance(operation, dict)
        }
        return cls({index: alone for index, alone in said.items() if alone is not None})


def _said_alone(operation: dict[str, Any]) -> dict[str, Any] | None:
    named = {name.casefold(): value for name, value in operation.items()}
    method, path = str(named.get("method", "")).upper(), str(named.get("path", ""))
    if not path.lstrip("/").casefold().startswith("users/"):
        return None
    said = {"path": path} | ({"bulkId": named["bulkid"]} if isinstance(named.get("bulkid"), str) else {})
    if method == "DELETE":
        return {**said, "method": "DELETE"}
    return {**said, "method": "PATCH", "data": LEAVING} if says_left(method, named.get("data")) else None


class HouseHandler(ScimHandler):
    """The library's handler, in which no word that somebody has left is held up by its neighbours.

    leaving: what the request says of leavers, where it is a bulk request.
    """

    def __init__(self, service: ScimService, storage: ScimStorage, leaving: Leaving) -> None:
        super().__init__(service, storage)
        self.leaving = leaving.alone

    def bulk(self, request: ScimRequest) -> ScimResponse:
        """After as many errors as the client accepts (failOnErrors), leavers are heard all the same."""
        with self.service.provider:
            self.service.route(request, Operation.bulk)
            plan = self.service.read_bulk(request.body, request.header("Content-Type"))
            for step in plan.steps:
                if not plan.stopped or step.index in self.leaving:
                    plan.record(step, *self._run(request, plan, step))
            return self.service.bulk_response(plan)

    def _run(self, request: ScimRequest, plan: BulkPlan, step: BulkStep) -> tuple[dict[str, Any], Resource[Any] | None]:
        result, resource = self.run_bulk_step(request, plan, step)
        said = self.leaving.get(step.index)
        if said is None or said["method"] == "DELETE" or result["status"] not in OF_OTHER_WORDS:
            return result, resource
        logger.warning("a leaver is told of in bulk with other words that were refused: %s", result["status"])
        new = plan.created.get(said["path"].rpartition("/")[2].removeprefix(BULK_ID_PREFIX))
        alone = self.service.read_bulk(_request([{**said, "path": f"/Users/{new.id}"} if new else said]), None)
        done, resource = self.run_bulk_step(request, alone, BulkStep(0))
        return {**done, "method": result["method"]}, resource

    def hear_leavers(self, request: ScimRequest) -> int:
        """The bulk request as a whole was refused; who has left in it is heard all the same. Returns how many were."""
        if not self.leaving:
            return 0
        with self.service.provider:
            plan = self.service.read_bulk(_request(list(self.leaving.values())[:MOST_OPERATIONS]), None)
            for step in plan.steps:
                plan.record(step, *self.run_bulk_step(request, plan, step))
        return sum(one["status"] < HTTPStatus.BAD_REQUEST for one in plan.outcomes())


def _request(operations: list[dict[str, Any]]) -> bytes:
    return json.dumps({"schemas": [_BULK], "Operations": operations}).encode()
