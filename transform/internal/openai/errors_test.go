package openai

import (
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

func TestErrorTellsTypeCodeAndParam(t *testing.T) {
	for _, c := range []struct {
		in   conv.Error
		want string
	}{
		{conv.Error{Status: 400, Param: "model"}, `"type":"invalid_request_error","param":"model","code":null`},
		{conv.Error{Status: 401}, `"type":"invalid_request_error","param":null,"code":"invalid_api_key"`},
		{conv.Error{Status: 402, Code: "1113"}, `"type":"insufficient_quota","param":null,"code":"insufficient_quota"`},
		{conv.Error{Status: 404}, `"type":"invalid_request_error","param":null,"code":"model_not_found"`},
		{conv.Error{Status: 429, Code: "insufficient_quota"}, `"type":"insufficient_quota","param":null,"code":"insufficient_quota"`},
		{conv.Error{Status: 429, Code: "429", Type: "RESOURCE_EXHAUSTED"}, `"type":"rate_limit_exceeded","param":null,"code":"rate_limit_exceeded"`},
		{conv.Error{Status: 429, Code: "1302"}, `"type":"rate_limit_exceeded","param":null,"code":"1302"`},
		{conv.Error{Status: 400, Code: "1261"}, `"type":"invalid_request_error","param":null,"code":"context_length_exceeded"`},
		{conv.Error{Status: 400, Code: "1301"}, `"type":"invalid_request_error","param":null,"code":"content_filter"`},
		{conv.Error{Status: 400, Code: "1301", Type: "x"}, `"type":"invalid_request_error","param":null,"code":"1301"`},
		{conv.Error{Status: 529}, `"type":"server_error","param":null,"code":"overloaded"`},
	} {
		c.in.Message = "m"
		if got, want := string(WriteError(nil, &c.in)), `{"error":{"message":"m",`+c.want+`}}`; got != want {
			t.Errorf("%+v:\ngot  %s\nwant %s", c.in, got, want)
		}
	}
}
