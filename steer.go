package routex

import (
	"context"
	"maps"
)

type (
	sessionKey  struct{}
	channelKey  struct{}
	metadataKey struct{}
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

// WithMetadata says what the host knows of the calls that are made with the
// context it gives, such as the customer's plan: the metadata condition of rules
// looks there before it looks into the body, which the caller chooses. It adds
// to what the context says already, and wins over that. No provider sees it.
func WithMetadata(ctx context.Context, metadata map[string]string) context.Context {
	old, _ := ctx.Value(metadataKey{}).(map[string]string)
	all := make(map[string]string, len(old)+len(metadata))
	maps.Copy(all, old)
	maps.Copy(all, metadata)
	return context.WithValue(ctx, metadataKey{}, all)
}
