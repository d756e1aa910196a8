"""The music server MPD: where it is, what it says, who changed it, and the player port on it."""
