package responses

import "github.com/dctx-team/routex/transform/internal/conv"

func (e *Encoder) toolStart(ev *conv.Event, emit func(string, []byte)) {
	c := newCall(clone(ev.ID), clone(ev.Name), &ev.State, &e.opts)
	it := e.add(callItem, c.prefix(), emit)
	it.call = c
	for len(e.calls) <= ev.Tool {
		e.calls = append(e.calls, nil)
	}
	e.calls[ev.Tool] = it
	e.added(it, func(dst []byte) []byte { return c.append(dst, it.id, "in_progress", `""`) }, emit)
}

// toolDelta tells a piece of arguments. The text for a tool that takes text is
// told when it is whole.
func (e *Encoder) toolDelta(tool int, args conv.Str, emit func(string, []byte)) {
	if tool < 0 || tool >= len(e.calls) || e.calls[tool] == nil || e.calls[tool].final != nil {
		return
	}
	it := e.calls[tool]
	it.say(args)
	if !it.call.freeform {
		e.argsDelta(it, args, emit)
	}
}

func (e *Encoder) argsDelta(it *item, args conv.Str, emit func(string, []byte)) {
	name := "response.function_call_arguments.delta"
	if it.call.freeform {
		name = "response.custom_tool_call_input.delta"
	}
	e.of(it, name)
	e.send(name, `,"delta":`, args, `}`, emit)
}

// closeCall tells the whole of what the tool is given. A call without
// arguments gets an empty object.
func (e *Encoder) closeCall(it *item, emit func(string, []byte)) conv.Str {
	input := it.literal()
	if it.call.freeform {
		input = conv.FreeformInput(input.String())
		e.argsDelta(it, input, emit)
		e.of(it, "response.custom_tool_call_input.done")
		e.send("response.custom_tool_call_input.done", `,"input":`, input, `}`, emit)
		return input
	}
	if len(it.text) == 0 {
		input = `"{}"`
		e.argsDelta(it, input, emit)
	}
	e.of(it, "response.function_call_arguments.done")
	e.buf = append(append(e.buf, `,"name":`...), it.call.name...)
	e.send("response.function_call_arguments.done", `,"arguments":`, input, `}`, emit)
	return input
}
