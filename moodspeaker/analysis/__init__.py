"""What a song sounds like: decoding, descriptors, valence and arousal.

Used by `moodspeaker index`, a process of its own, never by the speaker: NumPy lives here, no network does.
"""

import os

# Its matrices are small: more threads only wait for each other, and cost four tenths more CPU.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
