# What a contributor runs.  `./install.sh --test` makes .venv with everything that these need.
PYTHON ?= .venv/bin/python

.PHONY: check test unit test-lowest demo bench docs pictures lock

check:            ## lint, format, types, layers, shell scripts
	PATH="$(abspath $(dir $(PYTHON))):$$PATH" bash .ci/check

test:             ## the suite; what lacks a server is skipped
	$(PYTHON) -m pytest

unit:             ## the unit tests alone, on every core: seconds
	$(PYTHON) -m pytest tests/unit -q -n $(shell nproc)

test-lowest:      ## the tests in one process, with the lowest libraries that pyproject.toml allows
	./install.sh --test-lowest

demo:             ## the speaker at work on a drawn face
	$(PYTHON) -m moodspeaker demo

bench:            ## each stage on this machine, how the index of songs grows, what a choice of songs costs
	$(PYTHON) -m moodspeaker bench
	$(PYTHON) music-index/evaluation/growth.py
	$(PYTHON) music-index/evaluation/suggesting.py

docs:             ## after a change of commands, settings, entities or routes: the man page and the references
	$(PYTHON) docs/man/make_man.py
	$(PYTHON) docs/reference/make_reference.py

pictures:         ## after a change of the page: the pictures of the documentation, from the demo (wants chromium, mpd, mosquitto)
	PYTHONPATH=tests $(PYTHON) docs/pictures/make_pictures.py

lock:             ## after a change of dependencies: constraints.txt (wants uv: pip install uv)
	uv lock --upgrade
	uv export --frozen --all-extras --group dev --no-hashes --no-emit-project --no-header --no-annotate --quiet -o constraints.txt
	sed -i '1i # The versions that passed the tests, for Python 3.11 to 3.14: pip install -c constraints.txt -e .   (made by: make lock)' constraints.txt
	rm uv.lock
