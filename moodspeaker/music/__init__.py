"""Which songs, and why: pure, without a clock, a file or a server."""
