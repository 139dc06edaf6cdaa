"""What people read for the states of a listing."""

from typing import Final

from shared_schema.bilingual import Words

STATE_WORDS: Final = {
    "published": Words("开放许可中", "open"),
    "suspended": Words("已中止", "suspended"),
    "withdrawn": Words("已撤回", "withdrawn"),
    "expired": Words("已届满", "expired"),
}
