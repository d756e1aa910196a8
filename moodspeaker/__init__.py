"""moodspeaker: a speaker that plays to the mood of the room."""

__version__ = "0.1.0"
