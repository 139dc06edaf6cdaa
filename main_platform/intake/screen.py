"""The checks that need no table: form, signature, scope, rules. Processor work, done in threads."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from main_platform.intake.errors import RuleViolated, SchemaUnsupported, ScopeDenied
from main_platform.intake.sender import Sender, serves
from shared_platform.transport.signed_requests import KeyRevoked
from shared_schema.declaration import Declaration
from shared_schema.declaration_versions import accepted_schemas, is_newer
from shared_schema.finding import Finding, Severity
from shared_schema.instants import Instant, legal_day
from shared_schema.refusal import DomainError, FieldError
from shared_schema.request_signature import WINDOW_SECONDS, ClockSkew
from shared_schema.rules import RuleContext, RuleProfile, check_declaration, unchecked_rules
from shared_schema.signing_key import SignatureInvalid
from shared_schema.statement import (
    SignedStatement,
    Statement,
    declaration_of,
    read_statement,
    unknown_critical,
    verify_statement,
)

CHUNK: Final = 32  # statements screened in one go in a thread: some 15 ms of processor time


@dataclass(frozen=True, slots=True)
class Screened:
    """One statement after screening.

    Attributes:
        signed: what was sent, if it could be read at all.
        refusal: why it cannot be taken whatever came before it: form, signature, scope.
        violation: why its terms cannot be offered: rules of severity error.
    """

    signed: SignedStatement | None = None
    declaration: Declaration | None = None
    refusal: DomainError | None = None
    violation: DomainError | None = None
    findings: tuple[Finding, ...] = ()
    unchecked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Screen:
    """Against what statements are screened: their sender, the hub's profile, the hub's time."""

    sender: Sender
    profile: RuleProfile
    now: Instant


async def screen_all(raws: Sequence[bytes], screen: Screen) -> list[Screened]:
    """Screen untrusted envelopes in their order; the event loop stays free for others."""
    screened: list[Screened] = []
    for start in range(0, len(raws), CHUNK):
        chunk = raws[start : start + CHUNK]
        screened += await asyncio.to_thread(_screen_chunk, chunk, screen)
    return screened


def screen_one(raw: bytes, screen: Screen) -> Screened:
    """Screen one envelope; nothing it holds makes this raise."""
    try:
        signed = read_statement(raw)
    except DomainError as refusal:
        return Screened(refusal=refusal)
    try:
        _verify(signed, screen.sender)
        _check_issued(signed.statement, screen.now)
        declaration = _offered(signed)
    except DomainError as refusal:
        return Screened(signed, refusal=refusal)
    if declaration is None:
        return Screened(signed)
    if not serves(screen.sender.scope, declaration.territory):
        return Screened(signed, declaration, refusal=_outside(screen.sender))
    return _ruled(signed, declaration, screen)


def without_revoked(screened: Sequence[Screened], revoked: frozenset[str]) -> list[Screened]:
    """The same with refusals for what a key signed that was revoked while it was screened."""
    return [
        replace(one, refusal=one.refusal or KeyRevoked("密钥刚被吊销 / its key was just revoked"))
        if one.signed is not None and one.signed.key_id in revoked
        else one
        for one in screened
    ]


def _screen_chunk(raws: Sequence[bytes], screen: Screen) -> list[Screened]:
    return [screen_one(raw, screen) for raw in raws]


def _verify(signed: SignedStatement, sender: Sender) -> None:
    """Prove that one of the sender's active keys signed the statement.

    Raises:
        KeyRevoked: a key of the sender that was revoked.
        KeyExpired: a key of the sender that has expired.
        SignatureInvalid: another key, or not the key's signature.
    """
    if signed.key_id in sender.ended:
        raise sender.ended[signed.key_id](
            f"声明由已失效的密钥 {signed.key_id} 签名，用现用密钥重新签名后发送"
            " / sign the statement again with the present key",
            [FieldError("/signatures/0/keyid", "dsse.key_ended", "密钥已失效 / the key has ended")],
        )
    key = sender.keys.get(signed.key_id)
    if key is None:
        message = "声明不是由本节点的有效密钥签名 / not signed by an active key of this node"
        raise SignatureInvalid(message, [FieldError("/signatures/0/keyid", "dsse.key", message)])
    verify_statement(signed, key)


def _check_issued(said: Statement, now: Instant) -> None:
    """Refuse a statement from the future, which would win or lose conflicts by its date.

    Retryable, so that a node whose clock is fast loses nothing: its time comes.

    Raises:
        ClockSkew: issued later than the window allows.
    """
    ahead = (said.issued_at - now).total_seconds()
    if ahead > WINDOW_SECONDS:
        message = f"声明时间超前 {ahead:.0f} 秒 / issued {ahead:.0f} s ahead of the server's time"
        raise ClockSkew(
            message, [FieldError("/issued_at", "statement.issued_ahead", message, "protocol §4")]
        )


def _offered(signed: SignedStatement) -> Declaration | None:
    """The declaration of an offer; None for the other operations.

    Raises:
        StatementRefused: the body is no declaration.
        SchemaUnsupported: it is of another schema, or needs a newer reader.
    """
    statement = signed.statement
    unknown = unknown_critical(statement)
    if unknown:
        message = (
            f"主平台无法理解 {unknown[0]}，请升级主平台"
            f" / this hub does not understand {unknown[0]}: the hub must be upgraded"
        )
        raise SchemaUnsupported(message, [FieldError("/crit", "statement.crit", message)])
    if statement.schema_id not in accepted_schemas():
        message = _unsupported(statement.schema_id)
        raise SchemaUnsupported(message, [FieldError("/schema", "schema.unsupported", message)])
    return declaration_of(statement) if statement.op == "offer" else None


def _unsupported(schema_id: str) -> str:
    accepted = ", ".join(accepted_schemas())
    what = ("请改用其中之一", "send one of them")
    if is_newer(schema_id):
        what = ("请升级主平台", "the hub must be upgraded")
    return (
        f"主平台接受 {accepted}，不接受 {schema_id}，{what[0]}"
        f" / this hub accepts {accepted}, not {schema_id}: {what[1]}"
    )


def _outside(sender: Sender) -> ScopeDenied:
    regions = "、".join(sender.scope.regions)
    message = f"许可地区不在节点登记地区（{regions}）内 / outside the node's regions"
    return ScopeDenied(message, [FieldError("/body/territory", "scope.region", message)])


def _ruled(signed: SignedStatement, declaration: Declaration, screen: Screen) -> Screened:
    """Run the profile. What the register says was the node's to check; it stays listed as such."""
    if declaration.profile != screen.profile.id:
        return Screened(signed, declaration, violation=_other_profile(screen.profile))
    context = RuleContext(today=legal_day(screen.now), listing=str(signed.statement.listing))
    found = check_declaration(declaration, profile=screen.profile, context=context)
    errors = [one.to_field_error() for one in found if one.severity is Severity.ERROR]
    if errors:
        detail = f"{len(errors)} 处违反许可规则 / {len(errors)} violations of licensing rules"
        return Screened(signed, declaration, violation=RuleViolated(detail, errors))
    unchecked = tuple(unchecked_rules(screen.profile, context))
    return Screened(signed, declaration, findings=tuple(found), unchecked=unchecked)


def _other_profile(profile: RuleProfile) -> RuleViolated:
    message = f"本平台执行规则版本 {profile.id} / this hub follows rule profile {profile.id}"
    return RuleViolated(message, [FieldError("/profile", "profile.other", message)])
