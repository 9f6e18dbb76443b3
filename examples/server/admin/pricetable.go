package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/trace/prices"
)

// settingPrices is the key of the prices in the store, as JSON.
const settingPrices = "prices"

// maxModelName is how long the name of a model may be that has a price.
const maxModelName = 256

// Where a price is from.
const (
	priceOwn  = "api"
	priceFile = "file"
	priceList = "list" // that of the library
)

type (
	pricesView struct {
		Date     string      `json:"date"` // of the list prices
		Currency string      `json:"currency"`
		Prices   []priceView `json:"prices"`
	}
	priceView struct {
		Model    string   `json:"model"`
		Provider string   `json:"provider,omitempty"` // whose only it is
		Origin   string   `json:"origin"`
		Sources  []string `json:"sources,omitempty"`
		Note     string   `json:"note,omitempty"`
		prices.Price
	}
)

// ReadPriceFile reads the prices in a file of JSON or, when its name ends in
// .yaml or .yml, YAML. The error lists every mistake with its path.
func ReadPriceFile(path string) (*prices.Table, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	table, err := prices.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s has mistakes:\n%w", path, err)
	}
	return table, nil
}

// readPriceFile reads the file of prices, if there is one.
func (a *API) readPriceFile() (*prices.Table, error) {
	if a.priceFile == "" {
		return nil, nil //nolint:nilnil // a nil table has no prices
	}
	return ReadPriceFile(a.priceFile)
}

// priceFileProblem tells every mistake in the file.
func priceFileProblem(err error) error {
	var wrong mistakes
	bad, ok := errors.AsType[*prices.Error](err)
	if !ok {
		wrong.add("file", codeValue, err.Error())
		return wrong.err()
	}
	for _, m := range bad.Mistakes {
		field := m.Field
		if field == "" {
			field = "file"
		}
		wrong.add(field, codeValue, m.Problem)
	}
	return wrong.err()
}

// ownPrices are those set over the API.
func (s *state) ownPrices() (priceMap, error) {
	own := make(priceMap)
	if s.prices == "" {
		return own, nil
	}
	if err := json.Unmarshal([]byte(s.prices), &own); err != nil {
		return nil, fmt.Errorf("the stored prices cannot be read: %w", err)
	}
	return own, nil
}

// listPrices are those that hold where nobody says otherwise.
func (a *API) listPrices() *prices.Table {
	if a.config.Prices != nil {
		return a.config.Prices
	}
	return prices.Default()
}

// priceTable is what calls are charged by: what the API was told goes before
// the file, and that before the list.
func (a *API) priceTable(s *state) (*prices.Table, error) {
	own, err := s.ownPrices()
	if err != nil {
		return nil, err
	}
	table, err := prices.New(own)
	if err != nil {
		return nil, fmt.Errorf("the stored prices cannot be used: %w", err)
	}
	return a.listPrices().Merge(s.filePrices).Merge(table), nil
}

func (a *API) getPrices(*http.Request, *object) (reply, error) {
	s := a.state.Load()
	own, err := s.ownPrices()
	if err != nil {
		return reply{}, err
	}
	table, err := prices.New(own)
	if err != nil {
		return reply{}, err
	}
	list := a.listPrices()
	view := pricesView{Date: list.Date(), Currency: "USD", Prices: []priceView{}}
	for _, from := range []struct {
		origin string
		table  *prices.Table
	}{{priceOwn, table}, {priceFile, s.filePrices}, {priceList, list}} {
		for row := range from.table.Rows() {
			view.Prices = append(view.Prices, viewPrice(row, from.origin))
		}
	}
	return reply{data: view}, nil
}

func viewPrice(row prices.Row, origin string) priceView {
	return priceView{Model: row.Model, Provider: row.Provider, Origin: origin, Sources: row.Sources, Note: row.Note, Price: row.Price}
}

// putPrice sets what calls of a model cost, whoever's it is.
func (a *API) putPrice(r *http.Request, body *object) (reply, error) {
	model := strings.ToLower(r.PathValue("model"))
	price := readPriceBody(body)
	if len(model) > maxModelName {
		body.wrong.add("model", codeValue, fmt.Sprintf("the name of a model has at most %d bytes", maxModelName))
	}
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	if err := a.changePrices(r, func(own priceMap) error {
		own[model] = price
		return nil
	}); err != nil {
		return reply{}, err
	}
	return reply{data: viewPrice(prices.Row{Model: model, Price: price}, priceOwn)}, nil
}

func readPriceBody(o *object) (price prices.Price) {
	readPrice(o, &price)
	o.finish()
	if len(o.wrong) > 0 {
		return price
	}
	if wrong, ok := errors.AsType[*prices.Error](price.Validate()); ok {
		for _, m := range wrong.Mistakes {
			o.wrong.add(m.Field, codeValue, m.Problem)
		}
	}
	return price
}

// deletePrice lets the file or the list say again what calls of a model cost.
func (a *API) deletePrice(r *http.Request, _ *object) (reply, error) {
	model := strings.ToLower(r.PathValue("model"))
	err := a.changePrices(r, func(own priceMap) error {
		if _, ok := own[model]; !ok {
			return notFound("no price of %q was set here", model)
		}
		delete(own, model)
		return nil
	})
	if err != nil {
		return reply{}, err
	}
	return reply{message: "price deleted"}, nil
}

func (a *API) changePrices(r *http.Request, edit func(priceMap) error) error {
	_, _, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		own, err := s.ownPrices()
		if err != nil {
			return store.Change{}, err
		}
		if err := edit(own); err != nil {
			return store.Change{}, err
		}
		text, err := json.Marshal(own)
		if err != nil {
			return store.Change{}, err
		}
		s.prices = string(text)
		return store.Change{PutSettings: map[string]string{settingPrices: s.prices}}, nil
	})
	return err
}

// reloadPrices reads the file of prices again. With a mistake in it the prices
// stay as they are.
func (a *API) reloadPrices(r *http.Request) error {
	if a.priceFile == "" {
		return nil
	}
	_, _, err := a.change(r.Context(), func(s *state) (store.Change, error) {
		table, err := a.readPriceFile()
		if err != nil {
			return store.Change{}, priceFileProblem(err)
		}
		s.filePrices = table
		return store.Change{}, nil
	})
	return err
}
