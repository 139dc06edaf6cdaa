"""Every refusal of hub and node: one table row each, rendered as RFC 9457 by the transport only.

Codes are API and only ever added; titles and remedies are texts and may change. A use case raises a
`DomainError` subclass that names its row; it writes no status and no JSON.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

PROBLEM_BASE: Final = "/problems/"


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One kind of refusal: HTTP status, titles, what to do, and whether sending again can help."""

    status: int
    title_zh: str
    title_en: str
    remedy_zh: str
    remedy_en: str
    retryable: bool = False


class ProblemType(Enum):
    """The problem table (protocol §12). The member's name in lower case is the stable code."""

    SIGNATURE_MISSING = ProblemRow(
        401,
        "请求未签名",
        "The request is not signed",
        "用节点密钥按 RFC 9421 签名后重发。",
        "Sign it with the node's key (RFC 9421) and send it again.",
    )
    SIGNATURE_INVALID = ProblemRow(
        401,
        "签名无效",
        "The signature does not verify",
        "核对密钥编号、对外地址和签名内容，再重发。",
        "Check key id, public base URL and covered bytes, then send it again.",
    )
    DIGEST_MISMATCH = ProblemRow(
        401,
        "内容摘要不符",
        "The body does not match its Content-Digest",
        "按实际发送的字节重新计算摘要。",
        "Compute the digest over the bytes as sent.",
    )
    COMPONENT_NOT_COVERED = ProblemRow(
        401,
        "签名未覆盖必需部分",
        "A required component is not covered by the signature",
        "按协议第 2 节列出的次序覆盖全部部分。",
        "Cover every component of protocol section 2, in its order.",
    )
    NONCE_REPLAYED = ProblemRow(
        401,
        "请求被重放",
        "The request was replayed",
        "换一个随机数重新签名。",
        "Sign again with a fresh nonce.",
    )
    CLOCK_SKEW = ProblemRow(
        401,
        "时钟偏差过大",
        "The clock is too far off",
        "校准本机时钟；server_time 是对方时间。",
        "Set this machine's clock; server_time is the peer's time.",
        retryable=True,
    )
    PORTAL_KEY_INVALID = ProblemRow(
        401,
        "门户密钥无效",
        "The portal key is not valid",
        "去掉 Authorization 匿名读取，或向运营方换取密钥。",
        "Read without Authorization, or ask the operator for another key.",
    )
    NOT_SIGNED_IN = ProblemRow(
        401,
        "尚未登录",
        "Nobody is signed in",
        "带上有效的令牌。",
        "Send a valid bearer token.",
    )
    KEY_EXPIRED = ProblemRow(
        403,
        "密钥已过期",
        "The key has expired",
        "轮换密钥后自动重发。",
        "Rotate the key; delivery then goes on by itself.",
        retryable=True,
    )
    KEY_REVOKED = ProblemRow(
        403,
        "密钥已吊销",
        "The key was revoked",
        "联系省级节点管理员登记新密钥。",
        "Ask the hub's node registrar to enrol a new key.",
    )
    NODE_UNKNOWN = ProblemRow(
        403,
        "节点未登记",
        "The node is not enrolled",
        "先完成登记和指纹确认。",
        "Enrol first and have the fingerprint confirmed.",
    )
    NODE_SUSPENDED = ProblemRow(
        403,
        "节点已暂停",
        "The node is suspended",
        "联系省级节点管理员。",
        "Ask the hub's node registrar.",
    )
    SCOPE_DENIED = ProblemRow(
        403,
        "超出节点权限",
        "Outside the node's scope",
        "只推送登记范围内的地区和种类。",
        "Send only the regions and kinds the node is enrolled for.",
    )
    PERMISSION_DENIED = ProblemRow(
        403,
        "没有此项权限",
        "The caller may not do this",
        "请有此权限的同事办理。",
        "Ask a colleague who holds the permission.",
    )
    CROSS_SITE_REFUSED = ProblemRow(
        403,
        "请求来自别的网站",
        "The request comes from another site",
        "在本站的页面上重新办理；程序请去掉 Origin 和 Sec-Fetch-Site，改用令牌。",
        "Do it on a page of this site; programs leave Origin out and send a token.",
    )
    SECOND_PERSON_REQUIRED = ProblemRow(
        403,
        "须由另一人办理",
        "A different person must do this",
        "请另一位审核员办理。",
        "Ask another examiner.",
    )
    NOT_FOUND = ProblemRow(
        404,
        "没有这个对象",
        "There is no such thing",
        "核对编号。",
        "Check the identifier.",
    )
    METHOD_NOT_ALLOWED = ProblemRow(
        405,
        "不支持此方法",
        "The method is not allowed here",
        "见接口文档。",
        "See the API document.",
    )
    NOT_ACCEPTABLE = ProblemRow(
        406,
        "不能以所要求的格式回答",
        "The answer cannot be given in that form",
        "见接口文档列出的格式。",
        "See the forms in the API document.",
    )
    OSEQ_CONFLICT = ProblemRow(
        409,
        "同一序号已有另一内容",
        "This sequence number already holds another statement",
        "不要改写已发出的声明；换用新序号。",
        "Never rewrite a sent statement; use a new sequence number.",
    )
    DUPLICATE_OWN = ProblemRow(
        409,
        "本节点已有该专利的有效声明",
        "This node already has a live listing of the patent",
        "先撤回原声明，或发布其新版本。",
        "Withdraw the live listing first, or send its next version.",
    )
    TOMBSTONED = ProblemRow(
        409,
        "该声明已撤回",
        "The listing was withdrawn",
        "用新的声明编号重新声明。",
        "Declare again under a new listing id.",
    )
    STALE_REVIEW = ProblemRow(
        409,
        "审核对象已有新版本",
        "A newer version arrived during review",
        "重新打开，按新版本审核。",
        "Open it again and review the newer version.",
    )
    REVIEW_STATE_CONFLICT = ProblemRow(
        409,
        "当前状态不允许此操作",
        "The review is not in a state for this",
        "刷新后看当前状态。",
        "Reload and look at its present state.",
    )
    STATE_CONFLICT = ProblemRow(
        409,
        "当前状态不允许此操作",
        "The object is not in a state for this",
        "刷新后看当前状态。",
        "Reload and look at its present state.",
    )
    ALREADY_EXISTS = ProblemRow(
        409,
        "已存在",
        "It exists already",
        "使用已有的对象。",
        "Use the existing one.",
    )
    LOG_FORK = ProblemRow(
        409,
        "日志出现两个版本",
        "The log has been signed in two versions",
        "保存双方检查点，电话联系主平台；不要重试。",
        "Keep both checkpoints and call the hub; do not try again.",
    )
    IDEMPOTENCY_IN_FLIGHT = ProblemRow(
        409,
        "同一请求正在处理",
        "The same request is being handled",
        "稍后用同一键重发。",
        "Send it again with the same key in a moment.",
        retryable=True,
    )
    OBJECT_ERASED = ProblemRow(
        410,
        "内容已依法删除",
        "The content was erased",
        "只有摘要可供核对。",
        "Only its hash remains for checking.",
    )
    PAYLOAD_TOO_LARGE = ProblemRow(
        413,
        "内容过大",
        "The body is too large",
        "分批发送。",
        "Send it in smaller batches.",
    )
    TOO_COMPRESSED = ProblemRow(
        413,
        "压缩比过高",
        "The body is compressed too far",
        "降低压缩或分批发送。",
        "Compress less or send smaller batches.",
    )
    URI_TOO_LONG = ProblemRow(
        414,
        "地址过长",
        "The address is too long",
        "缩短查询条件。",
        "Shorten the query.",
    )
    UNSUPPORTED_MEDIA_TYPE = ProblemRow(
        415,
        "不支持的内容类型或编码",
        "The content type or encoding is not supported",
        "见接口文档。",
        "See the API document.",
    )
    MISDIRECTED = ProblemRow(
        421,
        "主机名不属于本服务",
        "The host name is not this service's",
        "使用公布的地址。",
        "Use the published address.",
    )
    SCHEMA_INVALID = ProblemRow(
        422,
        "内容不符合格式",
        "The content is malformed",
        "按 errors 中的位置逐项更正。",
        "Correct the members that errors points to.",
    )
    SCHEMA_UNSUPPORTED = ProblemRow(
        422,
        "对方的版本不支持此格式",
        "The peer's version does not take this schema",
        "升级 errors 所指的一方；发件箱保留声明，升级后自动重发。",
        "Upgrade the side that errors names; the outbox keeps the statement and sends it then.",
        retryable=True,
    )
    RULE_VIOLATED = ProblemRow(
        422,
        "违反许可规则",
        "A licensing rule is violated",
        "按 errors 中的规则逐项更正。",
        "Correct what the named rules ask for.",
    )
    IDEMPOTENCY_MISMATCH = ProblemRow(
        422,
        "同一键对应不同内容",
        "The idempotency key was used with other content",
        "换一个键。",
        "Use another key.",
    )
    VERSION_GAP = ProblemRow(
        422,
        "版本或序号不连续",
        "A version or sequence number is missing",
        "先补发缺少的版本。",
        "Send the missing version first.",
    )
    RATE_LIMITED = ProblemRow(
        429,
        "请求过于频繁",
        "Too many requests",
        "按 retry_after_s 等待后重发。",
        "Wait retry_after_s seconds, then send it again.",
        retryable=True,
    )
    REVIEW_BACKLOG = ProblemRow(
        429,
        "待审积压已达上限",
        "The review backlog of this node is full",
        "等审核消化后自动重发。",
        "Delivery goes on when reviews are decided.",
        retryable=True,
    )
    HEADERS_TOO_LARGE = ProblemRow(
        431,
        "请求头过大",
        "The header fields are too large",
        "减少请求头。",
        "Send fewer or shorter header fields.",
    )
    INTERNAL_ERROR = ProblemRow(
        500,
        "服务内部错误",
        "An internal error",
        "稍后重试；仍不行请把请求号告诉运维。",
        "Try again; if it stays, tell the operator the request id.",
        retryable=True,
    )
    NOT_IMPLEMENTED = ProblemRow(
        501,
        "不提供这种格式",
        "This format is not offered",
        "改用接口文档列出的格式。",
        "Ask for one of the formats in the API document.",
    )
    MAINTENANCE = ProblemRow(
        503,
        "维护中",
        "Under maintenance",
        "稍后重试。",
        "Try again later.",
        retryable=True,
    )
    SEQUENCER_PAUSED = ProblemRow(
        503,
        "公示登记暂停",
        "Sequencing is paused",
        "由省级运维处理；请求会自动重发。",
        "The hub's operator must act; delivery goes on by itself.",
        retryable=True,
    )
    HUB_UNREACHABLE = ProblemRow(
        503,
        "连不上主平台",
        "The hub cannot be reached",
        "检查网络；发件箱会自动重发。",
        "Check the network; the outbox retries by itself.",
        retryable=True,
    )
    STORAGE_FULL = ProblemRow(
        507,
        "存储空间不足",
        "Storage is full",
        "释放空间后自动恢复。",
        "Free some space; intake then resumes.",
        retryable=True,
    )

    @property
    def code(self) -> str:
        """The stable code, as in `signature_missing`."""
        return self.name.lower()
