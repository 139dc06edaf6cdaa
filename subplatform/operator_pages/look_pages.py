"""Look and name of the node: names, colour with its contrast, logo, foot, who may embed."""

import asyncio
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.colours import (
    DARK_GROUNDS,
    LEAST_CONTRAST,
    LIGHT_GROUNDS,
    contrast,
    on_dark,
    readable_colour,
)
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.look.logo import MOST_BYTES, LogoRefused, store_logo
from shared_platform.look.look import LiveLook, Look, store_look
from shared_platform.workspace.forms import (
    Filled,
    FilledWithFile,
    FormView,
    form_of,
    form_with_file,
    fresh,
)
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.instants import Instant
from subplatform.audit.acts import Act
from subplatform.operator_pages.callers import SiteManager
from subplatform.operator_pages.look_words import LOOK_WORDS

router = APIRouter(include_in_schema=False)
LOOK: Final = "/look"
_KIB: Final = 1024
_SAVED: Final = Words("已保存，所有页面即时更换。", "Saved; all pages show it now.")


def _colour(text: str) -> str:
    try:
        return readable_colour(text)
    except ValueError as refused:
        raise ValueError(
            f"颜色须写成 #rrggbb，且与白底的对比度不低于 {LEAST_CONTRAST} / {refused}"
        ) from refused


def _sources(text: str) -> str:
    try:
        return Look(embed_ancestors=text).embed_ancestors or ""
    except ValidationError as refused:
        raise ValueError(
            "只能是 *，或每行一个 https 来源 / * alone, or one https source on each line"
        ) from refused


class LookForm(BaseModel):
    """What may be changed; a field left empty is as the settings say."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["preview", "save"]
    name_zh: Annotated[str, Field(max_length=60)] | None = None
    name_en: Annotated[str, Field(max_length=60)] | None = None
    accent_colour: Annotated[str, AfterValidator(_colour)]
    icp_record: Annotated[str, Field(max_length=60)] = ""
    police_record: Annotated[str, Field(max_length=60)] = ""
    public_contact: Annotated[str, Field(max_length=200)] = ""
    embed_ancestors: Annotated[str, Field(max_length=2000), AfterValidator(_sources)] = ""

    def over(self, before: Look) -> Look:
        """The look with these members; the logo stays."""
        return Look(**self.model_dump(exclude={"act"}), logo=before.logo)


class LogoForm(BaseModel):
    """Change the logo, or remove it."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["store", "remove"]


class ResetForm(BaseModel):
    """A button alone."""

    model_config = ConfigDict(extra="forbid")


SentLook = Annotated[Filled[LookForm], Depends(form_of(LookForm))]
SentLogo = Annotated[FilledWithFile[LogoForm], Depends(form_with_file(LogoForm, "logo"))]
SentReset = Annotated[Filled[ResetForm], Depends(form_of(ResetForm))]


@router.get(LOOK)
async def look_page(visit: SiteManager, ids: Ids) -> Response:
    """The look as it is."""
    return _page(visit, _present(visit, ids.new_token()))


@router.post(LOOK)
async def change_look(
    visit: SiteManager, sent: SentLook, session: Transaction, now: Now
) -> Response:
    """Show what it would look like, or save it."""
    model = sent.model
    if model is None:
        return _page(visit, sent.view(visit.reader), status=422)
    if model.act == "preview":
        return _page(visit, sent.view(visit.reader), preview=model)

    async def act() -> Done:
        look = model.over(_live(visit).look)
        await _store(visit, session, look, now=now)
        return Done(LOOK, _SAVED)

    return await submit_once(visit, sent, act, session=session, now=now)


@router.post(f"{LOOK}/logo")
async def change_logo(
    visit: SiteManager, sent: SentLogo, session: Transaction, now: Now, ids: Ids
) -> Response:
    """Keep a picture as the logo, or show the seal again."""
    filled, file = sent.filled, sent.file
    if filled.model is not None and filled.model.act == "store" and file is None:
        filled = filled.with_error("logo", LOOK_WORDS["file_missing"])

    async def act() -> Done:
        name = ""
        if file is not None:
            content = await file.read(MOST_BYTES + 1)
            settings = visit.request.app.state.settings
            name = await asyncio.to_thread(store_logo, settings, content)
        look = _live(visit).look.model_copy(update={"logo": name})
        await _store(visit, session, look, now=now)
        return Done(LOOK, _SAVED)

    try:
        if filled.model is not None and not filled.errors:
            return await submit_once(visit, filled, act, session=session, now=now)
    except LogoRefused as refusal:
        for error in filled.refused(refusal).errors:
            filled = filled.with_error("logo", error.message)
    form = _present(visit, ids.new_token())
    return _page(visit, form, logo_errors=filled.view(visit.reader), status=422)


@router.get(f"{LOOK}/reset")
async def reset_page(visit: SiteManager, ids: Ids) -> Response:
    """What going back to the settings file means."""
    facts = {"form": fresh(visit.reader, key=ids.new_token())}
    template = "subplatform.operator_pages:look_reset.html"
    return show_page(visit, template, facts, words=LOOK_WORDS)


@router.post(f"{LOOK}/reset")
async def reset(visit: SiteManager, sent: SentReset, session: Transaction, now: Now) -> Response:
    """Drop every change that was made on pages."""

    async def act() -> Done:
        await _store(visit, session, Look(), now=now)
        return Done(LOOK, Words("已恢复。", "As the settings file says again."))

    return await submit_once(visit, sent, act, session=session, now=now)


@router.get(f"{LOOK}/preview.css")
async def preview_sheet(
    visit: SiteManager,  # noqa: ARG001  named caller
    colour: Annotated[str, Query(pattern=r"^#[0-9a-f]{6}$")],
) -> Response:
    """The colour that is tried, for the preview alone."""
    dark = on_dark(colour)
    sheet = (
        f".preview{{--accent:{colour}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not(.light) .preview{{--accent:{dark}}}}}\n"
    )
    return Response(sheet, media_type="text/css", headers={"cache-control": "no-store"})


async def _store(visit: Visit, session: Transaction, look: Look, *, now: Instant) -> None:
    """Keep the look and write down what it is now."""
    await asyncio.to_thread(store_look, visit.request.app.state.settings, look)
    facts = look.model_dump(exclude_none=True)
    node = Subject("node", visit.request.app.state.settings.node)
    await record(session, Record(Act.LOOK_CHANGED, node, visit.caller.name, facts), now=now)


def _live(visit: Visit) -> LiveLook:
    live: LiveLook = visit.request.app.state.look
    return live


def _present(visit: Visit, key: str) -> FormView:
    shown: Any = _live(visit).settings()
    names = [name for name in LookForm.model_fields if name != "act"]
    values = {name: getattr(shown, name) for name in names}
    values["embed_ancestors"] = "\n".join(str(values["embed_ancestors"]).split())
    return fresh(visit.reader, key=key, values=values)


def _page(
    visit: Visit,
    form: FormView,
    *,
    preview: LookForm | None = None,
    logo_errors: FormView | None = None,
    status: int = 200,
) -> Response:
    reader = visit.reader
    facts: dict[str, Any] = {
        "form": form,
        "preview": preview,
        "preview_css": reader.link(f"{LOOK}/preview.css", [("colour", preview.accent_colour)])
        if preview
        else "",
        "contrasts": _contrasts(preview.accent_colour) if preview else [],
        "dark_shade": on_dark(preview.accent_colour) if preview else "",
        "logo_form": logo_errors or fresh(reader, key=form.key),
        "logo_kilobytes": MOST_BYTES // _KIB,
        "least": LEAST_CONTRAST,
    }
    template = "subplatform.operator_pages:look.html"
    return show_page(visit, template, facts, words=LOOK_WORDS, status=status)


def _contrasts(colour: str) -> list[tuple[str, str]]:
    """The contrast on each ground of the pages, light and dark, each with the shade used there."""
    light = [(ground, f"{contrast(colour, ground):.1f}") for ground in LIGHT_GROUNDS]
    dark = [(ground, f"{contrast(on_dark(colour), ground):.1f}") for ground in DARK_GROUNDS]
    return light + dark
