"""The fixed words of signing in and of the workspace's frame, in both languages."""

from collections.abc import Mapping
from typing import Final

from shared_schema.bilingual import Words

WORKSPACE_WORDS: Final[Mapping[str, Words]] = {
    "workspace": Words("工作台", "Workspace"),
    "workspace_menu": Words("工作台导航", "Workspace"),
    "my_account": Words("我的账号", "My account"),
    "sign_out": Words("退出", "Sign out"),
    "error_summary": Words("有 {0} 处需要更正", "{0} things need correcting"),
    "error_summary_one": Words("有 1 处需要更正", "One thing needs correcting"),
    "optional": Words("（可不填）", "(optional)"),
    "error_prefix": Words("有误：", "Error: "),
    "notice_title": Words("已办理", "Done"),
    "choose": Words("请选择", "Choose"),
    # signing in
    "sign_in_title": Words("登录", "Sign in"),
    "sign_in_lead": Words("供工作人员和本平台的用户使用。", "For staff and users of this site."),
    "sign_in_first": Words(
        "请先登录，随后回到您要的页面。", "Sign in, and you are led to the page you asked for."
    ),
    "signed_out": Words(
        "您已退出，会话即时失效。", "You have signed out; the session ended at once."
    ),
    "account_name_only": Words("账号", "Account"),
    "account_name": Words("账号名或邮箱", "Account name or e-mail address"),
    "password": Words("密码", "Password"),
    "no_account": Words(
        "没有账号？账号由管理员开通，您会收到邀请链接。",
        "No account? An administrator opens it and you receive a link.",
    ),
    # choosing a password
    "welcome_title": Words("设置密码", "Choose a password"),
    "welcome_lead": Words(
        "{0}，您好。您的账号名是 {1}。设置密码后即可登录。",
        "Hello {0}. Your account name is {1}. Choose a password to sign in.",
    ),
    "new_password": Words("新密码", "New password"),
    "new_password_hint": Words(
        "至少 12 个字符，几个不相关的词连成一句即可；不要求数字和符号，"
        "但不能是常见密码、键盘顺序或您的名字。",
        "At least 12 characters; a few unrelated words are fine. Digits and signs are not asked"
        " for; common passwords, rows of keys and your own name are refused.",
    ),
    "repeat_password": Words("再输入一次", "Once more"),
    "set_password": Words("设置密码并登录", "Set password and sign in"),
    "no_link_title": Words("链接已失效", "This link works no more"),
    "no_link_why": Words(
        "链接只能用一次，并有时限；新的链接发出后，旧的即失效。",
        "A link works once and for a limited time, and a newer one replaces it.",
    ),
    "no_link_do": Words("请管理员重新发送链接。", "Ask an administrator for another one."),
    # one's own account
    "roles": Words("角色", "Roles"),
    "no_roles": Words("没有角色：请管理员授予。", "None: ask an administrator."),
    "sessions": Words("登录会话", "Sessions"),
    "sessions_lead": Words(
        "您的账号目前在这些浏览器中登录。不认识的请立即结束，并更改密码。",
        "Where your account is signed in now. End what you do not know, and change your password.",
    ),
    "device": Words("浏览器", "Browser"),
    "unknown_device": Words("未说明", "not said"),
    "address": Words("地址", "Address"),
    "started_at": Words("登录时间", "Signed in"),
    "last_seen_at": Words("最近使用", "Last used"),
    "act": Words("操作", "Action"),
    "this_session": Words("当前会话", "this one"),
    "end_session": Words("结束", "End"),
    "end_others": Words("结束其他所有会话", "End all others"),
    "change_password": Words("更改密码", "Change password"),
    "change_password_lead": Words(
        "更改后，您在别处的会话都会结束。", "All your other sessions end then."
    ),
    "present_password": Words("现在的密码", "Present password"),
    "what_you_may_do": Words("您可以办理", "What you can do here"),
    "nothing_to_do": Words(
        "您的账号还没有可办理的事项。请管理员授予角色。",
        "Your account has nothing to do here yet. Ask an administrator for a role.",
    ),
    "hello": Words("{0}，您好", "Hello, {0}"),
}
