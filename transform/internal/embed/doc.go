// Package embed reads and writes requests for embeddings, and their answers, as
// OpenAI and Gemini have them.
package embed
