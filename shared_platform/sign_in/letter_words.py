"""What letters about accounts say; times are those of Beijing, links have their own line."""

from typing import Final

from shared_schema.bilingual import Words

INVITED: Final = Words("账号已开通", "Your account")
INVITATION: Final = Words(
    "{display_name}，您好：\n\n"
    "您的账号 {name} 已开通。请在 {until} 前打开下面的链接设置密码：\n\n"
    "{address}\n\n"
    "链接只能用一次。若您没有申请账号，请忽略此信。",
    "Hello {display_name},\n\n"
    "your account {name} is ready. Open this link before {until} (Beijing time) to choose\n"
    "a password:\n\n"
    "{address}\n\n"
    "The link works once. If you expected no account, ignore this letter.",
)
RECOVERY: Final = Words("重设密码", "Choose another password")
RECOVERY_TEXT: Final = Words(
    "{display_name}，您好：\n\n"
    "有人为账号 {name} 申请重设密码。若是您本人，请在 {until} 前打开下面的链接：\n\n"
    "{address}\n\n"
    "若不是，请忽略此信，现在的密码仍然有效。",
    "Hello {display_name},\n\n"
    "somebody asked to choose another password for {name}. If it was you, open this link\n"
    "before {until} (Beijing time):\n\n"
    "{address}\n\n"
    "If not, ignore this letter; your present password stays.",
)
CHANGED: Final = Words("账号安全提醒", "About your account")
CHANGED_TEXT: Final = Words(
    "{display_name}，您好：\n\n账号 {name}：{zh}（{when}）。若不是您本人，请立即联系管理员。",
    "Hello {display_name},\n\n"
    "account {name}: {en} ({when}, Beijing time). If it was not you, tell an administrator\n"
    "at once.",
)


def filled(words: Words, **facts: str) -> Words:
    """The words with the facts in their places."""
    return Words(words.zh.format(**facts), words.en.format(**facts))
