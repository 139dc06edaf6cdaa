"""`kaixu-hub anchor`: what node operators receive out of band."""

import os
from pathlib import Path
from typing import Final

import typer

from main_platform.commands.opened import Answer, with_hub
from main_platform.context import HubContext
from shared_platform.command_line import AsJson
from shared_schema.anchor import FederationAnchor

ANCHOR_FILE: Final = "anchor.json"
app = typer.Typer()


@app.command()
def anchor(ctx: typer.Context, *, as_json: AsJson = False) -> None:
    """写出信任锚文件并显示指纹。 / Write the anchor file and show its fingerprint.

    文件可公开传送；指纹须另用电话等渠道核对。 / Send the file openly; compare it by phone.
    更换日志密钥时，旧密钥停用后才是新信任锚。 / After `log-key retire` it names the new key.

    例 example: kaixu-hub anchor --json
    """

    async def work(hub: HubContext) -> Answer:
        found = hub.log_key.anchor
        file = write_anchor(hub.settings.data_dir, found)
        return anchor_facts(found, file), f"{file}\n{found.fingerprint()}"

    with_hub(ctx, work, as_json=as_json)


def write_anchor(data_dir: Path, found: FederationAnchor) -> Path:
    """Write the anchor file, whole or not at all; where it is."""
    file = data_dir / ANCHOR_FILE
    draft = file.with_suffix(f".{os.getpid()}.new")
    draft.write_bytes(found.write())
    draft.replace(file)
    return file


def anchor_facts(found: FederationAnchor, file: Path) -> dict[str, object]:
    """The anchor as the JSON answer of a command."""
    return {
        "file": str(file),
        "fingerprint": found.fingerprint(),
        "anchor": found.model_dump(by_alias=True),
    }
