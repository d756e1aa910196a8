"""The settings: one frozen, validated value, or every reason why not, at once.

    sources     where settings stand, and which come later; light, and tolerant where it is asked to be
    runtime     the folders of this machine: how `status` finds a running speaker without the rest
    hosts       names and addresses, cleaned or refused
    schema      every key, its type, default and meaning
    kinds       whether a value is of its kind: in a file a number is a number, a switch a switch
    load        sources -> Config, or ConfigError
    overlay     what was changed on the page: a file in the state folder
    layers      sources and overlay -> Config, and where each setting stands
    describe    what each setting is: its docs, type, limits and default
    explain     what is wrong with a setting, and what the settings are, in text
    rights      who may read a file, and what stands in the way
    secrets     passwords and tokens: the files that hold them
    check       what the start would refuse or leave out, though each value alone is good
    in_force    what a running speaker goes by, and what a reload does to it

Order, later wins: defaults < configuration file < conf.d/*.toml beside it < what was changed on the page <
environment (`MOODSPEAKER_SECTION__KEY`) < `--set`.  The file is the one given with `--config`, else the
user's (`$XDG_CONFIG_HOME/moodspeaker/config.toml`), else `/etc/moodspeaker/config.toml`; none at all means
the defaults.  An unknown key is an error that names the nearest known one.

Settings of the core stand beside their user (`mood`, `director`); those of the rim stand in `schema`, below
all their users.  A secret is never in a setting: a setting names the file that holds it.
"""
