"""The places of holders and agents in the menu."""

from typing import Final

from shared_platform.workspace.navigation import Place
from shared_schema.bilingual import Words
from subplatform.accounts.permissions import Permission

HOLDER_PLACES: Final = (
    Place(
        "/declarations",
        Words("我的申报", "Declarations"),
        Words(
            "填写、提交、更正许可声明，查看进度和回执。",
            "Make, submit and correct licence declarations; follow them with their receipts.",
        ),
        Permission.FILE_DECLARATIONS,
    ),
)
