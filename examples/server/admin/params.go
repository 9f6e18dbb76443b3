package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// params are the parameters in the query of a request, which are read one by
// one so that every mistake is found. None of them is required.
type params struct {
	values url.Values
	wrong  mistakes
	shape  *[]parameter // nil unless what is read is noted, and not what there is
}

// A parameter describes one of a path, a query or the headers.
type parameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"`
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required,omitempty"`
	AllowEmpty  bool    `json:"allowEmptyValue,omitempty"` // which is as good as none
	Schema      *schema `json:"schema"`
}

func paramsOf(r *http.Request) *params { return &params{values: r.URL.Query()} }

// describeParams tells what a reader of parameters takes.
func describeParams(reads func(*params)) []parameter {
	noted := []parameter{}
	reads(&params{shape: &noted})
	return noted
}

// get gives the value of a parameter, "" when there is none. What it is for is
// told people.
func (p *params) get(name, what string, takes *schema) string {
	if p.shape != nil {
		*p.shape = append(*p.shape, parameter{Name: name, In: "query", Description: what, AllowEmpty: true, Schema: takes})
	}
	return p.values.Get(name)
}

func (p *params) text(name, what string) string { return p.get(name, what, stringSchema()) }

// number reads a whole number; standard stands for none.
func (p *params) number(name, what string, standard, least, most int) int {
	value := p.get(name, what, rangeSchema("integer", float64(least), float64(most)))
	if value == "" {
		return standard
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		p.wrong.add(name, codeValue, "must be a whole number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most))
	}
	return n
}

// moment reads a time, and gives milliseconds since 1970; 0 for none.
func (p *params) moment(name, what string) int64 {
	value := p.get(name, what+": milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z", stringSchema())
	if ms, err := strconv.ParseInt(value, 10, 64); err == nil && ms >= 0 || value == "" {
		return ms
	}
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		p.wrong.add(name, codeValue, "must be milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z")
	}
	return t.UnixMilli()
}

// flag reads true or false; false stands for none.
func (p *params) flag(name, what string) bool {
	value := p.get(name, what, typed("boolean"))
	if value != "" && value != "true" && value != "false" {
		p.wrong.add(name, codeValue, "must be true or false")
	}
	return value == "true"
}
