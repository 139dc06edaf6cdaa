"""Reference data that ships inside the package: CSV files with a source column."""

import csv
from importlib.resources import files
from io import StringIO


def read_reference_table(name: str) -> list[dict[str, str]]:
    """The rows of `reference_data/{name}.csv`; callers cache what they build from them."""
    path = files("shared_schema") / "reference_data" / f"{name}.csv"
    return list(csv.DictReader(StringIO(path.read_text("utf-8")), strict=True))
