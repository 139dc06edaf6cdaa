"""The operator desk's pages and its entries of the menu, in their order."""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter

from shared_platform.workspace.navigation import Place
from shared_schema.bilingual import Words
from subplatform.accounts.permissions import Permission
from subplatform.operator_pages import (
    declaration_pages,
    delivery_pages,
    desk_pages,
    evidence_pages,
    import_job_pages,
    import_pages,
    key_pages,
    look_pages,
    mirror_pages,
    objection_pages,
    profile_pages,
    queue_pages,
    reading_pages,
    user_pages,
)

OPERATOR_ROUTERS: Final[Sequence[APIRouter]] = (
    desk_pages.router,
    queue_pages.router,
    declaration_pages.router,
    objection_pages.router,
    reading_pages.router,
    evidence_pages.router,
    delivery_pages.router,
    mirror_pages.router,
    import_pages.router,
    profile_pages.router,
    import_job_pages.router,
    user_pages.router,
    look_pages.router,
    key_pages.router,
)
OPERATOR_PLACES: Final[Sequence[Place]] = (
    Place(
        "/desk",
        Words("经办台", "Desk"),
        Words("等着办理的事，一页看全。", "All that waits, on one page."),
        Permission.READ_STATUS,
    ),
    Place(
        "/verification",
        Words("核查", "Verification"),
        Words("核查声明，通过、要求补正或不予受理，报送主平台。", "Verify and recommend."),
        Permission.VERIFY_DECLARATIONS,
    ),
    Place(
        "/deliveries",
        Words("报送", "Deliveries"),
        Words("在途的声明、死信、回执和主平台的决定。", "On the way, dead letters, receipts."),
        Permission.MANAGE_DELIVERIES,
    ),
    Place(
        "/mirror",
        Words("目录同步", "Mirror"),
        Words("目录副本的位置、滞后和核验。", "Where the copy of the catalogue stands."),
        Permission.READ_STATUS,
    ),
    Place(
        "/imports",
        Words("批量导入", "Import"),
        Words(
            "下载模板，上传清单，逐行预检后导入为草稿。", "A whole list into drafts, row by row."
        ),
        Permission.EDIT_DECLARATIONS,
    ),
    Place(
        "/users",
        Words("用户", "Users"),
        Words("账号、邀请、角色和停用。", "Accounts, invitations, roles, switching off."),
        Permission.MANAGE_USERS,
    ),
    Place(
        "/look",
        Words("外观", "Look"),
        Words("名称、颜色、标志、备案号和嵌入来源。", "Name, colours, logo, records, embedding."),
        Permission.MANAGE_SITE,
    ),
    Place(
        "/keys",
        Words("密钥", "Keys"),
        Words("本节点密钥的指纹、状态和到期日。", "Fingerprints, states and ends of its keys."),
        Permission.MANAGE_SITE,
    ),
)
