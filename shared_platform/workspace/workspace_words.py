"""The fixed words of signing in and of the workspace's frame, in both languages."""

from collections.abc import Mapping
from typing import Final

from shared_schema.bilingual import Words

WORKSPACE_WORDS: Final[Mapping[str, Words]] = {
    "workspace": Words("工作台", "Workspace"),
    "workspace_menu": Words("工作台导航", "Workspace"),
    "waiting_here": Words("条未读", "unread"),
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
    "register_here": Words("没有账号？注册", "No account? Register"),
    "by_provider": Words("用{0}登录", "Sign in by {0}"),
    "forgotten": Words("忘记密码？", "Forgotten your password?"),
    # second factor
    "second_factor": Words("第二因子", "Second factor"),
    "second_factor_title": Words("输入验证码", "Enter a code"),
    "second_factor_lead": Words(
        "请打开身份验证器应用，输入当前的 6 位验证码。",
        "Open your authenticator and enter its present code of six digits.",
    ),
    "code": Words("验证码", "Code"),
    "code_hint": Words(
        "设备不在身边时，可输入一个恢复码。", "Without your device, enter a recovery code."
    ),
    "go_on": Words("继续", "Continue"),
    "lost_device": Words(
        "设备和恢复码都丢失了？请管理员取消第二因子后重新设置。",
        "Lost both device and recovery codes? Ask an administrator to remove the second factor.",
    ),
    "other_account": Words("换个账号登录", "Use another account"),
    "enrolment_title": Words("设置第二因子", "Set up your second factor"),
    "enrolment_lead": Words(
        "本平台要求密码之外再用一个验证码登录。只需设置一次。",
        "Beside the password, this site asks for a code. You set it up once.",
    ),
    "enrolment_why": Words(
        "除密码外再用一个验证码登录：密码被人知道时，账号仍然安全。",
        "A code beside the password keeps your account safe when somebody learns the password.",
    ),
    "device_step_app": Words(
        "在手机上安装任意一款身份验证器应用（支持 TOTP 即可）。",
        "Install any authenticator program on your phone (any that knows TOTP).",
    ),
    "device_step_scan": Words("用它扫描下面的二维码。", "Scan this picture with it."),
    "device_step_type": Words("不能扫描时，手工输入密钥：", "Or type the key:"),
    "device_step_code": Words(
        "在下面输入它显示的 6 位验证码。", "Enter the six digits that it shows below."
    ),
    "device_open": Words("在本机的应用中打开", "Open in a program on this device"),
    "qr_label": Words("二维码，内容同下面的密钥", "QR code of the key below"),
    "confirm_device": Words("确认", "Confirm"),
    "device_confirmed": Words("第二因子已启用。", "The second factor is set up."),
    "recovery_codes_title": Words("保存恢复码", "Keep your recovery codes"),
    "recovery_codes_lead": Words(
        "设备丢失时用恢复码登录，每个只能用一次。请抄下或打印，放在安全的地方：它们只显示这一次。",
        "When the device is lost, each of these lets you in once. Write them down or print them and"
        " keep them safe: they are shown only now.",
    ),
    "codes_kept": Words("已保存，继续", "I have kept them"),
    "factor_is_set": Words(
        "已启用。还有 {0} 个恢复码没有用过。", "It is set up. {0} recovery codes are unused."
    ),
    "few_codes": Words(
        "恢复码快用完了，请重新生成。", "Few recovery codes are left: make new ones."
    ),
    "present_code_hint": Words(
        "更改前，请输入当前设备的验证码，或一个恢复码。",
        "Enter a code of your present device, or a recovery code, to change anything.",
    ),
    "new_codes": Words("重新生成恢复码", "Make new recovery codes"),
    "remove_device": Words("取消第二因子或换设备", "Remove it, or change the device"),
    "set_up": Words("设置", "Set up"),
    "manage": Words("管理", "Manage"),
    "is_on": Words("已启用", "On"),
    "is_off": Words("未启用", "Off"),
    # tokens
    "tokens": Words("接口令牌", "API tokens"),
    "tokens_lead": Words(
        "程序用令牌代您调用接口。只勾选程序需要的权限；不用了请立即吊销。",
        "Programs call the API in your name with a token. Leave it only what the program needs, and"
        " revoke it when it is not used any more.",
    ),
    "token_made": Words(
        "令牌已生成，只显示这一次，请立即复制：",
        "The token was made. It is shown only now: copy it.",
    ),
    "token_label": Words("用途", "Used for"),
    "token_label_hint": Words("例如：审核台脚本", "For example: review desk script"),
    "token_days": Words("有效天数", "Days it works"),
    "token_days_hint": Words("最多 {0} 天", "{0} at most"),
    "scopes": Words("权限", "Permissions"),
    "scopes_hint": Words("令牌的权限不会超过您的账号。", "It never may more than your account."),
    "all_scopes": Words("账号的全部权限", "all of the account"),
    "never_used": Words("从未", "never"),
    "expires_at": Words("到期", "Expires"),
    "revoke": Words("吊销", "Revoke"),
    "no_tokens": Words("没有有效的令牌。", "You have no tokens."),
    "make_token": Words("生成令牌", "Make a token"),
    # recovery
    "recovery_title": Words("重设密码", "Choose another password"),
    "recovery_lead": Words(
        "输入账号登记的邮箱，我们把链接发给您。",
        "Enter the e-mail address of your account, and a link is sent to it.",
    ),
    "email": Words("邮箱", "E-mail address"),
    "send_link": Words("发送链接", "Send the link"),
    "recovery_asked": Words(
        "如果有账号登记了这个邮箱，链接已在路上。",
        "If an account has this address, a link is on its way.",
    ),
    "recovery_nothing_came": Words(
        "几分钟后仍未收到，请查看垃圾邮件；账号没有登记邮箱的，请管理员发送邀请链接。",
        "Nothing after some minutes? Look among unwanted mail. Without a registered address, ask an"
        " administrator for a link.",
    ),
    "back_to_sign_in": Words("返回登录", "Back to signing in"),
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
