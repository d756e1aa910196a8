"""`moodspeaker completion`: what a shell needs to complete this program's words, made from its parsers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import argparse

SUMMARY: Final = "print what a shell needs to complete this program's words"
EPILOG: Final = """\
  moodspeaker completion bash > ~/.local/share/bash-completion/completions/moodspeaker
  sudo sh -c 'moodspeaker completion bash > /usr/share/bash-completion/completions/moodspeaker'
"""
BASH: Final = """\
# Completes the words of moodspeaker {version}; made by: moodspeaker completion bash
_moodspeaker() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command="" words="" i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${{COMP_WORDS[i]}} in
            {names}) command=${{COMP_WORDS[i]}}; break ;;
        esac
    done
    case $before in
        --set) compopt -o nospace; COMPREPLY=($(compgen -S = -W "{keys}" -- "$word")); return ;;
        --config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    esac
    case $command in
        "") words="{top}" ;;
{cases}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _moodspeaker moodspeaker
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's own arguments."""
    parser.epilog = EPILOG
    parser.add_argument("shell", choices=("bash",), help="the shell")


def run(_arguments: argparse.Namespace) -> int:
    """Print the script; return 0."""
    print(bash(), end="")
    return 0


def bash() -> str:
    """Return the script for bash."""
    from moodspeaker import __version__
    from moodspeaker.cli import COMMANDS
    from moodspeaker.config.explain import known_keys

    words = {name: " ".join(_words(parser)) for name, parser in parsers().items()}
    return BASH.format(
        version=__version__,
        names="|".join(COMMANDS),
        keys=" ".join(key for section in known_keys(()) for key in known_keys((section,))),
        top=" ".join((*COMMANDS, "--help", "--version")),
        cases="\n".join(f'        {name}) words="{options}" ;;' for name, options in words.items()),
    )


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Return the parser of each command, by its name."""
    from moodspeaker.cli import COMMANDS
    from moodspeaker.cli.arguments import parser

    [commands] = [action for action in actions(parser(COMMANDS)) if isinstance(action.choices, dict)]
    return dict(commands.choices)


def actions(parser: argparse.ArgumentParser) -> list[Any]:
    """Return a parser's arguments and options, in their order."""
    return parser._actions  # noqa: SLF001 - argparse offers no other way


def _words(parser: argparse.ArgumentParser) -> list[str]:
    """Return the options and the words that may follow a command."""
    found: list[str] = []
    for action in actions(parser):
        found += [option for option in action.option_strings if option.startswith("--")]
        found += [str(choice) for choice in action.choices or () if not action.option_strings]
        if isinstance(action.choices, dict):  # the command's own actions, each with a parser
            found += [word for own in action.choices.values() for word in _words(own)]
    return list(dict.fromkeys(found))
