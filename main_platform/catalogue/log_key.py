"""With what this process signs for the log: one key, or two while one hands over to the other."""

from dataclasses import dataclass
from pathlib import Path

from main_platform.catalogue.errors import LogKeyMissing
from main_platform.catalogue.hub_key import find_log_key
from shared_schema.anchor import FederationAnchor
from shared_schema.log_keys import LogKeys
from shared_schema.signing_key import SigningKey


@dataclass(slots=True)
class LogKey:
    """The key that receipts and snapshots are signed with, and the anchor that names it.

    That is the oldest key that counts: who holds the old anchor believes it until it is retired.
    The process that signs the log moves on with `follow`; others by `LogKeyFollowing`.

    Attributes:
        data_dir: where the files of the other keys are; None: there is this key alone.
    """

    key: SigningKey
    anchor: FederationAnchor
    data_dir: Path | None = None

    @property
    def key_id(self) -> str:
        """The key's id; with `sign`, this may sign receipts wherever a `SigningKey` may."""
        return self.key.key_id

    def sign(self, message: bytes) -> bytes:
        """Sign with the present key."""
        return self.key.sign(message)

    def signers(self, keys: LogKeys, size: int) -> list[SigningKey]:
        """The keys that a checkpoint of this size needs, oldest first.

        Raises:
            LogKeyMissing: one of them is not on this machine.
        """
        wanted = [one.key_id for one in keys.at(size)] or [self.key.key_id]
        found = {key_id: self._find(key_id) for key_id in wanted}
        missing = [key_id for key_id, key in found.items() if key is None]
        if missing:
            raise LogKeyMissing(
                f"缺少日志密钥文件 {', '.join(missing)}，请从离线副本放回 keys 目录"
                " / a private log key is not here: put its file back into the keys folder"
            )
        return [key for key in found.values() if key is not None]

    def follow(self, keys: LogKeys, size: int) -> None:
        """Take the key that counts once the log is signed up to `size`, if it is here."""
        current = next(iter(keys.at(size)), None)
        if current is None or current.key_id == self.key.key_id:
            return
        found = self._find(current.key_id)
        if found is not None:
            self.key = found
            self.anchor = self.anchor.model_copy(update={"log_vkey": current.vkey})

    def _find(self, key_id: str) -> SigningKey | None:
        if key_id == self.key.key_id:
            return self.key
        return None if self.data_dir is None else find_log_key(self.data_dir, key_id)
