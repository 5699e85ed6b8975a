# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3405"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3405"]
# kind = "silent"
# api = ["pyro.plate"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^data on meta, indices on cpu$"
# failing = ["pyro-ppl<1.9.2"]
#
# [tool.case.fix.set_default_device]
# source = "documented"
# refuted = ["pyro-ppl<1.9.2"]
# raises = "AssertionError"
# match = "^data on meta, indices on cpu$"
#
# [tool.case.fix.device_argument]
# source = "documented"
# ///
"""A plate subsamples on the CPU although the default device of torch is another one."""

from __future__ import annotations

import pyro
import torch

DEVICE = "meta"  # as with a GPU, but every machine has it


def assert_same_device(device: str | None = None) -> None:
    data = torch.zeros(4)
    with pyro.plate("data", len(data), subsample_size=2, device=device) as indices:
        result = f"data on {data.device}, indices on {indices.device}"
    assert result == f"data on {DEVICE}, indices on {DEVICE}", result


def failure() -> None:
    """In a device context the indices are on the device on which new tensors are."""
    with torch.device(DEVICE):
        assert_same_device()


def fix_set_default_device() -> None:
    """After torch.set_default_device the indices are on that device."""
    torch.set_default_device(DEVICE)
    try:
        assert_same_device()
    finally:
        torch.set_default_device(None)


def fix_device_argument() -> None:
    """The indices are on the device that is given to the plate."""
    with torch.device(DEVICE):
        assert_same_device(DEVICE)


if __name__ == "__main__":
    failure()
