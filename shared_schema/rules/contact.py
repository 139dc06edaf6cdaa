"""DEC-20: an enterprise can reach the contact."""

from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.finding import Finding
from shared_schema.rules.context import RuleContext
from shared_schema.rules.found import found
from shared_schema.rules.profile import RuleProfile


def dec_20_contact(
    declaration: Declaration, profile: RuleProfile, _context: RuleContext
) -> list[Finding]:
    """A named contact with a phone number or an e-mail address. No contact data enters facts."""
    contact = declaration.contact
    if contact is None:
        message = Words("没有填写联系人。", "No contact is given.")
    elif not contact.name.strip():
        message = Words("联系人姓名为空白。", "The contact's name is blank.")
    elif contact.phone is None and contact.email is None:
        message = Words(
            "联系人没有电话，也没有邮箱。", "The contact has neither phone number nor e-mail."
        )
    else:
        return []
    return [found("DEC-20", profile, "/contact", message=message)]
