-- The songs of the music server's stored playlists, in their order: what people put together goes together.
-- Names of playlists are not kept.  The state "playlists_seen" changes whenever these rows do.
CREATE TABLE stored_playlists (
    playlist INTEGER NOT NULL,      -- a number for each
    place INTEGER NOT NULL,         -- of the song in it, from 0
    uri TEXT NOT NULL,              -- on the music server; bytes that are not UTF-8 as lone surrogates
    PRIMARY KEY (playlist, place)
) STRICT, WITHOUT ROWID;
