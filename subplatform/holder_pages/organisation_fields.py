"""The fields of an organisation: at the door, or for somebody who has an account already."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from shared_platform.public_pages.reader import Reader
from shared_schema.bilingual import Words
from shared_schema.region import COUNTRY, region_name, regions
from shared_schema.text import PlainText
from subplatform.accounts.organisations import Contact, NewOrganisation

KINDS: Final = {
    "university": Words("高等院校", "University"),
    "institute": Words("科研院所", "Research institute"),
    "state_enterprise": Words("国有企业", "State-owned enterprise"),
    "enterprise": Words("企业", "Enterprise"),
    "agency": Words("专利代理机构", "Patent agency"),
    "trading_centre": Words("交易中心", "Trading centre"),
    "other": Words("其他单位", "Another organisation"),
    "individual": Words("个人（无统一社会信用代码）", "An individual (no credit code)"),
}
ROLES: Final = {
    "holder": Words("开放自己的专利许可", "Offer licences of its own patents"),
    "agent": Words("受专利权人委托办理", "Act for holders by mandate"),
    "enterprise": Words("使用他人的专利", "Use patents of others"),
    "trading_centre": Words("运营专利交易", "Run a patent exchange"),
}


class OrganisationForm(BaseModel):
    """What is stated of an organisation."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, Field(pattern=f"^({'|'.join(KINDS)})$")]
    credit_code: Annotated[str, Field(max_length=40)] | None = None
    name: Annotated[PlainText, Field(max_length=200)]
    region: Annotated[str, Field(max_length=6)] | None = None
    roles: Annotated[tuple[str, ...], Field(min_length=1, max_length=4)]

    def wanted(self, contact: Contact) -> NewOrganisation:
        """The use case's form of it; an individual's code is not asked for."""
        code = None if self.kind == "individual" else self.credit_code
        return NewOrganisation(self.name, self.kind, self.roles, code, self.region, contact)


def choices(words: dict[str, Words], reader: Reader) -> list[tuple[str, str]]:
    """Values and titles for a select."""
    return [(value, reader.says(title)) for value, title in words.items()]


def region_choices(reader: Reader, *, home: str = "44") -> list[tuple[str, str]]:
    """The cities of the home province first, then all provinces (GB/T 2260)."""
    cities = [code for code, one in regions().items() if one.parent == home]
    provinces = [code for code, one in regions().items() if one.parent == COUNTRY]
    return [
        (code, region_name(code, reader.lang)) for code in (*sorted(cities), *sorted(provinces))
    ]
