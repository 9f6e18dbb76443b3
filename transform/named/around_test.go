package named_test

import (
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
)

// odd is JSON whose bytes a decoder would not give back.
const odd = "\n\t\"o\" : {\"z\":1.10e+02 ,\"a\":9007199254740993,\"a\":[ ],\"t\":\"\\u00e9\\/<\\ud83d\\ude00\\\\\\\"}],\"} "

func TestBytesAroundAnEditStay(t *testing.T) {
	tests := []struct {
		name, options string
		dialect       transform.Dialect
		before, after string // of the member that is edited
	}{
		{"maxtoken", `{"max_tokens":5}`, transform.Anthropic, `"max_tokens" : 6`, `"max_tokens" : 5`},
		{"maxtoken", `{"max_tokens":5}`, transform.OpenAIChat, `"max_completion_tokens" :6`, `"max_completion_tokens" :5`},
		{"maxtoken", `{"max_tokens":5}`, transform.Gemini, `"generationConfig":{ "maxOutputTokens" :6 , "x":1.0}`, `"generationConfig":{ "maxOutputTokens" :5 , "x":1.0}`},
		{"sampling", `{"top_p":0.5}`, transform.OpenAIResponses, `"top_p": 1e0`, `"top_p": 0.5`},
		{"sampling", `{"top_p":null}`, transform.Anthropic, `"x":1 , "top_p": 1e0`, `"x":1`},
		{"cleancache", ``, transform.Anthropic, `"system":[ { "text":"\u00e9" , "cache_control":{ } } ]`, `"system":[ { "text":"\u00e9"  } ]`},
		{"toolname", ``, transform.Anthropic, `"tool_choice":{"name" : "a.b", "type":"tool"}`, `"tool_choice":{"name" : "a_b_3hz8uqreud25o", "type":"tool"}`},
	}
	for _, test := range tests {
		t.Run(test.name+" "+string(test.dialect), func(t *testing.T) {
			around := " {" + odd + "," + "HERE , " + odd + "}\n"
			r := request(test.dialect, strings.Replace(around, "HERE", test.before, 1))
			r.Model = "gpt-4o"
			got := sent(t, newNamed(t, test.name, test.options), r)
			if want := strings.Replace(around, "HERE", test.after, 1); got != want {
				t.Errorf("sent is\n%q, want\n%q", got, want)
			}
		})
	}
}
