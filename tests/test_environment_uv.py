"""Running uv, reading its errors, finding interpreters."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.environment import uv
from harness.environment.uv import UvError, clean_reason, find_python, present_pythons, run_uv
from harness.errors import NoEvidence

NO_SOLUTION = """\
warning: `toy-1.0-py3-none-any.whl` is missing an upload date, but user provided: 2024-02-10T00:00:00Z
error: No solution found when resolving dependencies
  cause: Because only toydep<=2.0 is available and toy>=2.0 depends on toydep>=3, we can conclude that toy>=2.0 cannot be used.
         And because you require toy==2.0, we can conclude that your requirements are unsatisfiable.

hint: `toydep` was filtered by `exclude-newer` to only include packages uploaded before 2024-02-10T00:00:00Z.
"""  # noqa: E501 (as uv prints it)

OLDER_NO_SOLUTION = """\
  × No solution found when resolving dependencies:
  ╰─▶ Because there is no version of toy==9 and you require toy==9, we can
      conclude that your requirements are unsatisfiable.
"""  # noqa: RUF001 (as uv prints it)

REFUSED = """\
error: Request failed after 3 retries in 9.7s
  cause: Failed to fetch: http://127.0.0.1:9/simple/toy/
  cause: error sending request for url (http://127.0.0.1:9/simple/toy/)
  cause: Connection refused (os error 111)
"""

UNAUTHORIZED = """\
error: No solution found when resolving dependencies
  cause: Because toy was not found in the package registry and you require toy==1.0, we can conclude that your requirements are unsatisfiable.

hint: An index URL (http://127.0.0.1:9/simple) could not be queried due to a lack of valid authentication credentials (401 Unauthorized)
"""  # noqa: E501 (as uv prints it)

OFFLINE = """\
error: No solution found when resolving dependencies
  cause: Because toy was not found in the cache and you require toy==1.0, we can conclude that your requirements are unsatisfiable.

hint: Packages were unavailable because the network was disabled. When the network is disabled, registry packages may only be read from the cache.
"""  # noqa: E501 (as uv prints it)

FULL = """\
error: Failed to install: toy-1.0-py3-none-any.whl (toy==1.0)
  cause: failed to copy file: No space left on device (os error 28)
"""

FAILED_BUILD_ENVIRONMENT = """\
error: Failed to build `toy==1.0`
  cause: Failed to resolve requirements from `build-system.requires`
  cause: Failed to fetch: http://127.0.0.1:9/simple/setuptools/
"""


@pytest.fixture
def says(monkeypatch, tmp_path):
    """Puts a uv in place that prints something and fails."""

    def plant(stderr: str) -> UvError:
        (tmp_path / "stderr").write_text(stderr, encoding="utf-8")
        script = tmp_path / "uv"
        script.write_text(f'#!/bin/sh\ncat "{tmp_path}/stderr" >&2\nexit 1\n')
        script.chmod(0o755)
        monkeypatch.setattr(uv.uv_package, "find_uv_bin", lambda: str(script))
        with pytest.raises(UvError) as caught:
            run_uv(["anything"])
        return caught.value

    return plant


def test_the_reason_is_kept_without_warnings_and_hints():
    assert clean_reason(NO_SOLUTION).splitlines() == [
        "Because only toydep<=2.0 is available and toy>=2.0 depends on toydep>=3, we can conclude that "
        "toy>=2.0 cannot be used.",
        "And because you require toy==2.0, we can conclude that your requirements are unsatisfiable.",
    ]


def test_the_reason_is_kept_without_the_decoration_of_older_releases():
    assert clean_reason(OLDER_NO_SOLUTION).splitlines() == [
        "Because there is no version of toy==9 and you require toy==9, we can",
        "conclude that your requirements are unsatisfiable.",
    ]


@pytest.mark.parametrize("text", ["hint: try again", "warning: odd", "killed"])
def test_words_that_are_all_left_out_are_kept_after_all(text):
    assert clean_reason(text) == text


@pytest.mark.parametrize("text", [NO_SOLUTION, OLDER_NO_SOLUTION, "error: Failed to build `toy==1.0`\n"])
def test_what_is_about_versions_is_a_verdict(says, text):
    assert says(text).is_verdict


@pytest.mark.parametrize(
    "text", [REFUSED, UNAUTHORIZED, OFFLINE, FULL, FAILED_BUILD_ENVIRONMENT, "error: no"]
)
def test_what_is_about_a_network_or_a_disk_is_no_verdict(says, text):
    assert not says(text).is_verdict


def test_a_brief_reason_is_one_line_that_names_the_host_and_the_cause(says):
    brief = says(REFUSED).brief
    assert brief.startswith("Failed to fetch: http://127.0.0.1:9/simple/toy/: ")
    assert brief.endswith("Connection refused (os error 111)")
    assert len(brief.splitlines()) == 1


def test_a_brief_reason_leaves_the_period_to_the_sentence_around_it(says):
    assert says("error: No space left on device.").brief == "No space left on device"


def test_a_brief_reason_is_short(says):
    assert len(says("error: " + "one of many words " * 1000).brief) <= 400


def test_uv_does_not_see_the_virtual_environment_that_the_user_is_in(monkeypatch, tmp_path):
    script = tmp_path / "uv"
    script.write_text("#!/bin/sh\nenv\n")
    script.chmod(0o755)
    monkeypatch.setattr(uv.uv_package, "find_uv_bin", lambda: str(script))
    monkeypatch.setenv("VIRTUAL_ENV", "mine")
    assert "VIRTUAL_ENV" not in run_uv(["anything"])


# Interpreters


@pytest.fixture
def nothing_here(no_index, tmp_path):
    """A machine without interpreters where uv looks, but for those that a test plants below PYENV_ROOT."""
    (tmp_path / "bin").mkdir()
    no_index.setenv("PATH", str(tmp_path / "bin"))
    no_index.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv-pythons"))
    no_index.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    find_python.cache_clear()
    present_pythons.cache_clear()
    yield
    find_python.cache_clear()
    present_pythons.cache_clear()


def plant_pyenv(root: Path, *versions: str) -> None:
    for version in versions:
        short = ".".join(version.split(".")[:2])
        path = root / "pyenv" / "versions" / version / "bin" / f"python{short}"
        path.parent.mkdir(parents=True)
        path.symlink_to(sys.executable)


def test_this_very_interpreter_is_found(no_index):
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    path = find_python(version)
    assert run_uv(["python", "find", "--no-project", path]).strip() == path


def test_an_interpreter_that_is_not_there_is_one_sentence_with_the_way_out(no_index):
    with pytest.raises(NoEvidence, match=r"there is no Python 3\.5 on this machine; install it"):
        find_python("3.5")


def test_an_interpreter_that_only_pyenv_knows_is_found(nothing_here, tmp_path):
    plant_pyenv(tmp_path, "3.11.7", "3.1.4")
    assert find_python("3.11") == str(tmp_path / "pyenv/versions/3.11.7/bin/python3.11")
    assert find_python("3.1") == str(tmp_path / "pyenv/versions/3.1.4/bin/python3.1")


def test_the_newest_of_pyenvs_is_found(nothing_here, tmp_path):
    plant_pyenv(tmp_path, "3.11.7", "3.11.10", "3.11.9", "3.12.1")
    assert find_python("3.11") == str(tmp_path / "pyenv/versions/3.11.10/bin/python3.11")


def test_interpreters_are_listed_newest_first(nothing_here, tmp_path):
    plant_pyenv(tmp_path, "3.8.1", "3.9.2", "3.13.0", "3.11.7")
    assert present_pythons() == ("3.13", "3.11", "3.9")
