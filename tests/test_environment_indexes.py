"""Whose index settings are used: uv's, and pip's where uv has none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from packaging.version import Version
from toy.index import ToyIndex
from toy.wheels import write_wheel

from harness.environment import indexes
from harness.environment.indexes import index_environment, index_urls, pip_settings
from harness.environment.releases import read_releases
from harness.environment.uv import run_uv
from harness.errors import UsageError


@pytest.fixture
def settings(no_index, tmp_path):
    """Variables for the test alone, and files of pip and uv in its own folder."""

    class Settings:
        def __setitem__(self, name: str, value: str) -> None:
            no_index.setenv(name, value)
            index_environment.cache_clear()

        def pip(self, text: str) -> None:
            (tmp_path / "pip.conf").write_text(text)
            no_index.setattr(indexes, "_pip_files", lambda environ: [tmp_path / "pip.conf"])

        def uv(self, text: str) -> None:
            no_index.delenv("UV_NO_CONFIG")
            (tmp_path / "uv.toml").write_text(text)
            self["UV_CONFIG_FILE"] = str(tmp_path / "uv.toml")

    return Settings()


@pytest.fixture
def uvs_own(no_index):
    """The index that uv uses where nobody says anything."""
    (url,) = index_urls()
    return url


def links() -> list[str]:
    return index_environment().get("UV_FIND_LINKS", "").split(",")


def test_without_any_settings_the_index_is_uvs_own(uvs_own):
    assert uvs_own.startswith("https://")


# uv's own settings


def test_uvs_variables_are_used_with_further_indexes_first(settings):
    settings["UV_DEFAULT_INDEX"] = "http://default/simple"
    settings["UV_INDEX"] = "named=http://one/simple http://two/simple"
    assert index_urls() == ["http://one/simple", "http://two/simple", "http://default/simple"]


def test_uvs_older_variables_are_used(settings):
    settings["UV_INDEX_URL"] = "http://default/simple"
    settings["UV_EXTRA_INDEX_URL"] = "http://one/simple"
    assert index_urls() == ["http://one/simple", "http://default/simple"]


def test_the_index_tables_of_uvs_file_are_used(settings):
    settings.uv(
        """
        [[index]]
        name = "one"
        url = "http://one/simple"
        [[index]]
        name = "only-for-some"
        url = "http://some/simple"
        explicit = true
        [[index]]
        url = "http://default/simple"
        default = true
        """
    )
    assert index_urls() == ["http://one/simple", "http://default/simple"]


def test_the_pip_table_of_uvs_file_is_used(settings):
    settings.uv('[pip]\nindex-url = "http://default/simple"\nextra-index-url = ["http://one/simple"]')
    assert index_urls() == ["http://one/simple", "http://default/simple"]


def test_the_project_that_the_user_stands_in_is_heard(settings, tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "mine"\nversion = "1"\n'
        '[[tool.uv.index]]\nurl = "http://default/simple"\ndefault = true\n'
    )
    monkeypatch.delenv("UV_NO_CONFIG")
    monkeypatch.chdir(tmp_path)
    assert index_urls() == ["http://default/simple"]


def test_a_password_stays_in_the_address(settings):
    settings["UV_DEFAULT_INDEX"] = "http://user:secret@default/simple"
    assert index_urls() == ["http://user:secret@default/simple"]


def test_an_index_that_is_a_folder_becomes_an_address(settings, tmp_path):
    settings["UV_DEFAULT_INDEX"] = str(tmp_path)
    assert index_urls() == [tmp_path.as_uri()]


def test_a_file_that_uv_cannot_read_is_one_sentence(settings):
    settings.uv("index = [")
    with pytest.raises(UsageError, match=r"uv cannot read its index settings \(.*uv\.toml") as caught:
        index_urls()
    assert len(str(caught.value).splitlines()) == 1


# pip's settings, where uv has none


def test_pips_variables_are_used_where_uv_has_none(settings, tmp_path):
    settings["PIP_INDEX_URL"] = "http://default/simple"
    settings["PIP_EXTRA_INDEX_URL"] = "http://one/simple http://two/simple"
    settings["PIP_FIND_LINKS"] = f"{tmp_path} http://links/"
    assert index_urls() == ["http://one/simple", "http://two/simple", "http://default/simple"]
    assert links() == [str(tmp_path), "http://links/"]


def test_pips_file_is_used_where_uv_has_none(settings, tmp_path):
    settings.pip(
        f"[global]\nindex-url = http://default/simple\nextra_index_url =\n    http://one/simple\n"
        f"    http://two/simple\n[install]\nfind-links = {tmp_path}\n"
    )
    assert index_urls() == ["http://one/simple", "http://two/simple", "http://default/simple"]
    assert links() == [str(tmp_path)]


def test_pips_variables_are_stronger_than_its_file(settings):
    settings.pip("[global]\nindex-url = http://file/simple\n")
    settings["PIP_INDEX_URL"] = "http://variable/simple"
    assert index_urls() == ["http://variable/simple"]


def test_the_install_section_is_stronger_than_the_global_one(settings):
    settings.pip("[install]\nindex-url = http://install/\n[global]\nindex-url = http://global/\n")
    assert index_urls() == ["http://install/"]


@pytest.mark.parametrize("variable", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_uvs_variable_wins_over_pip(settings, variable):
    settings["PIP_INDEX_URL"] = "http://pip/simple"
    settings[variable] = "http://uv/simple"
    assert index_urls() == ["http://uv/simple"]


@pytest.mark.parametrize(
    "text",
    [
        'index-url = "http://uv/simple"',
        '[pip]\nindex-url = "http://uv/simple"',
        '[[index]]\nurl = "http://uv/simple"\ndefault = true',
    ],
)
def test_uvs_file_wins_over_pip(settings, text):
    settings["PIP_INDEX_URL"] = "http://pip/simple"
    settings.uv(text)
    assert index_urls() == ["http://uv/simple"]


def test_each_setting_is_uvs_or_pips_by_itself(settings, tmp_path):
    settings["PIP_INDEX_URL"] = "http://pip/simple"
    settings["PIP_EXTRA_INDEX_URL"] = "http://pip/extra"
    settings["PIP_FIND_LINKS"] = str(tmp_path)
    settings.uv('extra-index-url = ["http://uv/extra"]')
    assert index_urls() == ["http://uv/extra", "http://pip/simple"]
    assert links() == [str(tmp_path)]


def test_a_variable_of_uv_that_is_empty_says_none(settings, tmp_path):
    settings["PIP_EXTRA_INDEX_URL"] = "http://pip/extra"
    settings["PIP_FIND_LINKS"] = str(tmp_path)
    settings["UV_INDEX"] = settings["UV_FIND_LINKS"] = ""
    settings["UV_DEFAULT_INDEX"] = "http://uv/simple"
    assert index_urls() == ["http://uv/simple"]
    assert links() == [""]


def test_a_folder_of_links_that_is_not_there_is_passed_over_as_pip_does(settings, tmp_path, uvs_own):
    settings["PIP_FIND_LINKS"] = f"{tmp_path / 'nothing'} {tmp_path}"
    assert links() == [str(tmp_path)]
    assert index_urls() == [uvs_own]


def test_a_file_of_pip_that_cannot_be_read_counts_as_none(settings, uvs_own):
    settings.pip("index-url = http://no-section/")
    assert index_urls() == [uvs_own]


def test_the_null_device_as_pips_file_means_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    (tmp_path / ".config" / "pip").mkdir(parents=True)
    (tmp_path / ".config" / "pip" / "pip.conf").write_text("[global]\nindex-url = http://pip/simple\n")
    home = {"HOME": str(tmp_path)}
    assert pip_settings({**home, "PIP_CONFIG_FILE": os.devnull}) == {}
    assert pip_settings(home)["index-url"] == ["http://pip/simple"]


def test_pips_files_are_read_in_pips_order(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    named = tmp_path / "named.conf"
    home, config = tmp_path / "home", tmp_path / "config"
    files = [home / ".pip/pip.conf", config / "pip/pip.conf", tmp_path / "prefix/pip.conf", named]
    environ = {"HOME": str(home), "XDG_CONFIG_HOME": str(config), "PIP_CONFIG_FILE": str(named)}
    for number, file in enumerate(files):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"[global]\nindex-url = http://{number}/\n")
        assert pip_settings(environ)["index-url"] == [f"http://{number}/"]


# To the end: what is configured is where releases and packages come from


def wheel(folder: Path, version: str) -> Path:
    return write_wheel(folder, "toy", version, {"toy.py": ""})


def resolved() -> str:
    return run_uv(
        ["pip", "compile", "--quiet", "--no-header", "--no-annotate", "-"],
        stdin="toy",
        environment=index_environment(),
    ).strip()


def test_releases_and_packages_come_from_pips_index(settings, tmp_path):
    with ToyIndex(tmp_path / "index") as index:
        index.add(wheel(index.folder, "1.0"))
        settings["PIP_INDEX_URL"] = index.url
        assert [r.version for r in read_releases("toy", {})] == [Version("1.0")]
        assert resolved() == "toy==1.0"


def test_the_best_of_pips_indexes_is_taken_as_pip_does(settings, tmp_path):
    with ToyIndex(tmp_path / "main") as main, ToyIndex(tmp_path / "extra") as extra:
        main.add(wheel(main.folder, "2.0"))
        extra.add(wheel(extra.folder, "1.0"))
        settings["PIP_INDEX_URL"] = main.url
        settings["PIP_EXTRA_INDEX_URL"] = extra.url
        assert resolved() == "toy==2.0"


def test_packages_come_from_all_of_pips_links(settings, tmp_path):
    with ToyIndex(tmp_path / "index") as index:
        wheel(tmp_path / "one", "1.0")
        wheel(tmp_path / "two", "2.0")
        settings["PIP_INDEX_URL"] = index.url
        settings["PIP_FIND_LINKS"] = f"{tmp_path / 'one'} {tmp_path / 'two'}"
        assert resolved() == "toy==2.0"
