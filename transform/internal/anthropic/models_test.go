package anthropic

import (
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

func TestModelOf(t *testing.T) {
	for name, want := range map[string]model{
		"claude-2.1":                                   {"", 21},
		"claude-instant-1.2":                           {"", 12},
		"claude-3-haiku-20240307":                      {"haiku", 30},
		"claude-3-5-sonnet-latest":                     {"sonnet", 35},
		"claude-3-7-sonnet-20250219":                   {"sonnet", 37},
		"claude-opus-4-20250514":                       {"opus", 40},
		"claude-opus-4-1-20250805":                     {"opus", 41},
		"claude-sonnet-4@20250514":                     {"sonnet", 40},
		"claude-haiku-4-5-20251001":                    {"haiku", 45},
		"anthropic/claude-sonnet-4.5":                  {"sonnet", 45},
		"us.anthropic.claude-sonnet-4-5-20250929-v1:0": {"sonnet", 45},
		"us.anthropic.claude-opus-4-20250514-v1:0":     {"opus", 40},
		"anthropic.claude-opus-4-6-v1":                 {"opus", 46},
		"claude-opus-4-8[1m]":                          {"opus", 48},
		"claude-sonnet-5":                              {"sonnet", 50},
		"claude-opus-5-5":                              {"opus", 55},
		"claude-fable-5-1":                             {"fable", 51},
		"claude-mythos-preview":                        {"mythos", 50},
		"claude-sonnet-latest":                         {"sonnet", 0},
		"claude-x":                                     {},
		"glm-4.6":                                      {},
		"":                                             {},
		"claude-":                                      {},
	} {
		if got := modelOf(name); got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

func TestModelLimits(t *testing.T) {
	for name, want := range map[string]string{
		"claude-2.1": "4096", "claude-3-opus-20240229": "4096", "claude-3-5-haiku-20241022": "8192",
		"claude-3-7-sonnet-20250219": "64000", "claude-opus-4-1": "32000", "claude-sonnet-4-20250514": "64000",
		"claude-haiku-4-5": "64000", "claude-opus-4-5": "64000", "claude-opus-4-6": "128000", "claude-haiku-5-5": "128000",
		"glm-4.6": "8192",
	} {
		r := request(name, user(text("hi")))
		r.MaxTokens = ""
		out, l := writeRequest(t, r)
		if got := get(out, "max_tokens"); got != want {
			t.Errorf("%s: max_tokens %s, want %s", name, got, want)
		}
		l.want("")
	}
	r := request("claude-3-5-haiku-20241022", user(text("hi")))
	r.MaxTokens = "9000"
	out, l := writeRequest(t, r)
	if got := get(out, "max_tokens"); got != "8192" {
		t.Errorf("more than the model puts out: max_tokens %s", got)
	}
	l.want("limit")
}

func TestWriteThinking(t *testing.T) {
	on := func(budget int64, e conv.Effort) conv.Thinking {
		return conv.Thinking{Mode: conv.ThinkingOn, Budget: budget, Effort: e}
	}
	off := conv.Thinking{Mode: conv.ThinkingOff}
	for _, c := range []struct {
		name, model, limit string
		thinking           conv.Thinking
		want, config       string
		max, lost          string
	}{
		{"nothing asked for", "claude-opus-4-6", "9000", conv.Thinking{}, ``, ``, "9000", ""},
		{"a budget", "claude-sonnet-4-5", "9000", on(2048, ""), `{"type":"enabled","budget_tokens":2048}`, ``, "9000", ""},
		{"an effort as a budget", "claude-sonnet-4-5", "9000", on(0, conv.EffortMedium), `{"type":"enabled","budget_tokens":8192}`, ``, "9000", ""},
		{"a budget below the least", "claude-sonnet-4-5", "9000", on(100, ""), `{"type":"enabled","budget_tokens":1024}`, ``, "9000", ""},
		{"a budget that fills the answer", "claude-sonnet-4-5", "9000", on(9000, ""), `{"type":"enabled","budget_tokens":8999}`, ``, "9000", "effort"},
		{"an effort that fills the answer", "claude-sonnet-4-5", "9000", on(0, conv.EffortHigh), `{"type":"enabled","budget_tokens":8999}`, ``, "9000", ""},
		{"no room for the least budget", "claude-sonnet-4-5", "1000", on(0, conv.EffortLow), `{"type":"enabled","budget_tokens":1024}`, ``, "2024", "limit"},
		{"as much as the model wants", "claude-sonnet-4-5", "", on(0, ""), `{"type":"enabled","budget_tokens":8192}`, ``, "64000", ""},
		{"an unknown model without a limit", "glm-4.6", "", on(0, conv.EffortHigh), `{"type":"enabled","budget_tokens":24576}`, ``, "32768", ""},
		{"budget and effort", "claude-opus-4-5", "9000", on(0, conv.EffortMax), `{"type":"enabled","budget_tokens":8999}`, `{"effort":"high"}`, "9000", ""},
		{"adaptive", "claude-opus-4-6", "9000", on(0, ""), `{"type":"adaptive"}`, ``, "9000", ""},
		{"adaptive with an effort", "claude-opus-4-6", "9000", on(0, conv.EffortMax), `{"type":"adaptive"}`, `{"effort":"max"}`, "9000", ""},
		{"adaptive with a budget", "claude-sonnet-5", "9000", on(4000, ""), `{"type":"adaptive"}`, `{"effort":"medium"}`, "9000", ""},
		{"an effort between the model's", "claude-opus-4-6", "9000", on(0, conv.EffortXHigh), `{"type":"adaptive"}`, `{"effort":"high"}`, "9000", "effort"},
		{"an effort of newer models", "claude-opus-4-7", "9000", on(0, conv.EffortXHigh), `{"type":"adaptive"}`, `{"effort":"xhigh"}`, "9000", ""},
		{"less than the least effort", "claude-opus-5", "9000", on(0, conv.EffortMinimal), `{"type":"adaptive"}`, `{"effort":"low"}`, "9000", "effort"},
		{"shown", "claude-opus-4-7", "9000", conv.Thinking{Mode: conv.ThinkingOn, Show: true}, `{"type":"adaptive","display":"summarized"}`, ``, "9000", ""},
		{"hidden", "claude-opus-4-7", "9000", conv.Thinking{Mode: conv.ThinkingOn, Hide: true}, `{"type":"adaptive","display":"omitted"}`, ``, "9000", ""},
		{"a model that does not reason", "claude-3-5-haiku-20241022", "900", on(0, conv.EffortLow), ``, ``, "900", "effort"},
		{"off where it is off anyway", "claude-sonnet-4-5", "9000", off, ``, ``, "9000", ""},
		{"off where it is on by itself", "claude-sonnet-5", "9000", off, `{"type":"disabled"}`, ``, "9000", ""},
		{"off at another maker's", "glm-4.6", "9000", off, `{"type":"disabled"}`, ``, "9000", ""},
		{"off but between tools", "claude-sonnet-5-5", "9000", off, `{"type":"between_tools"}`, ``, "9000", ""},
		{"off where it cannot be", "claude-opus-5-5", "9000", off, ``, `{"effort":"low"}`, "9000", "effort"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request(c.model, user(text("hi")))
			r.MaxTokens, r.Thinking = c.limit, c.thinking
			out, l := writeRequest(t, r)
			if got := get(out, "thinking"); got != c.want {
				t.Errorf("thinking %s, want %s", got, c.want)
			}
			if got := get(out, "output_config"); got != c.config {
				t.Errorf("output_config %s, want %s", got, c.config)
			}
			if got := get(out, "max_tokens"); got != c.max {
				t.Errorf("max_tokens %s, want %s", got, c.max)
			}
			l.want(c.lost)
		})
	}
}

func TestWriteSampling(t *testing.T) {
	thinking := conv.Thinking{Mode: conv.ThinkingOn}
	for _, c := range []struct {
		name, model, version string
		thinking             conv.Thinking
		temperature, p, k    string
		want                 [3]string
		lost                 string
	}{
		{"all", "claude-sonnet-4", "", conv.Thinking{}, "0.70", "0.9", "5", [3]string{"0.70", "0.9", "5"}, ""},
		{"too hot", "claude-sonnet-4-5", "2023-06-01", conv.Thinking{}, "1.5", "", "", [3]string{"1"}, "heat"},
		{"one of two", "claude-sonnet-4-5", "", conv.Thinking{}, "0.5", "0.9", "", [3]string{"0.5"}, "topP"},
		{"one of two, the other the default", "claude-opus-4-1", "", conv.Thinking{}, "0.5", "1", "", [3]string{"0.5"}, ""},
		{"top_p alone", "claude-haiku-4-5", "", conv.Thinking{}, "", "0.9", "3", [3]string{"", "0.9", "3"}, ""},
		{"beside reasoning", "claude-sonnet-4-5", "", thinking, "0.5", "0.5", "5", [3]string{}, "heat topP topK"},
		{"what reasoning takes", "claude-sonnet-4-5", "", thinking, "1", "0.95", "", [3]string{"", "0.95"}, ""},
		{"too hot beside reasoning", "claude-opus-4-6", "", thinking, "2", "", "", [3]string{}, "heat"},
		{"the newer version", "claude-sonnet-4-5", "2026-10-21", conv.Thinking{}, "0.5", "0.9", "5", [3]string{}, "heat topP topK"},
		{"defaults in the newer version", "claude-sonnet-4-5", "2026-10-21", conv.Thinking{}, "1.0", "1", "", [3]string{}, ""},
		{"a model without", "claude-opus-4-7", "", conv.Thinking{}, "1.5", "0.9", "5", [3]string{}, "heat topP topK"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request(c.model, user(text("hi")))
			r.Target.Version, r.Thinking = c.version, c.thinking
			r.Temperature, r.TopP, r.TopK = c.temperature, c.p, c.k
			out, l := writeRequest(t, r)
			if got := [3]string{get(out, "temperature"), get(out, "top_p"), get(out, "top_k")}; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			l.want(c.lost)
		})
	}
}
