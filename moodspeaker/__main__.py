"""`python -m moodspeaker`."""

import sys

from moodspeaker.cli import main

sys.exit(main())
