# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3286"
# kind = "silent"
# api = ["pyro.infer.autoguide.AutoDiscreteParallel"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^parameters for 2 of 6 elements$'
# failing = ["pyro-ppl"]
#
# [tool.case.fix.auto_normal]
# source = "documented"
#
# [tool.case.fix.create_plates]
# source = "ours"
# refuted = ["pyro-ppl"]
# raises = "AssertionError"
# match = '^parameters for 2 of 6 elements$'
#
# [tool.case.fix.param_in_plate]
# source = "ours"
# ///
"""AutoDiscreteParallel has parameters for the elements of a subsample only, not for all."""

from collections.abc import Callable

import pyro
import pyro.distributions as dist
import torch
from pyro.infer.autoguide import AutoDiscreteParallel, AutoNormal


def plate() -> pyro.plate:
    return pyro.plate("plate", 6, subsample_size=2)


def discrete() -> None:
    with plate():
        pyro.sample("z", dist.Categorical(torch.ones(3)))


def continuous() -> None:
    with plate():
        pyro.sample("z", dist.Normal(0.0, 1.0))


def assert_parameters_for_all(guide: Callable[[], object]) -> None:
    pyro.clear_param_store()
    guide()
    for parameter in pyro.get_param_store().values():
        assert len(parameter) == 6, f"parameters for {len(parameter)} of 6 elements"


def failure() -> None:
    """The guide of a subsampled plate has parameters for all of its elements."""
    assert_parameters_for_all(AutoDiscreteParallel(discrete))


def fix_auto_normal() -> None:
    """For a continuous site AutoNormal has parameters for all elements."""
    assert_parameters_for_all(AutoNormal(continuous))


def fix_create_plates() -> None:
    """With create_plates, AutoDiscreteParallel has parameters for all elements."""
    assert_parameters_for_all(AutoDiscreteParallel(discrete, create_plates=plate))


def fix_param_in_plate() -> None:
    """A guide by hand has parameters for all elements and subsamples them in the plate."""

    def guide() -> None:
        with plate():
            probs = pyro.param("probs", torch.full((6, 3), 1 / 3), event_dim=1)
            assert probs.shape == (2, 3)
            pyro.sample("z", dist.Categorical(probs))

    assert_parameters_for_all(guide)


if __name__ == "__main__":
    failure()
