"""What the acts are called that both services record."""

from typing import Final

from shared_schema.bilingual import Words

SHARED_ACT_TITLES: Final = {
    "signed_in": Words("登录", "Signed in"),
    "sign_in_refused": Words("登录密码错误", "Wrong password"),
    "sign_in_locked": Words("多次输错，暂停登录", "Sign-in locked after failures"),
    "signed_out": Words("退出登录", "Signed out"),
    "sessions_ended": Words("结束其他会话", "Sessions ended"),
    "invited": Words("发出邀请链接", "Invited"),
    "recovery_asked": Words("申请重设密码", "Recovery asked for"),
    "password_set": Words("设置密码", "Password set"),
    "second_factor_set": Words("启用第二因子", "Second factor set up"),
    "second_factor_refused": Words("第二因子输错", "Wrong second factor"),
    "second_factor_removed": Words("取消第二因子", "Second factor removed"),
    "recovery_codes_made": Words("生成恢复码", "Recovery codes made"),
    "identity_linked": Words("绑定统一身份", "Identity linked"),
    "own_token_issued": Words("自建令牌", "Own token issued"),
    "own_token_revoked": Words("吊销自建令牌", "Own token revoked"),
    "account_dormant": Words("久未使用，自动停用", "Switched off, long unused"),
    "audit_exported": Words("导出审计记录", "Audit trail exported"),
    "token_issued": Words("发放令牌", "Token issued"),
    "tokens_revoked": Words("吊销令牌", "Tokens revoked"),
    "portal_key_added": Words("发放门户密钥", "Portal key issued"),
    "portal_key_revoked": Words("吊销门户密钥", "Portal key revoked"),
    "enrolment_requested": Words("申请入网", "Enrolment requested"),
    "key_revoked": Words("吊销密钥", "Key revoked"),
    "listing_withdrawn": Words("撤回许可", "Listing withdrawn"),
    "listing_suspended": Words("暂停许可", "Listing suspended"),
    "listing_resumed": Words("恢复许可", "Listing resumed"),
    "erasure_asked": Words("申请删除个人信息", "Erasure asked for"),
}
