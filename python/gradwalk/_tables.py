"""Tables as arrays: what `numpy.asarray` does not do by itself.

A table of pandas with a column of a nullable type, or with Booleans beside numbers, becomes an
array of objects there, and one of polars with dates beside numbers becomes an array of days.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_NUMBERS = "fiub"


def as_array(argument: str, table: Any) -> NDArray[Any]:
    """Return the numbers of a table, or of one of its columns, as an array.

    Parameters
    ----------
    argument : str
        What the table is given as, for messages.
    table : frame or series
        Of pandas or polars. Missing values become NaN.

    Returns
    -------
    ndarray

    Raises
    ------
    TypeError
        A column does not hold real numbers. The message names it.
    """
    if hasattr(type(table), "collect") and not hasattr(type(table), "__array__"):
        raise TypeError(
            f"{argument} must be an array of numbers; got a {type(table).__name__}, which holds "
            f"none yet. Write {argument}.collect()"
        )
    _check_columns(argument, table)
    array = np.asarray(table)
    if array.dtype.kind == "O" and hasattr(table, "to_numpy") and _is_of_pandas(table):
        # Numbers all of them, but of types that have no common one in NumPy.
        array = table.to_numpy(dtype=float, na_value=np.nan)
    return array


def _is_of_pandas(table: Any) -> bool:
    return type(table).__module__.partition(".")[0] == "pandas"


def _check_columns(argument: str, table: Any) -> None:
    dtypes = getattr(table, "dtypes", None)
    if dtypes is None or not hasattr(type(table), "columns"):
        return
    for name, dtype in zip(table.columns, dtypes, strict=True):
        if not _is_of_numbers(dtype):
            raise TypeError(
                f"{argument} must hold real numbers; got dtype {dtype} in column {name!r}. Encode "
                f"it as numbers first, or leave it out"
            )


def _is_of_numbers(dtype: Any) -> bool:
    kind = getattr(dtype, "kind", None)
    if kind is not None:
        return kind in _NUMBERS
    is_numeric = getattr(dtype, "is_numeric", None)
    return is_numeric is None or bool(is_numeric()) or str(dtype) == "Boolean"
