# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/issues/1785"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/1877"]
# kind = "silent"
# api = ["numpyro.diagnostics.autocorrelation", "numpyro.diagnostics.effective_sample_size"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = '^autocorrelation 4\.00 at lag 9, where 0\.40 is right$'
# failing = ["numpyro<0.16"]
#
# [tool.case.fix.bias]
# source = "upstream"
# refuted = ["numpyro<0.16"]
# raises = "TypeError"
# match = "unexpected keyword argument 'bias'"
#
# [tool.case.fix.bias_of_effective_sample_size]
# source = "upstream"
# refuted = ["numpyro<0.16"]
# raises = "TypeError"
# match = "unexpected keyword argument 'bias'"
#
# [tool.case.fix.divide_by_length]
# source = "ours"
# refuted = ["numpyro>=0.16"]     # it is done already, so that it is done twice
# raises = "AssertionError"
# match = '^autocorrelation 0\.04 at lag 9, where 0\.40 is right$'
# ///
"""The autocorrelation of samples exceeds one at long lags."""

from __future__ import annotations

import numpy as np
from numpyro.diagnostics import autocorrelation, effective_sample_size

SAMPLES = np.array([1.0, 0, 0, 0, 0, 0, 0, 0, 0, 1])


def check(autocorrelations: np.ndarray) -> None:
    """Assert that it is right at the longest lag, to which one pair of samples contributes."""
    last = float(autocorrelations[-1])
    expected = 0.8**2 / (2 * 0.8**2 + 8 * 0.2**2)  # around the mean, 0.2
    assert abs(last - expected) < 1e-5, f"autocorrelation {last:.2f} at lag 9, where {expected:.2f} is right"


def failure() -> None:
    """The few pairs at long lags do not outweigh the others, as in Stan."""
    check(autocorrelation(SAMPLES))


def fix_bias() -> None:
    """Whether to use the biased estimate, as Stan does, can be chosen."""
    check(autocorrelation(SAMPLES, bias=True))


def fix_bias_of_effective_sample_size() -> None:
    """The estimate can be chosen for the effective sample size, too, where it matters."""
    chain = np.linspace(0, 1, 100)[None]
    biased, unbiased = (effective_sample_size(chain, bias=bias) for bias in (True, False))
    assert biased == effective_sample_size(chain), f"{biased} is not the default"
    assert 1.1 < biased / unbiased < 1.2, f"{biased} samples, or {unbiased}"


def fix_divide_by_length() -> None:
    """Weigh each lag by its number of pairs."""
    pairs = np.arange(len(SAMPLES), 0, -1)
    check(autocorrelation(SAMPLES) * pairs / len(SAMPLES))


if __name__ == "__main__":
    failure()
