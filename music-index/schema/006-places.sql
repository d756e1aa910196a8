-- Songs by their place within the library, for the moods between the seven.
CREATE INDEX songs_place ON songs (rank_valence, rank_arousal) WHERE gone IS NULL AND rank_valence IS NOT NULL;
