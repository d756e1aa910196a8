-- Which recording a song is, as MusicBrainz numbers them: the same one in another room, whatever its tags say there.
ALTER TABLE songs ADD COLUMN recording TEXT NOT NULL DEFAULT '';  -- MUSICBRAINZ_TRACKID, empty where there is none
CREATE INDEX songs_recording ON songs (recording) WHERE gone IS NULL AND recording <> '';
DELETE FROM scan_state WHERE name = 'mark';     -- the music server's tags are read again
DELETE FROM listening_digest;

-- Which recordings each speaker's songs are, by the name and length under which it counts them: rows are only added.
CREATE TABLE household_recordings (
    replica TEXT NOT NULL,
    part INTEGER NOT NULL,          -- these as in household_counts
    name TEXT NOT NULL,
    seconds INTEGER NOT NULL,
    recording TEXT NOT NULL,
    PRIMARY KEY (replica, part, name, seconds, recording)
) STRICT, WITHOUT ROWID;
