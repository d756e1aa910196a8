-- Where the models had placed a song before a person gave it a mood: what an undone correction goes back to.
CREATE TABLE before_corrections (
    song INTEGER PRIMARY KEY,       -- songs.id
    valence REAL,                   -- these as in songs; NULL where the song had no mood
    arousal REAL,
    rank_valence REAL,
    rank_arousal REAL,
    mood TEXT,
    distance REAL,
    confidence REAL NOT NULL,
    source TEXT NOT NULL
) STRICT;
CREATE TRIGGER songs_erased AFTER DELETE ON songs BEGIN
    DELETE FROM before_corrections WHERE song = OLD.id;
END;
