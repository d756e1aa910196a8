"""The scan of the listener's songs: a process of its own that never disturbs the speaker."""
