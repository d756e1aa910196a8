"""What songs there are, and what was heard of them: `<state folder>/library.db`."""
