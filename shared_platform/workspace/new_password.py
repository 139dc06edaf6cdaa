"""What a form with a new password must say, wherever one is chosen."""

from collections.abc import Iterable
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from shared_platform.sign_in.password_strength import weakness
from shared_platform.workspace.forms import Filled
from shared_schema.bilingual import Words

Typed = Annotated[str, Field(max_length=1_000)]
_DIFFERENT: Final = Words("两次输入的密码不一样", "The two passwords differ")


class NewPassword(BaseModel):
    """A password that somebody chooses, typed twice, since nobody sees it."""

    model_config = ConfigDict(extra="forbid")

    password: Typed
    repeated: Typed


Chosen = TypeVar("Chosen", bound=NewPassword)


def check_new_password(sent: Filled[Chosen], *, about: Iterable[str]) -> Filled[Chosen]:
    """The same form, with what is wrong with its new password; `about` whom it must not be."""
    if sent.model is None:
        return sent
    weak = weakness(sent.model.password, about=about)
    if weak is not None:
        return sent.with_error("password", weak)
    if sent.model.password != sent.model.repeated:
        return sent.with_error("repeated", _DIFFERENT)
    return sent
