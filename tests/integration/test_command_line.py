"""What all commands share: the list, output that is refused, completion, and the working folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from moodspeaker.cli import COMMANDS, main
from moodspeaker.cli.completion import bash
from moodspeaker.resources import program

CHECKOUT = Path(__file__).parents[2]


def test_without_a_command_they_are_listed_with_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    listed = {line.split()[0]: line.split()[1:] for line in err.splitlines() if re.match(" {4}[a-z]", line)}
    assert list(listed) == list(COMMANDS)
    assert all(listed.values())


def test_an_output_that_takes_nothing_is_said(root: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "moodspeaker", "completion", "bash"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=CHECKOUT,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "moodspeaker: the output cannot be written: No space left on device\n"


def test_a_module_of_the_same_name_in_the_working_folder_is_not_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("moodspeaker", "json", "mpd"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')\n")
    monkeypatch.chdir(tmp_path)
    done = subprocess.run(
        [*program(), "--version"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("moodspeaker ")


def test_a_checkout_that_is_not_installed_is_taken_from_the_working_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(CHECKOUT)
    assert "-P" in program()
    elsewhere = [entry for entry in sys.path if not (Path(entry) / "moodspeaker").exists()]
    monkeypatch.setattr("sys.path", ["", *elsewhere])
    assert "-P" not in program()


def test_the_config_file_may_stand_in_the_home_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(root))
    (root / "own.toml").write_text("[mood]\ndwell = 1e9\n", encoding="utf-8")
    assert main(["config", "check", "--config=~/own.toml"]) == 2
    assert f"{root}/own.toml: mood.dwell" in capsys.readouterr().err


# --- completion


def complete(*words: str) -> list[str]:
    """Return what bash offers for the last word."""
    script = (
        f"{bash()}\nCOMP_WORDS=(moodspeaker {' '.join(map(repr, words))}); COMP_CWORD={len(words)}\n"
        'compopt() { :; }; _moodspeaker; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["sta"], ["status"]),
        (["co"], ["command", "config", "completion"]),
        (["why", "--j"], ["--json"]),
        (["config", ""], ["check", "show", "--help", "--config", "--set", "--json"]),
        (["models", "v"], ["verify"]),
        (["run", "--set", "mood.d"], ["mood.dwell="]),
        (["run", "--set", "mqtt.p"], ["mqtt.port=", "mqtt.password_file="]),
    ],
)
def test_bash_completes_commands_options_and_settings(words: list[str], offered: list[str]) -> None:
    assert sorted(complete(*words)) == sorted(offered)


def test_the_completion_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    assert capsys.readouterr().out == bash()
