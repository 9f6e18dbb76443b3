package routex

import (
	"context"
	"maps"
)

type (
	sessionKey  struct{}
	channelKey  struct{}
	metadataKey struct{}
	callerKey   struct{}
)

// WithSession names the session of the calls that are made with the context it
// gives; it wins over the session header. With "" they have none, not even that
// of the conversation which they go on with.
func WithSession(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, sessionKey{}, key)
}

// WithChannel sends the calls that are made with the context it gives to one
// channel, by its name or ID, and to no other, whatever the rules say. A call
// for a channel that does not exist gets a 400.
func WithChannel(ctx context.Context, ref string) context.Context {
	return context.WithValue(ctx, channelKey{}, ref)
}

// WithCaller names who makes the calls that are made with the context it gives,
// such as the host's own user or key: [Decision.Caller] and what is made of it
// tell calls apart by that. It decides nothing, and no provider sees it. The
// name should be none that is secret.
func WithCaller(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, callerKey{}, name)
}

// WithMetadata says what the host knows of the calls that are made with the
// context it gives, such as the customer's plan: the metadata condition of rules
// looks there before it looks into the body, which the caller chooses. It adds
// to what the context says already, and wins over that. No provider sees it.
func WithMetadata(ctx context.Context, metadata map[string]string) context.Context {
	if len(metadata) == 0 {
		return ctx
	}
	old, _ := ctx.Value(metadataKey{}).(map[string]string)
	all := maps.Clone(metadata)
	for name, value := range old {
		if _, said := all[name]; !said {
			all[name] = value
		}
	}
	return context.WithValue(ctx, metadataKey{}, all)
}
