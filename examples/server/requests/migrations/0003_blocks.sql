DROP TABLE requests;

-- Many calls to a row, so that one costs next to nothing.
CREATE TABLE request_blocks (
	seq    INTEGER PRIMARY KEY AUTOINCREMENT,
	key    BLOB    NOT NULL UNIQUE, -- what the ids of its calls begin with
	calls  INTEGER NOT NULL,
	since  INTEGER NOT NULL, -- when the first of them came, in milliseconds since 1970
	until  INTEGER NOT NULL, -- when the last of them came
	first  INTEGER NOT NULL, -- when the first of them was over
	last   INTEGER NOT NULL, -- when the last of them was over
	bytes  INTEGER NOT NULL, -- about, of the row
	traces BLOB    NOT NULL, -- two bytes of each trace id
	texts  BLOB    NOT NULL,
	heads  BLOB    NOT NULL, -- what lists show and filters ask for
	bodies BLOB    NOT NULL
) STRICT;

CREATE INDEX request_blocks_last ON request_blocks (last, seq, first, since, until, calls, bytes, key);

-- What came of the calls of an hour, by each time that a server counted it.
CREATE TABLE request_hours (
	id   BLOB    NOT NULL PRIMARY KEY,
	hour INTEGER NOT NULL, -- since 1970
	data BLOB    NOT NULL
) STRICT;

CREATE INDEX request_hours_hour ON request_hours (hour);
