"""The words of the pages about the node's users."""

from collections.abc import Mapping
from typing import Final

from shared_schema.bilingual import Words
from subplatform.operator_pages.desk_words import SHARED_WORDS

USER_WORDS: Final[Mapping[str, Words]] = {
    **SHARED_WORDS,
    "users": Words("用户", "Users"),
    "users_lead": Words(
        "本平台的账号和角色。账号只能停用，不能删除：办理记录要能查到人。",
        "Accounts and roles of this node. Accounts are switched off, never deleted: what was done"
        " must lead to somebody.",
    ),
    "invite": Words("邀请用户", "Invite somebody"),
    "find": Words("姓名、账号或邮箱", "Name, account or address"),
    "role": Words("角色", "Role"),
    "any_role": Words("不限", "any"),
    "name": Words("账号", "Account"),
    "name_hint": Words(
        "2–63 个小写字母、数字和 . _ @ -，以后不能改", "2 to 63 of a-z 0-9 . _ @ -; never changed"
    ),
    "display_name": Words("姓名", "Name"),
    "email": Words("邮箱", "E-mail address"),
    "email_hint": Words(
        "填写后邀请链接会寄到这个邮箱；不填则由您转交链接。",
        "The invitation is sent there; without it you hand the link over.",
    ),
    "roles": Words("角色", "Roles"),
    "send_invitation": Words("建立账号并邀请", "Add and invite"),
    "user_state": Words("状态", "State"),
    "active": Words("在用", "in use"),
    "off": Words("已停用", "switched off"),
    "factor": Words("第二因子", "Second factor"),
    "factor_on": Words("已启用", "on"),
    "factor_off": Words("未启用", "off"),
    "users_caption": Words("账号，按账号名排列", "Accounts by name"),
    "no_users": Words("没有符合条件的账号。", "No account matches."),
    "created_at": Words("建立时间", "Added"),
    "save_roles": Words("保存角色", "Save roles"),
    "roles_note": Words(
        "更改角色会结束此人的所有会话，需重新登录。",
        "Changing roles ends all sessions of that person.",
    ),
    "switch_off": Words("停用账号…", "Switch off…"),
    "switch_on": Words("重新启用", "Switch on"),
    "switch_off_title": Words("停用 {0}", "Switch off {0}"),
    "switch_off_lead": Words(
        "停用后立即退出所有会话，令牌失效，不能再登录；办理过的记录不变。随时可以重新启用。",
        "All sessions end at once, tokens stop, nobody signs in with it; what was done stays."
        " It can be switched on again.",
    ),
    "confirm_off": Words("确认停用", "Switch off"),
    "invite_again": Words("重新发送邀请链接", "Make another invitation"),
    "remove_factor": Words("取消第二因子…", "Remove the second factor…"),
    "remove_factor_title": Words("取消 {0} 的第二因子", "Remove the second factor of {0}"),
    "remove_factor_lead": Words(
        "只在本人设备和恢复码都丢失、并已当面或电话核实身份时办理。取消后此人所有会话结束，下次登录可重新设置，并会收到通知。",
        "Only when device and recovery codes are lost and you know who asks. All sessions end, the"
        " device is set up anew at the next sign-in, and a notice is sent.",
    ),
    "confirm_remove": Words("已核实身份，取消第二因子", "I know who asks: remove it"),
    "link_made": Words(
        "邀请链接只显示这一次，请转交本人（有邮箱的已同时寄出）：",
        "The invitation is shown only now; hand it over (it was sent too where there is an"
        " address):",
    ),
    "own_account": Words(
        "这是您自己的账号：不能停用，也不能去掉自己的管理员角色。",
        "This is your own account: it cannot be switched off or lose its administrator role here.",
    ),
    "history": Words("办理记录", "What was done to it"),
}
ACT_WORDS: Final[Mapping[str, Words]] = {
    "user_added": Words("建立账号", "added"),
    "user_changed": Words("更改角色或状态", "roles or state changed"),
    "invited": Words("发出邀请", "invited"),
    "signed_in": Words("登录", "signed in"),
    "second_factor_removed": Words("取消第二因子", "second factor removed"),
    "password_set": Words("设置密码", "password set"),
    "password_changed": Words("更改密码", "password changed"),
    "token_issued": Words("签发令牌", "token issued"),
    "tokens_revoked": Words("吊销令牌", "tokens revoked"),
}
