package tee

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/internal/jsonscan"
)

// AppendJSON appends r to b as JSON of one line, without a newline at its end.
// The result is valid whatever r holds: a body that is no JSON text becomes a
// string.
func (r *Record) AppendJSON(b []byte) []byte {
	b = append(b, `{"time":"`...)
	b = r.Time.UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","traceId":`...)
	b = jsonscan.AppendString(b, r.TraceID)
	b = append(b, `,"spanId":`...)
	b = jsonscan.AppendString(b, r.SpanID)
	b = append(b, `,"dialect":`...)
	b = jsonscan.AppendString(b, r.Dialect)
	b = append(b, `,"path":`...)
	b = jsonscan.AppendString(b, r.Path)
	b = append(b, `,"model":`...)
	b = jsonscan.AppendString(b, r.Model)
	b = append(b, `,"stream":`...)
	b = strconv.AppendBool(b, r.Stream)
	b = append(b, `,"channelId":`...)
	b = jsonscan.AppendString(b, r.ChannelID)
	b = append(b, `,"channel":`...)
	b = jsonscan.AppendString(b, r.Channel)
	b = append(b, `,"upstreamModel":`...)
	b = jsonscan.AppendString(b, r.Upstream)
	b = appendIfAny(b, `,"ruleId":`, r.RuleID)
	b = appendIfAny(b, `,"rule":`, r.Rule)
	b = appendIfAny(b, `,"session":`, r.Session)
	b = appendIfAny(b, `,"caller":`, r.Caller)
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(r.Status), 10)
	b = appendIfAny(b, `,"class":`, r.Class)
	b = appendIfAny(b, `,"error":`, r.Error)
	b = append(b, `,"attempts":`...)
	b = strconv.AppendInt(b, int64(r.Attempts), 10)
	if r.Copy {
		b = append(b, `,"copy":true`...)
	}
	b = append(b, `,"inputTokens":`...)
	b = strconv.AppendInt(b, r.Input, 10)
	b = append(b, `,"outputTokens":`...)
	b = strconv.AppendInt(b, r.Output, 10)
	b = append(b, `,"cacheReadTokens":`...)
	b = strconv.AppendInt(b, r.CacheRead, 10)
	b = append(b, `,"cacheWriteTokens":`...)
	b = strconv.AppendInt(b, r.CacheWrite, 10)
	b = append(b, `,"reasoningTokens":`...)
	b = strconv.AppendInt(b, r.Reasoning, 10)
	b = append(b, `,"cost":`...)
	b = r.appendCost(b)
	b = append(b, `,"firstTokenMs":`...)
	b = appendMilliseconds(b, r.FirstByte)
	b = append(b, `,"durationMs":`...)
	b = appendMilliseconds(b, r.Duration)
	b = appendBody(b, "request", r.Request, r.RequestBytes, r.RequestCut, r.fit)
	b = appendBody(b, "response", r.Answer(), r.ResponseBytes, r.ResponseCut, r.fit)
	return append(b, '}')
}

// MarshalJSON is AppendJSON for encoding/json.
func (r Record) MarshalJSON() ([]byte, error) { return r.AppendJSON(nil), nil }

// UnmarshalJSON reads what AppendJSON has written.
func (r *Record) UnmarshalJSON(b []byte) error {
	type plain Record
	read := struct {
		*plain
		Cost      *float64 `json:"cost"`
		FirstByte float64  `json:"firstTokenMs"`
		Duration  float64  `json:"durationMs"`
	}{plain: new(plain)}
	if err := json.Unmarshal(b, &read); err != nil {
		return fmt.Errorf("tee: not a record: %w", err)
	}
	*r = Record(*read.plain)
	if read.Cost != nil {
		r.Cost, r.CostKnown = *read.Cost, true
	}
	r.FirstByte, r.Duration = milliseconds(read.FirstByte), milliseconds(read.Duration)
	return nil
}

func (r *Record) appendCost(b []byte) []byte {
	if !r.CostKnown || math.IsNaN(r.Cost) || math.IsInf(r.Cost, 0) {
		return append(b, "null"...)
	}
	return strconv.AppendFloat(b, r.Cost, 'f', -1, 64)
}

// appendMilliseconds writes a duration with its microseconds.
func appendMilliseconds(b []byte, d time.Duration) []byte {
	us := d.Microseconds()
	if us < 0 {
		b, us = append(b, '-'), -us
	}
	b = strconv.AppendInt(b, us/1000, 10)
	if rest := us % 1000; rest != 0 {
		b = append(b, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
	}
	return b
}

func milliseconds(ms float64) time.Duration {
	return time.Duration(math.Round(ms*1000)) * time.Microsecond
}

func appendIfAny(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return jsonscan.AppendString(append(b, name...), value)
}

func appendBody(b []byte, name string, body json.RawMessage, length int64, cut, fit bool) []byte {
	if len(body) > 0 {
		b = append(append(append(b, `,"`...), name...), `":`...)
		if fit || oneLine(body) {
			b = append(b, body...)
		} else {
			b = appendUnfit(b, body)
		}
	}
	if length != 0 {
		b = append(append(append(b, `,"`...), name...), `Bytes":`...)
		b = strconv.AppendInt(b, length, 10)
	}
	if cut {
		b = append(append(append(b, `,"`...), name...), `Cut":true`...)
	}
	return b
}

// oneLine reports that body can stand in a line of JSON as it is.
func oneLine(body []byte) bool {
	return bytes.IndexByte(body, '\n') < 0 && bytes.IndexByte(body, '\r') < 0 && valid(body)
}

// valid reports that body is a JSON text of valid UTF-8 that readers by
// recursion can take.
func valid(body []byte) bool {
	return !jsonscan.Deep(body) && gjson.ValidBytes(body) && utf8.Valid(body)
}

// appendUnfit appends a body that cannot stand in a line: JSON of several
// lines loses its line ends, and what is no JSON becomes a string.
func appendUnfit(b, body []byte) []byte {
	if !valid(body) {
		return jsonscan.AppendString(b, string(body))
	}
	for _, c := range body {
		if c != '\n' && c != '\r' { // which a string of JSON cannot hold
			b = append(b, c)
		}
	}
	return b
}
