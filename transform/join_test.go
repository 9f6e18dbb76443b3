package transform_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/dctx-team/routex/transform"
)

// begun gives a ledger of a Chat answer that broke off after the text, and
// what was handed out.
func begun(t testing.TB, text ...string) (*transform.Ledger, string) {
	l := transform.NewLedger(chat)
	var out strings.Builder
	for _, data := range append([]string{`{"role":"assistant","content":""}`}, contents(text...)...) {
		data = chunk(data, "")
		out.WriteString("data: " + data + "\n\n")
		if err := l.Event(transform.Event{Data: []byte(data)}, func(transform.Event) {}); err != nil {
			t.Fatal(err)
		}
	}
	return l, out.String()
}

// contents gives deltas of texts.
func contents(text ...string) (out []string) {
	for _, s := range text {
		b, _ := json.Marshal(s)
		out = append(out, `{"content":`+string(b)+`}`)
	}
	return out
}

// goOn gives what is emitted of a second answer, by the deltas of its chunks.
// It ends with the last if that begins with =.
func goOn(t testing.TB, l *transform.Ledger, mode transform.ResumeMode, deltas ...string) (string, error) {
	r, err := l.Resume([]byte(ask1(chat)), mode)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	emit := func(ev transform.Event) { out.WriteString("data: " + string(ev.Data) + "\n\n") }
	for _, delta := range deltas {
		data := chunk(delta, "")
		if reason, ok := strings.CutPrefix(delta, "="); ok {
			data = done(reason)
		}
		if err = r.Event(transform.Event{Data: []byte(data)}, emit); err != nil {
			return out.String(), err
		}
	}
	err = r.Close(emit)
	return out.String(), err
}

const opening = "Once upon a time there was a king. "

const call = `{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}`

// A join that is in doubt emits nothing.
func TestDoubtfulJoins(t *testing.T) {
	for _, c := range []struct {
		name   string
		mode   transform.ResumeMode
		said   string
		deltas []string
	}{
		{"another beginning", transform.Splice, opening, append(contents("Twice"), "=stop")},
		{"another end", transform.Splice, opening, append(contents("Once upon a time there was a king!"), "=stop")},
		{"another letter", transform.Splice, "naïve", append(contents("naive"), "=stop")},
		{"a shorter answer", transform.Splice, opening, append(contents(opening[:20]), "=stop")},
		{"a shorter answer of full length", transform.Splice, opening, append(contents(opening[:20]), "=length")},
		{"no answer", transform.Splice, opening, []string{`{"role":"assistant"}`, "=stop"}},
		{"a call in place of text", transform.Splice, opening, []string{call, "=tool_calls"}},
		{"a call before the end of the text", transform.Splice, opening, append(contents(opening[:20]), call, "=tool_calls")},
		{"a refusal", transform.Splice, opening, []string{`{"refusal":"No."}`, "=stop"}},
		{"a refusal by the filter", transform.Splice, opening, append(contents(opening[:20]), "=content_filter")},
		{"a refusal to go on", transform.Continue, opening, []string{`{"refusal":"No."}`, "=stop"}},
		{"a refusal to go on by the filter", transform.Continue, "No space", []string{`{}`, "=content_filter"}},
		{"white space that is not repeated", transform.Continue, opening, append(contents("He was old."), "=stop")},
		{"other white space", transform.Continue, opening, append(contents("\nHe was old."), "=stop")},
		{"too little white space", transform.Continue, opening + " ", append(contents(" He was old."), "=stop")},
		{"nothing where white space was", transform.Continue, opening, []string{`{}`, "=stop"}},
		{"half of the beginning anew", transform.Continue, opening, append(contents("Once upon"), "=stop")},
		{"the beginning anew and another end", transform.Continue, opening, append(contents(opening[:33]+"!"), "=stop")},
		{"the beginning anew and not the rest", transform.Continue, opening, append(contents(opening[:33]), "=stop")},
		{"the beginning anew, and then other words", transform.Continue, opening + "And", append(contents("Once", " more"), "=stop")},
		{"the beginning anew in pieces, and then other words", transform.Continue, opening + "And", append(contents("O", "n", "c", "e", " in a while"), "=stop")},
		{"the beginning anew, and then a letter", transform.Continue, "Sure, here it is", append(contents("Sure! Here it is"), "=stop")},
		{"the beginning anew in other characters", transform.Continue, "Größe zählt nicht", append(contents("Größen zählen nicht"), "=stop")},
		{"the beginning anew, escaped", transform.Continue, "\"Yes\", he said", []string{`{"content":"\u0022Ye\u0073.\""}`, "=stop"}},
		{"a call after the beginning anew", transform.Continue, opening, append(contents("Once upon"), call, "=tool_calls")},
		{"what may be a repetition", transform.Continue, "ha ha ha ha ha ha ha ha ha ha ha ha ha ha", append(contents("ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha"), "=stop")},
		{"what may be a short repetition", transform.Continue, "ha", append(contents("hahaha"), "=stop")},
	} {
		l, _ := begun(t, c.said)
		out, err := goOn(t, l, c.mode, c.deltas...)
		if out != "" || !errors.Is(err, transform.ErrJoin) {
			t.Errorf("%s: %v %s", c.name, err, out)
		}
		if l.Text() != c.said {
			t.Errorf("%s: the ledger has %q", c.name, l.Text())
		}
	}
}

// Joins that are not in doubt give the whole answer.
func TestJoins(t *testing.T) {
	for _, c := range []struct {
		name   string
		mode   transform.ResumeMode
		said   []string
		deltas []string
		want   told
	}{
		{"the same again", transform.Splice, []string{opening}, append(contents(opening, "He was old."), "=stop"), told{text: opening + "He was old.", stop: "end"}},
		{"the same again, in one piece", transform.Splice, []string{opening}, append(contents(opening+"He was old."), "=stop"), told{text: opening + "He was old.", stop: "end"}},
		{"the same and no more", transform.Splice, []string{opening}, append(contents(opening), "=length"), told{text: opening, stop: "length"}},
		{"the same and a call", transform.Splice, []string{opening}, append(contents(opening), call, "=tool_calls"), told{text: opening, calls: "f{}", stop: "tool"}},
		{"more and a call", transform.Splice, []string{opening}, append(contents(opening+"Look."), call, "=tool_calls"), told{text: opening + "Look.", calls: "f{}", stop: "tool"}},
		{"reasoning before the same", transform.Splice, []string{opening}, append(append([]string{`{"reasoning_content":"hm"}`}, contents(opening+"He.")...), "=stop"), told{text: opening + "He.", stop: "end"}},
		{"nothing was said yet", transform.Splice, nil, append(append([]string{`{"reasoning_content":"hm"}`}, contents("Yes.")...), "=stop"), told{text: "Yes.", reasoning: "hm", stop: "end"}},
		{"nothing was said yet, and nothing can be sent", transform.Continue, nil, append(contents("Yes."), "=stop"), told{text: "Yes.", stop: "end"}},
		{"a continuation", transform.Continue, []string{"Once upon"}, append(contents(" a time"), "=stop"), told{text: "Once upon a time", stop: "end"}},
		{"a continuation inside of a word", transform.Continue, []string{"Onc"}, append(contents("e upon"), "=stop"), told{text: "Once upon", stop: "end"}},
		{"a continuation that begins like the answer", transform.Continue, []string{opening + "Long live him"}, append(contents(" who", " was king"), "=stop"), told{text: opening + "Long live him who was king", stop: "end"}},
		{"a continuation that begins with a letter of the beginning", transform.Continue, []string{opening + "The "}, append(contents(" On", "ly king"), "=stop"), told{text: opening + "The Only king", stop: "end"}},
		{"a continuation inside of a word that has letters of the beginning", transform.Continue, []string{"One by "}, append(contents(" One by one"), "=stop"), told{text: "One by One by one", stop: "end"}},
		{"white space repeated", transform.Continue, []string{opening, "\n\n"}, append(contents(" \n", "\nHe"), "=stop"), told{text: opening + "\n\nHe", stop: "end"}},
		{"an end at once", transform.Continue, []string{"Once."}, []string{`{}`, "=stop"}, told{text: "Once.", stop: "end"}},
		{"a call at once", transform.Continue, []string{opening}, []string{call, "=tool_calls"}, told{text: opening, calls: "f{}", stop: "tool"}},
		{"a beginning anew", transform.Continue, []string{opening}, append(contents("Once", " upon a time", " there was a king. ", "He."), "=stop"), told{text: opening + "He.", stop: "end"}},
		{"a beginning anew of a short text", transform.Continue, []string{"Once upon a"}, append(contents("Once upon a time"), "=stop"), told{}},
		{"a beginning anew of a text that is just long enough", transform.Continue, []string{"Once upon a "}, append(contents("Once upon a time"), "=stop"), told{text: "Once upon a time", stop: "end"}},
		{"half of a character", transform.Splice, []string{"no 😀 here"}, append([]string{`{"content":"no \ud83d"}`, `{"content":"\ude00"}`, `{"content":" here, or there"}`}, "=stop"), told{text: "no 😀 here, or there", stop: "end"}},
	} {
		l, before := begun(t, c.said...)
		out, err := goOn(t, l, c.mode, c.deltas...)
		if c.want == (told{}) {
			if out != "" || !errors.Is(err, transform.ErrJoin) {
				t.Errorf("%s: %v %s", c.name, err, out)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		// These servers count nothing, and a caller who asked is not told then.
		out = strings.Replace(out, "data: [DONE]", "data: "+chunk("", "")[:strings.Index(chunk("", ""), `"choices"`)]+`"choices":[],"usage":{}}`+"\n\ndata: [DONE]", 1)
		got := readStrictly(t, chat, before+out)
		got.id, got.model = "", ""
		if got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

// Whatever a channel says that was asked to go on, the caller gets neither a
// beginning twice nor another answer's end: it gets the first text and what
// follows it, or the second answer if that has the first text in it, or nothing.
func FuzzGoingOn(f *testing.F) {
	f.Add("Once upon a time there was a king. He was old.", "Once upon a time, there was a king.", uint(3))
	f.Add("Once upon a time there was a king. He was old.", "Once upon a time there was a king. He was old. And", uint(2))
	f.Add("Sure, here is the list:\n1. one\n2. ", " three", uint(1))
	f.Add("Sure, here is the list:\n", "\nSure thing", uint(9))
	f.Add("no 😀 here", "no 😁 here", uint(1))
	f.Add("Hello", "Hello", uint(5))
	f.Fuzz(func(t *testing.T, said, answer string, cut uint) {
		if !utf8.ValidString(said) || !utf8.ValidString(answer) || strings.TrimSpace(said) == "" || len(said)+len(answer) > 1<<10 {
			t.Skip()
		}
		l, _ := begun(t, said)
		var deltas []string
		for _, piece := range plainly(answer, int(cut%9)+1) {
			deltas = append(deltas, `{"content":"`+piece+`"}`)
		}
		out, err := goOn(t, l, transform.Continue, append(deltas, "=stop")...)
		if err != nil {
			if out != "" {
				t.Fatalf("%q after %q: %v, but the caller got %s", answer, said, err, out)
			}
			return
		}
		text := said + spoken(t, out)
		space := said[len(strings.TrimRightFunc(said, unicode.IsSpace)):]
		follows := text == said+strings.TrimPrefix(answer, space) && strings.HasPrefix(answer, space) &&
			(len(said) < 4 || !strings.HasPrefix(answer, said[:4]))
		again := text == answer && strings.HasPrefix(answer, said) && len(said) >= 12
		if !follows && !again {
			t.Fatalf("%q after %q gives %q", answer, said, text)
		}
	})
}

// spoken is the text in a stream of Chat.
func spoken(t *testing.T, stream string) (text string) {
	t.Helper()
	var b strings.Builder
	for _, ev := range lines(stream) {
		b.WriteString(literal(ev.Get("choices.0.delta.content")))
	}
	if err := json.Unmarshal([]byte(`"`+b.String()+`"`), &text); err != nil {
		t.Fatalf("%v: %s", err, b.String())
	}
	return text
}

// However two answers are cut and written, what is made of them is the second
// one, or nothing.
func FuzzJoin(f *testing.F) {
	f.Add("Once upon a time there was a king. He was old.", uint(35), uint(3), uint(5), true, false)
	f.Add("no 😀 here, \\u0000 and \"quotes\"\n\n", uint(6), uint(1), uint(1), true, true)
	f.Add("  ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha ha  ", uint(30), uint(1), uint(2), false, true)
	f.Fuzz(func(t *testing.T, text string, at, first, second uint, splice, escape bool) {
		if !utf8.ValidString(text) || text == "" || len(text) > 1<<10 {
			t.Skip()
		}
		at %= uint(len(text))
		for at < uint(len(text)) && !utf8.RuneStart(text[at]) {
			at++
		}
		said := text[:at]
		l, before := begun(t)
		for _, piece := range plainly(said, int(first%9)+1) {
			data := chunk(`{"content":"`+piece+`"}`, "")
			before += "data: " + data + "\n\n"
			_ = l.Event(transform.Event{Data: []byte(data)}, func(transform.Event) {})
		}
		if l.Text() != said {
			t.Fatalf("the ledger has %q of %q", l.Text(), said)
		}
		mode, again, cut := transform.Continue, text[len(strings.TrimSpace("x"+said))-1:], plainly
		if splice {
			mode, again = transform.Splice, text
		}
		if !splice && strings.HasPrefix(again, said[:min(len(said), 12)]) {
			t.Skip() // nobody can tell it from an answer that begins anew
		}
		if escape {
			cut = escaped
		}
		var deltas []string
		for _, piece := range cut(again, int(second%9)+1) {
			deltas = append(deltas, `{"content":"`+piece+`"}`)
		}
		out, err := goOn(t, l, mode, append(append([]string{`{"role":"assistant"}`}, deltas...), "=stop")...)
		switch {
		case errors.Is(err, transform.ErrJoin) && out == "" && !splice:
			return // the rest may look like the beginning
		case err != nil:
			t.Fatalf("%q after %q: %v %s", again, said, err, out)
		}
		if joined := spoken(t, before+out); joined != text {
			t.Fatalf("%q after %q: got %q", again, said, joined)
		}
	})
}
