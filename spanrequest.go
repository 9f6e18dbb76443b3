package routex

import (
	"strings"

	"github.com/tidwall/gjson"
	"go.opentelemetry.io/otel/attribute"

	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/transform"
)

// A setting is where a protocol has what an attribute tells: a member of the
// body and a path in it.
type setting struct{ name, member, path string }

// settingsOf lists what a call in a protocol can set. Of two for one attribute
// the first that is there counts.
func settingsOf(d transform.Dialect) []setting {
	switch d {
	case transform.Anthropic:
		return anthropicSettings[:]
	case transform.OpenAIResponses:
		return responsesSettings[:]
	case transform.Gemini:
		return geminiSettings[:]
	}
	return chatSettings[:]
}

var (
	anthropicSettings = [...]setting{
		{trace.RequestMaxTokens, "max_tokens", ""},
		{trace.RequestTemperature, "temperature", ""},
		{trace.RequestTopP, "top_p", ""},
		{trace.RequestTopK, "top_k", ""},
		{trace.RequestStopSequences, "stop_sequences", ""},
		{trace.OutputType, "output_format", "type"},
	}
	chatSettings = [...]setting{
		{trace.RequestMaxTokens, "max_completion_tokens", ""},
		{trace.RequestMaxTokens, "max_tokens", ""},
		{trace.RequestTemperature, "temperature", ""},
		{trace.RequestTopP, "top_p", ""},
		{trace.RequestFrequencyPenalty, "frequency_penalty", ""},
		{trace.RequestPresencePenalty, "presence_penalty", ""},
		{trace.RequestStopSequences, "stop", ""},
		{trace.RequestSeed, "seed", ""},
		{trace.RequestChoiceCount, "n", ""},
		{trace.OutputType, "response_format", "type"},
	}
	responsesSettings = [...]setting{
		{trace.RequestMaxTokens, "max_output_tokens", ""},
		{trace.RequestTemperature, "temperature", ""},
		{trace.RequestTopP, "top_p", ""},
		{trace.OutputType, "text", "format.type"},
	}
	geminiSettings = [...]setting{
		{trace.RequestMaxTokens, "generationConfig", "maxOutputTokens"},
		{trace.RequestTemperature, "generationConfig", "temperature"},
		{trace.RequestTopP, "generationConfig", "topP"},
		{trace.RequestTopK, "generationConfig", "topK"},
		{trace.RequestFrequencyPenalty, "generationConfig", "frequencyPenalty"},
		{trace.RequestPresencePenalty, "generationConfig", "presencePenalty"},
		{trace.RequestStopSequences, "generationConfig", "stopSequences"},
		{trace.RequestSeed, "generationConfig", "seed"},
		{trace.RequestChoiceCount, "generationConfig", "candidateCount"},
		{trace.OutputType, "generationConfig", "responseMimeType"},
	}
)

// parameters are what the body of the call sets, for a span that records.
func (c *call) parameters() []attribute.KeyValue {
	if c.endpoint.kind != callsModel {
		return nil
	}
	var kv []attribute.KeyValue
	last := ""
	for _, s := range settingsOf(c.dialect) {
		if s.name == last {
			continue
		}
		if one, ok := s.attribute(c.view.Get(s.member, s.path)); ok {
			kv, last = append(kv, one), s.name
		}
	}
	return kv
}

// attribute gives what a value tells; ok is false for one of another type.
func (s *setting) attribute(v gjson.Result) (kv attribute.KeyValue, ok bool) {
	switch s.name {
	case trace.RequestMaxTokens, trace.RequestSeed:
		return attribute.Int64(s.name, v.Int()), v.Type == gjson.Number
	case trace.RequestChoiceCount:
		return attribute.Int64(s.name, v.Int()), v.Type == gjson.Number && v.Int() != 1
	case trace.RequestStopSequences:
		return attribute.StringSlice(s.name, texts(v)), v.IsArray() || v.Type == gjson.String
	case trace.OutputType:
		kind := "text"
		switch v.Str {
		case "json_object", "json_schema", "application/json":
			kind = "json"
		}
		return attribute.String(s.name, kind), v.Type == gjson.String
	}
	return attribute.Float64(s.name, v.Num), v.Type == gjson.Number
}

// texts are those of a list, or the only one, within bounds.
func texts(v gjson.Result) []string {
	var out []string
	for i, one := range v.Array() {
		if one.Type == gjson.String && i < maxLosses {
			out = append(out, strings.Clone(trace.Clip(one.String(), maxSpanText))) // it may be a part of the body
		}
	}
	return out
}
