package store

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dctx-team/routex/examples/server/internal/sqldb"
)

const selectChannels = `SELECT id, name, type, base_url, api_key, headers, models, model_map, priority, weight,
	disabled, transformers, timeouts, created_at, updated_at, api, config, losses, usage, api_keys, max_concurrency,
	context_window, prices, proxy_url FROM channels ORDER BY seq`

// A record that is put again keeps its place in the order.
const upsertChannel = `INSERT INTO channels (id, name, type, base_url, api_key, headers, models, model_map, priority,
	weight, disabled, transformers, timeouts, created_at, updated_at, api, config, losses, usage, api_keys,
	max_concurrency, context_window, prices, proxy_url)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (id) DO UPDATE SET name = excluded.name, type = excluded.type, base_url = excluded.base_url,
	api_key = excluded.api_key, headers = excluded.headers, models = excluded.models, model_map = excluded.model_map,
	priority = excluded.priority, weight = excluded.weight, disabled = excluded.disabled,
	transformers = excluded.transformers, timeouts = excluded.timeouts, updated_at = excluded.updated_at,
	api = excluded.api, config = excluded.config, losses = excluded.losses, usage = excluded.usage,
	api_keys = excluded.api_keys, max_concurrency = excluded.max_concurrency, context_window = excluded.context_window,
	prices = excluded.prices, proxy_url = excluded.proxy_url`

func putChannel(tx *sqldb.Tx, c *Channel) error {
	_, err := tx.Exec(upsertChannel, c.ID, c.Name, c.Type, c.BaseURL, c.APIKey, asJSON{c.Headers}, asJSON{c.Models},
		asJSON{c.ModelMap}, c.Priority, c.Weight, number(c.Disabled), asJSON{c.Transformers}, asJSON{c.Timeouts}, c.CreatedAt, c.UpdatedAt,
		c.API, asJSON{c.Config}, c.Losses, c.Usage, asJSON{c.APIKeys}, c.MaxConcurrency, asJSON{c.ContextWindow}, asJSON{c.Prices}, c.ProxyURL)
	return err
}

func scanChannel(scan func(...any) error) (c Channel, err error) {
	err = scan(&c.ID, &c.Name, &c.Type, &c.BaseURL, &c.APIKey, asJSON{&c.Headers}, asJSON{&c.Models},
		asJSON{&c.ModelMap}, &c.Priority, &c.Weight, &c.Disabled, asJSON{&c.Transformers}, asJSON{&c.Timeouts}, &c.CreatedAt, &c.UpdatedAt,
		&c.API, asJSON{&c.Config}, &c.Losses, &c.Usage, asJSON{&c.APIKeys}, &c.MaxConcurrency, asJSON{&c.ContextWindow}, asJSON{&c.Prices}, &c.ProxyURL)
	return c, err
}

const selectRules = `SELECT id, name, type, condition, target_channel, target_model, priority, strict, disabled,
	created_at, updated_at, targets, deny, shadow FROM rules ORDER BY seq`

const upsertRule = `INSERT INTO rules (id, name, type, condition, target_channel, target_model, priority, strict,
	disabled, created_at, updated_at, targets, deny, shadow)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (id) DO UPDATE SET name = excluded.name, type = excluded.type, condition = excluded.condition,
	target_channel = excluded.target_channel, target_model = excluded.target_model, priority = excluded.priority,
	strict = excluded.strict, disabled = excluded.disabled, updated_at = excluded.updated_at,
	targets = excluded.targets, deny = excluded.deny, shadow = excluded.shadow`

func putRule(tx *sqldb.Tx, r *Rule) error {
	_, err := tx.Exec(upsertRule, r.ID, r.Name, r.Type, asJSON{r.Condition}, r.TargetChannel, r.TargetModel,
		r.Priority, number(r.Strict), number(r.Disabled), r.CreatedAt, r.UpdatedAt, asJSON{r.Targets}, r.Deny, r.Shadow)
	return err
}

func scanRule(scan func(...any) error) (r Rule, err error) {
	err = scan(&r.ID, &r.Name, &r.Type, asJSON{&r.Condition}, &r.TargetChannel, &r.TargetModel,
		&r.Priority, &r.Strict, &r.Disabled, &r.CreatedAt, &r.UpdatedAt, asJSON{&r.Targets}, &r.Deny, &r.Shadow)
	return r, err
}

// number is how a column keeps what is so or not.
func number(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// asJSON keeps a value in a text column. To scan, it holds a pointer.
type asJSON struct{ v any }

// Value implements driver.Valuer.
func (j asJSON) Value() (driver.Value, error) {
	text, err := json.Marshal(j.v)
	return string(text), err
}

// Scan implements sql.Scanner. A member that this version does not know is an
// error: a condition without it would hold for more calls than it should.
func (j asJSON) Scan(column any) error {
	text, ok := column.(string)
	if !ok {
		return errors.New("a column of JSON holds no text")
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(j.v); err != nil {
		return fmt.Errorf("a column of JSON: %w", err)
	}
	return nil
}
