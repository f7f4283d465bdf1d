"""The demo from beginning to end."""

from __future__ import annotations

from pathlib import Path

from .pictures import loss_against_epochs_and_seconds, three_paths
from .race import race
from .real_data import METHODS, PROMISES, SEEDS, SETTINGS, held_out
from .tables import held_out_table, race_table


def run(out: Path) -> None:
    """Print both tables, write both pictures into `out`, say where they are.

    Parameters
    ----------
    out : pathlib.Path
        Folder for ``three_paths.png`` and ``loss.png``; made if it does not exist.
    """
    out.mkdir(parents=True, exist_ok=True)
    print("gradwalk on real data, beside a plain NumPy loop (less than a minute)\n", flush=True)
    print(
        race_table([race(dataset, method) for dataset in SETTINGS for method in METHODS]),
        flush=True,
    )
    print(
        "\nOn a third of the rows, held out from training, for five different splits:\n", flush=True
    )
    print(
        held_out_table([(p, [held_out(p, seed) for seed in SEEDS]) for p in PROMISES]), flush=True
    )
    print()
    for name, draw, what in (
        ("three_paths.png", three_paths, "the three paths on one loss contour"),
        ("loss.png", loss_against_epochs_and_seconds, "loss against epochs and against seconds"),
    ):
        file = out.resolve() / name
        draw(file)
        print(f"Picture: {file} ({what})", flush=True)
