"""The words of an organisation's own page, and of the operators' page over all of them."""

from typing import Final

from shared_schema.bilingual import Words

ORGANISATION_STATES: Final = {
    "waiting": Words("待审核", "Waiting for approval"),
    "active": Words("已通过", "Approved"),
    "refused": Words("未通过", "Refused"),
}
MEMBER_ROLES: Final = {
    "owner": Words("管理员", "Owner"),
    "editor": Words("编辑", "Editor"),
    "viewer": Words("查看", "Viewer"),
}
MANDATE_STATES: Final = {
    "proposed": Words("待接受", "Asked for"),
    "accepted": Words("已接受", "Accepted"),
    "refused": Words("已拒绝", "Refused"),
    "revoked": Words("已终止", "Revoked"),
}
REGISTERED: Final = Words("已登记；请看下面的进度。", "Registered; see below how it stands.")
CHANGED: Final = Words("已保存。", "Saved.")
INVITED: Final = Words("邀请信已发出。", "The invitation was sent.")
MEMBER_CHANGED: Final = Words("成员已更新。", "The member was changed.")
MEMBER_REMOVED: Final = Words("成员已移除，即时生效。", "The member was removed at once.")
MANDATE_ASKED: Final = Words("已向对方请求委托。", "The organisation was asked.")
MANDATE_DECIDED: Final = Words("委托已更新。", "The mandate was changed.")
DECIDED: Final = Words("已办理。", "Done.")
ORGANISATION_WORDS: Final[dict[str, Words]] = {
    "organisation": Words("单位", "Organisation"),
    "none_yet": Words(
        "您的账号还不属于任何单位。登记单位，或填写已有单位的统一社会信用代码申请加入。",
        "Your account belongs to no organisation. Register one, or give the credit code of one that"
        " is here to ask to join.",
    ),
    "register_it": Words("登记或申请加入", "Register or ask to join"),
    "is_waiting": Words(
        "单位正在等待经办人审核；通过后即可申报，结果会发邮件。",
        "An operator will check the organisation; then you may declare.",
    ),
    "is_refused": Words("单位未通过审核：", "The organisation was refused: "),
    "is_requested": Words(
        "您已申请加入；请等待该单位的管理员同意。",
        "You asked to join; its owners decide. You see nothing of it before.",
    ),
    "what_opens": Words("现在可以办理", "What is open to you"),
    "opens_holder": Words(
        "填写许可声明、管理专利、查看通知。", "Make declarations, keep patents, read notices."
    ),
    "opens_agent": Words(
        "取得委托后，为专利权人办理声明。", "With a mandate, declare for holders."
    ),
    "opens_enterprise": Words(
        "查阅全部公开许可和条款；接受许可的网上办理将随后开放。",
        "Read all offers and their terms; accepting online opens later.",
    ),
    "opens_trading_centre": Words(
        "查阅全部公开许可，嵌入和下载目录。", "Read all offers; embed and download the catalogue."
    ),
    "see_catalogue": Words("打开目录", "Open the catalogue"),
    "state": Words("状态", "State"),
    "number": Words("单位编号", "Number"),
    "contact": Words("默认联系人", "Usual contact"),
    "contact_lead": Words("新声明以此填入。", "New declarations begin with it."),
    "contact_name": Words("姓名", "Name"),
    "contact_phone": Words("电话", "Phone"),
    "contact_email": Words("邮箱", "E-mail"),
    "save": Words("保存", "Save"),
    "members": Words("成员", "Members"),
    "member": Words("成员", "Member"),
    "role": Words("权限", "Role"),
    "since": Words("加入时间", "Since"),
    "act": Words("办理", "Act"),
    "asks_to_join": Words("申请加入", "asks to join"),
    "invited_only": Words("尚未登录", "has not signed in"),
    "let_in": Words("同意", "Let in"),
    "decline": Words("拒绝", "Decline"),
    "change": Words("更改", "Change"),
    "remove": Words("移除", "Remove"),
    "invite_title": Words("邀请成员", "Invite somebody"),
    "display_name": Words("姓名", "Name"),
    "email": Words("邮箱", "E-mail address"),
    "invite": Words("发出邀请", "Invite"),
    "roles_explained": Words(
        "管理员决定成员和委托，编辑填写和提交，查看只读。",
        "Owners decide on members and mandates, editors fill in and submit, viewers read.",
    ),
    "mandates": Words("委托", "Mandates"),
    "no_mandates": Words("没有委托。", "There are no mandates."),
    "principal": Words("委托单位", "Holder"),
    "agent": Words("代理机构", "Agent"),
    "covers": Words("事项和专利", "Acts and patents"),
    "may_declare": Words("填写和提交声明", "Declare"),
    "may_withdraw": Words("撤回", "Withdraw"),
    "all_patents": Words("全部专利", "all patents"),
    "days": Words("期限", "Days"),
    "accept": Words("接受", "Accept"),
    "refuse": Words("拒绝", "Refuse"),
    "revoke": Words("终止", "Revoke"),
    "document": Words("委托书", "Power of attorney"),
    "ask_mandate": Words("请求委托", "Ask for a mandate"),
    "ask_mandate_lead": Words(
        "填写专利权人的统一社会信用代码（个人填其单位编号）；对方接受后生效。",
        "Give the holder's credit code (for an individual the number on their page). It counts once"
        " they accept.",
    ),
    "whose": Words("专利权人的代码", "The holder's code"),
    "begins_on": Words("起日", "From"),
    "ends_on": Words("止日", "Until"),
    "numbers": Words("限于这些专利号（每行一个）", "Only for these patents (one a line)"),
    "document_file": Words("委托书（PDF、PNG、JPEG）", "Power of attorney (PDF, PNG, JPEG)"),
    "ask": Words("请求", "Ask"),
    "organisations": Words("单位审核", "Organisations"),
    "organisations_lead": Words(
        "新登记的单位须核对证照后通过；未通过的写明理由。",
        "Check each new organisation against its papers; say why where you refuse.",
    ),
    "caption": Words("单位，最新的在前", "Organisations, the newest first"),
    "kind": Words("类型", "Kind"),
    "registered": Words("登记时间", "Registered"),
    "approve": Words("通过", "Approve"),
    "reason": Words("理由", "Reason"),
    "nobody_waits": Words("没有单位。", "There are no organisations here."),
    "find": Words("查找", "Find"),
    "find_label": Words("名称或代码", "Name or code"),
    "all_states": Words("全部", "All"),
    "next_page": Words("下一页", "Next page"),
}
