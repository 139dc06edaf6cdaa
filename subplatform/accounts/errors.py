"""Refusals about organisations, their members and mandates."""

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError


class OrganisationNotFound(DomainError):
    """There is no such organisation, or the caller has nothing to do with it."""

    problem = ProblemType.NOT_FOUND


class NoOrganisation(DomainError):
    """The account belongs to no organisation that may act now; the detail says what to do."""

    problem = ProblemType.STATE_CONFLICT


class RegistrationClosed(DomainError):
    """This node lets nobody register by themselves."""

    problem = ProblemType.PERMISSION_DENIED


class RegistrationRefused(DomainError):
    """Something about the organisation is missing or contradicts itself; `errors` name it."""

    problem = ProblemType.SCHEMA_INVALID


class MemberNotFound(DomainError):
    """The organisation has no such member or request."""

    problem = ProblemType.NOT_FOUND


class MemberRefused(DomainError):
    """The membership cannot be changed so: a last owner, or an account that has a place."""

    problem = ProblemType.STATE_CONFLICT


class MandateNotFound(DomainError):
    """There is no such mandate between the caller's organisation and another."""

    problem = ProblemType.NOT_FOUND


class MandateRefused(DomainError):
    """The mandate's parties, days or patents cannot be so; `errors` name the field."""

    problem = ProblemType.SCHEMA_INVALID
