package admin

// The parts of a description in OpenAPI 3.1.
type (
	document struct {
		OpenAPI    string                           `json:"openapi"`
		Info       documentInfo                     `json:"info"`
		Servers    []documentServer                 `json:"servers"`
		Tags       []documentTag                    `json:"tags"`
		Paths      map[string]map[string]*described `json:"paths"`
		Components components                       `json:"components"`
	}
	documentInfo struct {
		Title       string `json:"title"`
		Description string `json:"description"`
		Version     string `json:"version"`
	}
	documentServer struct {
		URL string `json:"url"`
	}
	documentTag struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	}
	// A described operation.
	described struct {
		OperationID string                 `json:"operationId"`
		Tags        []string               `json:"tags"`
		Summary     string                 `json:"summary"`
		Security    []map[string][]string  `json:"security"`
		Parameters  []parameter            `json:"parameters,omitempty"`
		RequestBody *content               `json:"requestBody,omitempty"`
		Responses   map[string]*documented `json:"responses"`
	}
	content struct {
		Description string           `json:"description,omitempty"`
		Required    bool             `json:"required,omitempty"`
		Content     map[string]media `json:"content"`
	}
	media struct {
		Schema *schema `json:"schema"`
	}
	// A documented answer, or a reference to one.
	documented struct {
		Ref         string            `json:"$ref,omitempty"`
		Description string            `json:"description,omitempty"`
		Headers     map[string]header `json:"headers,omitempty"`
		Content     map[string]media  `json:"content,omitempty"`
	}
	header struct {
		Description string  `json:"description,omitempty"`
		Schema      *schema `json:"schema"`
	}
	components struct {
		Schemas         map[string]*schema        `json:"schemas"`
		Responses       map[string]*documented    `json:"responses"`
		SecuritySchemes map[string]securityScheme `json:"securitySchemes"`
	}
	securityScheme struct {
		Type        string `json:"type"`
		Scheme      string `json:"scheme,omitempty"`
		Name        string `json:"name,omitempty"`
		In          string `json:"in,omitempty"`
		Description string `json:"description"`
	}
)

const mediaJSON = "application/json"
