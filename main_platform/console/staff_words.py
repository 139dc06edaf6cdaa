"""The words of the pages about staff, roles and permissions."""

from typing import Final

from main_platform.staff.permissions import Permission
from shared_schema.bilingual import Words

PERMISSION_WORDS: Final = {
    Permission.READ_REVIEWS: Words("看审核", "read reviews"),
    Permission.DECIDE_REVIEWS: Words("作审核决定", "decide reviews"),
    Permission.CONFIRM_DECISIONS: Words("复核", "confirm decisions"),
    Permission.RESOLVE_CONFLICTS: Words("裁定冲突", "resolve conflicts"),
    Permission.WITHDRAW_LISTINGS: Words(
        "撤回许可、处理搁置条目", "withdraw listings, held entries"
    ),
    Permission.ERASE_STATEMENTS: Words("删除个人信息", "erase personal data"),
    Permission.FREEZE_ISSUES: Words("月度目录定稿", "freeze monthly issues"),
    Permission.CORRECT_ISSUES: Words("月度目录勘误", "correct monthly issues"),
    Permission.READ_NODES: Words("看节点与运行", "read nodes and jobs"),
    Permission.MANAGE_NODES: Words("管节点", "manage nodes"),
    Permission.MANAGE_STAFF: Words("管人员", "manage staff"),
    Permission.MANAGE_LOG_KEY: Words("更换日志密钥", "change the log's key"),
    Permission.READ_AUDIT: Words("看审计", "read the audit trail"),
}
STAFF_WORDS: Final = {
    "staff_title": Words("人员与角色", "Staff and roles"),
    "staff_caption": Words("工作人员账号", "Accounts of the staff"),
    "add_person": Words("新增人员", "Add somebody"),
    "all_roles": Words("全部角色", "Any role"),
    "all_states": Words("启用与停用", "On and off"),
    "only_on": Words("只看启用", "Only on"),
    "only_off": Words("只看停用", "Only off"),
    "filter": Words("筛选", "Filter"),
    "name": Words("账号名", "Account"),
    "display_name": Words("姓名", "Name"),
    "role": Words("角色", "Role"),
    "state": Words("状态", "State"),
    "last_used": Words("最近登录", "Last sign-in"),
    "never_used": Words("尚未登录", "never"),
    "is_on": Words("启用", "on"),
    "is_off": Words("停用", "off"),
    "nobody": Words("没有符合条件的人员。", "Nobody matches."),
    "nobody_hint": Words("放宽条件，或新增人员。", "Widen the filter, or add somebody."),
    "matrix": Words("角色与权限", "Roles and permissions"),
    "matrix_about": Words(
        "系统、安全、审计三类管理员须由不同的人担任。标“地区”的角色只在本人所属地区内有效。",
        "System, security and audit administrators must be different people. Roles marked “region”"
        " hold in the region of their account alone.",
    ),
    "permission": Words("权限", "Permission"),
    "granted": Words("有", "yes"),
    "not_granted": Words("无", "no"),
    "regional": Words("地区", "region"),
    "name_hint": Words(
        "2–63 个小写字母、数字和 . _ @ -，以后不能改",
        "2 to 63 of a-z 0-9 . _ @ -; it cannot be changed later",
    ),
    "email": Words("邮箱", "E-mail"),
    "email_hint": Words(
        "邀请信发到这里；不填则自行转交邀请链接",
        "the invitation goes there; without one you hand the link over yourself",
    ),
    "roles": Words("角色", "Roles"),
    "region": Words("所属地区代码", "Region code"),
    "region_hint": Words(
        "地市专员必填，GB/T 2260，如 440100（广州）",
        "needed for city officers: GB/T 2260, as 440100 for Guangzhou",
    ),
    "add": Words("新增并邀请", "Add and invite"),
    "cancel": Words("取消", "Cancel"),
    "back": Words("返回人员", "Back to the staff"),
    "created": Words("建立", "Created"),
    "second_factor": Words("第二因子", "Second factor"),
    "set_up": Words("已启用", "set up"),
    "not_set_up": Words("未启用", "not set up"),
    "sessions": Words("当前会话", "Sessions now"),
    "change_roles": Words("变更角色", "Change roles"),
    "change_about": Words(
        "立即生效：其浏览器会话全部结束，须重新登录；其令牌随之变化。",
        "At once: all sessions end and must sign in again; tokens follow.",
    ),
    "save_roles": Words("保存角色", "Save roles"),
    "actions": Words("操作", "Acts"),
    "invite": Words("发邀请链接", "Make an invitation"),
    "invited": Words(
        "邀请链接（只显示这一次，{0} 小时内有效）", "Invitation (shown once, works for {0} hours)"
    ),
    "switch_off": Words("停用", "Switch off"),
    "switch_on": Words("启用", "Switch on"),
    "reset_factor": Words("取消第二因子", "Remove the second factor"),
    "end_sessions": Words("结束全部会话", "End all sessions"),
    "what_happens": Words("会发生什么", "What happens"),
    "for_whom": Words("{0}：{1}", "{0}: {1}"),
}
ACT_ABOUT: Final = {
    "switch_off": Words(
        "立即生效：此人不能登录，会话与令牌全部失效。已作出的决定不变；可以再启用。",
        "At once: no sign-in, and no session or token works. Decisions made stand. It can be"
        " switched on again.",
    ),
    "switch_on": Words("此人可以再次登录，令牌恢复有效。", "Sign-in and tokens work again."),
    "reset_factor": Words(
        "用于设备和恢复码都丢失的人：取消后会话全部结束，下次登录须重新设置。本人会收到邮件。"
        "请先当面或电话核实身份。",
        "For somebody who lost device and codes: all sessions end, and the next sign-in sets it up"
        " anew. The owner gets a letter. Make sure first who asks.",
    ),
    "end_sessions": Words(
        "此人在所有浏览器上立即退出，可以重新登录。",
        "Signed out in every browser at once; signing in again works.",
    ),
}
ACT_DONE: Final = {
    "switch_off": Words("已停用。", "Switched off."),
    "switch_on": Words("已启用。", "Switched on."),
    "reset_factor": Words("第二因子已取消。", "The second factor was removed."),
    "end_sessions": Words("会话已结束。", "The sessions were ended."),
}
