package gemini

import (
	"strconv"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

func (r *reader) config(root *conv.Path, c *conv.Cursor) error {
	object, err := r.Object(root, c)
	at := root.Field(c.Key)
	for m := object.Walk(); m.Next() && err == nil; {
		switch camel(m.Key) {
		case "maxOutputTokens":
			r.req.MaxTokens, err = r.whole(&at, &m)
			if err == nil && strings.HasPrefix(r.req.MaxTokens, "-") {
				p := at.Field(m.Key)
				err = p.Fail("must be a whole number")
			}
		case "temperature":
			r.req.Temperature, err = r.Number(&at, &m)
		case "topP":
			r.req.TopP, err = r.Number(&at, &m)
		case "topK":
			r.req.TopK, err = r.whole(&at, &m)
		case "stopSequences":
			r.req.Stop, err = r.texts(&at, &m)
		case "candidateCount":
			if m.Value.Float() > 1 {
				p := at.Field(m.Key)
				err = p.Fail("only one answer can be had from this channel")
			}
		case "thinkingConfig":
			err = r.thinking(&at, &m)
		case "responseMimeType", "responseSchema", "responseJsonSchema":
			err = r.format(&at, &m)
		default:
			r.setting(&at, &m)
		}
	}
	return err
}

// whole reads a number that is a count although the API writes fractions.
func (r *reader) whole(at *conv.Path, c *conv.Cursor) (string, error) {
	if c.Value.IsString() && isDigits(c.Value.Str().Inner()) { // as protobuf lets numbers be written
		return c.Value.Str().Inner(), nil
	}
	n, err := r.Number(at, c)
	if err == nil && strings.ContainsAny(n, ".eE") {
		n = strconv.FormatInt(c.Value.Count(), 10)
	}
	return n, err
}

// settings are the members of the configuration that OpenAI has too. A value
// of zero or false asks for nothing, except of the seed.
var settings = [...]struct{ name, key, why string }{
	{"seed", conv.Seed, "the other protocol has no seed"},
	{"presencePenalty", conv.PresencePenalty, "the other protocol has no penalties"},
	{"frequencyPenalty", conv.FrequencyPenalty, "the other protocol has no penalties"},
	{"responseLogprobs", conv.LogProbs, "the other protocol gives no log probabilities"},
	{"logprobs", conv.TopLogProbs, "the other protocol gives no log probabilities"},
}

func (r *reader) setting(at *conv.Path, c *conv.Cursor) {
	name := camel(c.Key)
	for _, s := range settings {
		if s.name != name {
			continue
		}
		if s.key == conv.Seed || !isZero(c.Value) {
			p := at.Field(c.Key)
			r.req.Settings = append(r.req.Settings, conv.Setting{Key: s.key, Field: p.String(), Value: c.Value, Why: s.why})
		}
		return
	}
	switch {
	case c.Value.IsEmpty(), c.Value == "false", c.Value.IsString() && strings.HasSuffix(string(c.Value), `_UNSPECIFIED"`):
	case name == "responseModalities" && onlyText(c.Value):
	case name == "mediaResolution":
		r.Drop(at, c, "the other protocol chooses the resolution itself")
	case name == "responseModalities", name == "speechConfig", name == "imageConfig":
		r.Drop(at, c, "only text is translated")
	default:
		r.Drop(at, c, "the other protocol has no such field")
	}
}

func isZero(v conv.Raw) bool { return v == "false" || v.IsNumber() && v.Float() == 0 }

func onlyText(modalities conv.Raw) bool {
	for c := modalities.Walk(); c.Next(); {
		if !strings.EqualFold(c.Value.Str().Inner(), "text") {
			return false
		}
	}
	return true
}

func (r *reader) thinking(up *conv.Path, c *conv.Cursor) error {
	object, err := r.Object(up, c)
	at := up.Field(c.Key)
	t := &r.req.Thinking
	for m := object.Walk(); m.Next() && err == nil; {
		switch camel(m.Key) {
		case "thinkingBudget":
			var budget string
			budget, err = r.whole(&at, &m)
			t.Budget, t.Mode = conv.Raw(budget).Count(), conv.ThinkingOn
			if isZero(conv.Raw(budget)) {
				t.Mode = conv.ThinkingOff
			}
		case "thinkingLevel":
			err = r.level(&at, &m)
		case "includeThoughts":
			t.Show, err = r.Bool(&at, &m)
			t.Hide = !t.Show
		default:
			r.Drop(&at, &m, "unknown field")
		}
	}
	return err
}

func (r *reader) level(at *conv.Path, c *conv.Cursor) error {
	level, err := r.Text(at, c)
	if err != nil || level == `"THINKING_LEVEL_UNSPECIFIED"` {
		return err
	}
	if !r.req.Thinking.ReadEffort(strings.ToLower(level.String())) {
		p := at.Field(c.Key)
		return p.Fail("must be MINIMAL, LOW, MEDIUM or HIGH")
	}
	return nil
}

// format reads in which form the answer is wanted. A schema counts more than
// the type of media, which may come before it or after.
func (r *reader) format(at *conv.Path, c *conv.Cursor) (err error) {
	f := &r.req.Format
	switch camel(c.Key) {
	case "responseSchema":
		_, err = r.Object(at, c)
		f.Kind, f.Schema = conv.FormatSchema, jsonSchema(c.Value)
	case "responseJsonSchema":
		_, err = r.Object(at, c)
		f.Kind, f.Schema = conv.FormatSchema, string(c.Value)
	default:
		err = r.mimeType(at, c)
	}
	return err
}

func (r *reader) mimeType(at *conv.Path, c *conv.Cursor) error {
	media, err := r.Text(at, c)
	switch {
	case err != nil, media.Empty(), media == `"text/plain"`:
	case media == `"application/json"`:
		r.req.Format.Kind = max(r.req.Format.Kind, conv.FormatJSON)
	default:
		r.Drop(at, c, "the other protocol answers in text or JSON")
	}
	return err
}
