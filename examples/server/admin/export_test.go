package admin

import "encoding/json"

// Describe gives the description of the API.
func (a *API) Describe() []byte {
	text, err := json.Marshal(a.describe())
	if err != nil {
		panic(err)
	}
	return text
}

// CheckTable says what is wrong with the table of operations.
func (a *API) CheckTable() []error {
	var wrong []error
	table := a.operations()
	for i := range table {
		if err := table[i].valid(); err != nil {
			wrong = append(wrong, err)
		}
	}
	return wrong
}
