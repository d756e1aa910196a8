"""What the demo makes before it runs the real program: a drawn face to look at, music to play, private
servers to talk to.

Nothing else in the package imports this one, and this one imports nothing of the program it shows.
"""
