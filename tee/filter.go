package tee

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dctx-team/routex/internal/glob"
)

// A Filter says which records a destination gets: those that fulfil all that
// it names. The zero value lets everything pass. It is safe for concurrent use
// as long as nobody changes it.
type Filter struct {
	Channels []string `json:"channels,omitempty"` // names or IDs of the channel that answered last; * stands for any text
	Models   []string `json:"models,omitempty"`   // that the caller named; * stands for any text
	// StatusCodes are those given to the caller; 0 is a caller who left before.
	StatusCodes []int `json:"statusCodes,omitempty"`
	SuccessOnly bool  `json:"successOnly,omitempty"` // only calls whose caller got a whole answer
	FailureOnly bool  `json:"failureOnly,omitempty"` // only the others
	// SampleRate is the share of the calls, from 0 for none to 1 for all; nil
	// means 1. The trace id decides: destinations of one rate get the same
	// calls, and one of a smaller rate gets some of them.
	SampleRate *float64 `json:"sampleRate,omitempty"`
	// MinLatency and MaxLatency bound the duration of the call, themselves
	// included; 0 means no bound.
	MinLatency time.Duration `json:"minLatency,omitempty"`
	MaxLatency time.Duration `json:"maxLatency,omitempty"`
}

// Match reports whether r passes. It allocates nothing.
func (f *Filter) Match(r *Record) bool {
	switch {
	case f.SuccessOnly && r.Class != "", f.FailureOnly && r.Class == "":
		return false
	case f.MinLatency > 0 && r.Duration < f.MinLatency, f.MaxLatency > 0 && r.Duration > f.MaxLatency:
		return false
	case len(f.StatusCodes) > 0 && !slices.Contains(f.StatusCodes, r.Status):
		return false
	case len(f.Channels) > 0 && !anyGlob(f.Channels, r.Channel) && !anyGlob(f.Channels, r.ChannelID):
		return false
	case len(f.Models) > 0 && !anyGlob(f.Models, r.Model):
		return false
	}
	return f.SampleRate == nil || sampled(*f.SampleRate, r.TraceID)
}

// Validate gives [Mistakes] that name everything that is wrong with f.
func (f *Filter) Validate() error {
	var bad Mistakes
	f.validate("", &bad)
	return bad.err()
}

func (f *Filter) validate(at string, bad *Mistakes) {
	for field, names := range map[string][]string{"channels": f.Channels, "models": f.Models} {
		for i, name := range names {
			if strings.TrimSpace(name) == "" {
				bad.add(fmt.Sprintf("%s%s[%d]", at, field, i), "must not be empty; leave the list out, or write *, for all")
			}
		}
	}
	for i, code := range f.StatusCodes {
		if code != 0 && (code < 100 || code > 599) {
			bad.add(fmt.Sprintf("%sstatusCodes[%d]", at, i), fmt.Sprintf("%d is no HTTP status; they go from 100 to 599, and 0 is for callers who left before the answer", code))
		}
	}
	if f.SuccessOnly && f.FailureOnly {
		bad.add(at+"failureOnly", "no call is a success and a failure; leave successOnly or failureOnly out, or both for all calls")
	}
	if rate := f.SampleRate; rate != nil && !(*rate >= 0 && *rate <= 1) {
		bad.add(at+"sampleRate", fmt.Sprintf("%v is no share; it goes from 0, for none, to 1, for all", *rate))
	}
	for field, d := range map[string]time.Duration{"minLatency": f.MinLatency, "maxLatency": f.MaxLatency} {
		if d < 0 {
			bad.add(at+field, "must not be negative; leave it out for no bound")
		}
	}
	if f.MinLatency > 0 && f.MaxLatency > 0 && f.MinLatency > f.MaxLatency {
		bad.add(at+"minLatency", fmt.Sprintf("%v is more than maxLatency, %v: no call takes that long; exchange them", f.MinLatency, f.MaxLatency))
	}
}

func anyGlob(patterns []string, s string) bool {
	for _, p := range patterns {
		if glob.Match(p, s) {
			return true
		}
	}
	return false
}

// sampled decides by the hash of a trace id, which is FNV-1a, mixed so that
// ids that differ in their last digits only are far apart.
func sampled(rate float64, id string) bool {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return float64(h>>11) < rate*math.Exp2(53)
}
