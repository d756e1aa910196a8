#!/usr/bin/env bash
# Installs moodspeaker, shows it, or tests it, on Debian or Raspberry Pi OS.  `./install.sh --help` tells how.
#
# Whatever it brings from Debian is installed under a temporary policy-rc.d and disabled again if it was not there before:
# Debian starts and enables MPD and Mosquitto when they are installed; this script leaves neither running nor enabled.
set -euo pipefail

HERE=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
MODE=install
DRY_RUN=no
PREFIX=""
ARGUMENTS=()
CHANGES=0
BROUGHT=() # the packages of Debian that this run installed

PYTHON=/usr/bin/python3
HOME_FOLDER=/opt/moodspeaker
CONFIG=/etc/moodspeaker/config.toml
SERVICE_CONFIG=/etc/moodspeaker/conf.d/service.toml
UNITS=(moodspeaker-vision.service moodspeaker.service moodspeaker-index.timer moodspeaker-index.path)
SCAN=moodspeaker-index.service # started by its timer and its path
MAN=/usr/local/share/man/man1/moodspeaker.1
COMPLETION=/usr/local/share/bash-completion/completions/moodspeaker
RUNTIME=/run/moodspeaker
POLICY=/usr/sbin/policy-rc.d
POLICY_ASIDE=/usr/sbin/policy-rc.d.before-moodspeaker
POLICY_MARK="of moodspeaker's install.sh while it installs: remove it if that was broken off"

usage() {
    cat <<'TEXT'
usage: ./install.sh [--dry-run] [--prefix DIR]    install the service (Debian 12 or later, Raspberry Pi OS), start it
       ./install.sh --uninstall [--dry-run] [--prefix DIR]
       ./install.sh --demo [ARGUMENT ...]         see it work, with no camera, broker or music of yours; Ctrl-C ends it
       ./install.sh --test [ARGUMENT ...]         run all checks and tests, with the newest libraries
       ./install.sh --test-lowest [ARGUMENT ...]  run tests with the lowest versions of the libraries that pyproject.toml allows

  --dry-run     say each step and do none
  --prefix DIR  stage the files of the service below DIR; no packages, users or services are touched
  ARGUMENT      goes to `moodspeaker demo` (such as --sound or --seconds 60) or to pytest

A second run changes nothing and says so.  --uninstall keeps the configuration and the state.
TEXT
}

say() { printf '%s\n' "$*"; }
fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

misused() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 2
}

# --- doing, or only saying -------------------------------------------------------------------------------------------

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "this step needs root ($*): run it as root, or install sudo"
    fi
}

# Do a step, or say it: step WHAT COMMAND...
step() {
    local what=$1
    shift
    CHANGES=$((CHANGES + 1))
    if [ "$DRY_RUN" = yes ]; then
        say "would: $what"
    else
        say "$what"
        "$@"
    fi
}

# Say what came of all steps: conclude NOTHING DONE
conclude() {
    if [ "$CHANGES" = 0 ]; then
        say "$1"
    elif [ "$DRY_RUN" = yes ]; then
        say "nothing was done: this was a dry run"
    else
        say "$2"
    fi
}

# Run what takes long: tell how it gets on and, when it fails, the last of what it said.
watched() {
    local log status=0
    log=$(mktemp)
    "$@" 2>&1 | tee "$log" | progress || status=$?
    [ "$status" = 0 ] || tail -n 20 "$log" >&2
    rm -f "$log"
    return "$status"
}

# Read what apt-get and pip say: print the sizes they name, and a dot for each package of Debian that is set up.
progress() {
    local line package dots="  setting up "
    while IFS= read -r line; do
        line=${line#"${line%%[! ]*}"}
        case $line in
            "Need to get "*) say "  fetching ${line#Need to get }" ;;
            "Setting up "*)
                printf '%s.' "$dots"
                dots=""
                ;;
            "Downloading "*" MB)"* | "Using cached "*" MB)"*)
                package=${line#Downloading }
                package=${package#Using cached }
                say "  ${package%%-*} (${line##*(}"
                ;;
            "Installing collected packages: "*) say "  unpacking" ;;
        esac
    done
    [ -n "$dots" ] || say ""
}

# --- Debian's packages -----------------------------------------------------------------------------------------------

require_debian() {
    command -v apt-get >/dev/null || fail "this is no Debian or Raspberry Pi OS (no apt-get here): see README.md, 'By hand'"
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Print the links by which systemd and init would start MPD and Mosquitto.
enabled_servers() {
    find /etc/systemd/system /etc/systemd/user /etc/rc[2-5].d \
        \( -name 'mpd.*' -o -name 'mosquitto.*' -o -name 'S[0-9][0-9]mpd' -o -name 'S[0-9][0-9]mosquitto' \) 2>/dev/null | sort || true
}

install_packages() {
    local package missing=()
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    step "install Debian's packages ${missing[*]} (a minute or a few)" bring_packages "${missing[@]}"
}

bring_packages() {
    local before
    before=$(enabled_servers)
    as_root apt-get update -q >/dev/null ||
        fail "apt-get update failed: is there a network, and are the sources in /etc/apt right?"
    forbid_starting
    watched as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" ||
        fail "apt-get install $* failed: see above"
    allow_starting
    disable_what_is_new "$before"
    BROUGHT+=("$@")
}

# invoke-rc.d asks policy-rc.d before it starts anything: 101 forbids it.
forbid_starting() {
    trap allow_starting EXIT
    if [ -e "$POLICY" ] && [ ! -e "$POLICY_ASIDE" ] && ! grep -qs "$POLICY_MARK" "$POLICY"; then
        as_root mv "$POLICY" "$POLICY_ASIDE"
    fi
    printf '#!/bin/sh\n# %s\nexit 101\n' "$POLICY_MARK" | as_root tee "$POLICY" >/dev/null
    as_root chmod 755 "$POLICY"
}

allow_starting() {
    if [ -e "$POLICY_ASIDE" ]; then
        as_root mv "$POLICY_ASIDE" "$POLICY"
    else
        as_root rm -f "$POLICY"
    fi
    trap - EXIT
}

disable_what_is_new() {
    local new link
    new=$(comm -13 <(printf '%s\n' "$1") <(enabled_servers))
    [ -n "$new" ] || return 0
    while read -r link; do
        case $link in
            /etc/rc?.d/*) as_root mv "$link" "$(dirname "$link")/K01${link##*/S??}" ;;
            *) as_root rm -f "$link" ;;
        esac
    done <<<"$new"
    if [ -d /run/systemd/system ]; then as_root systemctl daemon-reload; fi
}

# --- Python ----------------------------------------------------------------------------------------------------------

require_python() {
    [ -x "$PYTHON" ] || fail "there is no $PYTHON: apt-get install python3"
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$("$PYTHON" --version) is too old: Debian 12 (Python 3.11) or later is needed"
    if [ "$(dpkg --print-architecture)" = armhf ] && "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 12))'; then
        fail "there is no runtime for the models on 32-bit ARM with $("$PYTHON" --version): use the 64-bit system, or 32-bit Bookworm"
    fi
}

# Print a fingerprint of all that goes into the installed program.
fingerprint() (
    cd "$HERE"
    {
        find moodspeaker models/face models/emotion config pyproject.toml install.sh -type f ! -name '*.pyc' -print0 2>/dev/null |
            sort -z | xargs -0 sha256sum
        "$PYTHON" --version
    } | sha256sum | cut -d' ' -f1
)

# Make or refresh a virtual environment: make_venv FOLDER FINGERPRINT OPTIONS PIP_ARGUMENT...  (OPTIONS: of venv, or "")
make_venv() {
    local folder=$1 mark=$2
    if "$folder/bin/python" -c '' 2>/dev/null && [ "$(cat "$folder/.moodspeaker" 2>/dev/null)" = "$mark" ]; then
        return 0
    fi
    step "make the Python environment $folder (fetches about 100 MB: a minute or a few)" build_venv "$@"
}

build_venv() {
    local folder=$1 mark=$2 options=()
    [ -z "$3" ] || options+=("$3")
    shift 3
    # After an upgrade of Python the old environment no longer runs: it is made anew.
    "$folder/bin/python" -c 'import pip' 2>/dev/null || options+=(--clear)
    "$PYTHON" -m venv "${options[@]}" "$folder"
    watched "$folder/bin/python" -m pip install --progress-bar off --disable-pip-version-check --no-input \
        --root-user-action=ignore "$@" ||
        fail "pip could not install into $folder: see above; is there a network, and is pip's index right (pip config list)?"
    [ -z "$PREFIX" ] || make_movable "$folder/bin/moodspeaker"
    printf '%s\n' "$mark" >"$folder/.moodspeaker"
}

# pip names the folder of the staging in the program; what is staged is to run below / later on.
make_movable() {
    cat >"$1" <<'PROGRAM'
#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/python" -P -m moodspeaker "$@"
PROGRAM
}

# Print a folder for a person's own use: in the checkout, else in their cache.
own_folder() {
    if [ -w "$HERE" ]; then
        printf '%s\n' "$HERE/$1"
    else
        printf '%s\n' "${XDG_CACHE_HOME:-$HOME/.cache}/moodspeaker/$1"
    fi
}

# --- the demo --------------------------------------------------------------------------------------------------------

demo() {
    # A shell that puts this in the background lets it ignore Ctrl-C, which bash cannot undo for itself.
    [ -z "$(trap -p INT)" ] || exec env --default-signal=INT "$HERE/install.sh" --demo "${ARGUMENTS[@]}"
    require_debian
    install_packages python3 python3-venv mpd mpc mosquitto mosquitto-clients
    require_python
    local folder status=0
    folder=$(own_folder build)
    make_venv "$folder/demo" "$(fingerprint)" "" --upgrade "$HERE"
    [ ${#BROUGHT[@]} = 0 ] || printf '%s\n' "${BROUGHT[@]}" >>"$folder/demo-packages"
    until_it_ends "$folder/demo/bin/moodspeaker" demo "${ARGUMENTS[@]}" || status=$?
    say_what_stays "$folder"
    return "$status"
}

# Run a program, end it when this script is told to end, and return its exit code.
until_it_ends() {
    local child status interrupted=yes
    "$@" <&0 &
    child=$!
    trap 'interrupted=yes; kill -TERM "$child" 2>/dev/null || true' INT TERM HUP
    while [ "$interrupted" = yes ]; do
        interrupted=no
        status=0
        wait "$child" || status=$?
    done
    trap - INT TERM HUP
    return "$status"
}

# Say what the demo left, and how it goes: say_what_stays FOLDER
say_what_stays() {
    say "The demo has ended; nothing of it runs.  What stays, and how to remove it:"
    say "  the Python environment, $(du -sh "$1/demo" | cut -f1)          rm -r $1/demo*"
    if [ -s "$1/demo-packages" ]; then
        say "  Debian's packages, switched off       sudo apt-get purge --autoremove $(sort -u "$1/demo-packages" | paste -sd ' ')"
    fi
    say "  what pip fetched, kept for next time  python3 -m pip cache purge"
}

# --- the service -----------------------------------------------------------------------------------------------------

# Put a file in place unless it is there already: place SOURCE TARGET
place() {
    cmp -s "$1" "$PREFIX$2" || step "write $PREFIX$2" install -D -m 644 "$1" "$PREFIX$2"
}

# The man page and what completes words in bash, where the checkout has them.
place_extras() {
    [ ! -e "$HERE/docs/man/moodspeaker.1" ] || place "$HERE/docs/man/moodspeaker.1" "$MAN"
    [ ! -e "$HERE/moodspeaker/_completion/moodspeaker.bash" ] ||
        place "$HERE/moodspeaker/_completion/moodspeaker.bash" "$COMPLETION"
}

remove() {
    local path
    for path in "$@"; do
        if [ -e "$PREFIX$path" ] || [ -L "$PREFIX$path" ]; then step "remove $PREFIX$path" rm -rf "$PREFIX$path"; fi
    done
}

require_systemd() {
    [ "$DRY_RUN" = yes ] || [ -d /run/systemd/system ] ||
        fail "systemd does not run here: try ./install.sh --demo, or run it by hand with: moodspeaker run"
}

# Root for all that follows; what is only said or staged needs none.
become_root() {
    if [ -n "$PREFIX" ] || [ "$DRY_RUN" = yes ] || [ "$(id -u)" = 0 ]; then return 0; fi
    command -v sudo >/dev/null || fail "installing the service needs root: run it as root, or install sudo"
    exec sudo "$HERE/install.sh" "$@"
}

# On a Pi picamera2 comes from Debian's side of the world, and with it a numpy that must not be replaced.
has_picamera2() { [ -z "$PREFIX" ] && apt-cache policy python3-picamera2 2>/dev/null | grep -q 'Candidate: [0-9]'; }

install_service() {
    local venv_option="" extra=() packages=(python3 python3-venv ffmpeg) unit
    if [ -z "$PREFIX" ]; then
        require_debian
        require_systemd
        if has_picamera2; then
            packages+=(python3-picamera2 python3-numpy)
            venv_option=--system-site-packages
        fi
        install_packages "${packages[@]}"
    fi
    require_python
    if [ -n "$venv_option" ] && [ "$DRY_RUN" = no ]; then
        extra=("numpy==$("$PYTHON" -c 'import numpy; print(numpy.__version__)')")
    fi
    umask 022
    [ "$DRY_RUN" = yes ] || mkdir -p "$PREFIX$(dirname "$HOME_FOLDER")" "$PREFIX/usr/local/bin" ||
        fail "--prefix $PREFIX: no folder can be made there"
    make_venv "$PREFIX$HOME_FOLDER" "$(fingerprint)" "$venv_option" --upgrade "$HERE" "${extra[@]}"
    if [ "$(readlink "$PREFIX/usr/local/bin/moodspeaker")" != "$HOME_FOLDER/bin/moodspeaker" ]; then
        step "link $PREFIX/usr/local/bin/moodspeaker" ln -sfn "$HOME_FOLDER/bin/moodspeaker" "$PREFIX/usr/local/bin/moodspeaker"
    fi
    [ -e "$PREFIX$CONFIG" ] || place "$HERE/config/config.toml" "$CONFIG"
    place "$HERE/systemd/paths.toml" "$SERVICE_CONFIG"
    place "$HERE/systemd/sysusers.conf" /etc/sysusers.d/moodspeaker.conf
    place "$HERE/systemd/tmpfiles.conf" /etc/tmpfiles.d/moodspeaker.conf
    for unit in "${UNITS[@]}" "$SCAN"; do
        place "$HERE/systemd/$unit" "/etc/systemd/system/$unit"
    done
    place_extras
    [ -n "$PREFIX" ] || start_service
    conclude "moodspeaker is installed already: nothing to change" \
        "moodspeaker is installed; its settings are in $PREFIX$CONFIG.  What is still missing: moodspeaker doctor"
}

start_service() {
    local unit
    id moodspeaker-vision >/dev/null 2>&1 || step "make the users moodspeaker and moodspeaker-vision" systemd-sysusers moodspeaker.conf
    [ -d "$RUNTIME" ] || step "make $RUNTIME" systemd-tmpfiles --create moodspeaker.conf
    local changed=$CHANGES
    [ "$changed" = 0 ] || step "read the units" systemctl daemon-reload
    for unit in "${UNITS[@]}"; do
        systemctl is-enabled --quiet "$unit" 2>/dev/null || step "enable $unit" systemctl enable --quiet "$unit"
        if ! systemctl is-active --quiet "$unit" 2>/dev/null || [ "$changed" -gt 0 ]; then
            step "start $unit" systemctl restart "$unit"
        fi
    done
    let_in
}

# Let the person who installs ask the service; it need not start anew for that.
let_in() {
    local user=${SUDO_USER:-$(id -un)}
    if [ "$user" = root ] || id -nG "$user" | grep -qw moodspeaker; then return 0; fi
    step "add $user to the group moodspeaker: log in anew, then moodspeaker status, why and command work" \
        usermod -aG moodspeaker "$user"
}

# A broker that is down or refuses keeps what it has: that is said, and the rest goes on.
clear_topics() {
    "$HOME_FOLDER/bin/moodspeaker" mqtt purge ||
        say "the broker's topics stay: clear moodspeaker/# and homeassistant/device/moodspeaker_* there by hand"
}

uninstall_service() {
    local unit
    if [ -z "$PREFIX" ]; then
        require_systemd
        for unit in "${UNITS[@]}"; do
            if [ -e "/etc/systemd/system/$unit" ]; then step "stop and disable $unit" systemctl disable --quiet --now "$unit"; fi
        done
        ! systemctl is-active --quiet "$SCAN" || step "stop $SCAN" systemctl stop "$SCAN"
        if [ -x "$HOME_FOLDER/bin/moodspeaker" ]; then step "clear what the MQTT broker keeps of the speaker" clear_topics; fi
    fi
    for unit in "${UNITS[@]}" "$SCAN"; do remove "/etc/systemd/system/$unit"; done
    remove "$SERVICE_CONFIG" /etc/tmpfiles.d/moodspeaker.conf /etc/sysusers.d/moodspeaker.conf /usr/local/bin/moodspeaker \
        "$MAN" "$COMPLETION" "$HOME_FOLDER"
    [ -n "$PREFIX" ] || {
        remove "$RUNTIME"
        [ "$CHANGES" = 0 ] || step "read the units" systemctl daemon-reload
    }
    conclude "moodspeaker is not installed: nothing to remove" \
        "kept: $PREFIX/etc/moodspeaker (settings), $PREFIX/var/lib/moodspeaker (state), the system's users; to remove them too:
  rm -r $PREFIX/etc/moodspeaker $PREFIX/var/lib/moodspeaker; userdel moodspeaker-vision; userdel moodspeaker"
}

# For tests: `source install.sh` gives the functions and does nothing.
if [ "${BASH_SOURCE[0]}" != "$0" ]; then return 0; fi

# --- the command line ------------------------------------------------------------------------------------------------

given=("$@")
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h)
            usage
            exit 0
            ;;
        --demo | --test | --test-lowest)
            [ "$MODE$DRY_RUN$PREFIX" = installno ] || misused "$1 stands first and alone: see ./install.sh --help"
            MODE=${1#--}
            shift
            ARGUMENTS=("$@")
            break
            ;;
        --uninstall) MODE=uninstall ;;
        --dry-run) DRY_RUN=yes ;;
        --prefix)
            [ $# -gt 1 ] || misused "--prefix wants a folder: ./install.sh --prefix DIR"
            PREFIX=$(realpath -m "$2")
            shift
            ;;
        *) misused "unknown argument $1: see ./install.sh --help" ;;
    esac
    shift
done

case $MODE in
    demo) demo ;;
    test | test-lowest)
        # shellcheck source=tests/run.sh
        . "$HERE/tests/run.sh"
        if [ "$MODE" = test ]; then test_newest; else test_lowest; fi
        ;;
    install | uninstall)
        become_root "${given[@]}"
        "${MODE}_service"
        ;;
esac
