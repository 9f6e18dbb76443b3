package router_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/router"
)

// A telling is how a protocol writes a conversation of so many turns.
type telling func(system, tool, first string, turns int) string

// talks write each turn as clients do: with marks for the cache on what is new,
// and with what the model said and the tools gave.
func talks() map[string]telling {
	turns := func(n int, one string) string { return strings.Repeat(","+one, n) }
	return map[string]telling{
		"Messages": func(system, tool, first string, n int) string {
			mark := ""
			if n == 0 {
				mark = `,"cache_control":{"type":"ephemeral"}`
			}
			return fmt.Sprintf(`{"model":"m","max_tokens":%d,"system":[{"type":"text","text":%q,"cache_control":{"type":"ephemeral"}}],"tools":[{"name":%q,"description":"at turn %d","input_schema":{}}],"messages":[{"role":"user","content":[{"type":"text","text":%q%s}]}%s]}`,
				n+1, system, tool, n, first, mark, turns(n, `{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"x","input":{"system":"no"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"r"}]}`))
		},
		"Chat": func(system, tool, first string, n int) string {
			return fmt.Sprintf(`{"model":"m","messages":[{"role":"system","content":%q},{"role":"user","content":%q}%s],"tools":[{"type":"function","function":{"name":%q,"parameters":{"name":"no"}}}]}`,
				system, first, turns(n, `{"role":"assistant","content":"a"},{"role":"user","content":"b"}`), tool)
		},
		"Responses": func(system, tool, first string, n int) string {
			return fmt.Sprintf(`{"model":"m","instructions":%q,"previous_response_id":null,"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":%q}]}%s],"tools":[{"type":"function","name":%q}],"store":false}`,
				system, first, turns(n, `{"type":"reasoning","encrypted_content":"e"},{"type":"function_call","name":"n","arguments":"{}"},{"type":"function_call_output","output":"o"}`), tool)
		},
		"Gemini": func(system, tool, first string, n int) string {
			return fmt.Sprintf(`{"systemInstruction":{"role":"user","parts":[{"text":%q}]},"contents":[{"parts":[{"text":%q}]}%s],"tools":[{"functionDeclarations":[{"name":%q}]}]}`,
				system, first, turns(n, `{"role":"model","parts":[{"text":"a"}]},{"role":"user","parts":[{"text":"b"}]}`), tool)
		},
	}
}

func beginning(t *testing.T, body string) uint64 {
	t.Helper()
	r, err := router.ParseNamed([]byte(body), "m", false)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	hash, goesOn := r.Beginning()
	if answered := strings.Contains(body, `"assistant"`) || strings.Contains(body, `"function_call"`) || strings.Contains(body, `"model",`); hash != 0 && answered != goesOn {
		t.Errorf("goes on: %v: %s", goesOn, body)
	}
	return hash
}

func TestTheBeginningOfAConversationIsThatOfAllItsTurns(t *testing.T) {
	for name, say := range talks() {
		first := beginning(t, say("Be good.", "read", "Mend the roof.", 0))
		if first == 0 {
			t.Errorf("%s: no beginning", name)
		}
		for turns := range 6 {
			if got := beginning(t, say("Be good.", "read", "Mend the roof.", turns)); got != first {
				t.Errorf("%s: turn %d begins with %x, the first with %x", name, turns, got, first)
			}
		}
		for what, other := range map[string]string{
			"system":          say("Be bad.", "read", "Mend the roof.", 0),
			"tool":            say("Be good.", "write", "Mend the roof.", 0),
			"message":         say("Be good.", "read", "Mend the door.", 0),
			"a longer one":    say("Be good.", "read", "Mend the roof..", 0),
			"where text ends": say("Be good.M", "read", "end the roof.", 0),
		} {
			if beginning(t, other) == first {
				t.Errorf("%s: another %s makes no difference", name, what)
			}
		}
	}
}

func TestATextBeginsAlikeAsOneAndAsAPart(t *testing.T) {
	one := beginning(t, `{"messages":[{"role":"user","content":"hello"}]}`)
	if got := beginning(t, `{"messages":[{"role":"user","content":[{"type":"text","text":"hello","cache_control":{"type":"ephemeral"}}]}]}`); got != one {
		t.Errorf("as a part %x, as a text %x", got, one)
	}
}

func TestImagesAreOfTheBeginning(t *testing.T) {
	ask := func(data string) uint64 {
		return beginning(t, `{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","data":"`+data+`"}}]}]}`)
	}
	if ask("abc") == ask("abd") || ask(strings.Repeat("a", 300_000)+"b") == ask(strings.Repeat("a", 300_000)+"c") {
		t.Error("another image makes no difference")
	}
}

func TestCallsWithoutABeginning(t *testing.T) {
	for _, body := range []string{
		`{}`, `{"messages":[]}`, `{"messages":[{"role":"assistant","content":"a"}]}`, `{"messages":[1,null,"x"]}`,
		`{"system":"s","tools":[{"name":"a"}]}`,
		`{"previous_response_id":"resp_1","input":"hello"}`, `{"conversation":{"id":"c"},"input":"hello"}`,
	} {
		if got := beginning(t, body); got != 0 {
			t.Errorf("%s begins with %x", body, got)
		}
	}
	for _, body := range []string{`{"input":"hello"}`, `{"conversation":null,"input":"hello"}`, `{"messages":[{"content":"x","role":"user"}]}`} {
		if beginning(t, body) == 0 {
			t.Errorf("%s has no beginning", body)
		}
	}
}

func TestTheBeginningIsFoundWithoutAllocating(t *testing.T) {
	for name, say := range talks() {
		r, err := router.ParseNamed([]byte(say("Be good.", "read", "Mend the roof.", 5)), "m", false)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(50, func() { _, _ = r.Beginning() }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkBeginning(b *testing.B) {
	body := talks()["Messages"](strings.Repeat("Be good. ", 5000), "read", strings.Repeat("Mend the roof. ", 500), 400)
	r, err := router.Parse([]byte(body))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = r.Beginning()
	}
}
