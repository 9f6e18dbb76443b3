package router_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/router"
)

// mixed makes rules of every kind, none of which matches what the benchmarks
// ask, so that all of them are tried, and then one that always does.
func mixed(tb testing.TB, n int) *router.Rules {
	tb.Helper()
	words := strings.Fields(`calculate translate summarize deploy kubernetes poem story essay email finance invoice legal contract medical
		patient weather travel hotel booking rust postgres redis kafka latency security token oauth cookie browser android swift pipeline
		release rebase conflict sprint agile meeting agenda`)
	word := func(i int) string { return words[i%len(words)] }
	var rules []router.Rule
	for i := range n - 1 {
		var c router.Condition
		switch i % 10 {
		case 0, 1, 2:
			c.Keywords = []string{word(i) + " the " + word(i+5), word(i+1) + " this " + word(i+9), "请" + word(i)}
		case 3, 4:
			c.UserPattern = fmt.Sprintf(`\b(%s|%s)(ing)? (my|our|this) %s\b`, word(i), word(i+3), word(i+7))
		case 5:
			c.ModelPattern = "^gemini-.*-" + word(i)
		case 6:
			c.TokenThreshold = 160_000 + i // which 200 KB may well have
		case 7:
			c.HasTools, c.ToolName = new(true), "^"+word(i)
		case 8:
			c.Intent, c.ProgrammingLanguage = router.OneOf{router.Generation}, router.OneOf{"haskell"}
		case 9:
			c.Header, c.Path = map[string]string{"X-Team": word(i)}, "^/v1/never"
		}
		rules = append(rules, router.Rule{Name: fmt.Sprint("rule ", i), Condition: c, TargetChannel: "c"})
	}
	rs, err := router.Compile(append(rules, router.Rule{Name: "rest", Type: router.Default, TargetChannel: "c"}))
	if err != nil {
		tb.Fatal(err)
	}
	return rs
}

const aboutCode = `Please look at this function and tell me what is wrong:\n\nfunc main() {\n\tif err != nil {\n\t\treturn fmt.Errorf(\"reading: %w\", err)\n\t}\n}\nIt should stop at once. `

// The calls that the benchmarks route: what one user says, a long text of the
// user, and the conversation of a coding agent, most of which is tools and
// their results.
func benchCalls() map[string]string {
	turn := `{"role":"user","content":[{"type":"text","text":"` + strings.Repeat(aboutCode, 8) + `"}]},`
	agent := `{"role":"user","content":"` + aboutCode + `"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"read","input":{"path":"main.go"}}]},` +
		`{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"` + strings.Repeat(aboutCode, 24) + `"}]},`
	tool := `{"name":"read","description":"` + strings.Repeat("Reads a file from the disk. ", 40) + `","input_schema":{"type":"object","properties":{"path":{"type":"string"}}}},`
	return map[string]string{
		"1K":         `{"model":"claude-opus-4","max_tokens":1024,"messages":[{"role":"user","content":"` + strings.Repeat(aboutCode, 6) + `"}]}`,
		"200K":       `{"model":"claude-opus-4","messages":[` + strings.Repeat(turn, 145) + turn[:len(turn)-1] + `]}`,
		"200K-agent": `{"model":"claude-opus-4","messages":[` + strings.Repeat(agent, 41) + turn[:len(turn)-1] + `],"tools":[` + strings.Repeat(tool, 23) + tool[:len(tool)-1] + `]}`,
	}
}

// Routing one call over 100 rules, parsing included.
func BenchmarkRoute(b *testing.B) {
	rules := mixed(b, 100)
	for _, name := range []string{"1K", "200K", "200K-agent"} {
		body := []byte(benchCalls()[name])
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := router.Parse(body)
				if err != nil {
					b.Fatal(err)
				}
				if choice, err := rules.Route(b.Context(), r); err != nil || choice.Rule != "rest" {
					b.Fatal(choice, err)
				}
			}
		})
	}
}

// What the parts of it take.
func BenchmarkLooks(b *testing.B) {
	body := []byte(benchCalls()["200K"])
	for name, look := range map[string]func(*router.Request){
		"user text": func(r *router.Request) { r.UserText() },
		"tokens":    func(r *router.Request) { r.Tokens() },
		"words":     func(r *router.Request) { r.Words() },
		"analysis":  func(r *router.Request) { r.Analysis() },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := router.Parse(body)
				if err != nil {
					b.Fatal(err)
				}
				look(r)
			}
		})
	}
}
