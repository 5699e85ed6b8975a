#!/usr/bin/env bash
# Installs the harness of this very checkout of the action into a virtual environment of its own.
# Output: command, the path of `harness`. Nothing goes onto the job's PATH, whose `python` stays the team's.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
folder=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/harness-gate.XXXXXX")

if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --no-project --python ">=3.11" "$folder/venv"
    uv pip install --quiet --python "$folder/venv" "$root"
else
    for python in python3 python; do
        if "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            break
        fi
        python=
    done
    if [ -z "$python" ]; then
        echo "harness: neither uv nor Python 3.11 or newer is here; add actions/setup-python or astral-sh/setup-uv before." >&2
        exit 2
    fi
    "$python" -I -m venv "$folder/venv"
    for inner in "$folder/venv/bin/python" "$folder/venv/Scripts/python.exe"; do
        if [ -e "$inner" ]; then
            "$inner" -I -m pip install --quiet --disable-pip-version-check "$root"
        fi
    done
fi

for command in "$folder/venv/bin/harness" "$folder/venv/Scripts/harness.exe"; do
    if [ -e "$command" ]; then
        "$command" --version
        printf 'command=%s\n' "$command" >>"${GITHUB_OUTPUT:-/dev/null}"
        exit 0
    fi
done
echo "harness: the installation gave no command harness." >&2
exit 1
