"""The protocol of the library, where we are stricter: nothing that did nothing is a success, and silence changes nobody."""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.db import DataError, OperationalError
from scim2_models import (
    Context,
    Error,
    InvalidPathException,
    InvalidSyntaxException,
    MutabilityException,
    PatchOp,
    PatchOperation,
    Path,
    Resource,
    ResourceType,
    ResponseParameters,
    SCIMException,
    SearchRequest,
)
from scim2_server.conditions import Conditions
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService
from scim2_server.storage import SearchPage

from privacy.access.actions.scim_words import ENTERPRISE
from privacy.access.api.description import provider
from privacy.access.api.filters import check_size

logger = logging.getLogger(__name__)

# What a PUT leaves out stays as it is: a client that does not know of it cannot have meant to take it away.
STAYS = ("active", "title", "user_type", "emails")
STAYS_OF_ENTERPRISE = ("department", "manager")
_ONE_MEMBER = re.compile(r'members\[\s*value\s+eq\s+"([0-9a-f-]{36})"\s*\]', re.IGNORECASE)
_LONGEST_WORD = 4_000


class HouseService(ScimService):
    """extra: whether the request brought attributes that are kept beside; then a PATCH has done something.
    asked_for: the parameters of the request.
    """

    def __init__(self, *, extra: bool = False, asked_for: Mapping[str, str] | None = None) -> None:
        super().__init__(provider())
        self.extra = extra
        self.asked_for = dict(asked_for or {})

    def check_place(self, request: ScimRequest) -> None:
        """Whether this server has that place, and knows that method there: said before anybody reads the body. Raises NotFound,
        MethodNotAllowed.
        """
        target = self.match(request)
        if target.endpoint is not None:
            self.resource_type_at(target.endpoint)

    def creation_response(self, base_url: str, created: Resource[Any]) -> ScimResponse:
        """What was made, as far as it was asked for (RFC 7644, 3.9)."""
        response = super().creation_response(base_url, created)
        resource_type = next(known for known in self.provider.resource_types if isinstance(created, self.get_model(known)))
        parameters = self.read_response_parameters(resource_type, self.asked_for)
        if not parameters.attributes and not parameters.excluded_attributes:
            return response
        shown = self.resource_response(
            self.publish(base_url, created), Context.RESOURCE_CREATION_RESPONSE, parameters, status=HTTPStatus.CREATED
        )
        return ScimResponse(HTTPStatus.CREATED, shown.body, response.headers)

    @staticmethod
    def resource_response(
        resource: Resource[Any],
        scim_ctx: Context,
        response_parameters: ResponseParameters[Any] | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> ScimResponse:
        response = ScimService.resource_response(resource, scim_ctx, response_parameters, status)
        _say_nobody(response.body, resource, response_parameters)
        return response

    def search_response(
        self, base_url: str, resource_types: list[ResourceType], page: SearchPage, search_request: SearchRequest[Any]
    ) -> ScimResponse:
        response = super().search_response(base_url, resource_types, page, search_request)
        for shown, resource in zip((response.body or {}).get("Resources", []), page.resources, strict=True):
            _say_nobody(shown, resource, search_request)
        return response

    def patch_response(
        self, base_url: str, resource: Resource[Any], response_parameters: ResponseParameters[Any]
    ) -> ScimResponse:
        """A user as it is now: Okta reads it from the answer. A group may be long, and nobody asks: 204."""
        if not hasattr(resource, "user_name"):
            return super().patch_response(base_url, resource, response_parameters)
        published = self.publish(base_url, resource)
        return self.resource_response(published, Context.RESOURCE_REPLACEMENT_RESPONSE, response_parameters)

    def apply_replacement(
        self, current: Resource[Any], replacement: Resource[Any], conditions: Conditions
    ) -> Resource[Any] | None:
        """A PUT that leaves out `active` never re-activates anybody (ACCESS.md), nor takes away what it does not name."""
        if hasattr(replacement, "user_name"):
            _keep(current, replacement, STAYS)
            _keep_enterprise(current, replacement)
            if replacement.display_name is None and replacement.name is None:  # type: ignore[attr-defined]
                _keep(current, replacement, ("display_name", "name"))
        changed = super().apply_replacement(current, replacement, conditions)
        return replacement if changed is None and self._counts(current) else changed

    def apply_patch(self, current: Resource[Any], patch_op: "PatchOp[Any]", conditions: Conditions) -> Resource[Any] | None:
        self.check_preconditions(current, "PATCH", conditions)
        gone = _only_leaves(patch_op) if hasattr(current, "members") else None
        if gone is not None:
            return _without(current, gone)
        if patch_op.patch(current):
            if getattr(current, "active", False) is None:
                raise MutabilityException(detail="`active` is true or false and cannot be taken away: replace it by false.")
            return current
        model = type(current)
        if not self.extra and not any(_reaches(model, operation) for operation in patch_op.operations or []):
            raise InvalidPathException(detail="This changes nothing: no such attribute is known here.")
        return current if self._counts(current) else None

    @staticmethod
    def error_of(exception: Exception) -> Error:
        """The error of SCIM for what went wrong. A mistake of ours: its kind and place are logged, never what was sent."""
        if isinstance(exception, SCIMException):
            return ScimService.error_of(exception)
        if isinstance(exception, OperationalError | TimeoutError):
            logger.warning("a SCIM request waited in vain for the database")
            return Error(status=HTTPStatus.SERVICE_UNAVAILABLE, detail="Too much is written just now. Try again in a moment.")
        if isinstance(exception, DataError):
            return Error(status=HTTPStatus.BAD_REQUEST, scim_type="invalidValue", detail="A value cannot be kept.")
        place = exception.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place is not None else "nowhere"
        logger.error("a SCIM request failed: %s at %s", type(exception).__name__, where)
        return Error(status=HTTPStatus.INTERNAL_SERVER_ERROR, detail="Something broke on our side; nothing was changed halfway.")

    def error_response(self, exception: Exception) -> ScimResponse:
        response = super().error_response(exception)
        if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
            response.headers["Retry-After"] = "5"
        return response

    def _counts(self, resource: Resource[Any]) -> bool:
        """Whether a request that changes nothing is written down all the same: a leaver said again, attributes kept beside."""
        return self.extra or getattr(resource, "active", None) is False

    def read_search(self, resource_types: list[ResourceType], payload: Any) -> tuple[SearchRequest[Any], Any]:
        if not isinstance(payload, dict):
            raise InvalidSyntaxException(detail="A search is a JSON object.")
        for key, value in payload.items():
            if isinstance(value, str):
                if key.casefold() == "filter":
                    check_size(value)
                elif len(value) > _LONGEST_WORD:
                    raise InvalidSyntaxException(detail="A parameter is too long.")
        return super().read_search(resource_types, payload)


def _say_nobody(shown: Any, resource: Resource[Any], asked: ResponseParameters[Any] | None) -> None:
    """A group that nobody is in has an empty list of members: the same as none (RFC 7643, 2.5), and read by more clients."""
    wanted = {str(path).casefold().rpartition(":")[2].partition(".")[0] for path in (asked and asked.attributes) or []}
    if getattr(resource, "members", None) == [] and (not wanted or "members" in wanted):
        shown["members"] = []


def _only_leaves(patch_op: "PatchOp[Any]") -> set[str] | None:
    """Identifiers of the members that a PATCH of a group removes, where it does nothing else: the ordinary one, and the library
    compares each of them with every member. None for any other.
    """
    gone: set[str] = set()
    for operation in patch_op.operations or []:
        path = str(operation.path or "")
        named = _ONE_MEMBER.fullmatch(path)
        entries = operation.value if isinstance(operation.value, list) else []
        if operation.op != PatchOperation.Op.remove or not (named or (path.casefold() == "members" and entries)):
            return None
        if not all(isinstance(entry, dict) and set(entry) == {"value"} for entry in entries) or (named and operation.value):
            return None
        gone |= {named[1].casefold()} if named else {str(entry["value"]).casefold() for entry in entries}
    return gone or None


def _without(group: Any, gone: set[str]) -> Any:
    """The group without these members; None where none of them was in it."""
    members = group.members or []
    left = [member for member in members if str(member.value).casefold() not in gone]
    if len(left) == len(members):
        return None
    group.members = left or None
    return group


def _keep(current: Any, replacement: Any, names: tuple[str, ...]) -> None:
    for name in names:
        if name not in replacement.model_fields_set:
            setattr(replacement, name, getattr(current, name))


def _keep_enterprise(current: Any, replacement: Any) -> None:
    extension = type(replacement).get_extension_models()[ENTERPRISE]
    before, after = current[extension], replacement[extension]
    if before is None:
        return
    if after is None:
        after = extension()
        replacement[extension] = after
    _keep(before, after, STAYS_OF_ENTERPRISE)


def _reaches(model: type[Resource[Any]], operation: Any) -> bool:
    """Whether an operation names anything that is declared here."""
    bound: Any = Path.__class_getitem__(model)
    path = bound(operation.path or "")
    if path.model is None:
        return path.resolve() is not None
    if not isinstance(operation.value, Mapping):
        return True
    return any(_is_declared(bound, f"{path}:{key}" if operation.path else key) for key in operation.value)


def _is_declared(bound: Any, text: str) -> bool:
    try:
        path = bound(text)
    except InvalidPathException:
        return False
    return path.model is not None or path.resolve() is not None
