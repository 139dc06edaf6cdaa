"""What a running service keeps in memory for signing in; one of each per process."""

from typing import Any

from shared_platform.settings import PlatformSettings
from shared_platform.sign_in.oidc import Provider, ProviderClient
from shared_platform.sign_in.password_hashing import PasswordHashing
from shared_platform.sign_in.throttle import AddressLimit
from shared_platform.transport.address_rules import AddressRules
from shared_platform.transport.client_address import ClientAddresses
from shared_platform.transport.outbound import Outbound


def sign_in_state(settings: PlatformSettings) -> dict[str, Any]:
    """The members of `app.state` that the pages of signing in need."""
    provider = Provider.of(settings)
    rules = AddressRules.of(settings.oidc_hosts_allowed)
    return {
        "client_addresses": ClientAddresses(settings.trusted_proxies),
        "passwords": PasswordHashing(),
        "sign_in_limit": AddressLimit(per_minute=settings.sign_in_tries_per_minute),
        "provider": ProviderClient(provider, Outbound(rules)) if provider else None,
    }
