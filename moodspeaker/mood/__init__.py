"""From looks to the mood of the room."""
