// Package openai holds what OpenAI's two protocols, Chat Completions and
// Responses, have in common.
package openai
