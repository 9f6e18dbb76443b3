package transform

import (
	"bytes"
	"context"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// AskUsage makes a Chat channel tell the usage of every stream. A caller who
// did not ask for it does not see it.
func AskUsage() Transformer { return askUsage{} }

type askUsage struct{}

func (askUsage) Request(_ context.Context, r *Request) error {
	if !r.Stream || gjson.GetBytes(r.Body, "stream_options.include_usage").Bool() {
		return nil
	}
	body, err := sjson.SetRawBytes(r.Body, "stream_options.include_usage", []byte("true"))
	if err != nil {
		return &FieldError{Field: "stream_options", Problem: "must be an object"}
	}
	r.Body, r.hideUsage = body, true
	return nil
}

func (askUsage) Response(context.Context, *Response) error { return nil }

func (askUsage) Stream(_ context.Context, r *Response) Stream {
	if !r.Request.hideUsage {
		return nil
	}
	return usageHider{}
}

// usageHider leaves out the chunk that tells nothing but the usage.
type usageHider struct{}

func (usageHider) Event(ev Event, emit func(Event)) error {
	if !bytes.Contains(ev.Data, []byte(`"usage"`)) || !isUsageChunk(ev.Data) {
		emit(ev)
	}
	return nil
}

func (usageHider) Close(func(Event)) error { return nil }

func isUsageChunk(data []byte) bool {
	choices := gjson.GetBytes(data, "choices")
	return choices.IsArray() && !choices.Get("0").Exists() && gjson.GetBytes(data, "usage").IsObject()
}
