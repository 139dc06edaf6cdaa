"""The settings of a hub, from `KAIXU_HUB_…` or a TOML file."""

from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from shared_platform.settings import PlatformSettings


class HubSettings(PlatformSettings, frozen=True, env_prefix="KAIXU_HUB_"):
    """What only a hub needs to know."""

    data_dir: Path = Field(
        Path("kaixu-hub"), description="Folder of all that the hub keeps on this machine."
    )
    federation: str = Field(
        "kaixu-demo", description="Name of the federation, as in the anchor of every node."
    )
    name_zh: str = Field("专利开放许可主平台", description="Name of the hub on Chinese pages.")
    name_en: str = Field("Open licensing hub", description="Name of the hub on English pages.")
    log_origin: str = Field(
        "kaixu.example/log",
        description="Origin line of the log's checkpoints; never change it after the first entry.",
    )
    rule_profile: str = Field(
        "pilot-gd-2022", description="Rule profile that declarations must follow (docs/rules.md)."
    )
    second_look: Literal["high_risk", "sample", "all"] = Field(
        "high_risk",
        description="Which approvals a second examiner must confirm: of offers with high-risk"
        " findings (protocol §6), a sample of the others as well, or all.",
    )
    second_look_percent: PositiveInt = Field(
        5, le=100, description="Share of the other approvals that `sample` takes, in percent."
    )
    review_days: PositiveInt = Field(
        5,
        description="Days within which an offer is decided, as the office promises; the console"
        " shows what is about to break it.",
    )
    second_factor: Literal["required", "optional"] = Field(
        "required",
        description="Whether all staff need a second factor to sign in, or who set one up.",
    )
    dormancy_days: int = Field(
        90,
        ge=0,
        le=3_650,
        description="Days without a sign-in or a sent token after which an account of the staff is"
        " switched off; 0: never (GB/T 22239-2019 8.1.4.2).",
    )
    enrolment_confirmations: PositiveInt = Field(
        2, description="Different staff who must confirm a node's fingerprint."
    )
    enrolment_limit: NonNegativeInt = Field(
        30, description="Enrolments one address may ask of one process in an hour. 0: no limit."
    )
    enrolment_days: PositiveInt = Field(
        14, description="Days after which an enrolment that nobody decided expires."
    )
    review_backlog_limit: PositiveInt = Field(
        20_000,
        description="Offers of one node that may wait for review before 429, where staff set no"
        " other number for it.",
    )
    daily_offer_limit: PositiveInt = Field(
        50_000,
        description="Offers and resumptions of one node on one legal day before 429, where staff"
        " set no other number for it.",
    )
    intake_at_once: PositiveInt = Field(
        2, description="Intake requests at work in one process, each of another node."
    )
    intake_waiting: PositiveInt = Field(
        8, description="Intake requests of one node that may wait for their turn before 429."
    )
    log_waiting_public: PositiveInt = Field(
        500,
        description="Long polls of the public that may wait for the log to grow in one process;"
        " beyond it they are answered at once.",
    )
    log_waiting_node: PositiveInt = Field(
        4, description="The same for each node that signs its polls; nobody takes these places."
    )
    alarm_silence_seconds: PositiveInt = Field(
        900, description="Seconds without a proven request of a node before `node_silent`."
    )
    alarm_lag_seconds: PositiveInt = Field(
        1_800, description="Seconds a node's cosigned copy may be behind before `node_behind`."
    )
    alarm_gap_seconds: PositiveInt = Field(
        600, description="Seconds numbers of a node may be missing before `intake_gaps`."
    )
    alarm_outbox_seconds: PositiveInt = Field(
        3_600, description="Seconds a statement may wait at a node before `outbox_old`."
    )
    alarm_free_disk_share: float = Field(
        0.1, gt=0, lt=1, description="Free share of the disk below which `disk_nearly_full` stands."
    )
    sequencer_batch: PositiveInt = Field(
        256, description="Entries the sequencer writes in one transaction (protocol §7)."
    )
    sequencer_seconds: float = Field(
        0.05, gt=0, le=10, description="Seconds the sequencer waits for more work when idle."
    )
    snapshot_entries: PositiveInt = Field(
        50_000, description="Entries after which a new snapshot of the log is written."
    )
    snapshot_hours: PositiveFloat = Field(
        24.0, description="Hours after which one is written if the log has grown at all."
    )
    issue_monthly: bool = Field(
        default=False,
        description="Freeze the monthly issue of the month that is over by itself; false: staff do"
        " so (`kaixu-hub issue freeze`).",
    )
    start_grace_seconds: float = Field(
        120.0,
        ge=0,
        description="Seconds after a start in which all nodes that have cosigned before are"
        " awaited; then at least half of them suffice, however long that takes. Keep it above a"
        " node's longest pauses (60 s).",
    )
    max_body_bytes: PositiveInt = Field(
        8 * 1024 * 1024, description="Bytes of a signed request body as sent (reliability §6.3)."
    )
    worker_in_process: bool = Field(
        default=True,
        description="Run sequencer and chores inside `serve`; false when `worker` runs apart.",
    )
