-- When a song first came out, as its tags say (ORIGINALDATE, else DATE): whose taste it is may have to do with its years.
ALTER TABLE songs ADD COLUMN year INTEGER;      -- NULL where no tag says it
DELETE FROM scan_state WHERE name = 'mark';     -- the music server's tags are read again
DELETE FROM listening_digest;
