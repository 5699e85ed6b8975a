# /// script
# requires-python = ">=3.9"
# dependencies = ["flax", "numpy"]
#
# [tool.case]
# issue = "https://github.com/google/flax/pull/586"
# introduced-by = ["numpy==2.0.0"]
# fixed-by = ["https://github.com/google/flax/commit/5172c78022adb5ad8ebd5645c723dd38c1dfeced"]
# kind = "drift"
# api = ["flax.serialization.to_bytes", "flax.serialization.msgpack_serialize"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "`np.issctype` was removed in the NumPy 2.0 release"
# failing = ["flax<0.9", "numpy>=2"]
#
# [tool.case.fix.array]
# source = "ours"
#
# [tool.case.fix.put_it_back]
# source = "documented"
# ///
"""Flax up to 0.8.5 cannot save a NumPy scalar with NumPy 2.0, which its requirements admit."""

import numpy as np
from flax import serialization


def assert_restores(value: np.generic | np.ndarray) -> None:
    saved = serialization.to_bytes({"epoch": value})
    restored = serialization.from_bytes({"epoch": value}, saved)
    assert restored["epoch"] == 3, restored


def failure() -> None:
    """What to_bytes saves, from_bytes restores."""
    assert_restores(np.int32(3))


def fix_array() -> None:
    """An array without dimensions can be saved in the place of the scalar."""
    assert_restores(np.array(3))


def fix_put_it_back() -> None:
    """With the function that NumPy advises put under the old name, scalars can be saved."""
    if not hasattr(np, "issctype"):
        np.issctype = lambda rep: issubclass(rep, np.generic)
    assert_restores(np.int32(3))


if __name__ == "__main__":
    failure()
