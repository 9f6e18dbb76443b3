package breaker

import (
	"strings"
	"testing"
)

// A message may quote what the caller wrote. Words in the middle of one must
// not let a caller take a channel out of service for others.
func TestQuotedWordsBlameNobodyButTheCaller(t *testing.T) {
	for _, q := range phrases {
		if q.class != Caller {
			t.Errorf("%q anywhere in a message is of class %q", q.words, q.class)
		}
	}
	for _, q := range openings {
		for _, status := range []int{400, 404, 422} {
			r := Report{Status: status, Message: `invalid value: "` + q.words + `"`}
			if class, _ := Classify(r); class != Caller {
				t.Errorf("status %d with %q quoted is of class %q", status, q.words, class)
			}
		}
	}
}

// statuses gives some to try a row in that is for all.
func (s statuses) some() []int {
	if len(s) == 0 {
		return []int{0, 200, 400, 401, 403, 404, 429, 500, 503, 529}
	}
	return s
}

func TestEveryRowIsReached(t *testing.T) {
	check := func(r Report, want verdict) {
		t.Helper()
		class, reason := Classify(r)
		if got := (verdict{class, reason}); got != want {
			t.Errorf("%+v: %v, want %v", r, got, want)
		}
	}
	for _, q := range openings {
		for _, status := range q.in.some() {
			check(Report{Status: status, Message: " " + strings.ToUpper(q.words) + " and more"}, q.verdict)
		}
	}
	for _, q := range phrases {
		for _, status := range q.in.some() {
			check(Report{Status: status, Message: "so " + q.words + " it is"}, q.verdict)
		}
		if !q.in.has(401) {
			check(Report{Status: 401, Message: q.words}, verdict{Credential, KeyInvalid})
		}
	}
	for code, want := range codes {
		for _, status := range statuses(nil).some() {
			check(Report{Status: status, Code: code}, want)
			check(Report{Status: status, Type: code}, want)
		}
		if _, twice := inAnswer[code]; twice {
			t.Errorf("%q is in two tables", code)
		}
	}
	for code, want := range zhipu {
		check(Report{Status: 429, Code: code}, want)
		check(Report{Status: 422, Type: "invalid", Code: code}, verdict{Caller, ""})
	}
	for word, status := range inAnswer {
		check(Report{Status: 200, Type: word}, verdict{ClassOf(status), ""})
		check(Report{Status: 502, Type: word}, verdict{Server, ""})
	}
}

func TestCodeSaysMoreThanType(t *testing.T) {
	class, reason := Classify(Report{Status: 429, Type: "rate_limit_error", Code: "insufficient_quota"})
	if class != Credential || reason != Quota {
		t.Errorf("%q %q", class, reason)
	}
}
