-- The songs of the music server, and what mood each of them has.
CREATE TABLE songs (
    id INTEGER PRIMARY KEY,         -- stays the same when the file is renamed or moved
    uri TEXT NOT NULL,              -- on the music server; bytes that are not UTF-8 as lone surrogates
    title TEXT NOT NULL,            -- tags as the music server gives them, empty where there is none
    artist TEXT NOT NULL,
    album TEXT NOT NULL,
    genre TEXT NOT NULL,            -- several separated by "; "
    moods TEXT NOT NULL,            -- words of the mood tag, several separated by "; "
    modified TEXT NOT NULL,         -- when the file was changed last, as the music server says it
    stated REAL,                    -- length in seconds as the music server says it, NULL for a stream
    starts REAL,                    -- seconds in its file where it begins and ends, NULL where that is the file's own
    ends REAL,
    gone INTEGER,                   -- the scan that did not find it any more, NULL while it is there
    correction TEXT,                -- the mood that a person gave it: it wins over every model

    -- by its sound; NULL until it was analysed
    analysed TEXT,                  -- `modified` of the file that was analysed
    model TEXT,                     -- version of the features and the model together
    file_moods TEXT NOT NULL DEFAULT '',  -- words of the mood tag in the file itself; those of `moods` win
    decoded REAL,                   -- length in seconds by decoding
    damaged INTEGER NOT NULL DEFAULT 0,  -- 1: the file ends before its stated length, or has broken parts
    fingerprint BLOB,               -- of the sound: alike for one sound
    sound_valence REAL,             -- -1 to 1, NULL where the sound has none
    sound_arousal REAL,
    valence_reliability REAL,       -- the share of the differences between songs that it explains, 0 to below 1
    arousal_reliability REAL,
    sound_reason TEXT NOT NULL DEFAULT '',  -- why the sound has none: silent, too short, permission denied, ...

    -- by all evidence together
    valence REAL,                   -- -1 to 1; NULL where the song could not be judged
    arousal REAL,
    rank_valence REAL,              -- place within the library, -1 to 1
    rank_arousal REAL,
    mood TEXT,                      -- one of the seven emotions
    distance REAL,                  -- from the mood's point of the affect plane
    confidence REAL NOT NULL DEFAULT 0,  -- that it is this mood, 0 to 1
    source TEXT NOT NULL DEFAULT '', -- tags, sound, tags+sound or correction

    shared_valence INTEGER,         -- what the stickers of the song say, -100 to 100
    shared_arousal INTEGER
) STRICT;
CREATE UNIQUE INDEX songs_uri ON songs (uri) WHERE gone IS NULL;
CREATE INDEX songs_mood ON songs (mood, distance) WHERE gone IS NULL;
CREATE INDEX songs_gone ON songs (decoded) WHERE gone IS NOT NULL;

-- Earlier URIs of songs: what is written late under one of them is found.
CREATE TABLE moves (
    was TEXT PRIMARY KEY,
    song INTEGER NOT NULL           -- songs.id
) STRICT, WITHOUT ROWID;

-- What is known of the last scan; moodspeaker/library/index.py names it.
CREATE TABLE scan_state (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
