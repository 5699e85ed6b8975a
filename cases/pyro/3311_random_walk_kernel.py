# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3311"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3311"]
# kind = "feature"
# api = ["pyro.infer.RandomWalkKernel", "pyro.infer.mcmc.RandomWalkKernel"]
#
# [tool.case.failure]
# raises = "ImportError"
# match = "cannot import name 'RandomWalkKernel' from 'pyro.infer'"
# failing = ["pyro-ppl<1.9"]
#
# [tool.case.fix.adapts_step_size]
# source = "documented"
# refuted = ["pyro-ppl<1.9"]
# raises = "ImportError"
# match = "cannot import name 'RandomWalkKernel' from 'pyro.infer'"
#
# [tool.case.fix.gradient_free]         # the first state is sought by the gradient, in every release
# source = "documented"
# refuted = ["pyro-ppl"]
# raises = ["ImportError", "RuntimeError"]
# match = "cannot import name 'RandomWalkKernel'|^element 0 of tensors does not require grad"
#
# [tool.case.fix.own_kernel]
# source = "ours"
#
# [tool.case.fix.importance]
# source = "ours"
# ///
"""MCMC offers no random walk, only kernels that follow the gradient."""

from __future__ import annotations

import pyro
import pyro.distributions as dist
import torch
from pyro.infer import MCMC, EmpiricalMarginal, Importance
from pyro.infer.mcmc.mcmc_kernel import MCMCKernel
from pyro.infer.mcmc.util import initialize_model


def model() -> None:
    """The posterior of x has mean 1 and variance 1/2."""
    x = pyro.sample("x", dist.Normal(0.0, 1.0))
    pyro.sample("y", dist.Normal(x, 1.0), obs=torch.tensor(2.0))


def black_box() -> None:
    """The same posterior, of which PyTorch knows no gradient."""
    x = pyro.sample("x", dist.Normal(0.0, 1.0).mask(False))
    pyro.factor("density", torch.tensor(-((x.item() - 1) ** 2)))


def run(kernel: MCMCKernel, seed: int) -> MCMC:
    pyro.set_rng_seed(seed)
    mcmc = MCMC(kernel, num_samples=500, warmup_steps=500, disable_progbar=True)
    mcmc.run()
    return mcmc


def assert_mean(mean: torch.Tensor) -> None:
    assert abs(mean - 1) < 0.5, f"the posterior mean is {mean}"


def failure(seed: int) -> None:
    """A random walk samples the posterior."""
    from pyro.infer import RandomWalkKernel

    mcmc = run(RandomWalkKernel(model, init_step_size=1.0), seed)
    assert_mean(mcmc.get_samples()["x"].mean())


def fix_adapts_step_size(seed: int) -> None:
    """Warm-up adapts its step size towards a given rate of acceptance, by default 0.234."""
    from pyro.infer import RandomWalkKernel

    mcmc = run(RandomWalkKernel(model, init_step_size=0.1), seed)
    rate = mcmc.diagnostics()["acceptance rate"]["chain 0"]
    assert rate < 0.8, f"accepts {rate}, as without adaptation"  # that is 0.95


def fix_gradient_free(seed: int) -> None:
    """It needs no gradient of the density."""
    from pyro.infer import RandomWalkKernel

    mcmc = run(RandomWalkKernel(black_box, init_step_size=1.0), seed)
    assert_mean(mcmc.get_samples()["x"].mean())


class RandomWalk(MCMCKernel):
    """A random walk of constant step size, from 0."""

    initial_params = None

    def setup(self, warmup_steps: int) -> None:
        start = {"x": torch.tensor(0.0)}
        model_info = initialize_model(black_box, initial_params=start)
        self.initial_params, self.energy, self.transforms, _ = model_info

    def sample(self, params: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        proposal = {name: value + torch.randn_like(value) for name, value in params.items()}
        log_ratio = self.energy(params) - self.energy(proposal)
        return proposal if torch.rand(()).log() < log_ratio else params


def fix_own_kernel(seed: int) -> None:
    """A kernel that is written by hand walks without a gradient."""
    assert_mean(run(RandomWalk(), seed).get_samples()["x"].mean())


def fix_importance(seed: int) -> None:
    """Importance sampling needs no gradient."""
    pyro.set_rng_seed(seed)

    def guide() -> None:
        pyro.sample("x", dist.Normal(0.0, 2.0))

    posterior = Importance(black_box, guide, num_samples=500).run()
    assert_mean(EmpiricalMarginal(posterior, sites="x").mean)


if __name__ == "__main__":
    failure(seed=0)
