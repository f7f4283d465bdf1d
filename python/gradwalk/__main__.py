"""``python -m gradwalk``: a demonstration on real data."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one of the commands; without one, print what there is."""
    parser = argparse.ArgumentParser(
        prog="python -m gradwalk", description="Gradient descent you can watch."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    demo = commands.add_parser(
        "demo",
        help="train the three methods on real data, print two tables, write two pictures",
        description="Train BatchGD, SGD and MiniBatchGD on scikit-learn's diabetes, breast-cancer "
        "and digits data beside a plain NumPy loop, print two tables and write two pictures. "
        "Takes less than a minute.",
    )
    demo.add_argument(
        "--out",
        type=Path,
        default=Path("gradwalk-demo"),
        metavar="DIR",
        help="folder for the pictures, made if need be (default: ./gradwalk-demo)",
    )
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        parser.print_help()
        return 0
    try:
        import matplotlib as _matplotlib  # noqa: F401
        import sklearn as _sklearn  # noqa: F401
    except ModuleNotFoundError as missing:
        print(
            f'the demo needs {missing.name}, which is not installed: pip install "gradwalk[demo]"',
            file=sys.stderr,
        )
        return 1
    from gradwalk.demo import run

    run(chosen.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
