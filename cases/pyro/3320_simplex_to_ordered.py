# /// script
# requires-python = ">=3.9"
# dependencies = ["pyro-ppl", "torch"]
#
# [tool.case]
# issue = "https://github.com/pyro-ppl/pyro/pull/3320"
# fixed-by = ["https://github.com/pyro-ppl/pyro/pull/3320"]
# kind = "feature"
# api = ["pyro.distributions.transforms.SimplexToOrderedTransform"]
#
# [tool.case.failure]
# raises = "AttributeError"
# match = "has no attribute 'SimplexToOrderedTransform'$"
# failing = ["pyro-ppl<1.9"]
#
# [tool.case.fix.density]
# source = "ours"
# refuted = ["pyro-ppl<1.9"]
# raises = "AttributeError"
# match = "has no attribute 'SimplexToOrderedTransform'$"
#
# [tool.case.fix.anchor_point]
# source = "documented"
# refuted = ["pyro-ppl"]
# raises = ["AttributeError", "TypeError"]
# match = "has no attribute 'SimplexToOrderedTransform'$|must be Tensor, not float$"
#
# [tool.case.fix.equality]
# source = "ours"
# refuted = ["pyro-ppl"]
# raises = ["AttributeError", "TypeError"]
# match = "has no attribute 'SimplexToOrderedTransform'$|^all\\(\\) received an invalid"
#
# [tool.case.fix.by_hand]
# source = "ours"
# ///
"""No transform makes ordered cutpoints of the probabilities of ordered categories."""

import pyro.distributions as dist
import torch

PROBS = torch.tensor([0.1, 0.2, 0.3, 0.4])


def assert_cutpoints(cutpoints: torch.Tensor) -> None:
    """With these cutpoints the categories have their probabilities again."""
    likelihood = dist.OrderedLogistic(torch.tensor(0.0), cutpoints)
    assert torch.allclose(likelihood.probs, PROBS, atol=1e-5), likelihood.probs.tolist()


def failure() -> None:
    """The transform of the probabilities gives the cutpoints of OrderedLogistic."""
    assert_cutpoints(dist.transforms.SimplexToOrderedTransform()(PROBS))


def fix_density() -> None:
    """The transformed prior has a density: that of both cutpoints, 2 s(a) s(-a) s(b) s(-b)."""
    prior = dist.Dirichlet(torch.ones(3))
    transform = dist.transforms.SimplexToOrderedTransform()
    cutpoints = torch.tensor([-1.0, 2.0])
    density = dist.TransformedDistribution(prior, [transform]).log_prob(cutpoints).exp()
    expected = 2 * (cutpoints.sigmoid() * (-cutpoints).sigmoid()).prod()
    assert torch.isclose(density, expected), f"{density:.4f}, not {expected:.4f}"


def fix_anchor_point() -> None:
    """The anchor point is a scalar that is added to all cutpoints."""
    cutpoints = dist.transforms.SimplexToOrderedTransform(1.0)(PROBS)
    assert_cutpoints(cutpoints - 1.0)


def fix_equality() -> None:
    """Two such transforms are equal."""
    transform = dist.transforms.SimplexToOrderedTransform
    assert transform() == transform()


def fix_by_hand() -> None:
    """The cutpoints are the logits of the cumulative probabilities."""
    assert_cutpoints(PROBS.cumsum(-1)[:-1].logit())


if __name__ == "__main__":
    failure()
