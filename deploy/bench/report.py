"""A run as a table for people and as JSON for programs."""

from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.bench.figures import Figure, Goal, Measured

_TENS = 10.0
_HUNDREDS = 100.0


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement of a run, how long it took, and how busy the machine was meanwhile."""

    id: str
    title: str
    measured: Measured
    seconds: float
    load: tuple[float, float]


def show(lines: list[Line], *, to: Console) -> None:
    """Print figures and goals."""
    table = Table(title="开许性能 / speed, as median (lowest-highest)")
    for name in ("#", "size", "figure", "median"):
        table.add_column(name, justify="right" if name == "median" else "left")
    table.add_column("range")
    for line in lines:
        title = f"[bold]{line.title}[/bold] ({line.seconds:.0f} s, load {line.load[1]:.1f})"
        table.add_row(line.id, line.measured.size, title, "", "")
        for figure in line.measured.figures:
            table.add_row("", "", figure.name, *_cells(figure))
        for goal in line.measured.goals:
            table.add_row("", "", _verdict(goal), _value(goal.reached, goal.unit), _wanted(goal))
        for note in line.measured.notes:
            table.add_row("", "", f"[dim]{note}[/dim]", "", "")
        table.add_section()
    to.print(table)


def as_json(lines: list[Line], facts: dict[str, Any]) -> dict[str, Any]:
    """The run with its machine, every run of every figure, and every verdict."""
    return {"machine": facts, "measurements": [_line(line) for line in lines]}


def _line(line: Line) -> dict[str, Any]:
    measured = line.measured
    return {
        "id": line.id,
        "title": line.title,
        "size": measured.size,
        "seconds": round(line.seconds, 1),
        "load_average": {"before": line.load[0], "after": line.load[1]},
        "figures": [
            asdict(one) | {"median": one.median, "low": one.low, "high": one.high}
            for one in measured.figures
        ],
        "goals": [asdict(one) | {"is_met": one.is_met} for one in measured.goals],
        "notes": list(measured.notes),
    }


def _cells(figure: Figure) -> tuple[str, str]:
    spread = f"{number(figure.low)}-{number(figure.high)}" if len(figure.runs) > 1 else ""
    return _value(figure.median, figure.unit), spread


def _verdict(goal: Goal) -> str:
    if not goal.judged:
        return f"· {goal.name}"
    return f"[green]✔[/green] {goal.name}" if goal.is_met else f"[red]✘[/red] {goal.name}"


def _wanted(goal: Goal) -> str:
    aside = "" if goal.judged else ", at another size"
    return f"goal {goal.relation} {_value(goal.wanted, goal.unit)}{aside}"


def _value(value: float, unit: str) -> str:
    return f"{number(value)} {unit}".rstrip()


def number(value: float) -> str:
    """Three meaningful digits, thousands apart."""
    if value >= _HUNDREDS:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= _TENS else f"{value:.3g}"
