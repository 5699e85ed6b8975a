"""`[tool.harness]`: what it says, and every way in which it can be wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version
from toy.cases import edited

from harness.config import NEWEST, Config, load_config
from harness.device import Device
from harness.errors import UsageError
from harness.home import find_root
from harness.verdict import Status

PROJECT = Path(__file__).parents[1]

TOY = """\
[tool.harness]
devices = ["cpu", "cpu:2+x64"]
only-binary = ["numpy"]

[tool.harness.uploaded]
"Toy_Lib==0.4.13" = 2023-06-23

[tool.harness.library.toy]
distribution = "Toy_Lib"
module = "toylib"

[tool.harness.library.jax]

[[tool.harness.axis]]
library = "toy"
resolution = "period"
since = "0.12"
last = 6
python = "3.11"
extra = ["jax[cpu]"]

[[tool.harness.axis]]
library = "toy"
resolution = "pinned"
versions = ["1.0", "1.1"]
python = "newest"
pins = { jax = "0.4.30" }
tier = "full"

[[tool.harness.known]]
status = "unimportable"
where = ["toy-lib==0.12.0", "jax>=0.4"]
reason = "needs what is gone"
"""


def configured(folder: Path, text: str = TOY) -> Config:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return load_config(folder)


def complaint(folder: Path, text: str) -> str:
    """What is said about a malformed project; one sentence that starts with the file."""
    with pytest.raises(UsageError) as caught:
        configured(folder, text)
    message = str(caught.value)
    assert message.startswith(str(folder / "pyproject.toml"))
    assert len(message.splitlines()) == 1
    assert message.endswith(".")
    assert not message.endswith("..")
    return message


# What it says


def test_a_library_knows_its_canonical_distribution_and_its_module(tmp_path):
    library = configured(tmp_path).libraries["toy"]
    assert (library.name, library.distribution, library.module) == ("toy", "toy-lib", "toylib")


def test_a_library_that_says_nothing_is_called_alike_everywhere(tmp_path):
    library = configured(tmp_path).libraries["jax"]
    assert (library.name, library.distribution, library.module) == ("jax", "jax", "jax")


def test_a_library_has_parts_by_their_canonical_names(tmp_path):
    text = '[tool.harness.library.toy]\ndistribution = "Toy_Lib"\nparts = ["Toy.C_Part"]\n'
    library = configured(tmp_path, text).libraries["toy"]
    assert (library.parts, library.distributions) == (("toy-c-part",), ("toy-lib", "toy-c-part"))
    assert configured(tmp_path).libraries["jax"].distributions == ("jax",)


def test_an_axis_carries_what_it_says(tmp_path):
    period, pinned = configured(tmp_path).axes
    assert (period.library, period.resolution, period.python) == ("toy", "period", "3.11")
    assert (period.since, period.last, period.extra) == (Version("0.12"), 6, ("jax[cpu]",))
    assert (period.versions, period.pins, period.tier) == ((), (), "default")
    assert (pinned.since, pinned.last, pinned.extra) == (None, None, ())
    assert pinned.versions == (Version("1.0"), Version("1.1"))
    assert pinned.pins == (("jax", Version("0.4.30")),)
    assert (pinned.python, pinned.tier) == (NEWEST, "full")


def test_devices_distributions_and_dates_are_read(tmp_path):
    config = configured(tmp_path)
    assert config.devices == (Device(platform="cpu"), Device(platform="cpu", count=2, x64=True))
    assert config.only_binary == ("numpy",)
    assert config.uploaded == {("toy-lib", Version("0.4.13")): datetime(2023, 6, 23, tzinfo=UTC)}


def test_what_is_left_out_has_a_default(tmp_path):
    config = configured(tmp_path, "[tool.harness.library.toy]\n")
    assert config.devices == (Device(platform="cpu"),)
    assert (config.axes, config.known, config.only_binary, config.uploaded) == ((), (), (), {})


def test_files_lie_below_the_root(tmp_path):
    config = configured(tmp_path)
    assert {config.cases.parent, config.reports.parent} == {tmp_path}
    assert config.locks == tmp_path / "harness" / "locks"
    assert config.store == tmp_path / ".harness" / "results.sqlite"


def test_other_tools_are_nobodys_business(tmp_path):
    assert configured(tmp_path, f"[tool.other]\nx = 1\n{TOY}[project]\nname = 'x'\n").axes


# Known gaps


@pytest.mark.parametrize(
    ("status", "packages", "known"),
    [
        pytest.param("unimportable", {"toy-lib": "0.12.0", "jax": "0.4.30"}, True, id="just there"),
        pytest.param("unimportable", {"toy-lib": "0.12.0+cpu", "jax": "0.4.30"}, True, id="a local version"),
        pytest.param("unbuildable", {"toy-lib": "0.12.0", "jax": "0.4.30"}, False, id="another status"),
        pytest.param("unimportable", {"toy-lib": "0.12.1", "jax": "0.4.30"}, False, id="another version"),
        pytest.param(
            "unimportable", {"toy-lib": "0.12.0", "jax": "0.3"}, False, id="one of two does not hold"
        ),
        pytest.param("unimportable", {"toy-lib": "0.12.0"}, False, id="one of two is absent"),
        pytest.param("unimportable", {}, False, id="nothing is there"),
    ],
)
def test_a_gap_is_known_by_its_status_and_its_place(tmp_path, status, packages, known):
    gap = configured(tmp_path).known_gap(Status(status), packages)
    assert (gap.reason if gap else None) == ("needs what is gone" if known else None)


def test_a_gap_that_says_how_it_shows_is_not_known_by_another_error(tmp_path):
    config = configured(
        tmp_path, edited('reason = "needs what is gone"', 'reason = "r"\nmatch = "call_p"', TOY)
    )
    packages = {"toy-lib": "0.12.0", "jax": "0.4.30"}
    assert config.known_gap(Status.UNIMPORTABLE, packages, "cannot import name 'xla_call_p'") is not None
    assert config.known_gap(Status.UNIMPORTABLE, packages, "the probe ended") is None


def test_a_gap_whose_pattern_is_none_is_refused(tmp_path):
    text = edited('reason = "needs what is gone"', 'reason = "r"\nmatch = "("', TOY)
    assert "match = '(' is not a regular expression" in complaint(tmp_path, text)


def test_of_several_known_gaps_the_first_that_fits_gives_the_reason(tmp_path):
    second = '[[tool.harness.known]]\nstatus = "unimportable"\nwhere = ["Toy.Lib"]\nreason = "second"\n'
    config = configured(tmp_path, TOY + second)
    packages = {"toy-lib": "0.12.0", "jax": "0.4.30"}
    assert config.known_gap(Status.UNIMPORTABLE, packages).reason == "needs what is gone"
    assert config.known_gap(Status.UNIMPORTABLE, {"toy-lib": "0.13"}).reason == "second"


# Files that are none


def test_a_missing_project_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(UsageError, match=r"pyproject\.toml cannot be read .* --root"):
        load_config(tmp_path)


def test_a_folder_in_the_place_of_the_project_is_refused(tmp_path):
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(UsageError, match=r"pyproject\.toml cannot be read"):
        load_config(tmp_path)


def test_a_project_that_is_not_utf_8_is_refused(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.harness]\nx = '\xe9'\n")
    with pytest.raises(UsageError, match=r"pyproject\.toml is not valid TOML"):
        load_config(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[tool.harness\n", id="no bracket"),
        pytest.param("x = \n", id="no value"),
        pytest.param(TOY + "[tool.harness.library.jax]\n", id="a table twice"),
        pytest.param("x = " + "9" * 5000, id="an integer without end"),
        pytest.param("x = " + "[" * 5000, id="lists without end"),
    ],
)
def test_bad_toml_is_called_bad_toml(tmp_path, text):
    assert "is not valid TOML" in complaint(tmp_path, text)


@pytest.mark.parametrize(
    "text", ["", "[project]\nname = 'x'\n", "[tool.other]\n", "tool = 3\n", "tool = []\n"]
)
def test_a_project_without_our_table_is_refused_with_the_way_out(tmp_path, text):
    assert "has no [tool.harness] table; give the project's folder with --root" in complaint(tmp_path, text)


# Values


@pytest.mark.parametrize("value", ["3", '"x"', "[]", "true", "2024-01-01"])
@pytest.mark.parametrize("key", ["tool.harness", "tool.harness.library", "tool.harness.library.toy"])
def test_a_value_in_the_place_of_a_table_is_refused(tmp_path, key, value):
    assert "must be a table" in complaint(tmp_path, f"{key} = {value}\n")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        pytest.param("devices =", "device =", "'device'", id="in the table"),
        pytest.param("since =", "sinse =", "'sinse'", id="in an axis"),
        pytest.param("module =", "modul =", "'modul'", id="in a library"),
        pytest.param("reason =", "why =", "'why'", id="in a known gap"),
    ],
)
def test_a_misspelt_key_is_named_with_the_known_ones(tmp_path, old, new, named):
    message = complaint(tmp_path, edited(old, new, TOY))
    assert f"has the unknown key {named}; known are" in message


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('library = "toy"\nresolution = "period"\n', "library"),
        ('resolution = "period"\n', "resolution"),
        ('python = "3.11"\n', "python"),
        ('status = "unimportable"\n', "status"),
        ('where = ["toy-lib==0.12.0", "jax>=0.4"]\n', "where"),
        ('reason = "needs what is gone"\n', "reason"),
    ],
)
def test_a_missing_key_is_named(tmp_path, line, key):
    rest = line.partition("\n")[2]
    assert key in complaint(tmp_path, edited(line, rest, TOY)).partition("malformed")[2]


@pytest.mark.parametrize("value", ["7", "1.5", "true", '""', '["x"]', "{}", "2024-01-01"])
@pytest.mark.parametrize(
    "line",
    [
        'distribution = "Toy_Lib"',
        'module = "toylib"',
        'resolution = "period"',
        'since = "0.12"',
        'python = "3.11"',
        'tier = "full"',
        'status = "unimportable"',
        'reason = "needs what is gone"',
    ],
)
def test_what_should_be_a_string_is_named(tmp_path, line, value):
    key = line.partition(" = ")[0]
    assert f"'{key}' must be a string" in complaint(tmp_path, edited(line, f"{key} = {value}", TOY))


@pytest.mark.parametrize("value", ["7", "true", '"one"', "[7]", '["one", 7]', '[""]', "[[]]", "{}"])
@pytest.mark.parametrize(
    "line",
    [
        'devices = ["cpu", "cpu:2+x64"]',
        'only-binary = ["numpy"]',
        'extra = ["jax[cpu]"]',
        'versions = ["1.0", "1.1"]',
        'where = ["toy-lib==0.12.0", "jax>=0.4"]',
    ],
)
def test_what_should_be_a_list_of_strings_is_named(tmp_path, line, value):
    key = line.partition(" = ")[0]
    assert f"'{key}' must be a list" in complaint(tmp_path, edited(line, f"{key} = {value}", TOY))


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "true", "nan", '"6"', "[6]"])
def test_the_number_of_last_releases_is_a_whole_number_above_0(tmp_path, value):
    message = complaint(tmp_path, edited("last = 6", f"last = {value}", TOY))
    assert "'last' must be a whole number above 0" in message


@pytest.mark.parametrize(
    ("line", "value", "what"),
    [
        ('pins = { jax = "0.4.30" }', "7", "'pins' of an axis must be a table"),
        ('pins = { jax = "0.4.30" }', '["jax"]', "'pins' of an axis must be a table"),
        ('pins = { jax = "0.4.30" }', "{ jax = 0.4 }", "'jax' must be a string"),
    ],
)
def test_what_should_be_a_table_is_named(tmp_path, line, value, what):
    key = line.partition(" = ")[0]
    assert what in complaint(tmp_path, edited(line, f"{key} = {value}", TOY))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param('["cpu", "cpu:2+x64"]', '["gpu"]', "unknown device 'gpu'", id="device"),
        pytest.param('"unimportable"', '"broken"', "'broken'", id="status"),
        pytest.param('"jax>=0.4"]', '"jax>>0.4"]', "'jax>>0.4'", id="requirement"),
        pytest.param(
            '["toy-lib==0.12.0", "jax>=0.4"]', "[]", "needs where", id="a gap that would be everywhere"
        ),
        pytest.param(
            'resolution = "period"', 'resolution = "old"', "use period, latest or pinned", id="resolution"
        ),
        pytest.param('since = "0.12"', 'since = "first"', "'first'", id="since"),
        pytest.param('["1.0", "1.1"]', '["1.0", "x"]', "'x'", id="versions"),
        pytest.param('"0.4.30" }', '"x" }', "'x'", id="the version of a pin"),
        pytest.param("{ jax =", "{ flax =", "unknown library 'flax'", id="the library of a pin"),
        pytest.param(
            'library = "toy"\nresolution = "pe', 'library = "toi"\nresolution = "pe', "'toi'", id="library"
        ),
        pytest.param('pins = { jax = "0.4.30" }\n', "", "pins exactly where", id="pinned without pins"),
        pytest.param("last = 6", 'pins = { jax = "1" }', "pins exactly where", id="pins without pinned"),
        pytest.param("2023-06-23", '"2023-06-23"', "'2023-06-23'", id="a date as a string"),
        pytest.param("2023-06-23", "20230623", "20230623", id="a date as a number"),
        pytest.param('"Toy_Lib==0.4.13"', '"Toy_Lib"', "Invalid version", id="a date without a version"),
        pytest.param('"Toy_Lib==0.4.13"', '"Toy_Lib==x"', "'x'", id="a date of no version"),
        pytest.param(
            "[[tool.harness.known]]", "[tool.harness.known]", "'known' must be a list", id="one table"
        ),
    ],
)
def test_a_wrong_value_is_quoted_or_told_what_is_right(tmp_path, old, new, said):
    assert said in complaint(tmp_path, edited(old, new, TOY))


@given(data=st.data(), inserted=st.text(st.sampled_from('#[]{}"=\n, .x1'), max_size=3))
def test_any_damage_to_a_project_is_read_or_refused(data, inserted, tmp_path_factory):
    start = data.draw(st.integers(0, len(TOY)))
    end = data.draw(st.integers(start, min(len(TOY), start + 20)))
    folder = tmp_path_factory.mktemp("damaged")
    try:
        config = configured(folder, TOY[:start] + inserted + TOY[end:])
    except UsageError as error:
        message = str(error)
    else:
        message = str(config.root / "pyproject.toml")
    assert message.startswith(str(folder / "pyproject.toml"))


# Where it is


def test_the_root_is_the_nearest_project_upwards(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    configured(tmp_path)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'another'\n")
    assert find_root(inner) == tmp_path
    configured(inner)
    assert find_root(inner) == inner


def test_a_project_of_another_encoding_on_the_way_is_passed_over(tmp_path):
    configured(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pyproject.toml").write_bytes(b"name = '\xe9'\n")
    assert find_root(tmp_path / "a") == tmp_path


def test_no_project_at_all_is_refused_with_the_way_out(no_corpus):
    with pytest.raises(UsageError, match=r"no pyproject\.toml with \[tool\.harness\] .* --root"):
        find_root(Path(PROJECT.anchor))


# The project's own


def test_the_projects_own_configuration_is_read():
    config = load_config(find_root(Path(__file__)))
    assert config.root == PROJECT
    assert set(config.libraries) >= {"numpyro", "pyro", "flax", "jax", "torch"}
    assert config.libraries["pyro"].distribution == "pyro-ppl"
    assert config.devices == (Device(platform="cpu"),)


def test_the_default_matrix_is_the_one_that_was_asked_for():
    axes = {(a.library, a.resolution, a.tier): a for a in load_config(PROJECT).axes}
    period = axes["numpyro", "period", "default"]
    latest = axes["numpyro", "latest", "default"]
    pinned = axes["pyro", "pinned", "default"]
    assert (period.since, period.python) == (Version("0.12"), "3.11")
    assert (latest.last, latest.python) == (6, NEWEST)
    assert (pinned.since, pinned.pins) == (Version("1.8.4"), (("torch", Version("2.13.0")),))
    assert ("pyro", "pinned", "full") in axes
    assert {library for library, _, _ in axes} >= {"flax", "jax"}


def test_the_projects_own_gap_is_known():
    packages, seen = {"numpyro": "0.12.0", "jax": "0.4.13"}, "cannot import name 'xla_call_p' from 'jax'"
    gap = load_config(PROJECT).known_gap(Status.UNIMPORTABLE, packages, seen)
    assert "xla_call_p" in gap.reason
    assert load_config(PROJECT).known_gap(Status.UNIMPORTABLE, packages, "another error") is None
    assert load_config(PROJECT).known_gap(Status.UNIMPORTABLE, {"numpyro": "0.12.1"}) is None


def test_the_jaxlib_that_was_uploaded_again_has_its_true_date():
    uploaded = load_config(PROJECT).uploaded
    assert uploaded["jaxlib", Version("0.4.13")] == datetime(2023, 6, 23, tzinfo=UTC)


def test_the_compilation_cache_is_distrusted_where_it_was_caught():
    config = load_config(Path(__file__).parents[1])
    assert not config.trusts_jax_cache({"jax": "0.5.1"})
    assert config.trusts_jax_cache({"jax": "0.4.38"})
    assert config.trusts_jax_cache({"torch": "2.13.0"})
