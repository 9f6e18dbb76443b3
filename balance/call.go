package balance

import "time"

// A Call is what is known of a call before it is sent. The zero value is valid.
type Call struct {
	Now    time.Time // zero: whatever was observed still holds
	Input  int64     // tokens, by estimate; 0 means not known
	Output int64     // tokens that are expected; 0 means not known
	Bound  string    // name of the candidate that has the input cached; "" for none
}

// What is taken for a call of which no more is known, in tokens.
const (
	usualInput  = 2000
	usualOutput = 500
)

// tokens gives the input and output that the call will probably have.
func (c *Call) tokens() (input, output int64) {
	input, output = c.Input, c.Output
	if input <= 0 {
		input = usualInput
	}
	if output <= 0 {
		output = usualOutput
	}
	return input, output
}
