-- What the listeners' history says, summed up, so that a choice of songs need not read all of it: derived from plays,
-- verdicts and what was brought along; what is missing or outdated is made again (moodspeaker/library/listening.py).
CREATE TABLE listening_digest (
    part TEXT PRIMARY KEY,
    content TEXT NOT NULL           -- JSON
) STRICT, WITHOUT ROWID;
