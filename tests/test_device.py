"""Device profiles, read and printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.device import PLATFORMS, Device, parse_device
from harness.errors import UsageError

DEVICES = st.builds(Device, platform=st.sampled_from(PLATFORMS), x64=st.booleans()) | st.builds(
    Device, platform=st.just("cpu"), count=st.integers(1, 99), x64=st.booleans()
)


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("cpu", Device(platform="cpu")),
        ("cpu:4", Device(platform="cpu", count=4)),
        ("cpu:16", Device(platform="cpu", count=16)),
        ("cuda", Device(platform="cuda")),
        ("mps", Device(platform="mps")),
        ("tpu", Device(platform="tpu")),
        ("cpu+x64", Device(platform="cpu", x64=True)),
        ("cpu:4+x64", Device(platform="cpu", count=4, x64=True)),
        ("cuda+x64", Device(platform="cuda", x64=True)),
    ],
)
def test_every_profile_of_the_design_is_read_and_printed_alike(text, device):
    assert parse_device(text) == device
    assert str(device) == text


def test_one_host_device_is_just_the_host():
    assert parse_device("cpu:1") == parse_device("cpu")
    assert str(parse_device("cpu:1")) == "cpu"


@given(device=DEVICES)
def test_what_a_device_prints_is_read_back(device):
    assert parse_device(str(device)) == device


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "gpu", "CPU", "Cuda", "cpu ", " cpu", "cpu\n", "cpu,cuda", "xcpu", "cpux"),
        *("cpu:", "cpu:0", "cpu:-1", "cpu:04", "cpu:1.5", "cpu:four", "cpu:100", "cpu:\u0664", "cpu:1\u0664"),
        *("cuda:0", "cuda:2", "mps:1", "tpu:8", "cuda:2+x64"),
        *("x64", "+x64", "cpu+x32", "cpu+x64+x64", "cpu+x64:4", "cpu+X64", "cpu-x64"),
    ],
)
def test_anything_else_is_refused_with_the_profiles_that_there_are(text):
    with pytest.raises(UsageError) as caught:
        parse_device(text)
    assert str(caught.value) == (
        f"unknown device {text!r}; use cpu, cpu:N, cuda, mps or tpu, each optionally with +x64."
    )


@given(text=st.text())
def test_any_text_is_a_device_or_refused(text):
    try:
        device = parse_device(text)
    except UsageError:
        return
    assert parse_device(str(device)) == device


def test_devices_have_an_order_for_reports():
    texts = ["tpu", "cuda", "cpu:4", "cpu+x64", "cpu", "mps"]
    assert [str(d) for d in sorted(map(parse_device, texts))] == [
        "cpu",
        "cpu+x64",
        "cpu:4",
        "cuda",
        "mps",
        "tpu",
    ]
