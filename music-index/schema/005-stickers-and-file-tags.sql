-- What other players know of songs, as they tell each other by the music server's stickers (myMPD's names and
-- values).  Plays of this speaker are counted in them too, where index.stickers is on.
CREATE TABLE shared_stickers (
    uri TEXT PRIMARY KEY,       -- on the music server
    verdict INTEGER,            -- 0 disliked, 1 neutral, 2 liked; NULL where nobody said
    rating INTEGER,             -- 0 to 10; NULL where nobody gave one
    plays INTEGER NOT NULL,
    skips INTEGER NOT NULL,
    last_played INTEGER,        -- when the last play began, in seconds since the epoch
    last_skipped INTEGER        -- when it was skipped last, likewise
) STRICT, WITHOUT ROWID;

-- What only the file itself says.
ALTER TABLE songs ADD COLUMN bpm REAL;          -- beats a minute
ALTER TABLE songs ADD COLUMN musical_key TEXT NOT NULL DEFAULT '';  -- "C", "F#m", ...
ALTER TABLE songs ADD COLUMN gain REAL;         -- ReplayGain of the song, in dB
ALTER TABLE songs ADD COLUMN comment TEXT NOT NULL DEFAULT '';
UPDATE songs SET analysed = NULL;               -- its files are looked at again
