"""Tests harness.gate.infer against an oracle that knows grids only, where every version is a whole number."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from test_gate_infer import DRIFT, cell, inferred

from harness.verdict import Status, expected_status

VERSIONS = range(1, 7)
DEPS = range(3, 8)
ODD = [*[None] * 12, "fixed", "failing", "changed"]
"""Mostly what the case says; now and then a measurement that contradicts it."""


def truth(toy, dep):
    return toy >= 2, toy < 4, dep >= 5


def said(toy, dep):
    return "failing" if all(truth(toy, dep)) else "fixed"


points = st.lists(
    st.tuples(st.sampled_from(ODD), st.sampled_from(VERSIONS), st.sampled_from(DEPS)).map(
        lambda point: (point[0] or said(*point[1:]), *point[1:])
    ),
    min_size=1,
    max_size=12,
)


def oracle(measured, toy, dep):
    """The only status that may be inferred, or None."""
    low = [t for _, t, _ in measured if t <= toy]
    high = [t for _, t, _ in measured if t >= toy]
    if not low or not high or not min(d for *_, d in measured) <= dep <= max(d for *_, d in measured):
        return None
    alike = [(s, t, d) for s, t, d in measured if truth(t, d) == truth(toy, dep)]
    sides = [[s for s, t, _ in alike if t == edge] for edge in (max(low), min(high))]
    below, above = [d for *_, d in alike if d <= dep], [d for *_, d in alike if d >= dep]
    if not all((*sides, below, above)):
        return None
    sides += [[s for s, _, d in alike if d == edge] for edge in (max(below), min(above))]
    expected = said(toy, dep)
    return expected if {s for side in sides for s in side} == {expected} else None


def run(measured, toy, dep):
    cells = [cell(status, str(t), dep=str(d)) for status, t, d in measured]
    return inferred(DRIFT, *cells, toy=str(toy), dep=str(dep)).status


@settings(max_examples=150, deadline=None)
@given(points, st.sampled_from(VERSIONS), st.sampled_from(DEPS))
def test_every_inference_is_enclosed_by_measurements_that_agree(measured, toy, dep):
    status = run(measured, toy, dep)

    assert (status.value if status else None) == oracle(measured, toy, dep)
    if status:
        contradiction = "fixed" if status is Status.FAILING else "failing"
        assert run([*measured, (contradiction, toy, dep)], toy, dep) is None
        for t, d in product((0, toy, 9), (0, dep, 9)):
            if (t, d) != (toy, dep):
                assert run(measured, t, d) is None


@given(st.sampled_from(VERSIONS), st.sampled_from(DEPS))
def test_without_measurements_nothing_is_inferred(toy, dep):
    assert run([], toy, dep) is None


@given(st.sampled_from(VERSIONS), st.sampled_from(DEPS))
def test_a_measured_state_is_inferred_as_measured(toy, dep):
    expected = expected_status(DRIFT.variants[0], {"toy-dist": str(toy), "dep": str(dep)})

    assert run([(expected.value, toy, dep)], toy, dep) is expected
