-- What listeners say of songs, and whose listening it was.
CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,           -- when it was said, in seconds since the epoch
    boot TEXT,                  -- which start of the machine, NULL where that cannot be known
    monotonic REAL NOT NULL,    -- when it was said, in seconds since that start
    uri TEXT NOT NULL,          -- on the music server; bytes that are not UTF-8 as lone surrogates
    verdict TEXT NOT NULL,      -- like, dislike, wrong_mood
    mood TEXT NOT NULL,         -- that the song was played for; the room's where the music was not ours
    corrected TEXT,             -- the mood that it has instead, NULL where they did not say
    profile TEXT NOT NULL       -- who said it: household, or a name
) STRICT;
CREATE INDEX verdicts_of_a_song ON verdicts (uri);

ALTER TABLE plays ADD COLUMN profile TEXT NOT NULL DEFAULT 'household';  -- who listened; a guest's plays are not kept
