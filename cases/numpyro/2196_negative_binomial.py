# /// script
# requires-python = ">=3.9"
# dependencies = ["numpyro"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/numpyro/pull/2196"
# fixed-by = ["https://github.com/pyro-ppl/numpyro/pull/2196"]
# kind = "feature"
# api = ["numpyro.distributions.NegativeBinomial"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "has no attribute 'NegativeBinomial'"
# failing = ["numpyro<0.22"]
#
# [tool.case.fix.submodule]
# source = "upstream"
#
# [tool.case.fix.probs]
# source = "ours"
# ///
"""numpyro.distributions has NegativeBinomialProbs and others, but no NegativeBinomial."""

import math

import numpyro.distributions as dist


def assert_zero_has_one_eighth(negative_binomial: dist.Distribution) -> None:
    """Assert that three tries fail with a probability of 1/8."""
    probability = math.exp(negative_binomial.log_prob(0))
    assert math.isclose(probability, 1 / 8, rel_tol=1e-4), probability


def failure() -> None:
    """As of other distributions, probabilities or logits can be given."""
    assert_zero_has_one_eighth(dist.NegativeBinomial(3, probs=0.5))


def fix_submodule() -> None:
    """It can be imported from the module where it is defined."""
    from numpyro.distributions.conjugate import NegativeBinomial

    assert_zero_has_one_eighth(NegativeBinomial(3, probs=0.5))


def fix_probs() -> None:
    """NegativeBinomialProbs does the same."""
    assert_zero_has_one_eighth(dist.NegativeBinomialProbs(3, 0.5))


if __name__ == "__main__":
    failure()
