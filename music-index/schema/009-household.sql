-- What the speakers of a household tell each other (`mqtt.household`); moodspeaker/music/household.py says how it
-- is joined.

-- Each speaker counts under a replica of its own, made with this file: whose file was lost comes back as another.
CREATE TABLE household_replicas (
    replica TEXT PRIMARY KEY,
    household TEXT NOT NULL,
    speaker TEXT NOT NULL,          -- its mqtt.id, as it was told last
    standing TEXT NOT NULL,         -- ours, another's, withdrawn (by its owner), forgotten (ours, before `forget`)
    heard REAL,                     -- when something new was last told of it, in seconds since the epoch
    verdicts INTEGER NOT NULL DEFAULT 0,  -- ours: ids up to which the tables of that name are counted
    plays INTEGER NOT NULL DEFAULT 0,
    published INTEGER NOT NULL DEFAULT 0  -- ours: 1 where the broker may keep something of it
) STRICT, WITHOUT ROWID;

-- How often something happened to a song: grows only, and by its own replica alone.
CREATE TABLE household_counts (
    replica TEXT NOT NULL,
    name TEXT NOT NULL,             -- artist and title, reduced to what makes them the same or another
    seconds INTEGER NOT NULL,       -- stated length, 0 where it is not known
    profile TEXT NOT NULL,
    mood TEXT NOT NULL,             -- that it was played for, empty where that is not known
    period INTEGER NOT NULL,        -- of 90 days each since the epoch
    what TEXT NOT NULL,             -- liked, disliked, wrong_mood, finished, skipped_early, skipped
    part INTEGER NOT NULL,          -- of the replica's topics
    count INTEGER NOT NULL,
    own INTEGER NOT NULL,           -- so many of them this file's own tables tell
    changed INTEGER NOT NULL,       -- grows with each change
    PRIMARY KEY (replica, part, name, seconds, profile, mood, period, what)
) STRICT, WITHOUT ROWID;
CREATE INDEX household_counts_changed ON household_counts (changed);

-- The mood that a person gave to a song last, in any room.
CREATE TABLE household_moods (
    name TEXT NOT NULL,
    seconds INTEGER NOT NULL,
    part INTEGER NOT NULL,
    milliseconds INTEGER NOT NULL,  -- hybrid logical clock: since the epoch,
    tick INTEGER NOT NULL,          -- and a count within one of them
    replica TEXT NOT NULL,          -- who gave it
    mood TEXT NOT NULL,             -- empty: the models decide again
    applied INTEGER NOT NULL,       -- 1: the songs of this file have it
    PRIMARY KEY (part, name, seconds)
) STRICT, WITHOUT ROWID;

-- The songs of the index by that name.
CREATE TABLE household_songs (
    song INTEGER PRIMARY KEY,       -- songs.id
    name TEXT NOT NULL
) STRICT;
CREATE INDEX household_songs_name ON household_songs (name);
CREATE TRIGGER household_song_erased AFTER DELETE ON songs BEGIN
    DELETE FROM household_songs WHERE song = OLD.id;
END;
CREATE TRIGGER household_song_renamed AFTER UPDATE OF uri, title, artist ON songs
WHEN OLD.uri IS NOT NEW.uri OR OLD.title IS NOT NEW.title OR OLD.artist IS NOT NEW.artist BEGIN
    DELETE FROM household_songs WHERE song = OLD.id;
END;
