package tee

import "time"

// The defaults of [QueueOptions].
const (
	DefaultRecords    = 10_000
	DefaultQueueBytes = 64 << 20
	DefaultBatch      = 100
	DefaultLinger     = 100 * time.Millisecond
	DefaultRetryFor   = time.Minute
)

// QueueOptions bound a [Queue]. The zero value means the defaults.
type QueueOptions struct {
	Records int   // that wait or are being written, at most; 0 means [DefaultRecords]
	Bytes   int64 // that they take, about, at most; 0 means [DefaultQueueBytes]
	Batch   int   // records that are written at once, at most; 0 means [DefaultBatch]
	// Linger is how long a record waits for others to fill its batch; 0 means
	// [DefaultLinger], and less means not at all.
	Linger time.Duration
	// RetryFor is how long a batch that the sink could not take is offered
	// again; 0 means [DefaultRetryFor], and less means never.
	RetryFor time.Duration
	// OnChange is told when the sink begins or ceases to fail, and when records
	// begin or cease to be dropped. It is called by one goroutine, which
	// nobody waits for but Close; nil means nobody.
	OnChange func(Stats)
}

// Stats say how a queue is doing.
type Stats struct {
	ID   string `json:"id,omitempty"`   // of the [Tee]
	Name string `json:"name,omitempty"` // of the [Tee]

	Queued      int    `json:"queued"`      // records that wait or are being written
	QueuedBytes int64  `json:"queuedBytes"` // that they take, about
	Sent        int64  `json:"sent"`        // records that the sink took
	Failed      int64  `json:"failed"`      // records that it refused for good
	Dropped     int64  `json:"dropped"`     // records that never came to it: too many waited, or Close could not
	Failing     bool   `json:"failing"`     // whether the last batch failed
	Dropping    bool   `json:"dropping"`    // whether records are dropped now
	LastError   string `json:"lastError"`   // the last that went wrong, ever; "" for nothing
	// LastErrorAt is when that was.
	LastErrorAt time.Time `json:"lastErrorAt,omitzero"`
}

func (o QueueOptions) withDefaults() QueueOptions {
	if o.Records <= 0 {
		o.Records = DefaultRecords
	}
	if o.Bytes <= 0 {
		o.Bytes = DefaultQueueBytes
	}
	if o.Batch <= 0 {
		o.Batch = DefaultBatch
	}
	o.Batch = min(o.Batch, o.Records)
	if o.Linger == 0 {
		o.Linger = DefaultLinger
	}
	if o.RetryFor == 0 {
		o.RetryFor = DefaultRetryFor
	}
	return o
}
