"""All attacks by family: the one table, which the tests walk and docs/attacks.md shows."""

from typing import Any, Final

from tests.attacks.attack import Attack
from tests.attacks.body_attacks import BODY_ATTACKS
from tests.attacks.cosigning_attacks import COSIGNING_ATTACKS
from tests.attacks.entry_attacks import ENTRY_ATTACKS
from tests.attacks.erasure_attacks import ERASURE_ATTACKS
from tests.attacks.key_attacks import KEY_ATTACKS
from tests.attacks.log_attacks import CHECKPOINT_ATTACKS, GROWTH_ATTACKS, PAGE_ATTACKS
from tests.attacks.proof_attacks import PROOF_ATTACKS, TILE_ATTACKS
from tests.attacks.receipt_attacks import RECEIPT_ATTACKS
from tests.attacks.request_attacks import REQUEST_ATTACKS
from tests.attacks.snapshot_attacks import SNAPSHOT_ATTACKS
from tests.attacks.standing_attacks import STANDING_ATTACKS
from tests.attacks.statement_attacks import CHAIN_ATTACKS, STATEMENT_ATTACKS

ALL_ATTACKS: Final[tuple[Attack[Any], ...]] = (
    *REQUEST_ATTACKS,
    *STANDING_ATTACKS,
    *COSIGNING_ATTACKS,
    *KEY_ATTACKS,
    *ERASURE_ATTACKS,
    *BODY_ATTACKS,
    *STATEMENT_ATTACKS,
    *CHAIN_ATTACKS,
    *RECEIPT_ATTACKS,
    *CHECKPOINT_ATTACKS,
    *PAGE_ATTACKS,
    *GROWTH_ATTACKS,
    *PROOF_ATTACKS,
    *TILE_ATTACKS,
    *ENTRY_ATTACKS,
    *SNAPSHOT_ATTACKS,
)
