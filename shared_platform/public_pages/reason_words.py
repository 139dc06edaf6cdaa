"""Why an offer was withdrawn or suspended, in words: the codes that nodes and hub publish."""

from typing import Final

from shared_schema.bilingual import Words

REASON_WORDS: Final = {
    "holder_request": Words(
        "专利权人直接向主平台申请撤回", "the holder asked the hub to withdraw it"
    ),
    "holder_wish": Words("专利权人撤回", "the holder withdrew it"),
    "transfer": Words("专利权已转让", "the patent was transferred"),
    "transferred": Words("专利权已转让", "the patent was transferred"),
    "holder_changed": Words("登记的专利权人已变更", "the registered holder changed"),
    "lapse": Words("专利权已终止", "the right has lapsed"),
    "lapsed": Words("专利权已终止", "the right has lapsed"),
    "invalidation": Words("专利权被宣告无效", "the right was invalidated"),
    "invalidated": Words("专利权被宣告无效", "the right was invalidated"),
    "right_expired": Words("专利权期限届满", "the term of the right has ended"),
    "not_granted": Words("尚未公告授权", "the grant is not announced"),
    "exclusive_licence": Words(
        "独占或者排他许可有效期内", "an exclusive or sole licence is in force"
    ),
    "ownership_dispute": Words("权属纠纷中止程序", "procedures suspended: ownership dispute"),
    "preservation_order": Words("财产保全中止程序", "procedures suspended: preservation order"),
    "annual_fee_unpaid": Words("年费未按时缴纳", "the annual fee is not paid"),
    "pledged_without_consent": Words(
        "已质押且未经质权人同意", "pledged without the pledgee's consent"
    ),
    "conflict_existing_kept": Words("经裁定保留另一声明", "another offer was kept by decision"),
    "conflict_replaced": Words("经裁定由另一声明取代", "replaced by another offer by decision"),
    "data_subject_request": Words(
        "个人要求删除其个人信息（个人信息保护法第四十七条）",
        "a person asked for the erasure of personal data (PIPL art. 47)",
    ),
    "court_order": Words("依法院判决或裁定", "by a court's judgment or order"),
    "court": Words("依法院或行政机关的决定", "by decision of a court or authority"),
    "takedown": Words("依投诉核实后下架", "taken down after a verified complaint"),
    "complaint_checked": Words("投诉核实期间中止", "suspended while a complaint is checked"),
    "cause_gone": Words("中止原因已消除", "the cause of the suspension is gone"),
    "other": Words("其他原因", "another reason"),
}


def reason_words(code: str) -> Words:
    """The words of a code; the code itself where nobody gave it words."""
    return REASON_WORDS.get(code) or Words(code, code)
