-- Moods that persons gave to songs which no scan had met yet: the scan that meets one gives it its mood.
CREATE TABLE early_corrections (
    uri TEXT PRIMARY KEY,           -- on the music server
    mood TEXT NOT NULL              -- one of the seven emotions
) STRICT, WITHOUT ROWID;
