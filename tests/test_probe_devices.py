"""Setting up devices, with made-up JAX and torch: chosen before any backend starts, or told to be missing."""

from __future__ import annotations

import os
import sys
import types

import pytest
from toy.libraries import TOY, Prober, ToyEnvironment, make_environment

from harness.evidence import Lack, Outcome
from harness.probe import client
from harness.probe.devices import DeviceMissing, set_up_device
from harness.probe.session import Session
from harness.verdict import Status


class FakeJax(types.ModuleType):
    """JAX as far as the probe uses it; `has` maps a platform to its devices."""

    def __init__(self, **has):
        super().__init__("jax")
        self.has = has
        self.updates = []
        self.config = types.SimpleNamespace(update=self._update, jax_enable_x64=False)

    def _update(self, name, value):
        self.updates.append((name, value))
        setattr(self.config, name, value)

    def devices(self):
        wanted = dict(self.updates)["jax_platforms"].split(",")[0]
        found = self.has.get(wanted)
        if isinstance(found, Exception):
            raise found
        if found is None:
            raise RuntimeError(f"Unable to initialize backend '{wanted}'\nlong story")
        return [types.SimpleNamespace(platform=found[0], device_kind=found[1]) for _ in range(found[2])]


class FakeTorch(types.ModuleType):
    """torch as far as the probe uses it."""

    def __init__(self, cuda=False, mps=False):
        super().__init__("torch")
        self.__version__ = "2.4.1"
        self.float64 = "torch.float64"
        self.default = {"dtype": "torch.float32", "device": "cpu"}
        self.cuda = types.SimpleNamespace(is_available=lambda: cuda, get_device_name=lambda: "H100")
        self.backends = types.SimpleNamespace(mps=types.SimpleNamespace(is_available=lambda: mps))

    def get_default_dtype(self):
        return self.default["dtype"]

    def set_default_dtype(self, dtype):
        self.default["dtype"] = dtype

    def set_default_device(self, device):
        self.default["device"] = device


@pytest.fixture(autouse=True)
def nothing_imported(monkeypatch):
    for name in ("jax", "torch"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setenv("XLA_FLAGS", "")


@pytest.fixture
def jax(monkeypatch):
    fake = FakeJax(cpu=("cpu", "cpu", 1))
    monkeypatch.setitem(sys.modules, "jax", fake)
    return fake


@pytest.fixture
def torch(monkeypatch):
    fake = FakeTorch()
    monkeypatch.setitem(sys.modules, "torch", fake)
    return fake


def set_up(platform="cpu", count=1, x64=False, frameworks=("jax", "torch")):
    return set_up_device({"platform": platform, "count": count, "x64": x64}, frameworks)


def why_missing(*device, **options):
    with pytest.raises(DeviceMissing) as caught:
        set_up(*device, **options)
    (line,) = str(caught.value).splitlines()
    return line


# Neither


def test_without_a_framework_there_is_one_cpu():
    assert set_up() == ("cpu", None)


@pytest.mark.parametrize("device", [("cuda",), ("tpu",), ("mps",), ("cpu", 4), ("cpu", 1, True)])
def test_without_a_framework_there_is_nothing_else(device):
    assert why_missing(*device) == "no library of this case has devices other than cpu"


@pytest.mark.usefixtures("jax", "torch")
def test_a_framework_that_the_case_does_not_use_is_left_alone():
    assert set_up(frameworks=()) == ("cpu", None)
    assert sys.modules["jax"].updates == []


def test_a_framework_that_could_not_be_imported_is_left_alone():
    assert set_up(frameworks=("jax", "torch")) == ("cpu", None)


# JAX


def test_jax_gets_its_platform_before_its_devices_are_asked_for(jax):
    assert set_up() == ("cpu x 1", "float32")
    assert jax.updates == [("jax_platforms", "cpu")]


def test_jax_gets_several_host_devices_beside_the_flags_that_there_are(jax, monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_use_thunk_runtime=false")
    jax.has["cpu"] = ("cpu", "cpu", 4)
    assert set_up("cpu", 4) == ("cpu x 4", "float32")
    flags = os.environ["XLA_FLAGS"].split()
    assert flags == ["--xla_cpu_use_thunk_runtime=false", "--xla_force_host_platform_device_count=4"]


def test_one_host_device_needs_no_flag(jax):
    set_up("cpu", 1)
    assert os.environ["XLA_FLAGS"] == ""


def test_jax_with_fewer_devices_than_asked_for_lacks_the_device(jax):
    assert why_missing("cpu", 4) == "JAX gives 1 cpu devices where 4 were asked for"


def test_jax_with_more_devices_than_asked_for_lacks_the_device(jax):
    jax.has["cpu"] = ("cpu", "cpu", 8)
    assert why_missing("cpu", 1) == "JAX gives 8 cpu devices where 1 were asked for"


def test_jax_gets_double_precision_and_says_so(jax):
    assert set_up("cpu", 1, True) == ("cpu x 1", "float64")
    assert ("jax_enable_x64", True) in jax.updates


@pytest.mark.parametrize("platform", ["gpu", "cuda"])
def test_jax_may_call_cuda_by_either_name_and_keeps_a_cpu_beside_it(jax, platform):
    jax.has["cuda"] = (platform, "NVIDIA H100", 2)
    assert set_up("cuda") == ("cuda x 2 (NVIDIA H100)", "float32")
    assert jax.updates == [("jax_platforms", "cuda,cpu")]


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_jax_without_the_platform_lacks_the_device_and_says_why_in_a_line(jax, platform):
    assert why_missing(platform) == f"Unable to initialize backend '{platform}'"


def test_jax_that_falls_back_to_another_platform_lacks_the_device(jax):
    jax.has["cuda"] = ("cpu", "cpu", 1)
    assert why_missing("cuda") == "JAX gives cpu where cuda was asked for"


def test_jax_without_words_lacks_the_device_all_the_same(jax):
    jax.has["tpu"] = RuntimeError()
    assert why_missing("tpu") == "JAX has no backend"


@pytest.mark.usefixtures("jax")
def test_jax_has_no_mps():
    assert why_missing("mps") == "JAX has no mps backend"


# torch


def test_torch_on_its_cpu_is_left_as_it_is(torch):
    assert set_up() == ("cpu x 1", "float32")
    assert torch.default == {"dtype": "torch.float32", "device": "cpu"}


def test_torch_gets_double_precision_and_says_so(torch):
    assert set_up("cpu", 1, True) == ("cpu x 1", "float64")
    assert torch.default["dtype"] == "torch.float64"


@pytest.mark.parametrize(("platform", "kind"), [("cuda", "H100"), ("mps", "mps")])
def test_torch_gets_its_default_device(monkeypatch, platform, kind):
    fake = FakeTorch(**{platform: True})
    monkeypatch.setitem(sys.modules, "torch", fake)
    assert set_up(platform) == (f"{platform} x 1 ({kind})", "float32")
    assert fake.default["device"] == platform


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        (("cuda",), "torch finds no CUDA device"),
        (("mps",), "torch finds no mps device"),
        (("tpu",), "torch has no tpu devices"),
        (("cpu", 4), "torch has one cpu device, not 4"),
    ],
)
def test_torch_without_the_device_lacks_it(torch, device, reason):
    assert why_missing(*device) == reason
    assert torch.default == {"dtype": "torch.float32", "device": "cpu"}


def test_torch_from_before_mps_lacks_it(torch):
    del torch.backends.mps
    assert why_missing("mps") == "torch finds no mps device"


def test_torch_from_before_default_devices_lacks_every_other_device(monkeypatch):
    fake = FakeTorch(cuda=True)
    monkeypatch.setitem(sys.modules, "torch", fake)
    monkeypatch.delattr(FakeTorch, "set_default_device")
    assert why_missing("cuda") == "torch 2.4.1 cannot set a default device"


def test_mps_has_no_double_precision(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", FakeTorch(mps=True))
    assert why_missing("mps", 1, True) == "mps has no float64"


@pytest.mark.usefixtures("jax", "torch")
def test_a_case_that_uses_both_gets_both_set_up():
    assert set_up() == ("cpu x 1, cpu x 1", "float32")


# In a variant's process

JAX = """
import os, signal, time, types

class Config:
    jax_enable_x64 = False
    def update(self, name, value):
        setattr(self, name, value)

config = Config()

def devices():
    platform = config.jax_platforms.split(",")[0]
    if platform == "tpu":
        time.sleep(60)
    if platform == "cuda":
        os.kill(os.getpid(), signal.SIGSEGV)
    flags = os.environ.get("XLA_FLAGS", "").split("device_count=")
    count = int(flags[1]) if len(flags) > 1 else 1
    if count == 3:
        raise KeyError("a backend that cannot count")
    if count == 5:
        raise SystemExit
    return [types.SimpleNamespace(platform="cpu", device_kind="cpu")] * count
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("devices")
    environment = make_environment(folder / "environment")
    environment.install("jax", JAX, "0.5")
    environment.install("torch", "def get_default_dtype(): return 'torch.float32'")
    environment.install("with_jax", TOY, requires=["jax>=0.4"])
    environment.install("with_both", TOY, requires=["with-jax", "torch; python_version > '3'"])
    environment.install("plain", TOY, requires=["jax; extra == 'all'"])
    return folder


def probing(folder, spawn=""):
    environment = ToyEnvironment(folder / "environment/bin/python")
    target = environment.target("toy", "jax", "torch", "with_jax", "with_both", "plain")
    with pytest.MonkeyPatch.context() as patch, Session(target) as session:
        patch.setenv("HARNESS_PROBE_SPAWN", spawn)
        yield Prober(session, folder / f"cases{spawn}")


@pytest.fixture(scope="module")
def prober(folder):
    yield from probing(folder)


@pytest.fixture(scope="module", params=["fork", "spawn"])
def either(folder, request):
    yield from probing(folder, "1" if request.param == "spawn" else "")


def test_the_device_and_the_precision_that_were_used_are_attested(either):
    attested = either.run("", device="cpu:4+x64", needs=["with-jax"]).attested
    assert (attested.device, attested.precision) == ("cpu x 4", "float64")


@pytest.mark.parametrize(
    ("needs", "used"),
    [
        (["toy"], "cpu"),
        (["plain"], "cpu"),
        (["jax"], "cpu x 1"),
        (["torch"], "cpu x 1"),
        (["with-jax"], "cpu x 1"),
        (["With_Both"], "cpu x 1, cpu x 1"),
        (["with-jax", "torch"], "cpu x 1, cpu x 1"),
    ],
)
def test_a_case_uses_the_frameworks_that_its_libraries_need(prober, needs, used):
    assert prober.run("", needs=needs).attested.device == used


def test_a_framework_beside_it_takes_no_device_from_a_case(prober):
    """As where JAX and torch are in one environment: torch has no `cpu:4`, but the case is not about it."""
    assert prober.run("", device="cpu:4", needs=["with-jax"]).outcome is Outcome.RETURNED


@pytest.mark.parametrize("device", ["cuda", "tpu", "mps", "cpu:4", "cpu+x64"])
def test_a_device_that_is_not_there_gives_no_evidence(prober, device):
    evidence = prober.run("raise ValueError('shapes disagree')", device=device)
    assert (evidence.outcome, evidence.lack) == (Outcome.UNAVAILABLE, Lack.DEVICE)
    assert evidence.reason == "no library of this case has devices other than cpu"
    assert prober.status("raise ValueError('shapes disagree')", device=device) is Status.UNSUPPORTED


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        ("cpu:3", "KeyError in setting up the device: 'a backend that cannot count'"),
        ("cpu:5", "SystemExit in setting up the device: "),
        ("cuda", "before the variant began: killed by SIGSEGV"),
    ],
)
def test_a_backend_that_fails_in_its_own_way_gives_no_evidence(either, device, reason):
    evidence = either.run("", device=device, needs=["with-jax"])
    assert (evidence.outcome, evidence.lack, evidence.reason) == (Outcome.UNAVAILABLE, Lack.DEVICE, reason)


def test_a_backend_that_hangs_gives_no_evidence_and_takes_none_of_the_time_of_a_variant(either, monkeypatch):
    monkeypatch.setattr(client, "SETUP_SECONDS", 1.0)
    evidence = either.run("", device="tpu", needs=["with-jax"], timeout=0.1)
    assert (evidence.outcome, evidence.lack) == (Outcome.UNAVAILABLE, Lack.DEVICE)
    assert evidence.reason == "before the variant began: not ready within 1 s"
