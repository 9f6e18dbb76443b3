package sim

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/dctx-team/routex/transform"
)

// A talk is a conversation as its caller's protocol writes it. Its words need
// no escapes.
type talk struct {
	dialect transform.Dialect
	model   string
	system  string
	said    bytes.Buffer // all messages so far, with a comma after each
}

// add writes what was said in a turn that is over.
func (k *talk) add(user, model string) {
	k.message(&k.said, "user", user)
	k.said.WriteByte(',')
	k.message(&k.said, "assistant", model)
	k.said.WriteByte(',')
}

func (k *talk) message(b *bytes.Buffer, role, text string) {
	switch {
	case k.dialect == transform.Gemini && role == "assistant":
		write(b, `{"role":"model","parts":[{"text":"`, text, `"}]}`)
	case k.dialect == transform.Gemini:
		write(b, `{"role":"`, role, `","parts":[{"text":"`, text, `"}]}`)
	default:
		write(b, `{"role":"`, role, `","content":"`, text, `"}`)
	}
}

// body asks for what comes after the user's text.
func (k *talk) body(user string, stream bool) []byte {
	var b bytes.Buffer
	b.Grow(k.said.Len() + len(k.system) + len(user) + 256)
	b.WriteByte('{')
	if k.dialect != transform.Gemini {
		write(&b, `"model":"`, k.model, `",`)
		if stream {
			b.WriteString(`"stream":true,`)
		}
	}
	switch k.dialect {
	case transform.Anthropic:
		write(&b, `"max_tokens":8192,"system":"`, k.system, `","messages":[`)
	case transform.OpenAIChat:
		if stream {
			b.WriteString(`"stream_options":{"include_usage":true},`)
		}
		b.WriteString(`"messages":[`)
		k.message(&b, "system", k.system)
		b.WriteByte(',')
	case transform.OpenAIResponses:
		write(&b, `"store":false,"instructions":"`, k.system, `","input":[`)
	case transform.Gemini:
		write(&b, `"systemInstruction":{"parts":[{"text":"`, k.system, `"}]},"contents":[`)
	}
	b.Write(k.said.Bytes())
	k.message(&b, "user", user)
	b.WriteString("]}")
	return b.Bytes()
}

// request makes the call for a body.
func (k *talk) request(ctx context.Context, body []byte, stream bool) *http.Request {
	u := url.URL{Scheme: "https", Host: "sim.test", Path: k.dialect.Path()}
	if k.dialect == transform.Gemini {
		if u.Path += "/" + k.model; stream {
			u.Path += ":streamGenerateContent"
			u.RawQuery = "alt=sse"
		} else {
			u.Path += ":generateContent"
		}
	}
	req := &http.Request{
		Method: http.MethodPost, URL: &u, Host: u.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}, "Content-Length": {strconv.Itoa(len(body))}},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
	}
	return req.WithContext(ctx)
}

func write(b *bytes.Buffer, texts ...string) {
	for _, t := range texts {
		b.WriteString(t)
	}
}
