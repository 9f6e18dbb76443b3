package named

import (
	"context"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
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
}

func (s sampling) Request(_ context.Context, r *transform.Request) error {
	for _, k := range knobs(r) {
		rule, ruled := s.rules[k.option]
		var err error
		switch {
		case ruled && rule.Type == gjson.Null:
			k.at.remove(r)
		case ruled && rule.Type == gjson.Number:
			if samplingAllowed(r) {
				err = k.at.set(r, k.within(rule.Raw, rule.Num))
			}
		default:
			err = k.bound(r, rule)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bound keeps the caller's value within the rule and the protocol.
func (k knob) bound(r *transform.Request, rule gjson.Result) (wrong error) {
	if low := rule.Get("min"); low.Exists() {
		k.low = max(k.low, min(low.Num, k.high))
	}
	if high := rule.Get("max"); high.Exists() {
		k.high = min(k.high, max(high.Num, k.low))
	}
	e := newEdit(r.Body)
	k.at.all(e, func(c *cursor) {
		v := e.value(c.value)
		if !v.IsNumber() {
			wrong = &transform.FieldError{Field: k.at[0], Problem: "must be a number"}
			return
		}
		if fit := k.within(string(v), v.Float()); fit != string(v) {
			e.replace(c.value, fit)
		}
	})
	if wrong == nil {
		r.Body = e.body(r.Body)
	}
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

// knobs gives the settings that the protocol of the channel has.
func knobs(r *transform.Request) []knob {
	const topK = 1e9
	switch r.Dialect {
	case transform.Anthropic:
		return []knob{
			{"temperature", member{"temperature"}, 0, 1},
			{"top_p", member{"top_p"}, 0, 1},
			{"top_k", member{"top_k"}, 0, topK},
		}
	case transform.OpenAIResponses:
		return []knob{{"temperature", member{"temperature"}, 0, 2}, {"top_p", member{"top_p"}, 0, 1}}
	case transform.Gemini:
		return []knob{
			{"temperature", gemini("temperature", "temperature"), 0, 2},
			{"top_p", gemini("topP", "top_p"), 0, 1},
			{"top_k", gemini("topK", "top_k"), 0, topK},
			{"frequency_penalty", gemini("frequencyPenalty", "frequency_penalty"), -2, 2},
			{"presence_penalty", gemini("presencePenalty", "presence_penalty"), -2, 2},
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
		{"temperature", member{"temperature"}, 0, hottest},
		{"top_p", member{"top_p"}, 0, 1},
		{"frequency_penalty", member{"frequency_penalty"}, -2, 2},
		{"presence_penalty", member{"presence_penalty"}, -2, 2},
	}
	if !ownOpenAI(r) { // OpenAI refuses a member that it does not know
		knobs = append(knobs, knob{"top_k", member{"top_k"}, -1, 1e9}) // vLLM: -1 for all
	}
	return knobs
}

// samplingAllowed reports that the call may set how to sample: Anthropic
// refuses that from one version on, and together with thinking.
func samplingAllowed(r *transform.Request) bool {
	if r.Dialect != transform.Anthropic {
		return true
	}
	version := r.Target.Version
	if version == "" {
		version = r.Header.Get("Anthropic-Version")
	}
	thinking := member{"thinking.type"}.get(r).Str()
	return version < unsampledVersion && (thinking == "" || thinking.String() == "disabled")
}

// unsampledVersion is the first of Anthropic's API without sampling settings.
const unsampledVersion = "2026-10-21"

// number writes a bound.
func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
