"""The library's own contract of storages, on our tables in a real PostgreSQL."""

import pytest
from django.utils import timezone
from scim2_models import ScimProvider
from scim2_server.testing import ScimStorageContract

from privacy.access.actions import connect_client
from privacy.access.api.description import provider as house_provider
from privacy.access.api.storage import HouseStorage


@pytest.mark.django_db
class TestOurStorage(ScimStorageContract):
    @pytest.fixture
    def provider(self) -> ScimProvider:
        found = house_provider()
        with found:
            yield found

    @pytest.fixture
    def storage(self, db) -> HouseStorage:
        client, _ = connect_client("Okta", by=None, now=timezone.now())
        return HouseStorage(client=client, clock=timezone.now)
