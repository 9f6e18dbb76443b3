package named

import (
	"context"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// sampling sets, bounds or removes how the model samples.
type sampling struct {
	requestOnly
	rules values
}

func samplingKind() kind {
	options := []Option{
		{Name: "temperature", Min: 0, Max: 2},
		{Name: "top_p", Min: 0, Max: 1},
		{Name: "top_k", Min: 0, Max: 100_000},
		{Name: "frequency_penalty", Min: -2, Max: 2},
		{Name: "presence_penalty", Min: -2, Max: 2},
	}
	for i := range options {
		options[i].Type = typeRule
		options[i].Description = "a number to set, {\"min\",\"max\"} to keep the caller's within, null to remove it; " +
			"has no effect where the channel's protocol has no such setting"
	}
	return kind{
		Description: Description{
			Name: "sampling",
			Description: "sets, bounds or removes temperature, top_p, top_k and penalties; " +
				"the caller's own are always kept within what the channel's protocol takes",
			Options: options,
		},
		make: func(v values) (transform.Transformer, []transform.FieldError) { return sampling{rules: v}, nil },
	}
}

// A knob is one setting as a protocol has it.
type knob struct {
	option    string
	at        member
	low, high float64
	foreign   bool // no member of the protocol, but of servers that speak it
}

func (s sampling) Request(_ context.Context, r *transform.Request) error {
	e := newEdit(r.Body)
	taken, err := s.taken(r, e)
	if err != nil {
		return err
	}
	for _, k := range knobs(r) {
		rule, ruled := s.rules[k.option]
		switch {
		case ruled && rule.Type == gjson.Null:
			k.at.remove(e)
		case ruled && rule.Type == gjson.Number:
			if k.foreign || k.at.get(taken) != "" {
				err = k.at.set(e, k.within(rule.Raw, rule.Num))
			}
		default:
			err = k.bound(e, rule)
		}
		if err != nil {
			return err
		}
	}
	r.Body = e.body()
	return nil
}

// taken is a request with those of the numbers to set that the model takes:
// many take none while they reason.
func (s sampling) taken(r *transform.Request, e *edit) (*edit, error) {
	number := func(option string) string {
		if rule := s.rules[option]; rule.Type == gjson.Number {
			return rule.Raw
		}
		return ""
	}
	wishes := conv.Request{Temperature: number("temperature"), TopP: number("top_p"), TopK: number("top_k")}
	for _, key := range []string{conv.FrequencyPenalty, conv.PresencePenalty} {
		if n := number(key); n != "" {
			wishes.Settings = append(wishes.Settings, conv.Setting{Key: key, Value: conv.Raw(n)})
		}
	}
	switch (member{"thinking.type"}).get(e) {
	case `"enabled"`, `"adaptive"`:
		wishes.Thinking.Mode = conv.ThinkingOn
	}
	return probe(r, wishes)
}

// bound keeps the caller's value within the rule and the protocol.
func (k knob) bound(e *edit, rule gjson.Result) (wrong error) {
	if low := rule.Get("min"); low.Exists() {
		k.low = max(k.low, min(low.Num, k.high))
	}
	if high := rule.Get("max"); high.Exists() {
		k.high = min(k.high, max(high.Num, k.low))
	}
	k.at.each(e, func(c cursor) {
		v := e.value(c.value)
		if !v.IsNumber() {
			wrong = &transform.FieldError{Field: k.at[0], Problem: "must be a number"}
		} else if fit := k.within(string(v), v.Float()); fit != string(v) {
			e.replace(c.value, fit)
		}
	})
	return wrong
}

// within gives a number's text, or that of the bound which it passes.
func (k knob) within(text string, n float64) string {
	switch {
	case n < k.low:
		return number(k.low)
	case n > k.high:
		return number(k.high)
	}
	return text
}

const topK = 1e9 // more than any vocabulary

// knobs gives the settings that the protocol of the channel has.
func knobs(r *transform.Request) []knob {
	switch r.Dialect {
	case transform.Anthropic:
		return []knob{
			{option: "temperature", at: member{"temperature"}, high: 1},
			{option: "top_p", at: member{"top_p"}, high: 1},
			{option: "top_k", at: member{"top_k"}, high: topK},
		}
	case transform.OpenAIResponses:
		return []knob{{option: "temperature", at: member{"temperature"}, high: 2}, {option: "top_p", at: member{"top_p"}, high: 1}}
	case transform.Gemini:
		return []knob{
			{option: "temperature", at: inConfig("temperature", "temperature"), high: 2},
			{option: "top_p", at: inConfig("topP", "top_p"), high: 1},
			{option: "top_k", at: inConfig("topK", "top_k"), high: topK},
			{option: "frequency_penalty", at: inConfig("frequencyPenalty", "frequency_penalty"), low: -2, high: 2},
			{option: "presence_penalty", at: inConfig("presencePenalty", "presence_penalty"), low: -2, high: 2},
		}
	}
	return chatKnobs(r)
}

func chatKnobs(r *transform.Request) []knob {
	hottest := 2.0
	if r.Target.Flavor == "zhipu" {
		hottest = 1
	}
	knobs := []knob{
		{option: "temperature", at: member{"temperature"}, high: hottest},
		{option: "top_p", at: member{"top_p"}, high: 1},
		{option: "frequency_penalty", at: member{"frequency_penalty"}, low: -2, high: 2},
		{option: "presence_penalty", at: member{"presence_penalty"}, low: -2, high: 2},
	}
	if flavor := r.Target.Flavor; flavor == "custom" || flavor == "" { // the others have none, and refuse it
		knobs = append(knobs, knob{option: "top_k", at: member{"top_k"}, low: -1, high: topK, foreign: true}) // vLLM: -1 for all
	}
	return knobs
}

// number writes a bound.
func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
