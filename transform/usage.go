package transform

import "time"

// Usage counts the tokens of a call. Input excludes both cache counts, Output
// includes Reasoning.
type Usage struct {
	Input      int64 `json:"input"`
	Output     int64 `json:"output"`
	CacheRead  int64 `json:"cacheRead"`
	CacheWrite int64 `json:"cacheWrite"`
	Reasoning  int64 `json:"reasoning"`
	// CacheWriteHour are those of CacheWrite that are kept for an hour, which
	// costs more.
	CacheWriteHour int64 `json:"cacheWriteHour,omitempty"`
}

// An Error is a failure of a call, as a provider reported it or as Routex
// concluded it. It can be written in every dialect.
type Error struct {
	Status     int    // the HTTP status that fits it
	Type       string // the provider's own type, or ""
	Code       string // the provider's own code, or ""
	Message    string
	Param      string        // the field at fault, or ""
	RetryAfter time.Duration // 0 when unknown
	RequestID  string        // by which the provider names the call, or ""
}

// Error gives the message.
func (e *Error) Error() string { return e.Message }
