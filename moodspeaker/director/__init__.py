"""When the music changes, and whose it is: events in, effects out."""
