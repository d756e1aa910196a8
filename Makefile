# What a contributor runs.  `./install.sh --test` makes .venv with everything that these need.
PYTHON ?= .venv/bin/python

.PHONY: check test test-lowest demo bench lock

check:            ## lint, format, types, layers, shell scripts
	PATH="$(abspath $(dir $(PYTHON))):$$PATH" bash .ci/check

test:             ## the suite; what lacks a server is skipped
	$(PYTHON) -m pytest

test-lowest:      ## the tests in one process, with the lowest libraries that pyproject.toml allows
	./install.sh --test-lowest

demo:             ## the speaker at work on a drawn face
	$(PYTHON) -m moodspeaker demo

bench:            ## each stage on this machine
	$(PYTHON) -m moodspeaker bench

lock:             ## after a change of dependencies: uv.lock anew (wants uv: pip install uv)
	uv lock --upgrade
