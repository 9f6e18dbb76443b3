package named_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/named"
)

func TestEveryTransformerIsListed(t *testing.T) {
	want := "anthropic openai gemini azure-openai zhipu maxtoken sampling cleancache reasoning toolname"
	var names []string
	for _, d := range named.List() {
		names = append(names, d.Name)
		if d.Description == "" || d.Options == nil {
			t.Errorf("%s is not described", d.Name)
		}
		for _, o := range d.Options {
			if o.Type == "" || o.Description == "" {
				t.Errorf("the option %s of %s is not described", o.Name, d.Name)
			}
		}
		if _, err := named.New(d.Name, nil); err != nil {
			t.Errorf("without options: %v", err)
		}
	}
	if got := strings.Join(names, " "); got != want {
		t.Errorf("listed are %s, want %s", got, want)
	}
	if _, err := json.Marshal(named.List()); err != nil {
		t.Error(err)
	}
}

func TestMistakesInOptionsAreNamed(t *testing.T) {
	tests := []struct{ name, options, want string }{
		{"maxtokens", "", `transformer "maxtokens": there is no such transformer; there are anthropic, `},
		{"maxtoken", `7`, `transformer "maxtoken": the options must be an object`},
		{"maxtoken", `{"max_tokens":1`, `transformer "maxtoken": the options must be an object`},
		{"maxtoken", `{"max_tokens":"1"}`, `max_tokens: must be a whole number from 1 to 10000000`},
		{"maxtoken", `{"max_tokens":0}`, `max_tokens: must be a whole number`},
		{"maxtoken", `{"max_tokens":1.5}`, `max_tokens: must be a whole number`},
		{"maxtoken", `{"max_tokens":1,"max_tokens":2}`, `max_tokens: is there more than once`},
		{"maxtoken", `{"maxTokens":1,"x":2}`, `maxTokens: there is no such option; there are max_tokens; x: there is no`},
		{"cleancache", `{"x":1}`, `x: there is no such option; this transformer takes none`},
		{"openai", `{"x":1}`, `x: there is no such option; this transformer takes none`},
		{"sampling", `{"temperature":2.5}`, `temperature: must be a number from 0 to 2, {"min","max"} within these, or null`},
		{"sampling", `{"temperature":{}}`, `temperature: must be`},
		{"sampling", `{"temperature":{"low":1}}`, `temperature: must be`},
		{"sampling", `{"top_p":{"min":"0"}}`, `top_p: must be`},
		{"sampling", `{"top_p":{"min":0.5,"max":0.4}}`, `top_p: min must not be over max`},
		{"reasoning", `{"effort":"huge"}`, `effort: must be one of none, minimal`},
		{"reasoning", `{"enabled":"no"}`, `enabled: must be true or false`},
		{"reasoning", `{"enabled":false,"effort":"low","budget_tokens":9}`, `effort: cannot be set when reasoning is off; budget_tokens: cannot`},
		{"toolname", `{"max_length":8}`, `max_length: must be a whole number from 24 to 128`},
	}
	for _, test := range tests {
		_, err := named.New(test.name, []byte(test.options))
		bad, ok := errors.AsType[*named.Error](err)
		if !ok || !strings.Contains(bad.Error(), test.want) || bad.Name != test.name {
			t.Errorf("%s %s gives %v, want %s", test.name, test.options, err, test.want)
		}
	}
}

func TestNullIsAbsent(t *testing.T) {
	for _, options := range []string{"null", "{}", `{"max_tokens":null}`} {
		r := request(transform.Anthropic, `{}`)
		if got := sent(t, newNamed(t, "maxtoken", options), r); got != `{"max_tokens":4096}` {
			t.Errorf("%s: %s", options, got)
		}
	}
}

func TestNamesOfProtocolsOnlyAssert(t *testing.T) {
	tests := map[string][]transform.Dialect{
		"anthropic":    {transform.Anthropic},
		"openai":       {transform.OpenAIChat, transform.OpenAIResponses},
		"gemini":       {transform.Gemini},
		"azure-openai": {transform.OpenAIChat, transform.OpenAIResponses},
		"zhipu":        {transform.OpenAIChat},
	}
	for name, dialects := range tests {
		change := newNamed(t, name, "")
		if got := named.Protocol(change); got != name {
			t.Errorf("%s is for the protocol %q", name, got)
		}
		for _, d := range transform.Dialects() {
			r := request(d, `{"a":1}`)
			err := change.Request(context.Background(), r)
			fits := false
			for _, own := range dialects {
				fits = fits || own == d
			}
			if (err == nil) != fits || string(r.Body) != `{"a":1}` {
				t.Errorf("%s on a channel of %s: %v, %s", name, d, err, r.Body)
			}
			if err != nil && !strings.Contains(err.Error(), `transformer "`+name+`"`) {
				t.Errorf("the error does not name the transformer: %v", err)
			}
		}
	}
	if got := named.Protocol(newNamed(t, "maxtoken", "")); got != "" {
		t.Errorf("maxtoken is for the protocol %q", got)
	}
}

func TestAFailureNamesTheTransformerAndTheField(t *testing.T) {
	err := newNamed(t, "maxtoken", "").Request(context.Background(), request(transform.Gemini, `{"generationConfig":{"maxOutputTokens":"9"}}`))
	field, ok := errors.AsType[*transform.FieldError](err)
	if !ok || field.Field != "generationConfig.maxOutputTokens" {
		t.Fatalf("the error names no field: %v", err)
	}
	if want := `transformer "maxtoken": generationConfig.maxOutputTokens: must be a number`; err.Error() != want {
		t.Errorf("the error is %q, want %q", err, want)
	}
}
