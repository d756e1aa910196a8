"""`python -m moodspeaker`."""

import sys

if not sys.flags.safe_path:
    del sys.path[
        0
    ]  # the working folder: a json.py or numpy.py that lies there is not ours (python -P does the same)

from moodspeaker.cli import main

sys.exit(main())
