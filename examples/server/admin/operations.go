package admin

import (
	"encoding/json"
	"net/http"

	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/transform/named"
)

// An operation is one method of one path. The table of them is all that there
// is: the handlers are mounted from it, and the description of the API at
// /api/openapi.json is made from it.
//
// To add one, write its handler and a line in the table below:
//   - what reads the body is a function of its own, which the handler calls and
//     the line names in takes: its calls of read say what there is;
//   - so is what reads the query, named in query;
//   - answer is a value of the type that the handler gives as data.
//
// The tests check every answer against the description, and send what it says
// that is taken, and is not.
type operation struct {
	method, path, summary string

	// serve answers in the envelope of the API.
	serve handler
	// plain, where there is no serve, answers in a shape of its own, of that
	// media type, "" for JSON.
	plain http.HandlerFunc
	media string

	// takes describes the body, as [bodyOf] tells it of the reader that serve
	// uses; query reads the parameters as serve and plain do.
	takes func() *schema
	query func(*params)

	bodyOptional bool  // a request without a body is one with an empty object
	bodyLimit    int64 // in bytes; 0 means maxBody

	// answer is a value of the type of the data, nil for none, and meta one of
	// what stands beside it.
	answer, meta any
	status       int         // of success; 0 means 200
	others       map[int]any // further answers, by status, that have no envelope
	statuses     []int       // with which it can fail besides those that follow from the rest

	// changes is set when the configuration is changed: that can meet another
	// change, or a database that is gone.
	changes bool
}

// operations lists what is served, in the order of the description.
func (a *API) operations() []operation {
	const get, post, put, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	table := []operation{
		{method: get, path: "/health", summary: "Whether the server runs", plain: a.health, answer: healthView{}},
		{method: get, path: "/health/live", summary: "Whether the process is alive", plain: a.live, answer: liveView{}},
		{method: get, path: "/health/ready", summary: "Whether a channel is enabled", plain: a.ready, answer: readyView{}, others: map[int]any{503: notReadyView{}}},
		{method: get, path: "/health/detailed", summary: "What is wrong, if anything", plain: a.detailed, answer: detailedView{}},

		{method: get, path: "/api", summary: "What this server is, and where to go on", serve: a.index, answer: indexView{}},
		{method: get, path: "/api/openapi.json", summary: "Describe this API", plain: a.openAPI, answer: json.RawMessage{}},

		{method: get, path: "/api/channels", summary: "List the channels", serve: a.listChannels, answer: []channelView{}},
		{method: post, path: "/api/channels", summary: "Add a channel", serve: a.postChannel, takes: bodyOf(readsNewChannel), answer: channelView{}, status: 201, changes: true},
		{method: get, path: "/api/channels/{id}", summary: "Show a channel", serve: a.getChannel, answer: channelView{}},
		{method: put, path: "/api/channels/{id}", summary: "Change the fields of a channel that are named", serve: a.putChannel, takes: bodyOf(readsChannel), answer: channelView{}, changes: true},
		{method: remove, path: "/api/channels/{id}", summary: "Delete a channel", serve: a.deleteChannel, changes: true},
		{method: get, path: "/api/channels/export", summary: "Export the channels as a file", plain: a.exportChannels, query: func(p *params) { readExportParams(p) }, answer: exportView{}, statuses: []int{403}},
		{method: post, path: "/api/channels/import", summary: "Import channels, all of them or none", serve: a.importChannels, takes: bodyOf(func(o *object) { readImport(o) }), bodyLimit: maxImport, answer: importView{}, changes: true},
		{method: post, path: "/api/channels/{id}/test", summary: "Try a channel", serve: a.testChannel, takes: bodyOf(func(o *object) { readModel(o) }), bodyOptional: true, answer: testView{}},
		{method: post, path: "/api/channels/test/all", summary: "Try all channels", serve: a.testChannels(false), takes: bodyOf(readsNothing), bodyOptional: true, answer: testsView{}},
		{method: post, path: "/api/channels/test/enabled", summary: "Try the channels that are enabled", serve: a.testChannels(true), takes: bodyOf(readsNothing), bodyOptional: true, answer: testsView{}},

		{method: get, path: "/api/routing/rules", summary: "List the rules", serve: a.listRules, answer: []ruleView{}},
		{method: post, path: "/api/routing/rules", summary: "Add a rule", serve: a.postRule, takes: bodyOf(readsNewRule), answer: ruleView{}, status: 201, changes: true},
		{method: get, path: "/api/routing/rules/enabled", summary: "List the rules that are asked, in their order", serve: a.listEnabledRules, answer: []ruleView{}},
		{method: get, path: "/api/routing/rules/{id}", summary: "Show a rule", serve: a.getRule, answer: ruleView{}},
		{method: put, path: "/api/routing/rules/{id}", summary: "Change the fields of a rule that are named", serve: a.putRule, takes: bodyOf(readsRule), answer: ruleView{}, changes: true},
		{method: remove, path: "/api/routing/rules/{id}", summary: "Delete a rule", serve: a.deleteRule, changes: true},
		{method: post, path: "/api/routing/rules/{id}/enable", summary: "Enable a rule", serve: a.switchRule(true), takes: bodyOf(readsNothing), bodyOptional: true, answer: ruleView{}, changes: true},
		{method: post, path: "/api/routing/rules/{id}/disable", summary: "Disable a rule", serve: a.switchRule(false), takes: bodyOf(readsNothing), bodyOptional: true, answer: ruleView{}, changes: true},
		{method: post, path: "/api/routing/test", summary: "Explain what would become of a call", serve: a.explainCall, takes: explainSchema, query: func(p *params) { readExplainParams(p) }, answer: explained{}},
		{method: post, path: "/api/routing/lint", summary: "Find what is wrong with the rules", serve: a.lintRules, takes: bodyOf(func(o *object) { readDraft(o) }), bodyOptional: true, answer: []router.Finding{}},
		{method: post, path: "/api/routing/reload", summary: "Read the file of rules again", serve: a.reloadRules, takes: bodyOf(readsNothing), bodyOptional: true, answer: reloadedView{}, changes: true},

		{method: get, path: "/api/load-balancer/strategy", summary: "Show the strategy", serve: a.getStrategy, answer: strategyView{}},
		{method: put, path: "/api/load-balancer/strategy", summary: "Set the strategy", serve: a.putStrategy, takes: bodyOf(func(o *object) { readStrategy(o) }), answer: strategyView{}, changes: true},
		{method: get, path: "/api/strategy", summary: "Show the strategy", serve: a.getStrategy, answer: strategyView{}},
		{method: put, path: "/api/strategy", summary: "Set the strategy", serve: a.putStrategy, takes: bodyOf(func(o *object) { readStrategy(o) }), answer: strategyView{}, changes: true},

		{method: get, path: "/api/prices", summary: "List what calls cost, by model", serve: a.getPrices, answer: pricesView{}},
		{method: put, path: "/api/prices/{model}", summary: "Set what calls of a model cost", serve: a.putPrice, takes: bodyOf(func(o *object) { readPriceBody(o) }), answer: priceView{}, changes: true},
		{method: remove, path: "/api/prices/{model}", summary: "Go back to the price of the file or the list", serve: a.deletePrice, changes: true},

		{method: get, path: "/api/transformers", summary: "List the transformers", serve: a.listTransformers, answer: []named.Description{}},
		{method: post, path: "/api/transformers/test", summary: "Try a transformer on a body", serve: a.testTransformer, takes: trialSchema, answer: trialView{}},

		{method: get, path: "/api/keys", summary: "List the client keys", serve: a.listClientKeys, answer: []clientKeyView{}},
		{method: post, path: "/api/keys", summary: "Make a client key", serve: a.postClientKey, takes: bodyOf(a.readsNewClientKey), answer: clientKeyView{}, status: 201, changes: true},
		{method: get, path: "/api/keys/{id}", summary: "Show a client key", serve: a.getClientKey, answer: clientKeyView{}},
		{method: put, path: "/api/keys/{id}", summary: "Change the fields of a client key that are named", serve: a.putClientKey, takes: bodyOf(a.readsClientKey), answer: clientKeyView{}, changes: true},
		{method: remove, path: "/api/keys/{id}", summary: "Revoke a client key", serve: a.deleteClientKey, changes: true},

		{method: get, path: "/api/config", summary: "Show the effective configuration", serve: a.getConfig, answer: configView{}},
		{method: put, path: "/api/config", summary: "Change what needs no restart", serve: a.putConfig, takes: bodyOf(func(o *object) { a.readConfig(o) }), answer: configView{}, changes: true},
		{method: get, path: "/api/config/export", summary: "Export the effective configuration as a file", plain: a.exportConfig, answer: configExport{}},
		{method: post, path: "/api/config/reload", summary: "Read the files of rules and prices again", serve: a.reloadConfig, takes: bodyOf(readsNothing), bodyOptional: true, answer: configView{}, changes: true},

		{method: get, path: "/api/i18n/locale", summary: "Show the locale", serve: a.getLocale, answer: localeView{}},
		{method: put, path: "/api/i18n/locale", summary: "Set the locale", serve: a.putLocale, takes: bodyOf(func(o *object) { readLocale(o) }), answer: localeView{}, changes: true},

		{method: get, path: "/api/providers", summary: "List the types of channels", serve: a.listProviders, answer: []channelTypeView{}},
		{method: get, path: "/api/providers/{type}", summary: "Show a type of channels", serve: a.getProvider, answer: channelTypeView{}},
	}
	if a.log != nil {
		table = append(table,
			operation{method: get, path: "/api/logging/config", summary: "Show the levels of the log", serve: a.getLogging, answer: loggingView{}},
			operation{method: put, path: "/api/logging/config", summary: "Set the levels of the log", serve: a.putLogging, takes: bodyOf(func(o *object) { readLogging(o) }), answer: loggingView{}},
			operation{method: put, path: "/api/logging/modules/{name}/level", summary: "Set the level of one module", serve: a.putModuleLevel, takes: bodyOf(func(o *object) { readModuleLevel(o) }), answer: moduleLevelView{}},
		)
	}
	if a.tees != nil {
		table = append(table,
			operation{method: get, path: "/api/tee", summary: "List the tees", serve: a.listTees, answer: []teeView{}},
			operation{method: post, path: "/api/tee", summary: "Add a tee", serve: a.postTee, takes: bodyOf(a.readsNewTee), answer: teeView{}, status: 201, changes: true},
			operation{method: get, path: "/api/tee/{id}", summary: "Show a tee", serve: a.getTee, answer: teeView{}},
			operation{method: put, path: "/api/tee/{id}", summary: "Change the fields of a tee that are named", serve: a.putTee, takes: bodyOf(a.readsTee), answer: teeView{}, changes: true},
			operation{method: remove, path: "/api/tee/{id}", summary: "Delete a tee", serve: a.deleteTee, changes: true},
			operation{method: post, path: "/api/tee/{id}/test", summary: "Send a record to a tee now", serve: a.testTee, takes: bodyOf(readsNothing), bodyOptional: true, answer: teeTestView{}},
		)
	}
	if a.events != nil {
		table = append(table, operation{
			method: get, path: "/api/events", summary: "Listen to what happens, in server-sent events", plain: a.streamEvents,
			query: func(p *params) { readEventTypes(p) }, media: "text/event-stream", statuses: []int{http.StatusTooManyRequests},
		})
	}
	if a.requests != nil {
		table = append(table,
			operation{method: get, path: "/api/requests", summary: "List calls, the newest first", serve: a.listCalls, query: func(p *params) { readQueryOfAll(p) }, answer: []listedCall{}, meta: page{}, statuses: []int{503}},
			operation{method: get, path: "/api/requests/{id}", summary: "Show a call with its decision", serve: a.getCall, answer: callView{}, statuses: []int{503}},
			operation{method: get, path: "/api/requests/channel/{id}", summary: "List the calls of a channel", serve: a.listCallsOfChannel, query: func(p *params) { readQuery(p) }, answer: []listedCall{}, meta: page{}, statuses: []int{503}},
			operation{method: get, path: "/api/analytics", summary: "Add up what calls used", serve: a.analyze, query: func(p *params) { readAnalysis(p) }, answer: analyticsView{}, statuses: []int{503}},
		)
	}
	table = append(table, a.metricsOperations()...)
	return append(table, a.tracing()...)
}
