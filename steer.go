package routex

import "context"

type (
	sessionKey struct{}
	channelKey struct{}
)

// WithSession names the session of the calls that are made with the context it
// gives; it wins over the session header.
func WithSession(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, sessionKey{}, key)
}

// WithChannel sends the calls that are made with the context it gives to one
// channel, by its name or ID, and to no other, whatever the rules say. A call
// for a channel that does not exist gets a 400.
func WithChannel(ctx context.Context, ref string) context.Context {
	return context.WithValue(ctx, channelKey{}, ref)
}
