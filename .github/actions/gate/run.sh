#!/usr/bin/env bash
# Runs `harness gate` with the inputs in GATE_*, each of which is data: no text of theirs is ever read as shell.
# Outputs: exit-code and verdict. Ends with the gate's exit code.
set -euo pipefail

options=()

# option NAME TEXT: --NAME=TEXT, unless the text is empty. The equals sign keeps a text such as --help a value.
option() {
    if [ -n "$2" ]; then
        options+=("--$1=$2")
    fi
}

lines=()

# split TEXT: its lines into `lines`, without empty ones and without space around them.
split() {
    local line
    lines=()
    while IFS= read -r line || [ -n "$line" ]; do
        line="${line#"${line%%[![:space:]]*}"}"
        line="${line%"${line##*[![:space:]]}"}"
        if [ -n "$line" ]; then
            lines+=("$line")
        fi
    done <<<"$1"
}

# repeated NAME TEXT: --NAME=LINE for every line.
repeated() {
    local line
    split "$2"
    for line in ${lines[@]+"${lines[@]}"}; do
        option "$1" "$line"
    done
}

summary=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/harness-summary.XXXXXX")/gate.md

repeated from "${GATE_FROM:-}"
repeated to "${GATE_TO:-}"
option python "${GATE_PYTHON:-}"
repeated uses "${GATE_USES:-}"
option policy "${GATE_POLICY:-}"
option baseline "${GATE_BASELINE:-}"
repeated device "${GATE_DEVICE:-}"
option json "${GATE_JSON:-}"
option sarif "${GATE_SARIF:-}"
option junit "${GATE_JUNIT:-}"

finish() { # finish CODE VERDICT
    printf 'exit-code=%s\nverdict=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:-/dev/null}"
    exit "$1"
}

case "${GATE_OFFLINE:-}" in
    true | True | TRUE) options+=(--offline) ;;
    false | False | FALSE | "") ;;
    *)
        printf 'harness: the input offline is neither true nor false.\n' >&2
        finish 2 usage-error
        ;;
esac

split "${GATE_ARGS:-}"
options+=(${lines[@]+"${lines[@]}"})
option markdown "$summary" # after the arguments, because the last one counts

# After --, a word that looks like an option is a state.
split "${GATE_STATE:-}"
if [ "${#lines[@]}" -gt 0 ]; then
    options+=(-- "${lines[@]}")
fi

# What the gate shows comes from packages, too: until the token it is no command to the runner.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '::stop-commands::%s\n' "$token"
code=0
"${GATE_COMMAND:-harness}" gate "${options[@]}" || code=$?
printf '\n::%s::\n' "$token"

# A gate that passed or blocked has a report. Without one it was no gate, such as with --help, and that is no success.
case "$code" in
    0) verdict=passed ;;
    1) verdict=blocked ;;
    2) verdict=usage-error ;;
    3) verdict=no-evidence ;;
    *) verdict=error ;;
esac
if [ "$code" -le 1 ] && [ ! -s "$summary" ]; then
    code=3
    verdict=error
fi

if [ -s "$summary" ] && [ -n "${GATE_MARKDOWN:-}" ]; then
    if ! { mkdir -p -- "$(dirname -- "$GATE_MARKDOWN")" && cat "$summary" >"$GATE_MARKDOWN"; }; then
        printf 'harness: the Markdown cannot be written to the file that was asked for.\n' >&2
        if [ "$code" -eq 0 ]; then
            code=3
            verdict=error
        fi
    fi
fi

page="${GITHUB_STEP_SUMMARY:-/dev/null}"
limit=900000 # bytes; GitHub drops a summary of more than 1 MiB
if [ ! -s "$summary" ]; then
    printf 'harness gate: %s (exit code %s) without a report; the reason is in the log of this step.\n' \
        "$verdict" "$code" >>"$page"
elif [ "$(wc -c <"$summary")" -gt "$limit" ]; then
    head -c "$limit" "$summary" >>"$page"
    printf '\n\nThe rest is left out here; the input markdown writes all of it to a file.\n' >>"$page"
else
    cat "$summary" >>"$page"
fi

finish "$code" "$verdict"
