"""Race gradwalk against the same work in other libraries: see benches/README.md."""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import time
from pathlib import Path
from typing import Any

import machine
import picture
import report
from checks import differences, judge
from driver import Processes, Rules, race
from works import MIDDLE, WORKS, quick

RESULTS = Path(__file__).parent.parent / "results"


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benches/race", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small data and few rounds: to find mistakes"
    )
    parser.add_argument("--only", default="", metavar="PATTERN", help="works that match")
    parser.add_argument("--without", default="", metavar="PEERS", help="as in torch,jax")
    parser.add_argument("--rounds", type=int, help="rounds (5; with --quick 3)")
    parser.add_argument("--list", action="store_true", help="list the works and stop")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for what is written")
    return parser.parse_args()


def main() -> int:
    """Race; return 1 if somebody did not do the same work."""
    options = read_options()
    works = [work for work in WORKS if re.search(options.only, work.title, re.IGNORECASE)]
    if options.list:
        print("\n".join(work.title for work in works))
        return 0
    if options.quick:
        # Of the strained ones, those over one set of data are enough to find mistakes.
        few = [work for work in works if not work.is_strained or work.data == MIDDLE]
        works = [quick(work) for work in (works if options.only else few)]
    left_out = frozenset(filter(None, options.without.split(",")))
    rules = Rules(left_out=left_out)
    if options.quick:
        rules = Rules(rounds=3, pause=0.02, again=0, left_out=left_out)
    if options.rounds:
        rules = dataclasses.replace(rules, rounds=options.rounds)
    about = machine.describe()
    print(f"{about['processor']}, {about['cores']} cores, load {about['load']}")
    print(", ".join(f"{name} {version}" for name, version in about["versions"].items()))
    if about["load"] > 0.5:
        print("This machine is not idle: the figures are too large, and not all by as much.")
    if options.quick:
        print("Small data: these figures find mistakes and say nothing of the ratios asked for.")
    print(f"\n{report.HEAD}")

    processes = Processes()
    begin = time.perf_counter()
    done, wrong, missed, disturbed = [], [], 0, 0
    for work in works:
        results = race(processes, work, rules)
        print(report.rows(work, results), flush=True)
        done.append((work, results))
        wrong += differences(work, results)
        if not work.busy:
            disturbed += sum(result.disturbed for result in results)
        missed += sum(not verdict.is_met for verdict in judge(work, results))
    about |= {
        "load_at_the_end": machine.load(),
        "minutes": round((time.perf_counter() - begin) / 60, 2),
        "rounds": rules.rounds,
        "quick": options.quick,
        "libraries": {home: processes.ask(home, "libraries") for home in processes.connections},
    }
    write(options.out, about, done)
    print(f"\n{about['minutes']} minutes, {missed} ratios missed. Written: {options.out}")
    if disturbed:
        print(f"{disturbed} turns were disturbed by other processes: not a run to quote.")
    for difference in wrong:
        print(f"Not the same work: {difference}")
    return 1 if wrong else 0


def write(folder: Path, about: dict[str, Any], done: list[Any]) -> None:
    """Write JSON, table and picture."""
    folder.mkdir(parents=True, exist_ok=True)
    everything = {"machine": about, "works": [report.as_json(*one) for one in done]}
    text = json.dumps(everything, indent=1, ensure_ascii=False)
    (folder / "race.json").write_text(text + "\n", encoding="utf-8")
    table = "\n".join([report.HEAD, *(report.rows(*one) for one in done)])
    (folder / "race.md").write_text(table + "\n", encoding="utf-8")
    picture.draw(everything, folder / "race.png")


if __name__ == "__main__":
    raise SystemExit(main())
