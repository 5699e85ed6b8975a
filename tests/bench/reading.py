"""Reading the source of a team that has five thousand files."""

from __future__ import annotations

import tempfile
from pathlib import Path

from harness.gate.usage import read_usage
from tests.bench.measure import Figure, clock

FILES = 5000
FOLDERS = 50
_PURE = '''\
def helper_{n}(values, scale={n}):
    """Nothing of a library."""
    total = 0
    for index, value in enumerate(values):
        if value > scale and index % 2:
            total += value * scale - index
    return [total, *sorted(values, key=lambda item: -item)]


'''
_USING = '''\
def model_{n}(x, y=None, *, width={n}):
    """A regression."""
    loc = numpyro.sample("loc", dist.Normal(0.0, jnp.ones(width)))
    scale = numpyro.sample("scale", dist.HalfNormal(1.0))
    with numpyro.plate("data", x.shape[0]):
        numpyro.sample("y", dist.Normal(x @ loc, scale), obs=y)


def fit_{n}(key, x, y):
    svi = SVI(model_{n}, AutoNormal(model_{n}), numpyro.optim.Adam(0.01), Trace_ELBO())
    result = svi.run(key, 100, x, y)
    return result.params, {{name: jnp.mean(value) for name, value in result.params.items()}}


'''
_HEAD = """\
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro.infer import SVI, Trace_ELBO
from numpyro.infer.autoguide import AutoNormal
from project.part_{folder}.module_{other} import *


"""


def figures(root: Path) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        for number in range(FILES):
            folder = Path(name, "project", f"part_{number % FOLDERS}")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "__init__.py").touch()
            (folder / f"module_{number}.py").write_text(_text(number))
        Path(name, "project", "__init__.py").touch()
        with clock() as measured:
            usage = read_usage([Path(name)], {"numpyro", "pyro", "flax", "jax", "torch"})
        assert usage.reading.libraries["numpyro"] > FILES
        return [
            Figure(
                what=f"reading {FILES} files of source",
                value=measured.seconds,
                bound=10,
                at_least=False,
                unit=" s",
                detail=f"{sum(usage.reading.libraries.values())} uses",
            )
        ]


def _text(number: int) -> str:
    """About a hundred lines; two files of five use libraries."""
    if number % 5 > 1:
        return "".join(_PURE.format(n=n) for n in range(11))
    head = _HEAD.format(folder=(number + 5) % FOLDERS, other=(number + 5) % FILES)
    return head + "".join(_USING.format(n=n) for n in range(6))
