# /// script
# requires-python = ">=3.9"
# dependencies = ["torch"]
#
# [tool.case]
# issue = "https://github.com/pytorch/pytorch/issues/191197"
# kind = "bug"
# api = ["torch.distributions.transforms.Transform.inv"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^(_inv must not be None)?$"     # older releases have no message
# failing = ["torch"]
#
# [tool.case.fix.deepcopy]
# source = "ours"
# refuted = ["torch"]
# raises = "AssertionError"
# match = "^(_inv must not be None)?$"
#
# [tool.case.fix.invert_after_loading]
# source = "documented"
# ///
"""A pickled inverse transform is empty when it is loaded and fails on any use."""

import copy
import pickle

import torch
from torch.distributions.transforms import ExpTransform, Transform


def assert_is_log(transform: Transform) -> None:
    result = transform(torch.tensor([1.0, 10.0]))
    assert torch.allclose(result, torch.tensor([0.0, 2.3026]), atol=1e-4), result


def reloaded(transform: Transform) -> Transform:
    return pickle.loads(pickle.dumps(transform))


def failure() -> None:
    """The loaded inverse of the exponential is the logarithm."""
    assert_is_log(reloaded(ExpTransform().inv))


def fix_deepcopy() -> None:
    """A deep copy of the inverse works."""
    assert_is_log(copy.deepcopy(ExpTransform().inv))


def fix_invert_after_loading() -> None:
    """The transform itself can be pickled and inverted after that."""
    assert_is_log(reloaded(ExpTransform()).inv)


if __name__ == "__main__":
    failure()
