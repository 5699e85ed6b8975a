# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro>=0.14"]       # which brought AutoGuideList
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/1757"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1757"]
# kind = "silent"
# api = ["numpyro.infer.autoguide.AutoGuideList"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^the median of the sum is 6\\.0, not 11\\.0$"
# failing = ["numpyro<0.15"]
#
# [tool.case.rejected]
# raises = "ValueError"
# match = "^deterministic site 'sum' in sub-guide at position 0 should not be exposed$"
# rejected = ["numpyro>=0.15"]
#
# [tool.case.fix.hide_it]
# source = "documented"
#
# [tool.case.fix.single_guide]
# source = "ours"
# ///
"""A deterministic site in a part of AutoGuideList follows the prior of the other parts' sites."""

from __future__ import annotations

import jax
import numpyro
import numpyro.distributions as dist
from numpyro import handlers
from numpyro.infer import SVI, Trace_ELBO, init_to_value
from numpyro.infer.autoguide import AutoGuide, AutoGuideList, AutoNormal

INIT = {"init_loc_fn": init_to_value(values={"a": 1.0, "b": 10.0})}


def model() -> None:
    a = numpyro.sample("a", dist.Normal(0.0, 1.0))
    b = numpyro.sample("b", dist.Normal(5.0, 1e-4))  # the prior is far from where the guide is
    numpyro.deterministic("sum", a + b)


def guide_list(*exposed: str) -> AutoGuideList:
    """One part for `a` and what else is exposed, one for `b`."""
    parts = AutoGuideList(model)
    for names in (exposed, ("b",)):
        part = handlers.block(handlers.seed(model, 0), expose=names)
        parts.append(AutoNormal(part, **INIT))
    return parts


def median(guide: AutoGuide) -> dict[str, jax.Array]:
    svi = SVI(model, guide, numpyro.optim.Adam(0.1), Trace_ELBO())
    return guide.median(svi.get_params(svi.init(jax.random.PRNGKey(0))))


def assert_sum(values: dict[str, jax.Array]) -> None:
    expected = values["a"] + values["b"]
    assert abs(values["sum"] - expected) < 0.01, (
        f"the median of the sum is {values['sum']:.1f}, not {expected:.1f}"
    )


def failure() -> None:
    """The sum in the median is the sum of the medians 1 and 10."""
    assert_sum(median(guide_list("a", "sum")))


def fix_hide_it() -> None:
    """Expose no deterministic site: the model computes it from the median of the others."""
    values = median(guide_list("a"))
    assert set(values) == {"a", "b"}
    trace = handlers.trace(handlers.substitute(model, data=values)).get_trace()
    assert_sum({name: site["value"] for name, site in trace.items()})


def fix_single_guide() -> None:
    """One guide for all sites has the right sum."""
    assert_sum(median(AutoNormal(model, **INIT)))


if __name__ == "__main__":
    failure()
