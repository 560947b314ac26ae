"""What callers pass, as arrays that the library can read and write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .errors import InvalidArgument

if TYPE_CHECKING:
    from typing_extensions import Buffer


def coordinates(values: npt.ArrayLike, name: str) -> npt.NDArray[np.float32]:
    """Floating-point numbers in C order as contiguous binary32, copied only where they are not that already."""
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.floating):
        raise InvalidArgument(f"'{name}' holds numbers of type {array.dtype}; floating-point numbers are needed.")
    with np.errstate(over="ignore"):  # What binary32 cannot hold becomes infinite, and is then treated as that.
        return np.ascontiguousarray(array, dtype=np.float32).reshape(-1)


def target(array: npt.NDArray[np.float32], name: str) -> npt.NDArray[np.float32]:
    """A flat view of an array that is written to in place, which no conversion can stand in for."""
    if not isinstance(array, np.ndarray) or array.dtype != np.float32 or not array.dtype.isnative:
        found = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        raise InvalidArgument(f"'{name}' is written in place and must be an array of float32, not {found}.")
    if not array.flags.c_contiguous:
        raise InvalidArgument(f"'{name}' is written in place and must be contiguous, in C order.")
    if not array.flags.writeable:
        raise InvalidArgument(f"'{name}' is written in place, but the array is read-only.")
    return array.reshape(-1)


def octets(data: Buffer, name: str) -> npt.NDArray[np.uint8]:
    """The bytes of anything that has a contiguous buffer, not copied."""
    try:
        view = memoryview(data)
    except TypeError:
        raise InvalidArgument(f"'{name}' must be a Frame or bytes, not {type(data).__name__}.") from None
    if not view.contiguous:
        raise InvalidArgument(f"'{name}' must be contiguous bytes.")
    return np.frombuffer(view, dtype=np.uint8) if view.nbytes > 0 else np.empty(0, dtype=np.uint8)
