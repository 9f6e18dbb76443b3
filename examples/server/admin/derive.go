package admin

import (
	"encoding/json"
	"net/url"
	"path"
	"strings"

	"github.com/dctx-team/routex"
)

// deriveType guesses the type of a channel that does not say it: by its base
// URL if it has one, else by its models, else by its name. What cannot be told
// is custom.
func deriveType(o *object) routex.ChannelType {
	if base := member(o, "baseUrl"); base != "" {
		return typeOfURL(base)
	}
	var models []string
	_ = json.Unmarshal(o.members["models"], &models) // what is wrong with them is told elsewhere
	if t := typeOfModels(models); t != "" {
		return t
	}
	name := strings.ToLower(member(o, "name"))
	for _, known := range []struct {
		word string
		of   routex.ChannelType
	}{
		{"azure", routex.TypeAzure},
		{"anthropic", routex.TypeAnthropic},
		{"claude", routex.TypeAnthropic},
		{"openai", routex.TypeOpenAI},
		{"gpt", routex.TypeOpenAI},
		{"gemini", routex.TypeGoogle},
		{"google", routex.TypeGoogle},
		{"zhipu", routex.TypeZhipu},
		{"bigmodel", routex.TypeZhipu},
		{"glm", routex.TypeZhipu},
	} {
		if strings.Contains(name, known.word) {
			return known.of
		}
	}
	return routex.TypeCustom
}

// typeOfURL knows the hosts of the providers, and elsewhere the endpoint that
// only one of them has.
func typeOfURL(base string) routex.ChannelType {
	u, err := url.Parse(base)
	if err != nil {
		return routex.TypeCustom
	}
	host := "." + strings.ToLower(u.Hostname())
	for _, known := range []struct {
		domain string
		of     routex.ChannelType
	}{
		{".openai.azure.com", routex.TypeAzure},
		{".cognitiveservices.azure.com", routex.TypeAzure},
		{".services.ai.azure.com", routex.TypeAzure},
		{".anthropic.com", routex.TypeAnthropic},
		{".openai.com", routex.TypeOpenAI},
		{".googleapis.com", routex.TypeGoogle},
		{".bigmodel.cn", routex.TypeZhipu},
	} {
		if strings.HasSuffix(host, known.domain) {
			return known.of
		}
	}
	if path.Base(strings.TrimRight(u.Path, "/")) == "messages" {
		return routex.TypeAnthropic
	}
	return routex.TypeCustom
}

// typeOfModels is the one provider whose models these are, "" when there is
// none or more than one.
func typeOfModels(models []string) (t routex.ChannelType) {
	for _, model := range models {
		of := typeOfModel(model)
		if of == "" || t != "" && t != of {
			return ""
		}
		t = of
	}
	return t
}

func typeOfModel(model string) routex.ChannelType {
	for _, known := range []struct {
		prefix string
		of     routex.ChannelType
	}{
		{"claude-", routex.TypeAnthropic},
		{"gemini-", routex.TypeGoogle},
		{"glm-", routex.TypeZhipu},
		{"gpt-", routex.TypeOpenAI},
		{"chatgpt-", routex.TypeOpenAI},
		{"o1", routex.TypeOpenAI},
		{"o3", routex.TypeOpenAI},
		{"o4-", routex.TypeOpenAI},
		{"text-embedding-", routex.TypeOpenAI},
	} {
		if strings.HasPrefix(strings.ToLower(model), known.prefix) {
			return known.of
		}
	}
	return ""
}
