package routex

import (
	"bytes"
	"strings"

	"github.com/dctx-team/routex/transform"
)

// minRepeated is the length of the shortest key that is looked for in what
// providers say: a shorter one could be a part of any word.
const minRepeated = 8

// redact takes the key of the attempt, and what the channel's proxy knows it
// by, out of what the provider, or the proxy, said of its failure. Some repeat
// the key that they refuse, and callers, who have none of their own, and logs
// must not get it. The text is changed only in a copy.
func (at *attempt) redact(text []byte) []byte {
	for _, secret := range at.ch.proxySecrets {
		if bytes.Contains(text, []byte(secret)) {
			text = bytes.ReplaceAll(text, []byte(secret), []byte(hidden))
		}
	}
	key := at.key.key
	if key == nil || len(key.value) < minRepeated || !bytes.Contains(text, []byte(key.value)) {
		return text
	}
	return bytes.ReplaceAll(text, []byte(key.value), []byte(key.shown))
}

// redactError is redact for an error that was read already.
func (at *attempt) redactError(e *transform.Error) {
	e.Message = at.withoutProxySecrets(e.Message)
	if key := at.key.key; key != nil && len(key.value) >= minRepeated {
		e.Message = strings.ReplaceAll(e.Message, key.value, key.shown)
	}
}

// masking gives the stage that is redact for the error event of a stream that
// nobody could save, and for what follows it. It is nil where the error is held.
func (s *stream) masking() transform.Stream {
	if s.ledger != nil || s.resumed != nil {
		return nil
	}
	if key := s.at.key.key; (key == nil || len(key.value) < minRepeated) && len(s.at.ch.proxySecrets) == 0 {
		return nil
	}
	return &masker{s.at, s.watch}
}

// A masker passes all as it is until the Watch before it has seen an error.
type masker struct {
	at    *attempt
	watch *transform.Watch
}

func (m *masker) Event(ev transform.Event, emit func(transform.Event)) error {
	if m.watch.Ended() && m.watch.Failure() != nil {
		ev = m.at.redactEvent(ev)
	}
	emit(ev)
	return nil
}

func (m *masker) Close(func(transform.Event)) error { return nil }

// redactEvent is redact for an event of a stream.
func (at *attempt) redactEvent(ev transform.Event) transform.Event {
	ev.Data, ev.Raw = at.redact(ev.Data), at.redact(ev.Raw)
	return ev
}
