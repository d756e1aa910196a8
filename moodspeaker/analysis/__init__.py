"""What a song sounds like: decoding, descriptors, valence and arousal.

Used by `moodspeaker index`, a process of its own, never by the speaker: NumPy lives here, no network does.
"""
