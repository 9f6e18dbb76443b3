// What the tests ask about, the same for every SDK.
export const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };

export const tools = [
  { name: 'weather', description: 'The weather in a city.', schema: city },
  { name: 'now', description: 'The time.', schema: { type: 'object', properties: {}, additionalProperties: false } },
];

// The form of an answer that a question with "format" wants.
export const schema = city;

// result is what the test's tools tell.
export const result = (name) => (name === 'now' ? 'noon' : 'sunny');

// stop gives the reasons of every SDK one name.
export function stop(reason) {
  switch (reason) {
    case 'end_turn': case 'stop': case 'STOP': case 'completed': return 'end';
    case 'max_tokens': case 'length': case 'MAX_TOKENS': case 'max_output_tokens': return 'length';
    case 'tool_use': case 'tool_calls': case 'tool-calls': return 'tool';
    case 'refusal': case 'content_filter': case 'content-filter': case 'SAFETY': return 'refusal';
  }
  return reason ?? '';
}
