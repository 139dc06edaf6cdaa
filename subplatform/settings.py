"""The settings of a node, from `KAIXU_NODE_…` or a TOML file."""

from pathlib import Path
from typing import Literal

from pydantic import Field, PositiveFloat, PositiveInt

from shared_platform.settings import PlatformSettings, Port


class NodeSettings(PlatformSettings, frozen=True, env_prefix="KAIXU_NODE_"):
    """What only a node needs to know."""

    data_dir: Path = Field(
        Path("kaixu-node"), description="Folder of all that the node keeps on this machine."
    )
    listen_port: Port = Field(8801, description="Port to listen on; 0 takes any free one.")
    node: str = Field(
        "node-a",
        pattern=r"^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$",
        description="Identifier of the node in the federation; never change it after enrolment.",
    )
    name_zh: str = Field("分平台", description="Name of the node on Chinese pages.")
    name_en: str = Field("Node", description="Name of the node on English pages.")
    rule_profile: str = Field(
        "pilot-gd-2022", description="Rule profile of new declarations (docs/rules.md)."
    )
    registration: Literal["open", "approval", "closed"] = Field(
        "approval",
        description="Who may register an organisation at this node: anybody at once, anybody until"
        " an operator has approved it, or nobody.",
    )
    acceptance_by_another: bool = Field(
        default=False,
        description="True: who wrote a declaration, handed it in or typed its register answer may"
        " not accept it as well; another verifier must.",
    )
    register_file: Path | None = Field(
        None,
        description="CSV of patent register facts (docs/patent-register.md). Unset: DEC-03, 04 and"
        " 10-14 are shown as not checked.",
    )
    hub_hosts_allowed: tuple[str, ...] = Field(
        (),
        description="Private or loopback hosts the node may call, as in a demonstration; all"
        " others must resolve to public addresses.",
    )
    hub_probe_seconds: PositiveFloat = Field(
        20.0,
        description="Seconds between tries while the hub does not answer at all; a hub that was"
        " away is found again after this long at most.",
    )
    pull_wait_seconds: PositiveFloat = Field(
        25.0, description="Seconds one poll for new entries or messages may wait at the hub."
    )
    report_seconds: PositiveFloat = Field(
        120.0, description="Seconds between reports of this node's queue and copy to the hub."
    )
    alarm_silence_seconds: PositiveInt = Field(
        60, description="Seconds without an answer of the hub before `hub_unreachable`."
    )
    alarm_outbox_seconds: PositiveInt = Field(
        600, description="Seconds a statement may wait for delivery before `outbox_old`."
    )
    alarm_lag_seconds: PositiveInt = Field(
        600, description="Seconds the copy may be behind before `mirror_behind`."
    )
    alarm_free_disk_share: float = Field(
        0.1, gt=0, lt=1, description="Free share of the disk below which `disk_nearly_full` stands."
    )
    snapshot_entries: PositiveInt = Field(
        10_000,
        description="Entries from which an empty copy begins with the hub's snapshot.",
    )
    deliver_batch: PositiveInt = Field(
        500, le=500, description="Statements sent in one request (protocol §5)."
    )
    delivery_lease_seconds: PositiveFloat = Field(
        60.0,
        description="Seconds after which statements that a killed process was sending are sent"
        " again (protocol §9).",
    )
    max_attachment_bytes: PositiveInt = Field(
        20 * 1024 * 1024, description="Bytes of an uploaded file; streamed to disk."
    )
    worker_in_process: bool = Field(
        default=True,
        description="Run delivery, inbox and pull inside `serve`; false for pages only.",
    )
