# shellcheck shell=bash
# How `./install.sh --test` and `--test-lowest` prepare and run the tests: sourced by install.sh.

# Install what all tests need of Debian, and put the environment FOLDER into PATH.
prepare_tests() {
    require_debian
    install_packages python3 python3-venv mpd mpc mosquitto mosquitto-clients ffmpeg shellcheck strace systemd chromium
    require_python
    cd "$HERE" || exit
    export PATH="$1/bin:$PATH:/usr/sbin" MOODSPEAKER_REQUIRE_SERVERS=1
}

# Print what tests need, one requirement a line; with "lowest" all that is asked for, at its lowest version.
requirements() {
    "$PYTHON" - "$@" <<'PROGRAM'
import re, sys, tomllib
with open("pyproject.toml", "rb") as file:
    asked = tomllib.load(file)
wanted = asked["dependency-groups"]["dev"]
if "lowest" in sys.argv:
    wanted = [re.sub(r">=([^,;]+)[^;]*", r"==\1", one) for one in wanted + asked["project"]["dependencies"]]
print(*wanted, sep="\n")
PROGRAM
}

# Make the environment of the tests: test_venv FOLDER [lowest]
test_venv() {
    local wanted
    wanted=$(requirements "${@:2}")
    mapfile -t wanted <<<"$wanted"
    make_venv "$1" "$(sha256sum pyproject.toml | cut -d' ' -f1)" "" --upgrade --editable . "${wanted[@]}"
}

# All checks and tests, with the newest libraries.  Most tests wait for a server most of the time: there is one more than
# there are cores, in the order of their files, for those that take seconds come first; the checks run beside them.
test_newest() {
    local venv checks failed=()
    venv=$(own_folder .venv)
    prepare_tests "$venv"
    test_venv "$venv"
    checks=$(mktemp)
    bash .ci/check >"$checks" 2>&1 &
    say "== pytest"
    python -m pytest -n $(($(nproc) + 1)) --dist loadfile --no-loadscope-reorder --cov --cov-report=term "${ARGUMENTS[@]}" ||
        failed+=(tests)
    wait $! || failed+=(checks)
    cat "$checks"
    rm -f "$checks"
    [ ${#failed[@]} -eq 0 ] || fail "failed: ${failed[*]}"
}

# Tests with the lowest libraries, by default those in one process.
test_lowest() {
    local venv
    venv=$(own_folder build/lowest)
    prepare_tests "$venv"
    test_venv "$venv" lowest
    [ ${#ARGUMENTS[@]} -gt 0 ] || ARGUMENTS=(tests/unit tests/contract)
    python -m pytest "${ARGUMENTS[@]}"
}
