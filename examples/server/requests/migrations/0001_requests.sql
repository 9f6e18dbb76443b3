CREATE TABLE requests (
	seq           INTEGER PRIMARY KEY AUTOINCREMENT, -- the newest is the biggest
	id            TEXT    NOT NULL UNIQUE,
	time          INTEGER NOT NULL, -- milliseconds since 1970
	trace_id      TEXT    NOT NULL,
	path          TEXT    NOT NULL,
	channel_id    TEXT    NOT NULL, -- need not exist
	channel       TEXT    NOT NULL, -- its name at that time
	model         TEXT    NOT NULL,
	status        INTEGER NOT NULL, -- 0 when the caller left
	class         TEXT    NOT NULL, -- of the failure, else empty
	error         TEXT    NOT NULL,
	duration      INTEGER NOT NULL, -- milliseconds
	input_tokens  INTEGER NOT NULL,
	output_tokens INTEGER NOT NULL,
	cached_tokens INTEGER NOT NULL,
	decision      TEXT    NOT NULL, -- JSON
	bytes         INTEGER NOT NULL  -- about, of this row and all before it
) STRICT;

CREATE INDEX requests_time    ON requests (time);
CREATE INDEX requests_channel ON requests (channel_id, seq);
CREATE INDEX requests_trace   ON requests (trace_id);
CREATE INDEX requests_bytes   ON requests (bytes);
