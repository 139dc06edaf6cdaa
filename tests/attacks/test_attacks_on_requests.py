"""Every attack on signed requests against the hub's whole application: refused, nothing changed."""

import pytest

from shared_schema.instants import format_instant
from tests.attacks.attack import Attack
from tests.attacks.attacked_hub import AttackedHub, changed, refusal_of
from tests.attacks.request_attacks import REQUEST_ATTACKS, Request
from tests.shared_schema.signed_requests import NOW, signed


@pytest.mark.parametrize("attack", REQUEST_ATTACKS, ids=lambda attack: attack.name)
async def test_the_hub_refuses_the_attack_by_its_own_code_and_stores_nothing(
    attacked_hub: AttackedHub, attack: Attack[Request]
) -> None:
    before = await attacked_hub.digests()

    for way, build in attack.ways.items():
        answer = await attacked_hub.send(build())

        assert attack.is_answered_by(refusal_of(answer)), (way, answer.text)
        assert answer.json()["server_time"] == format_instant(NOW)
    assert changed(before, await attacked_hub.digests()) == set()


async def test_what_the_attacks_start_from_passes_the_signature_check(
    attacked_hub: AttackedHub,
) -> None:
    answer = await attacked_hub.send(signed())

    assert answer.status_code not in {401, 403}, answer.text
