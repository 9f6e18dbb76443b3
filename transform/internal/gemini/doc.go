// Package gemini reads and writes the Gemini generateContent protocol:
// requests, answers, streams and errors, from and to the neutral conversation
// model of package conv. The model and whether the answer is streamed are told
// by the path of a call and not by its body.
package gemini
