"""What this server says of itself: schemas, resource types, capabilities; and how tolerant it is."""

from functools import cache

from scim2_models import (
    Attribute,
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ETag,
    Filter,
    Patch,
    Required,
    Resource,
    ResourceType,
    Schema,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
)
from scim2_server.utils import load_default_resource_types, load_default_schemas

USER, GROUP = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"
LARGEST_BODY_BYTES = 2**20
MOST_OPERATIONS = 200
MOST_RESULTS = 200

# Okta and Entra send attributes that nobody declared, remove with a value, and filters that match nothing yet.
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)


@cache
def provider() -> ScimProvider:
    """The service: the users and groups of RFC 7643. A user has no password here; a group has users in it and no groups."""
    schemas = load_default_schemas()
    _without_password(schemas[USER])
    _with_users_only(schemas[GROUP])
    for attribute in _addresses(schemas[USER]):
        attribute.type = Attribute.Type.string
    made = ScimProvider.from_discovery(
        schemas.values(), load_default_resource_types().values(), config=_configuration(), policy=POLICY
    )
    described = next(schema for schema in made.schemas if str(schema.id) == USER)
    for attribute in _addresses(described):
        attribute.type, attribute.reference_types = Attribute.Type.reference, ["external"]
    # Nobody is neither: left out of a request it stays as it is, and it cannot be removed (RFC 7644, 3.5.2.2).
    next(attribute for attribute in described.attributes or [] if attribute.name == "active").required = Required.true
    return made


def _addresses(schema: Schema) -> list[Attribute]:
    """Addresses outside of SCIM: profileUrl, and those of photos. They are described as references, and read as any text, because
    providers send relative ones, and bare words (Entra's validator does); nobody follows them here.
    """
    by_name = {attribute.name: attribute for attribute in schema.attributes or []}
    photo = next(part for part in by_name["photos"].sub_attributes or [] if part.name == "value")
    return [by_name["profileUrl"], photo]


def model_of(resource_type: ResourceType) -> type[Resource]:  # type: ignore[type-arg]
    model: type[Resource] = provider().model_for(resource_type)  # type: ignore[type-arg,assignment]
    return model


def _without_password(schema: Schema) -> None:
    schema.attributes = [attribute for attribute in schema.attributes or [] if attribute.name != "password"]


def _with_users_only(schema: Schema) -> None:
    members = next(attribute for attribute in schema.attributes or [] if attribute.name == "members")
    # No names of members: whoever needs one asks for the user.
    members.sub_attributes = [part for part in members.sub_attributes or [] if part.name != "display"]
    for part in members.sub_attributes:
        if part.name == "$ref":
            part.reference_types = ["User"]
        elif part.name == "type":
            part.canonical_values = ["User"]


def _configuration() -> ServiceProviderConfig:
    return ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=True, max_operations=MOST_OPERATIONS, max_payload_size=LARGEST_BODY_BYTES),
        filter=Filter(supported=True, max_results=MOST_RESULTS),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=True),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="A token that a security administrator makes here, one for each identity provider.",
                spec_uri="https://www.rfc-editor.org/info/rfc6750",  # type: ignore[arg-type]
                primary=True,
            )
        ],
    )
