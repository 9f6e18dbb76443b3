package routextest

import (
	"net/http"
	"strings"
)

// A flavor is who serves an OpenAI protocol, as far as the path tells.
type flavor string

const (
	plain flavor = ""
	azure flavor = "azure"
	zhipu flavor = "zhipu"
)

// flavorAt tells the flavor of a path.
func flavorAt(path string) flavor {
	switch {
	case strings.Contains(path, "/openai/deployments/"), strings.Contains(path, "/openai/v1/"), strings.HasSuffix(path, "/openai/responses"):
		return azure
	case strings.Contains(path, "/paas/v4/"):
		return zhipu
	}
	return plain
}

// key is what the flavor takes as credentials.
func (f flavor) key(r *http.Request) string {
	if f == azure {
		return firstOf(r.Header.Get("Api-Key"), bearer(r))
	}
	return bearer(r)
}

func (f flavor) badKey(string) failure {
	refused := failure{status: http.StatusUnauthorized, code: "invalid_api_key", message: "Incorrect API key provided."}
	switch f {
	case azure:
		refused.code, refused.message = "401", "Access denied due to invalid subscription key or wrong API endpoint."
	case zhipu:
		refused.code, refused.message = "1000", "Authentication Failed"
	}
	return refused
}

// deployment is the model that an Azure path names, "" for another path.
func deployment(path string) string {
	_, rest, _ := strings.Cut(path, "/openai/deployments/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// misplaced says why a path does not fit the flavor.
func (f flavor) misplaced(c *Call) string {
	if f == azure && !strings.Contains(c.Path, "/openai/v1/") && !strings.Contains(c.RawQuery, "api-version=") {
		return "Missing required query parameter: api-version"
	}
	return ""
}

// openAIModel reports a model of OpenAI itself, whose members are known;
// reasons, one that always reasons and takes no sampling.
func openAIModel(model string) (own, reasons bool) {
	model = model[strings.LastIndexByte(model, '/')+1:]
	reasons = strings.HasPrefix(model, "gpt-5") && !strings.Contains(model, "chat") ||
		len(model) > 1 && model[0] == 'o' && model[1] >= '1' && model[1] <= '9'
	return reasons || strings.HasPrefix(model, "gpt-"), reasons
}
