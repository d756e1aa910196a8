# What a contributor runs.  `./install.sh --test` makes .venv with everything that these need.
PYTHON ?= .venv/bin/python

.PHONY: check test demo bench

check:            ## lint, types, layers
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	$(dir $(PYTHON))lint-imports
	shellcheck install.sh .ci/run

test:             ## the suite; what lacks a server is skipped
	$(PYTHON) -m pytest

demo:             ## the speaker at work on a drawn face
	$(PYTHON) -m moodspeaker demo

bench:            ## each stage on this machine
	$(PYTHON) -m moodspeaker bench
