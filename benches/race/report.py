"""Results as a table, and as JSON."""

from __future__ import annotations

import statistics
from typing import Any

from checks import Verdict, judge
from driver import Result
from works import Work

UNITS = {"ms": 1e3, "µs": 1e6}


def number(value: float) -> str:
    """Write a number with three digits."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def in_unit(work: Work, seconds: float) -> str:
    """Write a time in the unit of a work."""
    return number(seconds * UNITS[work.unit])


def earlier(work: Work, result: Result) -> str:
    """Write an earlier measurement."""
    if result.entry.earlier is None:
        return "–"
    first, last = result.entry.earlier
    return (
        in_unit(work, first) if first == last else f"{in_unit(work, first)}–{in_unit(work, last)}"
    )


def spread(result: Result) -> str:
    """Write half the distance between the quartiles, in per cent of the median."""
    if len(result.seconds) < 4:
        return "–"
    low, _, high = statistics.quantiles(result.seconds, n=4)
    return f"±{50 * (high - low) / result.time:.0f} %"


HEAD = (
    "| work | by | ms an epoch | spread | earlier measurement | ratio | asked for | |\n"
    "|---|---|---:|---:|---:|---:|---:|---|"
)


def rows(work: Work, results: list[Result]) -> str:
    """Write the lines of a work: one for each entry and claim."""
    verdicts = judge(work, results)
    lines = []
    title = work.title if work.unit == "ms" else f"{work.title} ({work.unit})"
    for result in results:
        if result.missing:
            if result.missing != "left out":
                lines.append(f"| {title} | {result.entry.name} | {result.missing} | | | | | |")
            continue
        by = result.entry.name
        if len(result.tried) > 1 or result.entry.form:
            by += f" ({result.form})"
        if result.entry.peer == "bandwidth":
            by += f", {number(gigabytes(work, result))} GB/s"
        cells = [title, by, in_unit(work, result.time), spread(result), earlier(work, result)]
        # A claim stands in the line of the one that gradwalk, at its defaults, is compared with.
        own = [v for v in verdicts if row_of(v) is result]
        for verdict in own or [None]:
            lines.append("| " + " | ".join(cells + judged(verdict)) + " |")
    return "\n".join(lines)


def row_of(verdict: Verdict) -> Result:
    """Give the line that a claim stands in."""
    is_own = verdict.of.entry.peer == verdict.against.entry.peer
    return verdict.of if is_own or verdict.of.entry.name != "gradwalk" else verdict.against


def judged(verdict: Verdict | None) -> list[str]:
    """Write a claim: ratio, what is asked for, met or missed."""
    if verdict is None:
        return ["", "", ""]
    ratio = f"{verdict.ratio:.2f}" if verdict.ratio < 10 else number(verdict.ratio)
    return [f"{ratio} ×", f"{verdict.asked} ×", "met" if verdict.is_met else "**missed**"]


def gigabytes(work: Work, result: Result) -> float:
    """Give the bandwidth, in GB a second."""
    size = 4 if work.data.dtype == "float32" else 8
    return work.data.n * work.data.d * size / result.time / 1e9


def as_json(work: Work, results: list[Result]) -> dict[str, Any]:
    """Make a work's results storable."""
    return {
        "work": work.title,
        "rows": work.data.n,
        "features": work.data.d,
        "busy": work.busy,
        "entries": [
            {
                "name": result.entry.name,
                "peer": result.entry.peer,
                "missing": result.missing or None,
                "form": result.form,
                "forms_tried": result.tried,
                "epochs_a_run": work.epochs_of(result.entry),
                "seconds_an_epoch": result.seconds,
                "time": None if result.missing else result.time,
                "earlier_measurement": result.entry.earlier,
                "disturbed_turns": result.disturbed,
                "loss": None if result.loss != result.loss else result.loss,
            }
            for result in results
        ],
        "claims": [
            {
                "of": verdict.of.entry.name,
                "against": verdict.against.entry.name,
                "ratio": verdict.ratio,
                "at_least": verdict.claim.at_least,
                "at_most": verdict.claim.at_most,
                "met": verdict.is_met,
            }
            for verdict in judge(work, results)
        ],
    }
