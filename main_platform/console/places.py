"""The menu of those who work on reviews."""

from collections.abc import Sequence
from typing import Final

from main_platform.staff.permissions import Permission
from shared_platform.workspace.navigation import Place
from shared_schema.bilingual import Words

_READ: Final = Permission.READ_REVIEWS

REVIEW_PLACES: Final[Sequence[Place]] = (
    Place(
        "/console",
        Words("待办总览", "Dashboard"),
        Words("什么在等、等了多久、什么将超期。", "What waits, how long, and what is due."),
        _READ,
        is_regional=True,
    ),
    Place(
        "/console/reviews",
        Words("审核", "Reviews"),
        Words("领取、审核、决定节点报送的声明。", "Claim, read and decide what nodes recommend."),
        _READ,
        is_regional=True,
    ),
    Place(
        "/console/conflicts",
        Words("冲突", "Conflicts"),
        Words("同一专利的不同声明，逐项对照并裁定。", "Offers of one patent that differ."),
        _READ,
        is_regional=True,
    ),
    Place(
        "/console/second-looks",
        Words("复核", "Second look"),
        Words("须由第二人确认的：初审、裁定、删除、密钥。", "What another person must confirm."),
    ),
    Place(
        "/console/withdrawals",
        Words("撤回与中止", "Withdrawals"),
        Words("登记中的撤回；依职权撤回、中止、恢复。", "Withdraw, suspend and resume listings."),
        _READ,
        is_regional=True,
    ),
)
