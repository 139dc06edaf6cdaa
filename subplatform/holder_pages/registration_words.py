"""The words of the page on which somebody registers."""

from typing import Final

from shared_schema.bilingual import Words

REGISTRATION_WORDS: Final[dict[str, Words]] = {
    "register_title": Words("注册", "Register"),
    "register_lead": Words(
        "专利权人、代理机构、企业和交易中心由此注册。单位以统一社会信用代码识别。",
        "Holders, agents, enterprises and trading centres register here. An organisation is known"
        " by its unified social credit code.",
    ),
    "register_approval": Words(
        "注册后由本平台经办人核对单位，通过后即可申报。",
        "An operator of this site checks the organisation; then you may declare.",
    ),
    "register_closed": Words(
        "本平台不开放自行注册，账号由管理员开通。",
        "Nobody registers here by themselves; an administrator opens accounts.",
    ),
    "register_done": Words(
        "请查收邮件：用信中的链接设置密码并登录。若该单位已注册，将由其管理员决定是否让您加入。",
        "Look into your mail: its link lets you choose a password. If the organisation is here"
        " already, its owners decide whether you join.",
    ),
    "nothing_came": Words(
        "没有收到？请看垃圾邮件，或核对邮箱后重新填写。",
        "Nothing came? Look into the spam folder, or check the address and try again.",
    ),
    "you": Words("您本人", "Yourself"),
    "your_name": Words("姓名", "Your name"),
    "your_email": Words("邮箱", "E-mail address"),
    "your_email_hint": Words("登录链接和通知发到这里。", "Links and notices are sent there."),
    "your_organisation": Words("所在单位", "Your organisation"),
    "kind": Words("单位类型", "Kind of organisation"),
    "credit_code": Words("统一社会信用代码", "Unified social credit code"),
    "credit_code_hint": Words(
        "18 位，含校验位；个人不填。", "18 characters; leave it empty for an individual."
    ),
    "organisation_name": Words("单位全称", "Full name of the organisation"),
    "organisation_name_hint": Words(
        "与专利登记簿上的专利权人一致；个人填本人姓名。",
        "As the holder stands in the patent register; for an individual, their own name.",
    ),
    "region": Words("所在地区", "Region"),
    "purposes": Words("办理什么（可多选）", "What the organisation does here"),
    "register_button": Words("提交注册", "Register"),
    "have_account": Words("已有账号？登录", "Have an account? Sign in"),
}
