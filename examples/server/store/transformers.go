package store

import (
	"encoding/json"
	"errors"
)

// Transformers names the transformers of a channel: those for every call, and
// more for single models.
type Transformers struct {
	Use      []Transformer            `json:"use"`
	PerModel map[string][]Transformer `json:"perModel,omitempty"`
}

// A Transformer is the name of a transformer and its options, a JSON object;
// nil means none. In JSON it is "name" or ["name", {...}].
type Transformer struct {
	Name    string
	Options json.RawMessage
}

// MarshalJSON implements json.Marshaler.
func (t Transformer) MarshalJSON() ([]byte, error) {
	if t.Options == nil {
		return json.Marshal(t.Name)
	}
	return json.Marshal([]any{t.Name, t.Options})
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Transformer) UnmarshalJSON(text []byte) error {
	*t = Transformer{}
	if len(text) == 0 || text[0] != '[' {
		return json.Unmarshal(text, &t.Name)
	}
	var pair []json.RawMessage
	if err := json.Unmarshal(text, &pair); err != nil {
		return err
	}
	if len(pair) == 0 || len(pair) > 2 {
		return errors.New("a transformer is its name, or [name, options]")
	}
	if len(pair) == 2 {
		t.Options = pair[1]
	}
	return json.Unmarshal(pair[0], &t.Name)
}
