package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/dctx-team/routex/examples/server/secret"
	"github.com/dctx-team/routex/examples/server/store"
)

// The variables of the environment that hold master keys.
const (
	envMasterKey    = "ROUTEX_MASTER_KEY"
	envNewMasterKey = "ROUTEX_NEW_MASTER_KEY"
)

// keyNamed reads the master key in a variable of the environment.
func keyNamed(name, text string) (secret.Key, error) {
	key, err := secret.ParseKey(text)
	if err != nil {
		return key, fmt.Errorf("%s: %w", name, err)
	}
	return key, nil
}

// keyFile is the one that is used without a master key in the environment.
func (o *options) keyFile() (*secret.KeyFile, error) {
	return secret.OpenKeyFile(filepath.Join(o.data, secret.FileName))
}

// sealed gives the store whose secrets are sealed with the master key. What is
// kept in clear, or under the old key of a rotation that was cut off, is sealed
// now.
func (o *options) sealed(ctx context.Context, kept store.Store) (*secret.Store, error) {
	if o.masterKey != "" {
		key, err := keyNamed(envMasterKey, o.masterKey)
		if err != nil {
			return nil, err
		}
		s := secret.Wrap(kept, key)
		return s, o.reseal(ctx, s)
	}
	file, err := o.keyFile()
	if err != nil {
		return nil, err
	}
	s := secret.Wrap(kept, file.Key, file.Old...)
	if err := o.reseal(ctx, s); err != nil {
		return nil, err
	}
	return s, file.Commit()
}

func (o *options) reseal(ctx context.Context, s *secret.Store) error {
	n, err := s.Reseal(ctx)
	if err != nil {
		return fmt.Errorf("cannot seal the secrets of channels and tees: %w", err)
	}
	if n > 0 {
		o.logger.Info("secrets of channels and tees were sealed with the master key", "records", n)
	}
	return nil
}

// rotate seals everything with another master key: the new one in the
// environment, or one made anew in the key file.
func rotate(ctx context.Context, o options) (err error) {
	kept, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	s, err := o.sealed(ctx, kept) // under the present key
	if err != nil {
		return err
	}
	// A secret that cannot be opened now could never be again.
	if err := s.CheckReadable(ctx); err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	switch {
	case o.newMasterKey != "":
		err = o.rotateTo(ctx, kept, s)
	case o.masterKey != "":
		err = fmt.Errorf("nothing was changed: the master key is in %s; put the new one into %s", envMasterKey, envNewMasterKey)
	default:
		err = o.rotateFile(ctx, kept)
	}
	return err
}

func (o *options) rotateTo(ctx context.Context, kept store.Store, present *secret.Store) error {
	key, err := keyNamed(envNewMasterKey, o.newMasterKey)
	if err != nil {
		return err
	}
	n, err := secret.Wrap(kept, key, present.Key()).Reseal(ctx)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(o.stdout, "The secrets of channels and tees, %d in all, are sealed with the new %v; from now on set %s to it\n", n, key, envMasterKey)
	return nil
}

// rotateFile keeps both keys until everything is sealed with the new one: a
// start after a crash goes on from there.
func (o *options) rotateFile(ctx context.Context, kept store.Store) error {
	file, err := o.keyFile()
	if err != nil {
		return err
	}
	if err := file.Next(); err != nil {
		return err
	}
	n, err := secret.Wrap(kept, file.Key, file.Old...).Reseal(ctx)
	if err != nil {
		return err
	}
	if err := file.Commit(); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(o.stdout, "The secrets of channels and tees, %d in all, are sealed with the new %v\n", n, file.Key)
	return nil
}
