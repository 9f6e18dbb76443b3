package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/dctx-team/routex/examples/server/access"
	"github.com/dctx-team/routex/examples/server/store"
)

// envAdminToken is the variable of the environment that holds the admin token.
const envAdminToken = "ROUTEX_ADMIN_TOKEN"

// minAdminToken is the least length of a token that people choose.
const minAdminToken = 16

// settingAdminToken is the key of the admin token's digest in the store.
const settingAdminToken = "adminToken"

// guard makes what stands before the handlers, with what the command line says
// besides. The token is that of the management API if it was made just now,
// else "".
func (o *options) guard(ctx context.Context, kept store.Store, about access.Options) (g *access.Guard, token string, err error) {
	about.AdminToken, token, err = o.adminDigest(ctx, kept)
	if err != nil {
		return nil, "", err
	}
	about.LoopbackAuth, about.OpenCalls, about.TrustedProxies = o.loopbackAuth, o.openCalls, o.trustedProxies
	return access.New(about), token, nil
}

// adminDigest gives the digest of the token in the environment, else of the one
// that the store knows, else of a new one.
func (o *options) adminDigest(ctx context.Context, kept store.Store) (d access.Digest, token string, err error) {
	if o.adminToken != "" {
		return access.DigestOf(o.adminToken), "", nil
	}
	c, err := kept.Load(ctx)
	if err != nil {
		return d, "", err
	}
	if text := c.Settings[settingAdminToken]; text != "" {
		d, err = access.ParseDigest(text)
		return d, "", err
	}
	token, err = makeAdminToken(ctx, kept, c.Revision)
	if errors.Is(err, store.ErrStale) { // another server has written, and perhaps made one
		return o.adminDigest(ctx, kept)
	}
	return access.DigestOf(token), token, err
}

// makeAdminToken makes a token and keeps its digest, if the store is at that
// revision.
func makeAdminToken(ctx context.Context, kept store.Store, revision int64) (string, error) {
	token := access.NewAdminToken()
	err := kept.Write(ctx, store.Change{
		Revision: revision, PutSettings: map[string]string{settingAdminToken: access.DigestOf(token).String()},
	})
	if err != nil {
		return "", fmt.Errorf("cannot keep the admin token: %w", err)
	}
	return token, nil
}

// renewAdminToken makes another token for whoever has lost the first.
func renewAdminToken(ctx context.Context, o options) (err error) {
	kept, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	token, err := makeAdminToken(ctx, kept, 0)
	if err == nil {
		_, _ = fmt.Fprintf(o.stdout, "The new admin token, which is shown only now: %s\n", token)
	}
	return err
}

func isLoopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
