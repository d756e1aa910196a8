"""A recorded day with other settings, in a process of its own (NumPy): `python -m moodspeaker.replaying`."""
