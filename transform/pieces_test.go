package transform_test

import "testing"

// Blocks in turns: pieces that follow on each other, an empty piece, an input that the start of the last block told, and an index that another block has taken over.
func TestBlocksInTurnsMore(t *testing.T) {
	args := func(events ...string) string {
		v, _, err := passAll(t, chat, messages, data(append(append([]string{msgStart}, events...), msgCalls, msgStop)...))
		want(t, "error", err, nil)
		return v.Get("choices.0.message.tool_calls.#.function.arguments").Raw
	}
	withInput := func(i, id, input string) string {
		s := toolBlock(i, id)
		return s[:len(s)-4] + input + "}}"
	}
	want(t, "pieces of the first in a row", args(toolBlock("0", "a"), toolBlock("1", "b"), pieceOf("0", `{`), pieceOf("0", `\"x\":`), pieceOf("0", `1}`), pieceOf("1", `{}`)), `["{\"x\":1}","{}"]`)
	want(t, "an empty piece", args(withInput("0", "a", `{"x":1}`), pieceOf("0", ``), stopOf("0")), `["{\"x\":1}"]`)
	want(t, "a piece of another", args(toolBlock("0", "a"), withInput("1", "b", `{"y":2}`), pieceOf("0", `{}`)), `["{}","{\"y\":2}"]`)
	want(t, "the input told before a late piece", args(withInput("0", "a", `{"x":1}`), toolBlock("1", "b"), pieceOf("0", `{\"x\":1}`), pieceOf("1", `{}`)), `["{\"x\":1}","{}"]`)
	const search = `{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}`
	want(t, "a search with the index of a call", args(toolBlock("0", "a"), pieceOf("0", `{}`), stopOf("0"), search, pieceOf("0", `{\"query\":1}`), stopOf("0")), `["{}"]`)
}

// Arguments before the name, in pieces that look alike, and beside a call whose name is known.
func TestManyPiecesBeforeTheName(t *testing.T) {
	piece := func(i, id, s string) string {
		return chunk(`{"tool_calls":[{"index":`+i+id+`,"function":{"arguments":"`+s+`"}}]}`, "")
	}
	named := func(i, id, name string) string {
		return chunk(`{"tool_calls":[{"index":`+i+id+`,"function":{"name":"`+name+`"}}]}`, "")
	}
	v, _, err := passAll(t, messages, chat, data(
		piece("0", `,"id":"a"`, `{`), piece("0", "", `\"x\"`), piece("0", "", `:`),
		named("1", `,"id":"b"`, "g"), piece("1", "", `{`), piece("1", "", `\"y\":`), piece("1", "", `2}`),
		piece("0", "", `1}`), named("0", "", "f"), done("tool_calls"), "[DONE]"))
	want(t, "error", err, nil)
	want(t, "names", v.Get("content.#.name").Raw, `["g","f"]`)
	want(t, "inputs", v.Get("content.#.input").Raw, `[{"y":2},{"x":1}]`)
	// a custom call that was never named, beside one that was
	v, _, err = passAll(t, messages, chat, data(chunk(`{"tool_calls":[{"index":0,"custom":{"input":"ls"}},{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}]}`, ""), done("tool_calls"), "[DONE]"))
	want(t, "error", err, nil)
	want(t, "inputs", v.Get("content.#.input").Raw, `[{}]`)
	// a filter, then an ordinary reason
	v, _, _ = passAll(t, messages, chat, data(chunk(`{"content":"a"}`, ""), done("length"), done("stop"), "[DONE]"))
	want(t, "length, then stop", v.Get("stop_reason").Str, "max_tokens")
	v, _, _ = passAll(t, messages, gemini, data(gemChunk(`{"text":"a"}`, `,"finishReason":"MAX_TOKENS"`), gemChunk(``, gemStop)))
	want(t, "Gemini: length, then stop", v.Get("stop_reason").Str, "max_tokens")
}

// A call is told once, however often its provider tells of it.
func TestACallToldTwice(t *testing.T) {
	for _, raw := range []string{
		data(respCreated, addedOf("0", itemF), argsOf("0", `{\"x\":1}`), doneOf("0", itemF), addedOf("0", itemF), doneOf("0", itemF), completedWith(itemF)),
		data(respCreated, doneOf("0", itemF), addedOf("0", itemF), completedWith(itemF)),
		data(respCreated, doneOf("0", itemF), addedOf("0", itemF)),
	} {
		v, _, err := passAll(t, chat, responses, raw)
		want(t, "error", err, nil)
		want(t, "calls", len(v.Get("choices.0.message.tool_calls").Array()), 1)
	}
	// events without an index
	const item = `"item":{"id":"x1","type":"custom_tool_call","status":"completed","call_id":"c1","name":"sh","input":"ls"}`
	v, _, err := passAll(t, messages, responses, data(respCreated, `{"type":"response.output_item.added",`+item+`}`, `{"type":"response.custom_tool_call_input.delta","delta":"ls"}`, `{"type":"response.custom_tool_call_input.done","input":"ls"}`, `{"type":"response.output_item.done",`+item+`}`, completedWith("")))
	want(t, "error", err, nil)
	want(t, "inputs", v.Get("content.#.input").Raw, `[{"input":"ls"}]`)
}

// Pieces of a call between reasons are all told.
func TestReasonsBetweenThePiecesOfACall(t *testing.T) {
	v, _, _ := passAll(t, chat, gemini, data(gemChunk(`{"text":"a"}`, gemStop), gemChunk(`{"functionCall":{"name":"f","willContinue":true}}`, gemStop), gemChunk(`{"functionCall":{"partialArgs":[{"jsonPath":"$.a","numberValue":1}],"willContinue":true}}`, gemStop), gemChunk(`{"functionCall":{}}`, gemStop)))
	want(t, "arguments", v.Get("choices.0.message.tool_calls.0.function.arguments").Str, `{"a":1}`)
	withStop := func(s string) string { return s[:len(s)-len(`null}]}`)] + `"stop"}]}` }
	v, _, _ = passAll(t, messages, chat, data(withStop(chunk(`{"content":"a"}`, "")), withStop(chunk(`{"tool_calls":[{"index":0,"id":"x","type":"custom","custom":{"name":"sh","input":"ls"}}]}`, "")), withStop(chunk(`{"tool_calls":[{"index":0,"custom":{"input":" -l"}}]}`, "")), "[DONE]"))
	want(t, "text of a custom call", v.Get("content.1.input").Raw, `{"input":"ls -l"}`)
}
