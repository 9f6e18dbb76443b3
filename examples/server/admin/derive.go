package admin

import (
	"cmp"
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
	byName := first([]hint{
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
	}, func(word string) bool { return strings.Contains(name, word) })
	return cmp.Or(byName, routex.TypeCustom)
}

// A hint is a piece of text that tells the type of a channel.
type hint struct {
	text string
	of   routex.ChannelType
}

// first gives the type of the first hint that fits, "" for none.
func first(hints []hint, fits func(text string) bool) routex.ChannelType {
	for _, h := range hints {
		if fits(h.text) {
			return h.of
		}
	}
	return ""
}

// typeOfURL knows the hosts of the providers, and elsewhere the endpoint that
// only one of them has.
func typeOfURL(base string) routex.ChannelType {
	u, err := url.Parse(base)
	if err != nil {
		return routex.TypeCustom
	}
	host := "." + strings.ToLower(u.Hostname())
	byHost := first([]hint{
		{".openai.azure.com", routex.TypeAzure},
		{".cognitiveservices.azure.com", routex.TypeAzure},
		{".services.ai.azure.com", routex.TypeAzure},
		{".anthropic.com", routex.TypeAnthropic},
		{".openai.com", routex.TypeOpenAI},
		{".googleapis.com", routex.TypeGoogle},
		{".bigmodel.cn", routex.TypeZhipu},
	}, func(domain string) bool { return strings.HasSuffix(host, domain) })
	if byHost == "" && path.Base(strings.TrimRight(u.Path, "/")) == "messages" {
		return routex.TypeAnthropic
	}
	return cmp.Or(byHost, routex.TypeCustom)
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
	model = strings.ToLower(model)
	return first([]hint{
		{"claude-", routex.TypeAnthropic},
		{"gemini-", routex.TypeGoogle},
		{"glm-", routex.TypeZhipu},
		{"gpt-", routex.TypeOpenAI},
		{"chatgpt-", routex.TypeOpenAI},
		{"o1", routex.TypeOpenAI},
		{"o3", routex.TypeOpenAI},
		{"o4-", routex.TypeOpenAI},
		{"text-embedding-", routex.TypeOpenAI},
	}, func(prefix string) bool { return strings.HasPrefix(model, prefix) })
}
