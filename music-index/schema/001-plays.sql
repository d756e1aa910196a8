-- What was heard, and how it ended: one row a play, in the order in which they ended.
CREATE TABLE plays (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,           -- when it ended, in seconds since the epoch
    boot TEXT,                  -- which start of the machine, NULL where that cannot be known
    monotonic REAL NOT NULL,    -- when it ended, in seconds since that start
    uri TEXT NOT NULL,          -- on the music server; bytes that are not UTF-8 as lone surrogates
    title TEXT NOT NULL,
    artist TEXT NOT NULL,
    seconds REAL,               -- stated length, NULL for a stream
    heard REAL NOT NULL,        -- seconds of it that were played
    why TEXT NOT NULL,          -- finished, skipped, replaced, stopped, unknown
    mood TEXT NOT NULL,         -- of the room at its end
    target TEXT,                -- the mood that its programme served, NULL for music that was not ours
    since_switch REAL           -- seconds between our last switch and its end
) STRICT;
