"""What notices say: a heading, and what to do."""

from typing import Final

from shared_schema.bilingual import Words

NOTICE_HEADINGS: Final = {
    "returned": Words("声明被退回，请更正", "A declaration was returned: please correct it"),
    "rejected": Words("声明被驳回", "A declaration was rejected"),
    "correction": Words("核查发现问题，请更正", "The check found something: please correct it"),
    "deadline": Words("请在期限前更正", "Please correct it before the deadline"),
    "report_demanded": Words("请补充评价报告或检索报告", "A report is asked for"),
    "refused": Words("声明未被本平台受理", "This site did not accept the declaration"),
    "published": Words("声明已公布", "Your offer is published"),
    "suspended": Words("许可已中止", "Your offer is suspended"),
    "resumed": Words("许可已恢复", "Your offer is open again"),
    "withdrawn": Words("声明已撤回", "Your offer is withdrawn"),
    "expiring": Words("许可期限即将届满", "The period of your offer ends soon"),
    "expired": Words("许可期限已届满", "The period of your offer has ended"),
    "mandate_asked": Words("有代理机构请求委托", "An agent asks for a mandate"),
    "mandate_decided": Words("委托有了结果", "A mandate was decided"),
}
NOTICE_ADVICE: Final = {
    "returned": Words("退回理由写在各栏旁边。", "The reasons stand beside the fields."),
    "rejected": Words("理由见声明页；可重新申报。", "See the reasons; you may declare anew."),
    "correction": Words("逐栏更正后重新提交。", "Correct the fields and submit again."),
    "deadline": Words("请于 {due} 前更正。", "Correct it by {due}."),
    "report_demanded": Words("在声明中填写报告并上传。", "Add the report to the declaration."),
    "refused": Words("理由见声明页。", "The declaration's page says why."),
    "published": Words("公开页面和日志凭证见声明页。", "See its public page and proof."),
    "suspended": Words("原因见声明页。", "The declaration's page says why."),
    "resumed": Words("任何人又可接受许可。", "Anybody may accept it again."),
    "withdrawn": Words("已达成的许可不受影响。", "Licences already granted are untouched."),
    "expiring": Words(
        "届满日 {period_end}；可续期。", "It ends on {period_end}; you may renew it."
    ),
    "expired": Words("可重新申报。", "You may declare it anew."),
    "mandate_asked": Words("请在“单位”页决定。", "Decide on the page “Organisation”."),
    "mandate_decided": Words("详见“单位”页。", "See the page “Organisation”."),
}
LETTER_SUBJECT: Final = Words(
    "专利开放许可：{count} 条新通知", "Open licensing: {count} new notices"
)
LETTER_TEXT: Final = Words(
    "{organisation}，您好：\n\n{lines}\n\n详情请登录查看：{address}",
    "{organisation},\n\n{lines}\n\nSign in for details: {address}",
)
