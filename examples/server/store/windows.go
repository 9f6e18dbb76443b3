package store

import (
	"encoding/json"
	"errors"
)

// Windows are context windows in tokens, by the name of a model or a pattern;
// "*" is for all. In JSON they are an object, or a number for all.
type Windows map[string]int

// forAll is the pattern that every model matches.
const forAll = "*"

// MarshalJSON implements json.Marshaler.
func (w Windows) MarshalJSON() ([]byte, error) {
	if tokens, ok := w[forAll]; ok && len(w) == 1 {
		return json.Marshal(tokens)
	}
	return json.Marshal(map[string]int(w))
}

// UnmarshalJSON implements json.Unmarshaler.
func (w *Windows) UnmarshalJSON(text []byte) error {
	var tokens int
	if json.Unmarshal(text, &tokens) == nil && string(text) != "null" {
		*w = Windows{forAll: tokens}
		return nil
	}
	if json.Unmarshal(text, (*map[string]int)(w)) != nil {
		return errors.New("a context window is a number of tokens, or an object of numbers by model")
	}
	return nil
}
