package admin_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// good makes the body of a request that must succeed. known is false when that
// is not known of the operation.
func (g *generator) good(op *operation) (body any, known bool) {
	switch {
	case op.body == nil:
		return nil, true
	case op.path == "/api/routing/test":
		return pick[any](g, g.chat(), map[string]any{"request": g.chat(), "headers": map[string]any{"X-A": "b"}, "metadata": map[string]any{"user": "c"}, "path": "/v1/chat/completions"}), true
	case op.path == "/api/transformers/test":
		return map[string]any{"transformer": []any{"maxtoken", map[string]any{"max_tokens": 5}}, "request": g.chat(), "dialect": "openai-chat"}, true
	case op.path == "/api/channels/import":
		return map[string]any{"channels": []any{map[string]any{"name": g.name(), "models": []any{"gpt-4o"}}}, "replaceExisting": g.IntN(2) == 0}, true
	case op.path == "/api/routing/lint":
		return pick[any](g, map[string]any{}, map[string]any{"rules": []any{map[string]any{"name": "a", "type": "default", "targetChannel": "demo"}}}), true
	}
	properties, _ := op.body["properties"].(map[string]any)
	required, _ := op.body["required"].([]any)
	tag := strings.Split(op.path, "/")[2]
	object := make(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		value, known := g.goodMember(tag + "." + name)
		needed := slices.Contains(required, any(name))
		if needed && !known {
			return object, false
		}
		// A change names everything, so that what is stored does not matter. In
		// rules and tees one depends on another.
		if known && (needed || op.method == "put" || tag == "routing" || tag == "tee" || g.IntN(2) == 0) {
			object[name] = value
		}
	}
	return object, true
}

func (g *generator) chat() map[string]any {
	return map[string]any{"model": "gpt-4o", "messages": []any{map[string]any{"role": "user", "content": "hello"}}}
}

// name is one that nothing has.
func (g *generator) name() string {
	g.names++
	return fmt.Sprintf("%s %d", pick(g, "made", "\u6e20\u9053", "a/b", "a%2Fb", "it's", `"quoted"`, "<b>"), g.names)
}

// goodMember is a value for a member of a body.
func (g *generator) goodMember(which string) (value any, known bool) {
	object := func(name string, value any) any { return map[string]any{name: value} }
	switch which {
	case "channels.name", "routing.name", "keys.name", "tee.name":
		return g.name(), true
	case "channels.type":
		return "openai", true
	case "channels.api":
		return pick(g, "chat", "responses"), true
	case "channels.config":
		return map[string]any{}, true
	case "channels.baseUrl":
		return pick(g, "", "https://provider.example", "https://provider.example/v1/", "http://provider.example:8080/v1/chat/completions"), true
	case "channels.proxyUrl":
		return pick[any](g, "", nil), true // the provider is a base of the host's, which has no proxies
	case "channels.apiKey":
		return pick[any](g, "sk-0123456789abcdef", "", nil), true
	case "channels.apiKeys":
		return pick(g, []any{}, []any{"sk-1-0123456789", "sk-2-0123456789"}), true
	case "channels.headers":
		return pick[any](g, nil, object("X-Team", "a"), object("X-Api-Token", "0123456789abcdef")), true
	case "channels.models":
		return pick(g, []any{}, []any{"gpt-4o"}, []any{"gpt-*", "o1"}), true
	case "channels.modelMap":
		return pick[any](g, map[string]any{}, object("gpt-4o", "gpt-4o-mini")), true
	case "channels.priority", "channels.weight", "channels.maxConcurrency", "routing.priority":
		return pick[any](g, 0, 1, 50, 1_000_000), true
	case "channels.status":
		return pick(g, "enabled", "disabled"), true
	case "channels.transformers":
		return pick[any](g, nil, []any{"maxtoken"}, object("use", []any{[]any{"maxtoken", object("max_tokens", 5)}})), true
	case "channels.contextWindow":
		return pick[any](g, nil, 1000, object("gpt-*", 1000)), true
	case "channels.prices":
		return pick[any](g, nil, object("gpt-4o", map[string]any{"input": 2.5, "output": 10})), true
	case "channels.timeouts":
		return pick[any](g, nil, map[string]any{"header": 1000, "firstToken": 2000, "unary": 86_400_000, "idle": 0}), true
	case "channels.losses":
		return pick(g, "", "warn", "lossy", "strict"), true
	case "channels.usage":
		return pick(g, "", "always"), true

	case "routing.type":
		return pick(g, "default", "background", "think", "longContext", "image"), true
	case "routing.condition":
		return pick[any](g, nil, map[string]any{}, object("keywords", []any{"a"}), object("regex", "a|b"),
			map[string]any{"tokenThreshold": 10, "hasTools": false, "intent": []any{"question"}, "header": object("X-A", "b")},
			object("timeOfDay", map[string]any{"from": "22:00", "to": "06:30", "zone": "Europe/Berlin"})), true
	case "routing.targetChannel":
		return pick(g, "demo", "later"), true
	case "routing.targets", "routing.deny", "routing.shadow":
		return nil, true // which do not go with a target channel
	case "routing.targetModel":
		return pick[any](g, nil, "gpt-4o"), true
	case "routing.enabled", "routing.strict":
		return g.IntN(2) == 0, true

	case "keys.channels":
		if there := g.known["/api/channels"]; len(there) > 0 {
			return []any{pick(g, there...)}, true
		}
		return []any{}, true
	case "keys.models":
		return pick(g, []any{}, []any{"gpt-*"}), true
	case "keys.requestsPerMinute", "keys.tokensPerMinute", "keys.maxConcurrency", "keys.dailyTokens", "keys.dailyCost":
		return pick[any](g, 0, 10, nil), true

	case "prices.input", "prices.output", "prices.cacheRead", "prices.cacheWrite":
		return pick[any](g, 0, 1.25, 10), true
	case "tracing.olderThanMs":
		return pick[any](g, 3_600_000, nil), true

	case "tee.type":
		return "file", true
	case "tee.filePath":
		g.names++
		return fmt.Sprintf("%s/%d.jsonl", g.files, g.names), true
	case "tee.enabled":
		return g.IntN(2) == 0, true
	case "tee.retries", "tee.bodyLimit":
		return pick[any](g, 0, 10, nil), true
	case "tee.filter":
		return pick[any](g, nil, map[string]any{"channels": []any{"demo"}, "statusCodes": []any{200, 429}, "sampleRate": 0.5, "minLatency": 1, "maxLatency": 2}), true
	case "tee.redact":
		return pick[any](g, nil, []any{"messages.#.content"}), true
	case "tee.url", "tee.method", "tee.headers", "tee.secret", "tee.timeout", "tee.spool", "tee.rotation":
		return nil, true // which are as good as not there

	case "load-balancer.strategy", "strategy.strategy", "config.strategy":
		return pick(g, "priority", "weighted", "round_robin"), true
	case "i18n.locale", "config.locale":
		return pick(g, "en", "zh-CN"), true
	case "config.logLevel", "logging.globalLevel", "logging.level":
		return pick(g, "info", "debug", "error"), true
	case "logging.moduleOverrides":
		return pick[any](g, nil, object("admin", "debug")), true
	}
	return nil, false
}
