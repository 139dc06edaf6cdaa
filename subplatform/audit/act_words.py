"""What the node's acts are called where people read them."""

from typing import Final

from shared_schema.bilingual import Words

ACT_TITLES: Final = {
    "user_added": Words("新增用户", "User added"),
    "user_changed": Words("变更用户", "User changed"),
    "organisation_registered": Words("登记单位", "Organisation registered"),
    "organisation_decided": Words("审定单位", "Organisation decided"),
    "organisation_changed": Words("变更单位", "Organisation changed"),
    "membership_asked": Words("申请加入单位", "Membership asked for"),
    "member_invited": Words("邀请成员", "Member invited"),
    "member_changed": Words("变更成员", "Member changed"),
    "member_removed": Words("移除成员", "Member removed"),
    "mandate_proposed": Words("提出委托", "Mandate proposed"),
    "mandate_decided": Words("决定委托", "Mandate decided"),
    "look_changed": Words("更改站点外观", "Look of the site changed"),
    "patents_added": Words("登记专利", "Patents added"),
    "patent_removed": Words("移除专利", "Patent removed"),
    "list_imported": Words("导入清单", "List imported"),
    "declaration_created": Words("新建声明", "Declaration created"),
    "declaration_edited": Words("修改声明", "Declaration edited"),
    "declaration_deleted": Words("删除草稿", "Declaration deleted"),
    "declaration_submitted": Words("提交声明", "Declaration submitted"),
    "declaration_taken_up": Words("受理声明", "Declaration taken up"),
    "declaration_refused": Words("不予受理", "Declaration refused"),
    "report_demanded": Words("要求补交评价报告", "Evaluation report demanded"),
    "correction_asked": Words("要求补正", "Correction asked for"),
    "declaration_accepted": Words("核验通过", "Declaration accepted"),
    "register_recorded": Words("记录登记簿查询", "Register answer recorded"),
    "delivery_hastened": Words("立即投递", "Delivery hastened"),
    "declarations_checked": Words("核查声明", "Declarations checked"),
    "declarations_recommended": Words("报送主平台", "Declarations recommended"),
    "decision_received": Words("收到主平台决定", "Decision received"),
    "listing_expired": Words("许可到期", "Listing expired"),
    "statements_erased": Words("删除个人信息", "Statements erased"),
    "delivery_replayed": Words("重新投递", "Delivery replayed"),
    "key_rotated": Words("更换密钥", "Key rotated"),
    "signed_again": Words("重新签名", "Signed again"),
    "node_rebuilt": Words("节点重建", "Node rebuilt"),
}
