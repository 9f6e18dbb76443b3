package jsonscan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/dctx-team/routex/internal/jsonscan"
)

func elements(text string) (out []string) {
	jsonscan.Elements([]byte(text), nil, func(value []byte, members []jsonscan.Member) bool {
		line := string(value)
		for _, m := range members {
			line += " " + m.Key + "=" + string(value[m.Start:m.End])
		}
		out = append(out, line)
		return true
	})
	return out
}

func TestElements(t *testing.T) {
	for text, want := range map[string]string{
		`[]`:                            ``,
		` [ 1 , "a]" ,[2,[3]], null ] `: `1|"a]"|[2,[3]]|null`,
		`[{"a":1, "b" : [{"c":2}]},{}]`: `{"a":1, "b" : [{"c":2}]} a=1 b=[{"c":2}]|{}`,
		`{"a":1}`:                       ``,
		`"text"`:                        ``,
		``:                              ``,
		`[1,{"a":`:                      `1`,
		`[1,{"a":2}`:                    `1|{"a":2} a=2`,
		`[nope]`:                        ``,
		`[{"a":1,},2]`:                  ``,
		`[` + strings.Repeat("[", 20_000) + `,{},{}`: ``,
	} {
		if got := strings.Join(elements(text), "|"); got != want {
			t.Errorf("%.60s gives %q, want %q", text, got, want)
		}
	}
	seen := 0
	jsonscan.Elements([]byte(`[1,2,3]`), nil, func([]byte, []jsonscan.Member) bool { seen++; return seen < 2 })
	if seen != 2 {
		t.Errorf("after false, the walk went on to element %d", seen)
	}
}

// Whatever encoding/json takes for an array has the same elements.
func FuzzElements(f *testing.F) {
	for _, s := range []string{`[]`, `[{"a":[{"b":"\\\""}],"c":-0.1e9},1]`, `["\ud800",{"":{}}]`, `[{"a":1`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got := elements(string(text))
		var want []json.RawMessage
		if json.Unmarshal(text, &want) != nil || want == nil {
			return
		}
		if len(got) != len(want) {
			t.Fatalf("%d elements, encoding/json reads %d: %q", len(got), len(want), text)
		}
		for i := range want {
			if !strings.HasPrefix(got[i], strings.TrimSpace(string(want[i]))) {
				t.Errorf("element %d is %q, encoding/json reads %q", i, got[i], want[i])
			}
		}
	})
}
