# /// script
# requires-python = ">=3.9"
# dependencies = ["torch"]
#
# [tool.case]
# issue = "https://github.com/pytorch/pytorch/pull/137602"
# kind = "drift"
# api = ["torch.load"]
#
# [tool.case.failure]
# raises = "UnpicklingError"
# match = "Unsupported global: GLOBAL torch\\.distributions\\.normal\\.Normal was not an allowed global"
# failing = ["torch>=2.6"]
#
# [tool.case.fix.weights_only_false]
# source = "documented"
#
# [tool.case.fix.safe_globals]
# source = "documented"
# refuted = ["torch<2.5"]
# raises = "AttributeError"
# match = "has no attribute 'safe_globals'"
#
# [tool.case.fix.environment_variable]
# source = "documented"
#
# [tool.case.fix.parameters]
# source = "ours"
# ///
"""torch.load refuses to load a distribution that torch.save has saved."""

import io
import os

import torch
from torch.distributions import Normal


def load(saved: object, **options: object) -> object:
    file = io.BytesIO()
    torch.save(saved, file)
    file.seek(0)
    return torch.load(file, **options)


def assert_restored(posterior: Normal) -> None:
    assert posterior.loc.tolist() == [1.0, 2.0]
    assert posterior.scale.tolist() == [3.0, 3.0]


def posterior() -> Normal:
    return Normal(torch.tensor([1.0, 2.0]), 3.0)


def failure() -> None:
    """What torch.save wrote, torch.load reads."""
    assert_restored(load(posterior()))


def fix_weights_only_false() -> None:
    """With weights_only=False anything is loaded, as it was the default."""
    assert_restored(load(posterior(), weights_only=False))


def fix_safe_globals() -> None:
    """The class can be allowed, as the error message advises."""
    with torch.serialization.safe_globals([Normal]):
        assert_restored(load(posterior()))


def fix_environment_variable() -> None:
    """TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD brings the former default back."""
    os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"
    try:
        assert_restored(load(posterior()))
    finally:
        del os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"]


def fix_parameters() -> None:
    """A dictionary of the parameters is loaded in every release."""
    parameters = {"loc": posterior().loc, "scale": posterior().scale}
    assert_restored(Normal(**load(parameters)))


if __name__ == "__main__":
    failure()
