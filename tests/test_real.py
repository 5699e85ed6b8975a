"""Real packages, from the user's own index: what the toys stand for is so. The locks that are committed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from packaging.version import Version

from harness.corpus import Selection
from harness.device import parse_device
from harness.environment.compiling import public_versions
from harness.environment.lock import Lock
from harness.evidence import Evidence, Phase
from harness.judge import Judgement, judge
from harness.verdict import Agreement, Status
from harness.workspace import Workspace

WORKSPACE = Workspace.at(Path(__file__).parents[1])
LOCKS = WORKSPACE.locks.all()

real = pytest.mark.real


def measure(
    case: str, environment: str, *variants: str, device: str = "cpu"
) -> list[tuple[Evidence, Judgement]]:
    """Run variants of a committed case in a committed environment."""
    (chosen,) = WORKSPACE.select(Selection(cases=(case,)))
    (place,) = WORKSPACE.places([environment], [chosen])
    found = []
    with place.session() as session:
        for name in variants:
            variant = chosen.case.variant(name)
            assert variant is not None
            evidence = session.run(chosen.case, name, parse_device(device))
            found.append((evidence, judge(variant, place.facts, evidence, WORKSPACE.config)))
    return found


def statuses(measured: list[tuple[Evidence, Judgement]]) -> list[Status]:
    return [judgement.status for _, judgement in measured]


@real
def test_an_issue_of_numpyro_shows_and_its_remedy_works_on_two_devices_in_double_precision():
    measured = measure("numpyro-1739", "numpyro-0.16.1", "failure", "fix_create_plates", device="cpu:2+x64")
    assert statuses(measured) == [Status.FAILING, Status.WORKS]
    for evidence, judgement in measured:
        assert judgement.agreement is Agreement.EXPECTED
        assert evidence.attested is not None
        assert (evidence.attested.device, evidence.attested.precision) == ("cpu x 2", "float64")
        assert evidence.isolation == "fork"
        held = public_versions(evidence.attested.versions)
        assert held.items() >= WORKSPACE.lock("numpyro-0.16.1").packages.items()
        assert "site-packages/numpyro" in evidence.attested.origins["numpyro"]


@real
def test_where_the_import_is_the_issue_it_is_failing_and_a_remedy_in_code_is_run():
    measured = measure("numpyro-2174", "numpyro-0.20.1+jax-0.10.0", "failure", "fix_define_the_removed_name")
    assert statuses(measured) == [Status.FAILING, Status.WORKS]
    assert measured[0][0].raised.phase is Phase.IMPORT


@real
def test_where_the_import_is_not_the_issue_there_is_no_evidence_and_the_reason_is_known():
    for environment, reason in (
        ("numpyro-0.12.0", "xla_call_p"),
        ("numpyro-0.20.1+jax-0.10.0", "numpyro-2174"),
    ):
        ((_, judgement),) = measure("numpyro-1739", environment, "failure")
        assert judgement.status is Status.UNIMPORTABLE
        assert reason in judgement.gap


@real
def test_an_issue_of_pyro_shows_with_a_newer_torch_and_its_remedy_works():
    measured = measure("pyro-3389", "pyro-1.9.1+torch-2.13.0", "failure", "fix_load_by_hand")
    assert statuses(measured) == [Status.FAILING, Status.WORKS]


@real
def test_a_device_that_is_not_there_is_unsupported_and_unexplained():
    ((evidence, judgement),) = measure("numpyro-1739", "numpyro-0.16.1", "failure", device="tpu")
    assert judgement.status is Status.UNSUPPORTED
    assert judgement.is_unexplained
    assert evidence.attested is not None


JAX_ALONE = {"0.4.37": "0.4.36", "0.5.2": "0.5.1"}
"""Releases of JAX that came out without a jaxlib of their own, and the one that they ask for."""


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.id))
def test_jax_and_jaxlib_of_a_lock_belong_together(lock: Lock):
    jax = lock.packages.get("jax")
    assert lock.packages.get("jaxlib") == (JAX_ALONE.get(jax, jax) if jax else None)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.id))
def test_a_lock_holds_what_its_id_says_and_no_tool_of_ours(lock: Lock):
    for library, version in ((lock.id.library, lock.id.version), *lock.id.pins):
        assert Version(lock.packages[WORKSPACE.config.libraries[library].distribution]) == version
    assert not {"pytest", "ppl-reproducers", "hypothesis", "nox"} & set(lock.packages)


@cache
def held(environment: str) -> dict[str, str]:
    return dict(WORKSPACE.lock(environment).packages)


def test_the_oldest_environments_have_the_companions_of_their_time():
    for environment in ("numpyro-0.12.0", "numpyro-0.12.1"):
        assert held(environment)["jaxlib"] == "0.4.13"
        assert Version(held(environment)["numpy"]) < Version("2")
        assert Version(held(environment)["ml-dtypes"]) < Version("0.3")
        assert Version(held(environment)["scipy"]) < Version("1.12")


def test_the_default_matrix_has_every_final_release_of_numpyro_and_the_last_six_at_the_latest():
    default = WORKSPACE.default_locks(full=False)
    period = [
        lock.id.version for lock in default if (lock.id.library, lock.id.resolution) == ("numpyro", "period")
    ]
    latest = [lock.id.version for lock in default if lock.id.latest]
    assert period[0] == Version("0.12.0")
    assert len(period) >= 19
    assert latest[-6:] == period[-6:]
