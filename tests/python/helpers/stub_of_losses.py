"""The names of the losses in the stub, which type checkers and editors read.

Run it after a change of the table, to write them anew:

    .venv/bin/python -P tests/python/helpers/stub_of_losses.py
"""

import re

import gradwalk as gw
from paths import ROOT

STUB = ROOT / "python" / "gradwalk" / "_core.pyi"


def with_the_losses(stub: str) -> str:
    """The text of the stub with the losses of the table."""
    names = "".join(f'    "{name}",\n' for name in gw.LOSSES)
    return re.sub(r"(?<=^_Loss: TypeAlias = Literal\[\n)[^]]*(?=\])", names, stub, flags=re.M)


if __name__ == "__main__":
    STUB.write_text(with_the_losses(STUB.read_text(encoding="utf-8")), encoding="utf-8")
