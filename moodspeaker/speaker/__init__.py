"""The speaker process's loop: events to the tracker and the director, their effects to the world."""
