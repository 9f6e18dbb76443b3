package routex

import "github.com/dctx-team/routex/transform"

// A ChannelType says what kind of provider a channel is.
type ChannelType string

// The types of channels.
const (
	TypeAnthropic ChannelType = "anthropic" // Anthropic Messages
	TypeOpenAI    ChannelType = "openai"    // OpenAI: Chat Completions or Responses
	TypeGoogle    ChannelType = "google"    // Gemini generateContent
	TypeAzure     ChannelType = "azure"     // Azure OpenAI: Chat Completions or Responses; needs a BaseURL
	TypeZhipu     ChannelType = "zhipu"     // Zhipu GLM: its dialect of Chat Completions
	TypeCustom    ChannelType = "custom"    // any server that speaks one of the protocols; needs a BaseURL
)

// ChannelTypes lists the types of channels.
func ChannelTypes() []ChannelType {
	return []ChannelType{TypeAnthropic, TypeOpenAI, TypeGoogle, TypeAzure, TypeZhipu, TypeCustom}
}

// An API says which of the protocols a channel is asked in.
type API string

// The APIs. Types that offer a choice take [APIChat] when none is named.
const (
	APIChat      API = "chat"      // OpenAI Chat Completions
	APIResponses API = "responses" // OpenAI Responses
	APIMessages  API = "messages"  // Anthropic Messages
	APIGemini    API = "gemini"    // Gemini generateContent
)

// APIs lists those that channels of this type can be asked in, the default
// first. It is empty for an unknown type.
func (t ChannelType) APIs() []API {
	switch t {
	case TypeAnthropic:
		return []API{APIMessages}
	case TypeOpenAI, TypeAzure:
		return []API{APIChat, APIResponses}
	case TypeGoogle:
		return []API{APIGemini}
	case TypeZhipu:
		return []API{APIChat}
	case TypeCustom:
		return []API{APIChat, APIResponses, APIMessages, APIGemini}
	}
	return nil
}

// Dialect is the protocol of the API; "" for an unknown one.
func (a API) Dialect() transform.Dialect {
	switch a {
	case APIChat:
		return transform.OpenAIChat
	case APIResponses:
		return transform.OpenAIResponses
	case APIMessages:
		return transform.Anthropic
	case APIGemini:
		return transform.Gemini
	}
	return ""
}

// DefaultBaseURL is where channels of this type are, "" when that has to be
// said.
func (t ChannelType) DefaultBaseURL() string {
	switch t {
	case TypeAnthropic:
		return "https://api.anthropic.com"
	case TypeOpenAI:
		return "https://api.openai.com"
	case TypeGoogle:
		return "https://generativelanguage.googleapis.com"
	case TypeZhipu:
		return "https://open.bigmodel.cn/api/paas/v4"
	}
	return ""
}
