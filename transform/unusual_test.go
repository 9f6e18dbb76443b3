package transform_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// passAll takes a stream of a channel to a caller, as a Transport does.
func passAll(t *testing.T, caller, channel transform.Dialect, raw string) (answer gjson.Result, w *transform.Watch, err error) {
	t.Helper()
	w = transform.NewWatch(channel)
	var st transform.Stream = w
	if caller != channel {
		r, _ := way{caller: caller, channel: channel, model: "m"}.send(t, ask1(caller))
		st = transform.Then(w, transform.Translate(caller, channel).Stream(t.Context(), &transform.Response{Request: r, Status: 200, Header: http.Header{}}))
	}
	out, err := io.ReadAll(transform.NewReader(transform.NewScanner(strings.NewReader(raw), 0), st))
	body, _ := transform.Assemble(caller, out)
	return gjson.ParseBytes(body), w, err
}

func data(events ...string) string { return "data: " + strings.Join(events, "\n\ndata: ") + "\n\n" }

func gemChunk(parts, more string) string {
	return `{"candidates":[{"index":0,"content":{"role":"model","parts":[` + parts + `]}` + more + `}],"modelVersion":"g","responseId":"r","usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":3,"totalTokenCount":13}}`
}

const gemStop = `,"finishReason":"STOP"`

// Some providers give a reason with every piece: comments between them are no
// sign of an answer that is over.
func TestSignsOfLifeBetweenLastPieces(t *testing.T) {
	var raw string
	for range 20 {
		raw += data(gemChunk(`{"text":"word "}`, gemStop)) + ": keep-alive\n\n"
	}
	v, _, err := passAll(t, gemini, gemini, raw)
	want(t, "error", err, nil)
	want(t, "words", strings.Count(v.Get("candidates.0.content.parts.0.text").Str, "word"), 20)
}

// Some servers give a reason with every chunk; the last one is meant.
func TestTheLastReasonHolds(t *testing.T) {
	v, _, err := passAll(t, chat, gemini, data(gemChunk(`{"text":"a"}`, gemStop), gemChunk(`{"text":"b"}`, `,"finishReason":"MAX_TOKENS"`)))
	want(t, "error", err, nil)
	want(t, "Gemini's length", v.Get("choices.0.finish_reason").Str, "length")
	v, _, _ = passAll(t, messages, gemini, data(gemChunk(`{"text":"a"}`, gemStop), gemChunk(``, `,"finishReason":"SAFETY"`)))
	want(t, "Gemini's filter", v.Get("stop_reason").Str, "refusal")
	v, _, _ = passAll(t, chat, gemini, data(gemChunk(`{"text":"a"}`, gemStop), gemChunk(`{"functionCall":{"name":"f","args":{"a":1}}}`, gemStop)))
	want(t, "Gemini's call", v.Get("choices.0.finish_reason").Str, "tool_calls")
	v, _, _ = passAll(t, chat, gemini, data(gemChunk(`{"text":"a"}`, gemStop), gemChunk(``, `,"finishReason":"MALFORMED_FUNCTION_CALL"`)))
	want(t, "Gemini's malformed call is an error", v.Get("error").Exists(), true)
	v, _, _ = passAll(t, messages, chat, data(chunk(`{"content":"a"}`, ""), done("stop"), chunk(`{"content":"b"}`, ""), done("length"), "[DONE]"))
	want(t, "Chat's length", v.Get("stop_reason").Str, "max_tokens")
}

const (
	msgStart = `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":10,"output_tokens":1}}}`
	msgCalls = `{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":20}}`
	msgUsage = `{"type":"message_delta","delta":{"stop_reason":null,"stop_sequence":null},"usage":{"output_tokens":7}}`
	msgStop  = `{"type":"message_stop"}`
)

func toolBlock(i, id string) string {
	return `{"type":"content_block_start","index":` + i + `,"content_block":{"type":"tool_use","id":"` + id + `","name":"f","input":{}}}`
}

func pieceOf(i, s string) string {
	return `{"type":"content_block_delta","index":` + i + `,"delta":{"type":"input_json_delta","partial_json":"` + s + `"}}`
}

func stopOf(i string) string { return `{"type":"content_block_stop","index":` + i + `}` }

// Blocks that take turns, or go on after their stop, keep their own pieces.
func TestInterleavedBlocks(t *testing.T) {
	v, _, err := passAll(t, chat, messages, data(msgStart, toolBlock("0", "a"), toolBlock("1", "b"), pieceOf("0", `{\"x\":`), pieceOf("1", `{\"y\":2}`), pieceOf("0", `1}`), stopOf("0"), stopOf("1"), msgCalls, msgStop))
	want(t, "error", err, nil)
	want(t, "arguments", v.Get("choices.0.message.tool_calls.#.function.arguments").Raw, `["{\"x\":1}","{\"y\":2}"]`)
	v, _, _ = passAll(t, chat, messages, data(msgStart, toolBlock("0", "a"), pieceOf("0", `{\"x\":`), stopOf("0"), toolBlock("1", "b"), pieceOf("0", `1}`), pieceOf("1", `{\"y\":2}`), stopOf("1"), msgCalls, msgStop))
	want(t, "arguments after the stop", v.Get("choices.0.message.tool_calls.#.function.arguments").Raw, `["{\"x\":1}","{\"y\":2}"]`)
}

// What tells of no end does not end a block.
func TestUsageAmidACall(t *testing.T) {
	for name, between := range map[string]string{"a usage": msgUsage, "the start again": msgStart} {
		v, _, err := passAll(t, chat, messages, data(msgStart, toolBlock("0", "a"), pieceOf("0", `{\"x\":`), between, pieceOf("0", `1}`), stopOf("0"), msgCalls, msgStop))
		want(t, name+": error", err, nil)
		want(t, name+": arguments", v.Get("choices.0.message.tool_calls.0.function.arguments").Str, `{"x":1}`)
	}
}

// An empty reason is none, and the answer that has no other was cut.
func TestAnEmptyReasonIsNone(t *testing.T) {
	for _, caller := range []transform.Dialect{messages, chat} {
		_, _, err := passAll(t, caller, messages, data(msgStart, `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"cut he"}}`,
			`{"type":"message_delta","delta":{"stop_reason":"","stop_sequence":null},"usage":{"output_tokens":7}}`))
		want(t, "error", err, transform.ErrTruncated)
	}
}

// Pieces of the input take the place of what the start of the block has.
func TestInputInTheStartAndInPieces(t *testing.T) {
	v, _, _ := passAll(t, chat, messages, data(msgStart, strings.Replace(toolBlock("0", "a"), `{}`, `{"x":1}`, 1), pieceOf("0", `{\"x\":1}`), stopOf("0"), msgCalls, msgStop))
	want(t, "arguments", v.Get("choices.0.message.tool_calls.0.function.arguments").Str, `{"x":1}`)
}

const (
	respCreated = `{"type":"response.created","response":{"id":"resp_1","object":"response","created_at":1,"model":"m","status":"in_progress","output":[]}}`
	itemMsg     = `{"id":"m1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hello","annotations":[]}]}`
	itemF       = `{"id":"f1","type":"function_call","status":"completed","call_id":"c1","name":"f","arguments":"{\"x\":1}"}`
	itemG       = `{"id":"f2","type":"function_call","status":"completed","call_id":"c2","name":"g","arguments":"{\"y\":2}"}`
)

func addedOf(i, item string) string {
	return `{"type":"response.output_item.added","output_index":` + i + `,"item":` + strings.NewReplacer("completed", "in_progress", `{\"x\":1}`, "", `{\"y\":2}`, "", `{"type":"output_text","text":"hello","annotations":[]}`, "").Replace(item) + `}`
}

func doneOf(i, item string) string {
	return `{"type":"response.output_item.done","output_index":` + i + `,"item":` + item + `}`
}

func argsOf(i, s string) string {
	return `{"type":"response.function_call_arguments.delta","output_index":` + i + `,"delta":"` + s + `"}`
}

const textOf0 = `{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"hello"}`

func completedWith(out string) string {
	return `{"type":"response.completed","response":{"id":"resp_1","object":"response","created_at":1,"model":"m","status":"completed","output":[` + out + `],"usage":{"input_tokens":5,"output_tokens":7,"total_tokens":12}}}`
}

// Some bridges give every item the same index.
func TestItemsWithOneIndex(t *testing.T) {
	v, _, _ := passAll(t, chat, responses, data(respCreated, addedOf("0", itemMsg), textOf0, doneOf("0", itemMsg), addedOf("0", itemF), argsOf("0", `{\"x\":1}`), doneOf("0", itemF), completedWith(itemMsg+","+itemF)))
	want(t, "arguments after a text", v.Get("choices.0.message.tool_calls.0.function.arguments").Str, `{"x":1}`)
	v, _, _ = passAll(t, chat, responses, data(respCreated, addedOf("0", itemF), argsOf("0", `{\"x\":1}`), doneOf("0", itemF), addedOf("0", itemG), argsOf("0", `{\"y\":2}`), doneOf("0", itemG), completedWith(itemF+","+itemG)))
	want(t, "arguments of two calls", v.Get("choices.0.message.tool_calls.#.function.arguments").Raw, `["{\"x\":1}","{\"y\":2}"]`)
	for _, caller := range []transform.Dialect{responses, chat} {
		_, _, err := passAll(t, caller, responses, data(respCreated, addedOf("0", itemMsg), textOf0, doneOf("0", itemMsg), addedOf("0", itemF), argsOf("0", `{\"x\":`)))
		want(t, "cut in the second: error", err, transform.ErrTruncated)
	}
}

// Some bridges tell of calls in the last event only.
func TestItemOnlyInTheEnd(t *testing.T) {
	v, _, _ := passAll(t, chat, responses, data(respCreated, addedOf("0", itemMsg), textOf0, doneOf("0", itemMsg), completedWith(itemMsg+","+itemF)))
	want(t, "call", v.Get("choices.0.message.tool_calls.0.function.name").Str, "f")
	want(t, "reason", v.Get("choices.0.finish_reason").Str, "tool_calls")
}

// Items that were not told to begin, and have no index, follow on each other.
func TestDoneWithoutIndexAndBegin(t *testing.T) {
	raw := data(respCreated, `{"type":"response.output_item.done","item":`+itemMsg+`}`, `{"type":"response.output_item.done","item":`+itemF+`}`, completedWith(""))
	v, _, _ := passAll(t, chat, responses, raw)
	want(t, "call", v.Get("choices.0.message.tool_calls.0.function.name").Str, "f")
	v, _, _ = passAll(t, responses, responses, raw)
	want(t, "items put together", len(v.Get("output").Array()), 2)
}

// A thought between the pieces of a call does not end it.
func TestPiecesOfGeminisCalls(t *testing.T) {
	const begin, piece = `{"functionCall":{"name":"f","willContinue":true}}`, `{"functionCall":{"partialArgs":[{"jsonPath":"$.a","numberValue":1}],"willContinue":true}}`
	v, _, _ := passAll(t, chat, gemini, data(gemChunk(begin, ""), gemChunk(`{"text":"hm","thought":true}`, ""), gemChunk(piece, ""), gemChunk(`{"functionCall":{}}`, gemStop)))
	want(t, "arguments around a thought", v.Get("choices.0.message.tool_calls.0.function.arguments").Str, `{"a":1}`)
}

// Gemini's protocol has no [DONE]: it does not say that the answer is whole.
func TestGeminiDoneIsNoReason(t *testing.T) {
	for _, caller := range []transform.Dialect{gemini, chat} {
		_, w, err := passAll(t, caller, gemini, data(gemChunk(`{"text":"cut he"}`, ""), "[DONE]"))
		want(t, "error", err, transform.ErrTruncated)
		want(t, "complete", w.Complete(), false)
	}
}

// A byte order mark before the first event is no part of it.
func TestByteOrderMark(t *testing.T) {
	v, _, _ := passAll(t, chat, gemini, "\xef\xbb\xbf"+data(gemChunk(`{"text":"first "}`, ""), gemChunk(`{"text":"second"}`, gemStop)))
	want(t, "text", v.Get("choices.0.message.content").Str, "first second")
	const lines = "\xef\xbb\xbfdata: {\ndata: }\n\n"
	sc := transform.NewScanner(strings.NewReader(lines), 0)
	ev, err := sc.Next()
	want(t, "error", err, nil)
	want(t, "data in several lines", string(ev.Data), "{\n}")
	want(t, "bytes", string(ev.Raw), lines)
	_, w, _ := passAll(t, messages, messages, "\xef\xbb\xbf"+data(msgStart, toolBlock("0", "a"), pieceOf("0", `{}`), stopOf("0"), msgCalls, msgStop))
	u, _ := w.Usage()
	want(t, "input tokens", u.Input, int64(10))
}

// Usage that comes before the answer is that of the answer.
func TestUsageBeforeAll(t *testing.T) {
	v, _, _ := passAll(t, messages, chat, data(`{"id":"c","model":"m","choices":[],"usage":{"prompt_tokens":900,"completion_tokens":1,"total_tokens":901}}`, chunk(`{"content":"a"}`, ""), done("stop"), "[DONE]"))
	want(t, "input tokens", v.Get("usage.input_tokens").Int(), int64(900))
}

// The arguments of a call may come before its name.
func TestArgumentsBeforeTheName(t *testing.T) {
	for what, first := range map[string]string{"with an id": `"id":"a",`, "without": ``} {
		v, _, _ := passAll(t, messages, chat, data(chunk(`{"tool_calls":[{"index":0,`+first+`"function":{"arguments":"{\"x\":"}}]}`, ""), chunk(`{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"1}"}}]}`, ""), done("tool_calls"), "[DONE]"))
		want(t, what+": name", v.Get("content.0.name").Str, "f")
		want(t, what+": input", v.Get("content.0.input").Raw, `{"x":1}`)
	}
}

// The end is told once.
func TestFinishBehindTheEnd(t *testing.T) {
	r := transform.NewReader(transform.NewScanner(strings.NewReader(data(gemChunk(`{"text":"a"}`, gemStop))), 0), transform.NewWatch(gemini))
	r.AsArray()
	out, err := io.ReadAll(r)
	want(t, "error", err, nil)
	want(t, "JSON", gjson.ValidBytes(out), true)
	want(t, "finished again", r.Finish(), nil)
	want(t, "added", r.Buffered(), 0)

	r = transform.NewReader(transform.NewScanner(strings.NewReader(data(gemChunk(`{"text":"a"}`, ""))), 0), transform.NewWatch(gemini))
	_, err = io.ReadAll(r)
	want(t, "cut", err, transform.ErrTruncated)
	want(t, "finished after a cut", r.Finish(), transform.ErrTruncated)
}
