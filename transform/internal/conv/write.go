package conv

import "slices"

// A Writer builds a request. Codecs embed it.
type Writer struct {
	Buf  []byte
	Req  *Request
	Lose Lose
}

// Raw writes JSON text as it is.
func (w *Writer) Raw(s string) { w.Buf = append(w.Buf, s...) }

// Str writes a string; absent gives an empty one.
func (w *Writer) Str(s Str) {
	if s == "" {
		s = `""`
	}
	w.Buf = append(w.Buf, s...)
}

// Quoted writes text as a string.
func (w *Writer) Quoted(s string) { w.Buf = AppendQuoted(w.Buf, s) }

// Member writes a member whose value is raw JSON, unless the value is absent.
// The head has the comma, the name and the colon.
func (w *Writer) Member(head, value string) {
	if value != "" {
		w.Buf = append(append(w.Buf, head...), value...)
	}
}

// TextOnly reports what is lost of a system message that holds more than text.
func (w *Writer) TextOnly(field string, parts []Part) {
	if slices.ContainsFunc(parts, func(p Part) bool { return p.Kind != Text }) {
		w.Lose(field, WhySysText)
	}
}
