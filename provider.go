package routex

import (
	"strings"

	"github.com/dctx-team/routex/transform"
)

// providers are hosts, or what they end with, and what OpenTelemetry's
// conventions call the providers there.
var providers = [...]struct{ host, name string }{
	{"anthropic.com", "anthropic"},
	{"openai.com", "openai"},
	{"generativelanguage.googleapis.com", "gcp.gemini"},
	{"aiplatform.googleapis.com", "gcp.vertex_ai"},
	{"openai.azure.com", "azure.ai.openai"},
	{"services.ai.azure.com", "azure.ai.inference"},
	{"models.ai.azure.com", "azure.ai.inference"},
	{"amazonaws.com", "aws.bedrock"},
	{"deepseek.com", "deepseek"},
	{"groq.com", "groq"},
	{"mistral.ai", "mistral_ai"},
	{"moonshot.ai", "moonshot_ai"},
	{"moonshot.cn", "moonshot_ai"},
	{"x.ai", "x_ai"},
	{"cohere.com", "cohere"},
	{"cohere.ai", "cohere"},
	{"perplexity.ai", "perplexity"},
	{"ml.cloud.ibm.com", "ibm.watsonx.ai"},
	{"bigmodel.cn", "zhipu"},
	{"z.ai", "zhipu"},
}

// providerName is what spans and metrics call the provider of a channel: whose
// host it is, else the type of the channel, else whose protocol is spoken.
func (c *Channel) providerName(host string) string {
	host = strings.ToLower(host)
	for _, p := range providers {
		if rest, ok := strings.CutSuffix(host, p.host); ok && (rest == "" || rest[len(rest)-1] == '.' || p.name == "gcp.vertex_ai") {
			return p.name
		}
	}
	switch c.Type {
	case TypeAzure:
		return "azure.ai.openai"
	case TypeZhipu:
		return "zhipu"
	}
	switch c.Dialect() {
	case transform.Anthropic:
		return "anthropic"
	case transform.Gemini:
		return "gcp.gemini"
	}
	return "openai"
}
