"""The fixed words of a listing's page."""

from typing import Final

from shared_schema.bilingual import Words

LISTING_WORDS: Final = {
    "number": Words("专利号", "Patent number"),
    "kind": Words("专利类型", "Kind"),
    "holders": Words("专利权人", "Holder"),
    "title": Words("发明名称", "Title"),
    "fee": Words("许可使用费支付方式和标准", "Fee and payment"),
    "fee_note": Words("备注：", "Note: "),
    "fee_short": Words("使用费", "Fee"),
    "period": Words("许可期限", "Offer period"),
    "technical_field": Words("技术领域", "Technical field"),
    "territory": Words("许可地域", "Territory"),
    "contact": Words("联系方式", "Contact"),
    "contact_masked": Words("部分隐去，怎样取得见上", "shown in part; how to get it is said above"),
    "reach_holder": Words("怎样联系专利权人", "How to reach the holder"),
    "reach_why": Words(
        "目录中的联系方式隐去一部分，以免被批量采集；隐去不等于保密。",
        "The catalogue shows contacts in part, so that nobody collects them; it keeps no secret.",
    ),
    "reach_here": Words(
        "本站受理了这项声明：登录后办理，或直接向本站索取完整联系方式。",
        "This site received the declaration: sign in here, or ask us for the full contact.",
    ),
    "reach_node": Words(
        "这项声明由报送节点受理：到该节点的网站登录办理，或向其索取完整联系方式：",
        "A node received the declaration: sign in at its site, or ask it for the full contact: ",
    ),
    "reach_statement": Words(
        "节点签名的声明原件按协议对所有人公开，其中有专利权人填写的完整联系方式：",
        "The statement that the node signed is public by the protocol, and holds the contact as the"
        " holder gave it: ",
    ),
    "report": Words("评价或咨询报告", "Evaluation or consulting report"),
    "nine_items": Words("公布内容", "The published items"),
    "plain_terms": Words("条件是什么意思", "What the terms mean"),
    "cost_examples": Words("费用举例", "Examples of cost"),
    "cost_caption": Words(
        "许可满若干年累计应付（元），按公布的条件计算，仅供参考",
        "Owed in all after so many years of a licence (yuan), computed from the published terms;"
        " for orientation",
    ),
    "cost_years": Words("{0} 年", "{0} years"),
    "cost_year": Words("1 年", "1 year"),
    "cost_maximum": Words("最高应付", "At most"),
    "cost_yuan": Words("元", "yuan"),
    "how_to_accept": Words("怎样获得许可", "How to get the licence"),
    "offer": Words(
        "这是要约：接受公布的条件并付款即获得许可，专利权人不得拒绝（专利法第五十一条）。",
        "This is an offer: accept the published terms and pay, and you have a licence; the holder"
        " cannot refuse (Patent Law art. 51).",
    ),
    "accept_1": Words(
        "书面通知专利权人你愿意实施这项专利。",
        "Notify the holder in writing that you want to use the patent.",
    ),
    "accept_2": Words(
        "按公布的方式和标准支付许可使用费，保存付款凭证。",
        "Pay the fee in the published way and amount; keep the receipt.",
    ),
    "accept_3": Words(
        "通知送达并付款后即获得普通许可，不需要任何人批准；之后可以向国家知识产权局备案。",
        "With notice and payment you have an ordinary licence; nobody has to approve it. It can"
        " then be recorded at CNIPA.",
    ),
    "accept_negotiate": Words(
        "也可以与专利权人协商使用费后订立普通许可；开放许可期间不得再给独占或者排他许可。",
        "You may also negotiate the fee of an ordinary licence; while the offer stands the holder"
        " may grant no exclusive or sole licence.",
    ),
    "not_open": Words(
        "现在不能再接受这项要约。此前已经获得的许可不受影响（专利法第五十条第二款）。",
        "This offer cannot be accepted now. Licences obtained before are not affected (Patent Law"
        " art. 50(2)).",
    ),
    "suspended_note": Words(
        "这项要约已中止，恢复前请不要付款。",
        "The offer is suspended: do not pay before it resumes.",
    ),
    "reason": Words("原因", "Reason"),
    "legal_status": Words("法律状态", "Legal status"),
    "legal_status_note": Words(
        "法律状态不属于公布内容，本页不作陈述。节点报送前按其掌握的登记资料核查，"
        "没有登记资料的，由节点人员负责确认。付款前请向国家知识产权局查询专利登记簿副本。",
        "Legal status is not among the published items, and this page does not state it. Before it"
        " recommends, the node checks the register data that it has; where it has none, its staff"
        " answer for that. Before paying, ask CNIPA for an extract of the patent register.",
    ),
    "provenance": Words("来源", "Where it comes from"),
    "origin": Words("报送节点", "Recommended by"),
    "version": Words("版本", "Version"),
    "serial": Words("公示日志序号", "Serial in the public log"),
    "approved_at": Words("审核公示时间", "Approved at"),
    "statement_hash": Words("声明摘要（SHA-256）", "Statement hash (SHA-256)"),
    "permanent": Words("永久地址", "Permanent address"),
    "as_json": Words("机器可读", "As JSON"),
    "history": Words("公示经过", "History"),
    "history_at": Words("时间", "Time"),
    "history_what": Words("事项", "What"),
    "listing_offered": Words("公示", "published"),
    "listing_withdrawn": Words("撤回", "withdrawn"),
    "listing_suspended": Words("中止", "suspended"),
    "listing_resumed": Words("恢复", "resumed"),
    "entry_other": Words("需更新版本才能显示", "needs a newer version to be shown"),
    "other_offers": Words("同一专利的其他挂牌", "Other offers of the same patent"),
    "primary": Words("查看主要挂牌", "See the primary listing"),
    "newer_reader": Words(
        "此条内容采用更新的格式，本站须升级后才能显示；原文可核验。",
        "Written in a newer form: this site must be upgraded to show it; the original is provable.",
    ),
    "erased": Words(
        "条件原文已依法删除；公示记录仍可验证。",
        "The terms were erased by law; the record of their publication is still provable.",
    ),
    "extension": Words("本站补充信息", "More from this site"),
    "extension_note": Words(
        "由报送节点提供，不属于公示声明，不经主平台审核。",
        "Given by the node; not part of the published statement and not reviewed by the hub.",
    ),
    "rd_team": Words("研发团队", "Research team"),
    "background": Words("转化背景", "Background"),
    "prospects": Words("应用前景", "Prospects"),
    "more_of_node": Words(
        "报送节点可能另有研发团队、转化背景等补充信息。",
        "The node may tell more: research team, background, prospects.",
    ),
}
