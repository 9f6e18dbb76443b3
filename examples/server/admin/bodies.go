package admin

import (
	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/examples/server/tees"
	"github.com/dctx-team/routex/router"
)

// bodyOf describes the body that a reader takes, for the table of operations.
func bodyOf(reads func(*object)) func() *schema {
	return func() *schema { return describe(reads) }
}

// What follows is read of records that are new, and of such as are stored,
// which lack nothing.

func readsNewChannel(o *object) { _ = readChannel(o, new(newChannel()), "") }

func readsChannel(o *object) {
	c := newChannel()
	c.Name, c.Type = "stored", string(routex.TypeOpenAI)
	_ = readChannel(o, &c, statusEnabled)
}

func readsNewRule(o *object) { _ = readRule(o, &store.Rule{TargetChannel: "or others, or none"}, true) }

func readsRule(o *object) {
	_ = readRule(o, &store.Rule{Name: "stored", Type: string(router.Default), TargetChannel: "stored"}, false)
}

func (a *API) readsNewClientKey(o *object) { _ = a.readClientKey(o, new(store.ClientKey)) }

func (a *API) readsClientKey(o *object) { _ = a.readClientKey(o, &store.ClientKey{Name: "stored"}) }

func (a *API) readsNewTee(o *object) {
	t := newTee()
	_ = a.readTee(o, &t, true)
}

func (a *API) readsTee(o *object) {
	t := newTee()
	t.Name, t.Type, t.URL = "stored", tees.Webhook, "https://example.com"
	_ = a.readTee(o, &t, false)
}

// trialSchema is that of a trial: of a request, unless it says that it is of a
// response.
func trialSchema() *schema {
	s := describe(func(o *object) { readTrial(o) })
	s.Required = []string{"transformer"}
	return s
}

func readsNothing(o *object) { o.finish() }
