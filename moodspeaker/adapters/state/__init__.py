"""What is kept on the disk: settings, decisions."""
