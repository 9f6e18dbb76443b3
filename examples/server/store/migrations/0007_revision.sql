CREATE TABLE revision (
	one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
	n   INTEGER NOT NULL -- of the configuration; every write makes a new one
) STRICT;

INSERT INTO revision (one, n) VALUES (1, 1);
