package tee

import (
	"cmp"
	"errors"
	"time"
)

// ErrSpoolFull is why a [Spool] did not take a record.
var ErrSpoolFull = errors.New("tee: the spool is full")

// A SpoolConfig says what a [Spool] keeps, where, and who gets it.
type SpoolConfig struct {
	// Dir is the directory that the spool has for itself; it is made if need
	// be. Its files hold what was said in calls, and nobody but the owner can
	// read them.
	Dir string
	// Sink gets the records; the spool owns it.
	Sink BatchSink
	// MaxBytes bounds the records on disk; 0 means 64 MiB. When they are that
	// many, new ones are dropped, for of the others it was promised that they
	// will be delivered.
	MaxBytes int64
	// SegmentBytes is the size of a file, which goes when all of it was
	// delivered; 0 means an eighth of MaxBytes, or 4 MiB if that is less.
	SegmentBytes int64
	// Batch is the most records that Sink gets at one time; 0 means 10.
	Batch int
	// Sync is how long records may be only in the memory of the operating
	// system, from which a crash of the process takes nothing, and one of the
	// machine all; 0 means a second, a negative time as long as it likes.
	Sync time.Duration
	// Backoff is the pause after Sink has failed, less up to a half by chance,
	// and doubles up to MaxBackoff; 0 means a second and a minute.
	Backoff, MaxBackoff time.Duration
	// Wait lets OpenSpool succeed while another spool has the directory, so that
	// one can take another's place. It is had once the other is closed, but not
	// before the first batch, or before the [Tee] with the spool is put into a
	// [Set]; until then WriteBatch waits.
	Wait bool
}

// SpoolStats are the numbers of records of a [Spool] since it was opened.
type SpoolStats struct {
	Pending int64 // on disk, to be delivered; those of former processes too
	Bytes   int64 // on disk, with what was delivered of a file that is not done
	Sent    int64 // that the sink took
	Failed  int64 // that the sink refused for good
	Dropped int64 // that found the spool full
	Broken  int64 // lines that could not be read any more
	Failing bool  // whether the sink failed when it was last offered some

	LastError   string // "" if there was none
	LastErrorAt time.Time
}

// validate fills in the defaults.
func (c *SpoolConfig) validate() error {
	var bad Mistakes
	if c.Dir == "" {
		bad.add("dir", "must not be empty")
	}
	if c.Sink == nil {
		bad.add("sink", "must not be nil")
	}
	for field, n := range map[string]int64{
		"maxBytes": c.MaxBytes, "segmentBytes": c.SegmentBytes, "batch": int64(c.Batch),
		"backoff": int64(c.Backoff), "maxBackoff": int64(c.MaxBackoff),
	} {
		if n < 0 {
			bad.add(field, "must not be negative")
		}
	}
	c.MaxBytes = cmp.Or(c.MaxBytes, 64<<20)
	c.SegmentBytes = cmp.Or(c.SegmentBytes, min(c.MaxBytes/8, 4<<20))
	c.Batch = cmp.Or(c.Batch, 10)
	c.Sync = cmp.Or(c.Sync, time.Second)
	c.Backoff = cmp.Or(c.Backoff, time.Second)
	c.MaxBackoff = max(cmp.Or(c.MaxBackoff, time.Minute), c.Backoff)
	return bad.err()
}
