# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro!=0.15.1"]     # which cannot inspect at all: see 1837
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/2062"
# kind = "bug"
# api = ["numpyro.infer.inspect.get_model_relations", "numpyro.render_model"]
#
# [tool.case.failure]
# raises = "UnexpectedTracerError"
# match = "Encountered an unexpected tracer"
# failing = ["numpyro"]
#
# [tool.case.fix.use_it_before]
# source = "ours"
#
# [tool.case.fix.another_guide]
# source = "ours"
# ///
"""An autoguide is unusable after its relations were inspected or rendered."""

import numpyro
import numpyro.distributions as dist
from numpyro import handlers
from numpyro.infer.autoguide import AutoNormal
from numpyro.infer.inspect import get_model_relations


def model() -> None:
    numpyro.sample("x", dist.Normal(0.0, 1.0))


def check(guide: AutoNormal) -> None:
    """Assert that the guide can be sampled."""
    samples = handlers.seed(guide, 0)()
    assert samples["x"].shape == (), samples


def failure() -> None:
    """A guide can be sampled whether or not it was inspected before."""
    guide = AutoNormal(model)
    get_model_relations(guide)
    check(guide)


def fix_use_it_before() -> None:
    """Sample from the guide before it is inspected."""
    guide = AutoNormal(model)
    check(guide)
    get_model_relations(guide)
    check(guide)


def fix_another_guide() -> None:
    """Inspect a guide of its own."""
    get_model_relations(AutoNormal(model))
    check(AutoNormal(model))


if __name__ == "__main__":
    failure()
