# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3245"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3247"]
# kind = "bug"
# api = ["pyro.poutine.trace(graph_type=)"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^edges from plate to x, from plate to y, from x to y$"
# failing = ["pyro-ppl<1.8.6"]
#
# [tool.case.fix.no_subsampling]
# source = "ours"
# refuted = ["pyro-ppl<1.8.6"]
# raises = "AssertionError"
# match = "^edges from plate to x, from plate to y, from x to y$"
#
# [tool.case.fix.leave_out]
# source = "ours"
# ///
"""The dense graph of a trace has edges from plates, as if they were random variables."""

from __future__ import annotations

import pyro
import pyro.distributions as dist
from pyro import poutine
from pyro.poutine.util import site_is_subsample


def dense_trace(subsample_size: int | None) -> poutine.Trace:
    def model() -> None:
        with pyro.plate("plate", 3, subsample_size=subsample_size):
            x = pyro.sample("x", dist.Normal(0.0, 1.0))
            pyro.sample("y", dist.Normal(x, 1.0))

    return poutine.trace(model, graph_type="dense").get_trace()


def assert_one_edge(edges: list[tuple[str, str]]) -> None:
    """The only edge leads from one random variable to the other."""
    text = ", ".join(f"from {a} to {b}" for a, b in sorted(edges))
    assert text == "from x to y", f"edges {text}"


def failure() -> None:
    """The plate is not in the graph's edges."""
    assert_one_edge(dense_trace(subsample_size=2).edges)


def fix_no_subsampling() -> None:
    """A plate that is not subsampled is not in the edges."""
    assert_one_edge(dense_trace(subsample_size=None).edges)


def fix_leave_out() -> None:
    """The edges from plates can be left out."""
    trace = dense_trace(subsample_size=2)
    assert_one_edge([edge for edge in trace.edges if not site_is_subsample(trace.nodes[edge[0]])])


if __name__ == "__main__":
    failure()
