-- How a song sounds apart from its mood, in eight numbers from 0 to 255 (moodspeaker/domain/timbre.py): whose taste it is has to do with it.
ALTER TABLE songs ADD COLUMN timbre BLOB;       -- NULL where the sound was not heard, or says nothing
UPDATE songs SET analysed = NULL;               -- the sound of each is heard again, at the next scans
DELETE FROM listening_digest;
