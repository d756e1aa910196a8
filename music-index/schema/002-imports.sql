-- What the listener brought along from other programs (`moodspeaker import`).  An export names people, places and
-- addresses: nothing of it is kept but songs, moods, times and how a song ended.

-- That a song is of a mood, as a playlist of the listener says.
CREATE TABLE imported_labels (
    uri TEXT NOT NULL,          -- on the music server
    mood TEXT NOT NULL,         -- one of the seven emotions
    source TEXT NOT NULL,       -- the form of the file: table, M3U, XSPF, ...
    at REAL NOT NULL,           -- when it was imported, in seconds since the epoch
    PRIMARY KEY (uri, mood)
) STRICT, WITHOUT ROWID;

CREATE INDEX imported_labels_of_a_mood ON imported_labels (mood);

-- That a song is liked or not.
CREATE TABLE imported_verdicts (
    uri TEXT PRIMARY KEY,
    liked INTEGER NOT NULL,     -- 1 liked, -1 disliked
    source TEXT NOT NULL,
    at REAL NOT NULL            -- when it was said, in seconds since the epoch
) STRICT, WITHOUT ROWID;

-- What was heard elsewhere; two exports that tell of one play count it once.
CREATE TABLE imported_plays (
    uri TEXT NOT NULL,
    at INTEGER NOT NULL,        -- as the export tells it: when the play ended (Spotify) or began, UTC
    to_minute INTEGER NOT NULL, -- 1 where the export tells no seconds
    heard REAL,                 -- seconds of it that were played, NULL where the export does not say
    why TEXT NOT NULL,          -- finished, skipped, stopped, unknown
    source TEXT NOT NULL,
    PRIMARY KEY (uri, at)
) STRICT, WITHOUT ROWID;
