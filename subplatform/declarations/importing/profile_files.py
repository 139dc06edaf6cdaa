"""Import profiles as TOML files: ours by name, an operator's own by path."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from shared_schema.refusal import FieldError
from shared_schema.rules import profile_named
from subplatform.declarations.importing.list_refused import ListRefused, ProfileRefused
from subplatform.declarations.importing.profile import ImportProfile

OWN_TEMPLATE: Final = "kaixu"
_FOLDER: Final = files("subplatform.declarations.importing") / "profiles"


def profile_names() -> tuple[str, ...]:
    """The profiles that come with Kaixu, in alphabetical order."""
    return tuple(
        sorted(
            entry.name.removesuffix(".toml")
            for entry in _FOLDER.iterdir()
            if entry.name.endswith(".toml")
        )
    )


def load_profile(name_or_path: str) -> ImportProfile:
    """The profile of that name, or the one in the file if it ends in `.toml`.

    Raises:
        ProfileRefused: no such profile or file, no TOML, or malformed; `errors` names every place.
    """
    if not name_or_path.endswith(".toml"):
        if name_or_path not in profile_names():
            known = "、".join(profile_names())
            message = (
                f"没有导入配置“{name_or_path}”；可用：{known}，或一个 .toml 文件"
                f" / no profile “{name_or_path}”; known: {known}, or a .toml file"
            )
            raise ProfileRefused([FieldError("", "profile.unknown", message)])
        return parse_profile((_FOLDER / f"{name_or_path}.toml").read_text(encoding="utf-8"))
    try:
        text = Path(name_or_path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"读不出配置文件（{error}） / cannot be read ({error})"
        raise ProfileRefused([FieldError("", "profile.unreadable", message)]) from error
    return parse_profile(text)


def choose_profile(name_or_path: str, *, rules: str | None, own_rules: str) -> ImportProfile:
    """The profile, judging by `rules` where they are named.

    Else our own template judges by the node's `own_rules`, and a platform's list by the rules it
    was published under, which its profile names.

    Raises:
        ProfileRefused: no such profile or file, no TOML, or malformed.
        ProfileUnknown: there are no such rules.
    """
    chosen = load_profile(name_or_path)
    wanted = rules or (own_rules if name_or_path == OWN_TEMPLATE else None)
    if wanted is None:
        return chosen
    return chosen.model_copy(update={"rule_profile": profile_named(wanted).id})


def parse_profile(text: str) -> ImportProfile:
    """The profile that TOML text describes.

    Raises:
        ProfileRefused: no TOML, or malformed; `errors` names every place.
    """
    try:
        return ImportProfile.model_validate(tomllib.loads(text), strict=False)
    except tomllib.TOMLDecodeError as error:
        message = f"不是合格的 TOML（{error}） / not TOML ({error})"
        raise ProfileRefused([FieldError("", "profile.toml", message)]) from error
    except ValidationError as error:
        errors = [
            FieldError(
                "/" + "/".join(str(part) for part in found["loc"]),
                f"profile.{found['type']}",
                found["msg"].removeprefix("Value error, "),
            )
            for found in error.errors(include_url=False)
        ]
        raise ProfileRefused(errors) from error


def check_columns(profile: ImportProfile, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of a list that its profile does not mention, so that a report can name them.

    Raises:
        ListRefused: columns that the profile reads are not there.
    """
    absent = [column for column in profile.columns() if column not in columns]
    if absent:
        raise ListRefused(
            "missing_column",
            f"缺少列：{'、'.join(absent)}；表头为：{'、'.join(columns)}",
            f"columns are missing: {', '.join(absent)}; the header is: {', '.join(columns)}",
        )
    known = {*profile.columns(), *profile.ignored}
    return tuple(column for column in columns if column not in known)
