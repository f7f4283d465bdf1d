"""The installed package around an extension that counts what Rust allocates."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import gradwalk


@pytest.fixture(scope="module")
def counting_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose ``gradwalk`` is the installed one with the counting extension in it."""
    library = os.environ.get("GRADWALK_COUNTING_LIBRARY")
    if library is None:
        pytest.skip("GRADWALK_COUNTING_LIBRARY is not set: run `make test-python`")
    folder = tmp_path_factory.mktemp("counting")
    installed = Path(gradwalk.__file__).parent
    shutil.copytree(installed, folder / "gradwalk", ignore=shutil.ignore_patterns("_core*.so"))
    shutil.copy(library, folder / "gradwalk" / "_core.abi3.so")
    return folder
