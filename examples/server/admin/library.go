package admin

import (
	"fmt"
	"strings"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/transform"
)

// libraryChannel makes the library's channel of a record.
func libraryChannel(c *store.Channel) (routex.Channel, error) {
	if brokenReason(c) != "" {
		c = withoutSecrets(c)
	}
	ch := routex.Channel{
		ID: c.ID, Name: c.Name, Type: routex.ChannelType(c.Type), API: routex.API(c.API), BaseURL: c.BaseURL, ProxyURL: c.ProxyURL,
		APIVersion: c.Config.APIVersion, Deployment: c.Config.Deployment, APIKey: c.APIKey, APIKeys: c.APIKeys,
		Headers: c.Headers, Models: c.Models, ModelMap: c.ModelMap,
		Priority: c.Priority, Weight: c.Weight, Drain: c.Weight == 0, Disabled: c.Disabled,
		Timeouts: routex.Timeouts{
			Header:     time.Duration(c.Timeouts.Header) * time.Millisecond,
			FirstToken: time.Duration(c.Timeouts.FirstToken) * time.Millisecond,
			Unary:      time.Duration(c.Timeouts.Unary) * time.Millisecond,
			Idle:       time.Duration(c.Timeouts.Idle) * time.Millisecond,
		},
		MaxConcurrency: c.MaxConcurrency, ContextWindow: c.ContextWindow, Prices: c.Prices,
		Losses: routex.LossPolicy(c.Losses), Usage: routex.UsagePolicy(c.Usage),
	}
	if c.Transformers == nil {
		return ch, nil
	}
	var err error
	if ch.Transformers, err = libraryTransformers(c.Transformers.Use); err != nil {
		return ch, fmt.Errorf("channel %q: %w", c.Name, err)
	}
	ch.PerModel = make(map[string][]transform.Transformer, len(c.Transformers.PerModel))
	for model, list := range c.Transformers.PerModel {
		if ch.PerModel[model], err = libraryTransformers(list); err != nil {
			return ch, fmt.Errorf("channel %q: %w", c.Name, err)
		}
	}
	return ch, nil
}

// withoutSecrets gives a channel that asks nobody: what stands for its secrets
// must not be sent anywhere.
func withoutSecrets(c *store.Channel) *store.Channel {
	safe := *c
	safe.APIKey, safe.APIKeys, safe.Headers, safe.BaseURL, safe.ProxyURL = "", nil, nil, "http://broken.invalid", ""
	safe.Disabled = true
	return &safe
}

func libraryRule(r *store.Rule) router.Rule {
	return router.Rule{
		ID: r.ID, Name: r.Name, Type: router.Type(r.Type), Condition: r.Condition,
		TargetChannel: r.TargetChannel, Targets: r.Targets, TargetModel: r.TargetModel, Deny: r.Deny, Shadow: r.Shadow,
		Priority: r.Priority, Strict: r.Strict, Disabled: r.Disabled,
	}
}

// fieldName turns the library's name of a field, such as Timeouts.Header or
// Headers["X-A"], into the API's.
func fieldName(goName string) string {
	name, index, indexed := strings.Cut(goName, "[")
	switch name {
	case "BaseURL":
		name = "baseUrl"
	case "ProxyURL":
		name = "proxyUrl"
	case "APIKey":
		name = "apiKey"
	case "APIKeys":
		name = "apiKeys"
	case "API":
		name = "api"
	case "ID":
		name = "id"
	case "APIVersion":
		name = "config.apiVersion"
	case "Deployment":
		name = "config.deployment"
	case "Transformers":
		name = "transformers.use"
	case "PerModel":
		name = "transformers.perModel"
	default:
		name = lowerFirst(name)
	}
	if indexed {
		name += "[" + index
	}
	return name
}

// lowerFirst begins every part of a path with a small letter.
func lowerFirst(path string) string {
	parts := strings.Split(path, ".")
	for i, part := range parts {
		if part != "" {
			parts[i] = strings.ToLower(part[:1]) + part[1:]
		}
	}
	return strings.Join(parts, ".")
}
