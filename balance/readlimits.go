package balance

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// unsaidReset is when a limit is there again whose provider does not say, as
// Azure: limits are per minute.
const unsaidReset = time.Minute

// The headers of a limit, in canonical form.
type limitHeaders struct{ limit, remaining, reset string }

var (
	openAIRequests    = limitHeaders{"X-Ratelimit-Limit-Requests", "X-Ratelimit-Remaining-Requests", "X-Ratelimit-Reset-Requests"}
	openAITokens      = limitHeaders{"X-Ratelimit-Limit-Tokens", "X-Ratelimit-Remaining-Tokens", "X-Ratelimit-Reset-Tokens"}
	anthropicRequests = limitHeaders{"Anthropic-Ratelimit-Requests-Limit", "Anthropic-Ratelimit-Requests-Remaining", "Anthropic-Ratelimit-Requests-Reset"}
	// What Anthropic says of tokens is of whichever limit is nearest.
	anthropicTokens = limitHeaders{"Anthropic-Ratelimit-Tokens-Limit", "Anthropic-Ratelimit-Tokens-Remaining", "Anthropic-Ratelimit-Tokens-Reset"}
	anthropicInput  = limitHeaders{"Anthropic-Ratelimit-Input-Tokens-Limit", "Anthropic-Ratelimit-Input-Tokens-Remaining", "Anthropic-Ratelimit-Input-Tokens-Reset"}
)

// ReadLimits reads the rate limits in the header of an answer that came at now:
// those of Anthropic, of OpenAI and of the many that have its names, Azure among
// them. What cannot be read is not known.
func ReadLimits(h http.Header, now time.Time) Limits {
	return Limits{
		Requests: firstLimit(h, now, &anthropicRequests, &openAIRequests),
		Tokens:   firstLimit(h, now, &anthropicTokens, &anthropicInput, &openAITokens),
	}
}

// firstLimit reads the first of the limits that is there.
func firstLimit(h http.Header, now time.Time, names ...*limitHeaders) Limit {
	for _, n := range names {
		remaining := firstOf(h, n.remaining)
		if remaining == "" {
			continue
		}
		left, err := strconv.ParseInt(remaining, 10, 64)
		if err != nil || left < 0 { // without it the rest says nothing
			continue
		}
		all, err := strconv.ParseInt(firstOf(h, n.limit), 10, 64)
		if err != nil || all < 0 {
			all = 0
		}
		return Limit{Limit: all, Remaining: left, Reset: readReset(firstOf(h, n.reset), now)}
	}
	return Limit{}
}

// firstOf is Get for a name in canonical form.
func firstOf(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// readReset reads a time, a duration such as 6m0s, or seconds.
func readReset(text string, now time.Time) time.Time {
	if strings.Contains(text, "T") {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return t
		}
	} else if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(d)
	} else if s, err := strconv.ParseFloat(text, 64); err == nil && s >= 0 && s < 1e6 {
		return now.Add(time.Duration(s * float64(time.Second)))
	}
	return now.Add(unsaidReset)
}
