"""What other Python programs import: the models, the mood filter and the recommender, without the daemon.

`from moodspeaker import FaceReader, MoodTracker, Recommender`: each is imported with what it needs when it is
first named.  docs/library.md shows them at work.
"""
