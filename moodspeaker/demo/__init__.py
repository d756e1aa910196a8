"""What the demo makes before it runs the real program: a drawn face, music, private servers.

Nothing else in the package imports this one, and this one imports nothing of the program it shows.
"""
