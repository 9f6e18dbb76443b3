ALTER TABLE requests ADD COLUMN cost REAL; -- null when it is not known
