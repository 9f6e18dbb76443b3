package chat

import "github.com/dctx-team/routex/transform/internal/conv"

// A settingRule says of a field that few protocols have what it may hold, the
// value that asks for nothing, and why it is lost where it has no place.
type settingRule struct {
	name  string
	is    func(conv.Raw) bool
	must  string
	usual func(conv.Raw) bool
	why   string
}

func isText(v conv.Raw) bool   { return v.IsString() }
func isNumber(v conv.Raw) bool { return v.IsNumber() }
func isBool(v conv.Raw) bool   { return v.IsBool() }
func isObject(v conv.Raw) bool { return v.IsObject() }
func never(conv.Raw) bool      { return false }
func isEmpty(v conv.Raw) bool  { return v.IsEmpty() }
func isFalse(v conv.Raw) bool  { return v == "false" }
func isZero(v conv.Raw) bool   { return v.IsNumber() && v.Float() == 0 }
func isMedium(v conv.Raw) bool { return v == `"medium"` }
func isUsualTier(v conv.Raw) bool {
	return v == `"auto"` || v == `"default"`
}

const (
	whyPenalty = "the other protocol has no penalties"
	whyProbs   = "the other protocol gives no log probabilities"
	whyPrompts = "prompt caches belong to one provider"
	mustText   = "must be a string"
	mustNumber = "must be a number"
	mustBool   = "must be true or false"
	mustObject = "must be an object"
)

var settingRules = [...]settingRule{
	{conv.FrequencyPenalty, isNumber, mustNumber, isZero, whyPenalty},
	{conv.LogitBias, isObject, mustObject, isEmpty, "the other protocol has no token biases"},
	{conv.LogProbs, isBool, mustBool, isFalse, whyProbs},
	{conv.Metadata, isObject, mustObject, isEmpty, "metadata is not carried between providers"},
	{conv.PresencePenalty, isNumber, mustNumber, isZero, whyPenalty},
	{conv.PromptCacheKey, isText, mustText, isEmpty, whyPrompts},
	{conv.CacheRetention, isText, mustText, isEmpty, whyPrompts},
	{conv.Seed, isNumber, mustNumber, never, "the other protocol has no seed"},
	{conv.ServiceTier, isText, mustText, isUsualTier, "service tiers belong to one provider"},
	{conv.Store, isBool, mustBool, isFalse, "answers are not stored by the other protocol"},
	{conv.TopLogProbs, isNumber, mustNumber, isZero, whyProbs},
	{conv.Verbosity, isText, mustText, isMedium, "the other protocol has no verbosity"},
}

// setting reads a field that few protocols have.
func (r *reader) setting(root *conv.Path, c *conv.Cursor) error {
	for i := range settingRules {
		rule := &settingRules[i]
		if rule.name != c.Key {
			continue
		}
		if !rule.is(c.Value) {
			p := root.Field(c.Key)
			return p.Fail(rule.must)
		}
		if !rule.usual(c.Value) {
			r.req.Settings = append(r.req.Settings, conv.Setting{Key: rule.name, Field: rule.name, Value: c.Value, Why: rule.why})
		}
		return nil
	}
	r.unplaced(root, c)
	return nil
}

// unplaced reports a field that no other protocol can carry, unless it asks
// for nothing.
func (r *reader) unplaced(root *conv.Path, c *conv.Cursor) {
	why := "unknown field"
	switch c.Key {
	case "audio":
		why = "audio output is not translated"
	case "prediction":
		why = "the other protocol has no predicted outputs"
	case "web_search_options":
		why = conv.WhyServer
	case "modalities":
		if only := c.Value.Walk(); !only.Next() || only.Value == `"text"` && !only.Next() {
			return
		}
		why = "only text is translated"
	case "repetition_penalty":
		if c.Value.Float() == 1 {
			return
		}
		why = whyPenalty
	}
	r.Drop(root, c, why)
}

// format reads the form that the answer is to have.
func (r *reader) format(root *conv.Path, c *conv.Cursor) error {
	object, err := r.Object(root, c)
	if err != nil {
		return err
	}
	at := root.Field(c.Key)
	switch kind := object.Get("type"); kind {
	case `"text"`:
	case `"json_object"`:
		r.req.Format.Kind = conv.FormatJSON
	case `"json_schema"`:
		return r.formatSchema(&at, object.Get("json_schema"))
	default:
		p := at.Field("type")
		return p.Fail("must be text, json_object or json_schema")
	}
	return nil
}

func (r *reader) formatSchema(up *conv.Path, v conv.Raw) (err error) {
	at := up.Field("json_schema")
	if !v.IsObject() {
		return at.Fail(mustObject)
	}
	f := &r.req.Format
	f.Kind = conv.FormatSchema
	for c := v.Walk(); c.Next() && err == nil; {
		switch c.Key {
		case "name":
			f.Name, err = r.Text(&at, &c)
		case "description":
			f.Description, err = r.Text(&at, &c)
		case "schema":
			var schema conv.Raw
			schema, err = r.Object(&at, &c)
			f.Schema = string(schema)
		case "strict":
			_, err = r.Bool(&at, &c)
			f.Strict = string(c.Value)
		default:
			r.Drop(&at, &c, "unknown field")
		}
	}
	if f.Schema == "" {
		f.Kind = conv.FormatJSON
	}
	return err
}
