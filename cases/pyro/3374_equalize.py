# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/issues/3374"
# fixed-by = [
#     "https://github.com/pyro-ppl/pyro/pull/3375",
#     "https://github.com/pyro-ppl/pyro/pull/3387",
#     "https://github.com/pyro-ppl/pyro/pull/3395",
# ]
# kind = "feature"
# api = ["pyro.poutine.equalize"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "module 'pyro.poutine' has no attribute 'equalize'"
# failing = ["pyro-ppl<1.9.2"]
#
# [tool.case.fix.regular_expression]
# source = "documented"
# refuted = ["pyro-ppl<1.9.2"]
# raises = "AttributeError"
# match = "has no attribute 'equalize'"
#
# [tool.case.fix.names_with_brackets]
# source = "documented"
# refuted = ["pyro-ppl"]
# raises = ["AttributeError", "AssertionError"]
# match = "has no attribute 'equalize'|were left independent"
#
# [tool.case.fix.escaped_names]
# source = "ours"
# refuted = ["pyro-ppl<1.9.2"]
# raises = "AttributeError"
# match = "has no attribute 'equalize'"
#
# [tool.case.fix.param_sites]
# source = "documented"
# refuted = ["pyro-ppl<1.9.2"]
# raises = "AttributeError"
# match = "has no attribute 'equalize'"
#
# [tool.case.fix.fewer_parameters_in_auto_normal]
# source = "documented"
# refuted = ["pyro-ppl<1.9.2"]
# raises = "AttributeError"
# match = "has no attribute 'equalize'"
#
# [tool.case.fix.gradients]
# source = "documented"
# refuted = ["pyro-ppl<1.9.2"]
# raises = "AttributeError"
# match = "has no attribute 'equalize'"
#
# [tool.case.fix.batch_dimensions]
# source = "documented"
# refuted = ["pyro-ppl<1.9.2"]
# raises = "AttributeError"
# match = "has no attribute 'equalize'"
#
# [tool.case.fix.log_density]
# source = "documented"
# refuted = ["pyro-ppl<1.9.2"]
# raises = "AttributeError"
# match = "has no attribute 'equalize'"
#
# [tool.case.fix.render_model]
# source = "documented"
# refuted = ["pyro-ppl<1.9.2"]     # the second symptom in no release: between pull requests 3375 and 3387
# raises = "AttributeError"
# match = "has no attribute 'equalize'|^'Delta' object has no attribute 'base_dist'$"
#
# [tool.case.fix.keep_dist_log_density]
# source = "documented"
# refuted = ["pyro-ppl<1.9.2"]     # the second symptom in no release: between pull requests 3375 and 3395
# raises = ["AttributeError", "TypeError"]
# match = "has no attribute 'equalize'|__init__\\(\\) got an unexpected keyword argument 'keep_dist'$"
#
# [tool.case.fix.keep_dist_posterior]
# source = "documented"
# refuted = ["pyro-ppl<1.9.2"]     # the second symptom in no release: between pull requests 3375 and 3395
# raises = ["AttributeError", "TypeError"]
# match = "has no attribute 'equalize'|__init__\\(\\) got an unexpected keyword argument 'keep_dist'$"
#
# [tool.case.fix.sample_once]
# source = "upstream"
#
# [tool.case.fix.own_handler]
# source = "ours"
#
# [tool.case.fix.intervene]
# source = "ours"
# refuted = ["pyro-ppl"]
# raises = "AssertionError"
# match = "^10 parameters to optimise$"
# ///
"""There is no effect handler that makes several sites share one value."""

import math
import re
from collections.abc import Callable, Iterable

import pyro
import pyro.distributions as dist
import torch
from pyro import poutine
from pyro.infer import SVI, Trace_ELBO
from pyro.infer.autoguide import AutoDelta, AutoLaplaceApproximation, AutoNormal
from pyro.poutine.messenger import Messenger

DATA = {"dogs": [0.5, 1.5], "cats": [-1.0, 2.0]}


def category(name: str) -> None:
    shift = pyro.param(f"{name}_shift", torch.tensor(0.0))
    mean = pyro.sample(f"{name}_mean", dist.Normal(0.0, 1.0))
    std = pyro.sample(f"{name}_std", dist.LogNormal(0.0, 1.0))
    data = torch.tensor(DATA[name])
    with pyro.plate(f"{name}_plate", len(data)):
        pyro.sample(f"{name}_values", dist.Normal(mean + shift, std), obs=data)


def model() -> None:
    for name in DATA:
        category(name)


def values(trace: poutine.Trace, suffix: str) -> list[float]:
    """The values of the two categories' sites with this suffix."""
    return [float(trace.nodes[f"{name}_{suffix}"]["value"]) for name in DATA]


def assert_std_is_shared(equalized: Callable[[], None], seed: int) -> None:
    pyro.set_rng_seed(seed)
    first = poutine.trace(equalized).get_trace()
    second = poutine.trace(equalized).get_trace()
    for trace in (first, second):
        dogs, cats = values(trace, "std")
        assert dogs == cats, f"dogs_std={dogs}, cats_std={cats}"
        dogs, cats = values(trace, "mean")
        assert dogs != cats, "sites that were not named share a value too"
    assert values(first, "std") != values(second, "std"), "the value survives into the next run"


def expected_log_density(trace: poutine.Trace) -> float:
    """Log density of the model with one `std`, by hand."""
    std = values(trace, "std")[0]
    total = float(dist.LogNormal(0.0, 1.0).log_prob(torch.tensor(std)))
    for name in DATA:
        mean = float(trace.nodes[f"{name}_mean"]["value"])
        total += float(dist.Normal(0.0, 1.0).log_prob(torch.tensor(mean)))
        total += float(dist.Normal(mean, std).log_prob(torch.tensor(DATA[name])).sum())
    return total


def assert_log_density(equalized: Callable[[], None], seed: int) -> None:
    pyro.set_rng_seed(seed)
    pyro.clear_param_store()
    trace = poutine.trace(equalized).get_trace()
    actual, expected = float(trace.log_prob_sum()), expected_log_density(trace)
    assert math.isclose(actual, expected, rel_tol=1e-4, abs_tol=1e-4), f"{actual} != {expected}"


def assert_parameters(guide: AutoNormal, expected: int) -> None:
    """A location and a scale for every latent."""
    count = len(list(guide.parameters()))
    assert count == expected, f"{count} parameters to optimise"


def normals(names: Iterable[str] = "xy") -> dict[str, torch.Tensor]:
    """N(0, 1) and N(5, 3) at the two names."""
    x, y = names
    return {
        x: pyro.sample(x, dist.Normal(0.0, 1.0)),
        y: pyro.sample(y, dist.Normal(5.0, 3.0)),
    }


def failure(seed: int) -> None:
    """A handler makes the sample sites in a list of names share one value, anew in every run."""
    assert_std_is_shared(poutine.equalize(model, ["dogs_std", "cats_std"]), seed)


def fix_regular_expression(seed: int) -> None:
    """The sites can be given as one regular expression."""
    assert_std_is_shared(poutine.equalize(model, ".+_std"), seed)


def fix_names_with_brackets(seed: int) -> None:
    """A list of names works whatever characters the names contain."""
    pyro.set_rng_seed(seed)
    names = ["w[0]", "w[1]"]
    sample = poutine.equalize(normals, names)(names)
    assert sample["w[0]"] == sample["w[1]"], "w[0] and w[1] were left independent"


def fix_escaped_names(seed: int) -> None:
    """Names that contain special characters work after `re.escape`."""
    pyro.set_rng_seed(seed)
    names = ["w[0]", "w[1]"]
    sample = poutine.equalize(normals, [re.escape(name) for name in names])(names)
    assert sample["w[0]"] == sample["w[1]"]


def fix_param_sites(seed: int) -> None:
    """With type "param" two parameters become one, and it is all that the optimiser sees."""

    def random_shifts() -> None:
        for name in DATA:
            pyro.param(f"{name}_shift", lambda: torch.randn(()))

    pyro.set_rng_seed(seed)
    pyro.clear_param_store()
    dogs, cats = values(poutine.trace(random_shifts).get_trace(), "shift")
    assert dogs != cats
    pyro.clear_param_store()
    equalized = poutine.equalize(random_shifts, ".+_shift", "param")
    dogs, cats = values(poutine.trace(equalized).get_trace(), "shift")
    assert dogs == cats, f"dogs_shift={dogs}, cats_shift={cats}"
    assert set(pyro.get_param_store().keys()) == {"dogs_shift"}


def fix_fewer_parameters_in_auto_normal(seed: int) -> None:
    """AutoNormal has a location and a scale fewer to optimise, and trains the shared one."""
    pyro.set_rng_seed(seed)
    pyro.clear_param_store()
    equalized = poutine.equalize(model, ".+_std")
    independent, shared = AutoNormal(model), AutoNormal(equalized)
    independent()
    shared()
    assert_parameters(independent, 8)
    assert_parameters(shared, 6)
    assert not hasattr(shared.locs, "cats_std")
    Trace_ELBO().loss_and_grads(equalized, shared)
    assert shared.locs.dogs_std.grad.abs() > 0


def fix_gradients() -> None:
    """Both uses of a shared value contribute to its gradient: one SVI step finds the optimum."""

    def latents() -> None:
        for name, data in {"x": 1.0, "y": 2.0}.items():
            loc = pyro.sample(name, dist.Normal(0.0, 1.0))
            pyro.sample(f"obs_{name}", dist.Normal(loc, 1.0), obs=torch.tensor(data))

    def parameters() -> None:
        for name, data in {"x": 1.0, "y": 2.0}.items():
            loc = pyro.param(name, torch.tensor(0.0))
            pyro.sample(f"obs_{name}", dist.Normal(loc, 1.0), obs=torch.tensor(data))

    pyro.clear_param_store()
    equalized = poutine.equalize(latents, ["x", "y"])
    guide = AutoDelta(equalized)
    newton = pyro.optim.SGD({"lr": 1 / 3})  # the inverse curvature: the optimum from anywhere
    SVI(equalized, guide, newton, Trace_ELBO()).step()
    assert math.isclose(guide.median()["x"].item(), (1 + 2) / 3, rel_tol=1e-5)
    equalized = poutine.equalize(parameters, ["x", "y"], "param")
    SVI(equalized, lambda: None, pyro.optim.SGD({"lr": 1 / 2}), Trace_ELBO()).step()
    assert math.isclose(pyro.param("x").item(), (1 + 2) / 2, rel_tol=1e-5)


def fix_batch_dimensions() -> None:
    """Plates, event dimensions and vectorised particles are kept in the trace."""

    def batched() -> None:
        for name in "ab":
            with pyro.plate(f"{name}_plate", 3):
                pyro.sample(name, dist.Normal(torch.zeros(2), 1.0).to_event(1))

    with pyro.plate("particles", 4, dim=-2):
        trace = poutine.trace(poutine.equalize(batched, ["a", "b"])).get_trace()
    trace.compute_log_prob()
    a, b = trace.nodes["a"], trace.nodes["b"]
    assert a["value"].shape == b["value"].shape == (4, 3, 2)
    assert (a["value"] == b["value"]).all()
    assert a["log_prob"].shape == b["log_prob"].shape == (4, 3)
    assert (a["log_prob"] < 0).all()
    assert (b["log_prob"] == 0).all()


def fix_log_density(seed: int) -> None:
    """The log density is that of the model in which the value is sampled once."""
    assert_log_density(poutine.equalize(model, ".+_std"), seed)


def fix_render_model() -> None:
    """The equalized model can be rendered: the graph shows one parent for both categories."""
    from pyro.infer.inspect import generate_graph_specification, get_model_relations

    pyro.clear_param_store()
    relations = get_model_relations(poutine.equalize(model, ".+_std"))
    assert relations["sample_dist"]["dogs_std"] == "LogNormal"
    assert relations["sample_dist"]["cats_std"] == "Deterministic"
    edges = generate_graph_specification(relations)["edge_list"]
    assert {b for a, b in edges if a == "dogs_std"} == {"dogs_values", "cats_std", "cats_values"}
    assert not {b for a, b in edges if a == "cats_std"}


def fix_keep_dist_log_density(seed: int) -> None:
    """With keep_dist=True the log density keeps the terms of both sites."""
    pyro.set_rng_seed(seed)
    trace = poutine.trace(poutine.equalize(normals, ["x", "y"], keep_dist=True)).get_trace()
    value = trace.nodes["x"]["value"]
    expected = dist.Normal(0.0, 1.0).log_prob(value) + dist.Normal(5.0, 3.0).log_prob(value)
    assert trace.nodes["y"]["value"] == value
    assert torch.isclose(trace.log_prob_sum(), expected, rtol=1e-4), trace.log_prob_sum()


def fix_keep_dist_posterior() -> None:
    """With keep_dist=True the posterior is the product of the two densities, N(0.5, 0.9)."""
    pyro.clear_param_store()
    equalized = poutine.equalize(normals, ["x", "y"], keep_dist=True)
    guide = AutoLaplaceApproximation(equalized)
    Trace_ELBO().loss_and_grads(equalized, guide)
    guide.loc.data -= 0.9 * guide.loc.grad  # a Newton step: the optimum from anywhere
    posterior = guide.laplace_approximation().get_posterior()
    assert math.isclose(posterior.mean.item(), 0.5, rel_tol=1e-4)
    assert math.isclose(posterior.variance.item(), 0.9, rel_tol=1e-4)


def fix_sample_once(seed: int) -> None:
    """Without the handler: rewrite the model to sample once and record the copy."""

    def rewritten() -> None:
        std = pyro.sample("dogs_std", dist.LogNormal(0.0, 1.0))
        pyro.deterministic("cats_std", std)
        for name in DATA:
            mean = pyro.sample(f"{name}_mean", dist.Normal(0.0, 1.0))
            data = torch.tensor(DATA[name])
            with pyro.plate(f"{name}_plate", len(data)):
                pyro.sample(f"{name}_values", dist.Normal(mean, std), obs=data)

    assert_std_is_shared(rewritten, seed)
    assert_log_density(rewritten, seed)


def fix_own_handler(seed: int) -> None:
    """Without the handler or a rewrite: give the later site the earlier site's value."""

    class ShareStd(Messenger):
        def __enter__(self) -> "ShareStd":
            self.value = None
            return super().__enter__()

        def _pyro_sample(self, msg: dict) -> None:
            if msg["name"].endswith("_std") and self.value is not None:
                msg["value"], msg["is_observed"] = self.value, True
                msg["fn"] = dist.Delta(self.value, event_dim=msg["fn"].event_dim).mask(False)
                msg["infer"] = {"_deterministic": True}

        def _pyro_post_sample(self, msg: dict) -> None:
            if msg["name"].endswith("_std"):
                self.value = msg["value"]

    shared = ShareStd()(model)
    assert_std_is_shared(shared, seed)
    assert_log_density(shared, seed)
    guide = AutoNormal(shared)
    guide()
    assert_parameters(guide, 6)


def fix_intervene(seed: int) -> None:
    """Sampling outside and setting both sites with poutine.do leaves no latents behind."""

    def shared() -> None:
        std = pyro.sample("std", dist.LogNormal(0.0, 1.0))
        poutine.do(model, data={"dogs_std": std, "cats_std": std})()

    pyro.set_rng_seed(seed)
    guide = AutoNormal(shared)
    guide()
    assert_parameters(guide, 6)


if __name__ == "__main__":
    failure(seed=0)
