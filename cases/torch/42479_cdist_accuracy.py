# /// script
# requires-python = ">=3.9"
# dependencies = ["torch"]
#
# [tool.case]
# issue = "https://github.com/pytorch/pytorch/issues/42479"
# kind = "silent"
# api = ["torch.cdist"]
#
# [tool.case.failure]
# raises = "AssertionError"
# match = "^the distance is 0\\.0, not 1\\.0$"
# failing = ["torch"]
#
# [tool.case.fix.compute_mode]
# source = "documented"
#
# [tool.case.fix.few_points]
# source = "documented"
#
# [tool.case.fix.center]
# source = "ours"
#
# [tool.case.fix.double]
# source = "documented"
# ///
"""torch.cdist takes points for equal that are far from the origin and one apart."""

import torch


def assert_distance(points: torch.Tensor, **options: str) -> None:
    """Every point is one from the next."""
    distance = torch.cdist(points, points, **options)[0, 1].item()
    assert abs(distance - 1) < 1e-4, f"the distance is {distance:.1f}, not 1.0"


def make_points(number: int = 30, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return 100_000 + torch.arange(number, dtype=dtype).unsqueeze(-1)


def failure() -> None:
    """Neighbouring points have the distance one."""
    assert_distance(make_points())


def fix_compute_mode() -> None:
    """Without matrix multiplication the distance is right."""
    assert_distance(make_points(), compute_mode="donot_use_mm_for_euclid_dist")


def fix_few_points() -> None:
    """Up to 25 points, no matrix multiplication is used."""
    assert_distance(make_points(25))


def fix_center() -> None:
    """The distances of centered points are right."""
    points = make_points()
    assert_distance(points - points.mean(0))


def fix_double() -> None:
    """In double precision the distance is right."""
    assert_distance(make_points(dtype=torch.float64))


if __name__ == "__main__":
    failure()
