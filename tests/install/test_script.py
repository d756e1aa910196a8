"""What install.sh tells and does, function by function; the end of the demo; the lock file."""

import os
import signal
import subprocess
import tomllib
from contextlib import suppress
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from support.servers import require

HERE = Path(__file__).parents[2]
APT = """\
Reading package lists...
The following NEW packages will be installed:
  libmpdclient2 mpc
Need to get 64.1 kB of archives.
After this operation, 184 kB of additional disk space will be used.
Selecting previously unselected package mpc.
Setting up libmpdclient2:amd64 (2.20-1) ...
Setting up mpc (0.34-2) ...
"""
PIP = """\
Processing ./.
Collecting numpy>=1.24
  Using cached numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.whl.metadata (6.6 kB)
Collecting opencv-python-headless<5,>=4.11
  Downloading opencv_python_headless-4.14.0.94-cp37-abi3-manylinux_2_28_x86_64.whl (61.2 MB)
Using cached numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.whl (16.9 MB)
Installing collected packages: numpy, opencv-python-headless, moodspeaker
Successfully installed moodspeaker-0.1.0
"""


def script(code: str, given: str = "", **variables: object) -> subprocess.CompletedProcess[str]:
    """Run lines of bash that know the functions of install.sh."""
    return subprocess.run(
        ["bash", "-c", f". {HERE}/install.sh\n{code}"],
        input=given,
        capture_output=True,
        text=True,
        cwd=HERE,
        timeout=60,
        env=os.environ | {name: str(value) for name, value in variables.items()},
        check=False,
    )


# --- a dry run tells what the real run does ---------------------------------------------------------------

INSTALLED = """
systemctl() { case $1 in is-enabled | is-active) true ;; *) echo "ran systemctl $*" ;; esac; }
systemd-sysusers() { echo "ran systemd-sysusers"; }
systemd-tmpfiles() { echo "ran systemd-tmpfiles"; }
usermod() { echo "ran usermod $*"; }
RUNTIME=/
"""
"""A machine on which the service is installed and runs."""


def steps(output: str) -> list[str]:
    lines = [line.removeprefix("would: ") for line in output.splitlines()]
    return [line for line in lines if not line.startswith("ran ")]


@pytest.mark.parametrize("dry", ["yes", "no"])
def test_a_second_person_is_let_in_and_nothing_else_is_done(dry: str) -> None:
    someone_else = """
    id() { case $1 in -un) echo bea ;; -nG) echo "bea users" ;; -u) echo 1000 ;; *) true ;; esac; }
    """
    answer = script(f"{INSTALLED}{someone_else}DRY_RUN={dry} SUDO_USER=bea\nstart_service")
    assert answer.returncode == 0, answer.stderr
    assert steps(answer.stdout) == [
        "add bea to the group moodspeaker: log in anew, then moodspeaker status, why and command work"
    ]
    assert ("ran usermod -aG moodspeaker bea" in answer.stdout) is (dry == "no")
    assert "ran systemctl" not in answer.stdout


def test_a_dry_run_thinks_of_the_person_who_would_call_it() -> None:
    as_oneself = """
    id() { case $1 in -un) echo bea ;; -nG) echo "bea users" ;; -u) echo 1000 ;; *) true ;; esac; }
    """
    answer = script(f"{INSTALLED}{as_oneself}unset SUDO_USER\nDRY_RUN=yes\nlet_in")
    assert answer.stdout.startswith("would: add bea to the group moodspeaker")


@pytest.mark.parametrize("dry", ["yes", "no"])
def test_packages_are_told_alike(dry: str) -> None:
    answer = script(
        f"is_installed() {{ [ $1 = mpd ]; }}\nbring_packages() {{ :; }}\nDRY_RUN={dry}\n"
        "install_packages mpd mpc mosquitto"
    )
    assert steps(answer.stdout) == ["install Debian's packages mpc mosquitto (a minute or a few)"]


# --- what takes long tells how it gets on -----------------------------------------------------------------


def test_progress_of_apt_is_its_sizes_and_a_dot_a_package() -> None:
    answer = script("progress", given=APT)
    assert answer.stdout == "  fetching 64.1 kB of archives.\n  setting up ..\n"


def test_progress_of_pip_is_each_big_download() -> None:
    answer = script("progress", given=PIP)
    assert answer.stdout.splitlines() == [
        "  opencv_python_headless (61.2 MB)",
        "  numpy (16.9 MB)",
        "  unpacking",
    ]


def test_what_fails_tells_its_last_words_and_its_exit_code() -> None:
    answer = script("talk() { seq 100; echo 'E: no such thing' >&2; return 7; }\nwatched talk || exit $?")
    assert answer.returncode == 7
    assert answer.stderr.splitlines()[-2:] == ["100", "E: no such thing"]
    assert answer.stdout == ""


# --- the demo's end ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_demo_ends_when_the_script_is_told_to_and_its_exit_code_counts(
    tmp_path: Path, number: signal.Signals
) -> None:
    program = tmp_path / "program"
    program.write_text(
        "#!/bin/bash\ntrap 'sleep 0.2; echo ended; exit 3' TERM\necho started\nwhile :; do sleep 0.05; done\n"
    )
    program.chmod(0o755)
    with subprocess.Popen(
        [
            "env",
            "--default-signal=INT,TERM,HUP",
            "bash",
            "-c",
            f". {HERE}/install.sh\nuntil_it_ends {program} || echo code $?",
        ],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == "started\n"
            running.send_signal(number)
            assert running.stdout.read() == "ended\ncode 3\n"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)


def test_the_demo_heeds_ctrl_c_even_where_it_was_started_in_the_background() -> None:
    ended = script("exec() { echo again: \"$*\"; exit; }\ntrap '' INT\nARGUMENTS=(--sound)\ndemo")
    assert ended.stdout == f"again: env --default-signal=INT {HERE}/install.sh --demo --sound\n"


def test_what_stays_after_the_demo_is_told_with_how_to_remove_it(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    answer = script(f"say_what_stays {tmp_path}")
    assert f"rm -r {tmp_path}/demo*" in answer.stdout
    assert "apt-get" not in answer.stdout, "this run and those before it brought nothing"
    (tmp_path / "demo-packages").write_text("mpd\nmpc\nmpd\n")
    answer = script(f"say_what_stays {tmp_path}")
    assert "sudo apt-get purge --autoremove mpc mpd\n" in answer.stdout


# --- man page and completion ------------------------------------------------------------------------------


def test_man_page_and_completion_are_installed_where_the_checkout_has_them(tmp_path: Path) -> None:
    page = tmp_path / "docs/man/moodspeaker.1"
    words = tmp_path / "moodspeaker/_completion/moodspeaker.bash"
    code = f"HERE={tmp_path} PREFIX={tmp_path}/root\nplace_extras"
    assert script(code).stdout == ""
    for file in (page, words):
        file.parent.mkdir(parents=True)
        file.write_text(file.name)
    assert script(code).stdout.count("write ") == 2
    root = tmp_path / "root/usr/local/share"
    assert (root / "man/man1/moodspeaker.1").read_text() == page.name
    assert (root / "bash-completion/completions/moodspeaker").read_text() == words.name


# --- versions ---------------------------------------------------------------------------------------------


def test_the_lowest_versions_are_those_that_pyproject_allows() -> None:
    answer = script(". tests/run.sh\nrequirements lowest")
    asked = tomllib.loads((HERE / "pyproject.toml").read_text())
    lines = answer.stdout.splitlines()
    assert len(lines) == len(asked["project"]["dependencies"]) + len(asked["dependency-groups"]["dev"])
    assert "annotated-types==0.6" in lines
    assert not [line for line in lines if ">" in line.partition(";")[0]]


def test_the_lock_file_holds_a_version_of_everything_that_pyproject_asks_for() -> None:
    asked = tomllib.loads((HERE / "pyproject.toml").read_text())
    extras = chain.from_iterable(asked["project"]["optional-dependencies"].values())
    wanted = [*asked["project"]["dependencies"], *extras, *asked["dependency-groups"]["dev"]]
    lines = [line for line in (HERE / "constraints.txt").read_text().splitlines() if line[:1] not in "# "]
    locked = [Requirement(line) for line in lines]
    for requirement in map(Requirement, wanted):
        versions = [str(one.specifier)[2:] for one in locked if one.name == requirement.name]
        assert versions, f"{requirement.name} is not in constraints.txt: make lock"
        assert any(requirement.specifier.contains(version) for version in versions), requirement


def test_the_lock_file_names_no_place_to_install_from() -> None:
    assert "://" not in (HERE / "constraints.txt").read_text()


def test_shellcheck_has_nothing_to_say() -> None:
    scripts = ("install.sh", "tests/run.sh", ".ci/run", ".ci/check")
    answer = subprocess.run(
        [str(require("shellcheck")), "-x", *scripts], capture_output=True, text=True, cwd=HERE, check=False
    )
    assert (answer.returncode, answer.stdout) == (0, "")
