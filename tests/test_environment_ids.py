"""Printable environment ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from harness.environment.ids import EnvironmentId, parse_environment_id
from harness.errors import UsageError

names = st.builds("{}{}".format, st.sampled_from("az"), st.text("bz09_", max_size=4))
numbers = st.lists(st.integers(0, 2024).map(str), min_size=1, max_size=4).map(".".join)
suffixes = st.sampled_from(["", "a0", "b2", "rc1", ".post1", ".dev3", "rc1.post2.dev3"])
versions = st.builds("{}{}".format, numbers, suffixes).map(Version)
pythons = st.none() | st.integers(8, 20).map("3.{}".format)


@st.composite
def environment_ids(draw: st.DrawFn) -> EnvironmentId:
    pins = draw(st.dictionaries(names, versions, max_size=3))
    return EnvironmentId(
        library=draw(names),
        version=draw(versions),
        latest=not pins and draw(st.booleans()),
        pins=tuple(sorted(pins.items())),
        python=draw(pythons),
    )


@given(environment_ids())
def test_an_id_reads_back_as_what_was_printed(id_):
    assert parse_environment_id(str(id_)) == id_


@pytest.mark.parametrize(
    ("text", "resolution"),
    [
        ("numpyro-0.16.1", "period"),
        ("numpyro-0.12.0@py3.9", "period"),
        ("numpyro-0.20.1@latest", "latest"),
        ("numpyro-0.20.1@latest@py3.12", "latest"),
        ("numpyro-0.20.1+jax-0.10.0", "pinned"),
        ("pyro-1.9.1+torch-2.4.1@py3.10", "pinned"),
    ],
)
def test_an_id_tells_how_the_rest_is_resolved(text, resolution):
    id_ = parse_environment_id(text)
    assert (id_.resolution, str(id_)) == (resolution, text)


def test_the_order_of_pins_makes_no_other_environment():
    one = parse_environment_id("toy-1.0+jax-2.0+flax-3.0")
    assert one == parse_environment_id("toy-1.0+flax-3.0+jax-2.0")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "numpyro",
        "numpyro-",
        "0.16.1",
        "numpyro==0.16.1",
        "Numpyro-0.16.1",
        "numpyro-0.16.1\n",
        "numpyro-0.16.1 ",
        "numpyro-0..1",
        "numpyro-0.16.x1",
        "numpyro-\u0663",
        "numpyro-0.16.1@newest",
        "numpyro-0.16.1@latest+jax-0.4",
        "numpyro-0.16.1+jax",
        "numpyro-0.16.1+jax-",
        "numpyro-0.16.1@py2.7",
        "numpyro-0.16.1@py3",
        "numpyro-0.16.1@py3.\u0661",
        "../numpyro-0.16.1",
    ],
)
def test_what_is_no_id_is_refused_with_examples_of_some(text):
    with pytest.raises(UsageError, match="no environment id") as caught:
        parse_environment_id(text)
    assert len(str(caught.value).splitlines()) == 1
