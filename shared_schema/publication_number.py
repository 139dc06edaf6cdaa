"""Publication numbers of Chinese patent documents: `CN108938619B`.

They name a document, hold no check digit and cannot be turned into an application number.
"""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema

from shared_schema.identifier_refusal import Standard, canonical_only
from shared_schema.text import narrow, shown

_STANDARD: Final = Standard("publication_number", "ZC 0007-2012")
# First digit: 1 invention, 2 utility model, 3 design. Seven digits, nine since August 2007.
# Letters since 2010: A, B invention, U utility model, S design; before: A, B, C / U, Y / S, D.
_PLAIN: Final = r"CN(1(\d{6}|\d{8})[ABC]|2(\d{6}|\d{8})[UY]|3(\d{6}|\d{8})[SD])"
_NUMBER: Final = re.compile(_PLAIN, re.ASCII)


def parse_publication_number(text: str) -> str:
    """Read `CN108938619B`; spaces, full-width and lower case are tolerated.

    Raises:
        IdentifierRefused: not a Chinese publication number with its kind letter.
    """
    plain = narrow(_STANDARD.bounded(text)).strip().upper().replace(" ", "")
    if not _NUMBER.fullmatch(plain):
        raise _STANDARD.refusal(
            "malformed",
            f"“{shown(text)}”不是中国专利文献公布号；应为 CN、7 位或 9 位数字和种类字母，如"
            " CN108938619B",
            f"“{shown(text)}” is not a Chinese publication number; it is CN, 7 or 9 digits and the"
            " letter of its kind, as in CN108938619B",
        )
    return plain


PublicationNumber = Annotated[
    str,
    WithJsonSchema({"type": "string", "maxLength": 12, "pattern": f"^{_PLAIN}$"}),
    AfterValidator(canonical_only(_STANDARD, parse_publication_number)),
]
