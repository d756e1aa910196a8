"""One door per library: each module here keeps one promise of `ports`."""
