// The official SDKs of the providers.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { GoogleGenAI } from '@google/genai';
import { pixel, result, schema, stop, tools } from './question.mjs';

const quiet = { apiKey: 'the-callers', maxRetries: 0 };

async function anthropic(q) {
  const client = new Anthropic({ ...quiet, baseURL: q.url });
  const content = [{ type: 'text', text: q.text }];
  if (q.image) content.push({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } });
  const params = { model: q.model, max_tokens: 4000, messages: [{ role: 'user', content }] };
  if (q.system) params.system = q.system;
  if (q.tools) params.tools = tools.map((t) => ({ name: t.name, description: t.description, input_schema: t.schema }));
  if (q.format) params.output_config = { format: { type: 'json_schema', schema } };
  if (q.thinking) params.thinking = { type: 'enabled', budget_tokens: 2000 };
  const ask = () => (q.stream ? client.messages.stream(params).finalMessage() : client.messages.create(params));
  let message = await ask();
  if (q.echo) {
    const results = message.content.filter((b) => b.type === 'tool_use')
      .map((b) => ({ type: 'tool_result', tool_use_id: b.id, content: result(b.name) }));
    params.messages.push({ role: 'assistant', content: message.content }, { role: 'user', content: results });
    message = await ask();
  }
  const of = (type, member) => message.content.filter((b) => b.type === type).map((b) => b[member]).join('');
  return {
    text: of('text', 'text'), reasoning: of('thinking', 'thinking'),
    calls: message.content.filter((b) => b.type === 'tool_use').map((b) => ({ id: b.id, name: b.name, args: JSON.stringify(b.input) })),
    stop: stop(message.stop_reason),
    in: message.usage.input_tokens, cached: message.usage.cache_read_input_tokens ?? 0, out: message.usage.output_tokens,
  };
}

async function chat(q) {
  const client = new OpenAI({ ...quiet, baseURL: q.url + '/v1' });
  const content = [{ type: 'text', text: q.text }];
  if (q.image) content.push({ type: 'image_url', image_url: { url: 'data:image/png;base64,' + pixel } });
  const params = { model: q.model, messages: [{ role: 'user', content }] };
  if (q.system) params.messages.unshift({ role: 'system', content: q.system });
  if (q.tools) params.tools = tools.map((t) => ({ type: 'function', function: { name: t.name, description: t.description, parameters: t.schema } }));
  if (q.format) params.response_format = { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } };
  if (q.thinking) params.reasoning_effort = 'low';
  if (q.stream) params.stream_options = { include_usage: true };
  const ask = () => (q.stream ? client.chat.completions.stream(params).finalChatCompletion() : client.chat.completions.create(params));
  let completion = await ask();
  if (q.echo) {
    const message = completion.choices[0].message;
    params.messages.push(message, ...(message.tool_calls ?? []).map((c) => ({ role: 'tool', tool_call_id: c.id, content: result(c.function.name) })));
    completion = await ask();
  }
  const { message, finish_reason } = completion.choices[0];
  const cached = completion.usage?.prompt_tokens_details?.cached_tokens ?? 0;
  return {
    text: (message.content ?? '') + (message.refusal ?? ''), reasoning: message.reasoning_content ?? '',
    calls: (message.tool_calls ?? []).map((c) => ({ id: c.id, name: c.function.name, args: c.function.arguments })),
    stop: message.refusal ? 'refusal' : stop(finish_reason),
    in: (completion.usage?.prompt_tokens ?? 0) - cached, cached, out: completion.usage?.completion_tokens ?? 0,
  };
}

async function responses(q) {
  const client = new OpenAI({ ...quiet, baseURL: q.url + '/v1' });
  const content = [{ type: 'input_text', text: q.text }];
  if (q.image) content.push({ type: 'input_image', detail: 'auto', image_url: 'data:image/png;base64,' + pixel });
  const params = { model: q.model, input: [{ role: 'user', content }], store: false, include: ['reasoning.encrypted_content'] };
  if (q.system) params.instructions = q.system;
  if (q.tools) params.tools = tools.map((t) => ({ type: 'function', name: t.name, description: t.description, parameters: t.schema, strict: false }));
  if (q.format) params.text = { format: { type: 'json_schema', name: 'place', schema, strict: true } };
  if (q.thinking) params.reasoning = { effort: 'low', summary: 'auto' };
  const ask = () => (q.stream ? client.responses.stream(params).finalResponse() : client.responses.create(params));
  let response = await ask();
  if (q.echo) {
    const calls = response.output.filter((i) => i.type === 'function_call');
    params.input.push(...response.output, ...calls.map((c) => ({ type: 'function_call_output', call_id: c.call_id, output: result(c.name) })));
    response = await ask();
  }
  const calls = response.output.filter((i) => i.type === 'function_call').map((c) => ({ id: c.call_id, name: c.name, args: c.arguments }));
  const refusal = response.output.flatMap((i) => i.content ?? []).filter((c) => c.type === 'refusal').map((c) => c.refusal).join('');
  const cached = response.usage?.input_tokens_details?.cached_tokens ?? 0;
  let end = stop(response.incomplete_details?.reason ?? response.status);
  if (end === 'end' && calls.length > 0) end = 'tool';
  return {
    text: response.output_text + refusal, calls, stop: refusal ? 'refusal' : end,
    reasoning: response.output.filter((i) => i.type === 'reasoning').flatMap((i) => i.summary).map((s) => s.text).join(''),
    in: (response.usage?.input_tokens ?? 0) - cached, cached, out: response.usage?.output_tokens ?? 0,
  };
}

async function genai(q) {
  const client = new GoogleGenAI({ apiKey: 'the-callers', httpOptions: { baseUrl: q.url } });
  const parts = [{ text: q.text }];
  if (q.image) parts.push({ inlineData: { mimeType: 'image/png', data: pixel } });
  const config = {};
  if (q.system) config.systemInstruction = q.system;
  if (q.tools) config.tools = [{ functionDeclarations: tools.map((t) => ({ name: t.name, description: t.description, parametersJsonSchema: t.schema })) }];
  if (q.format) Object.assign(config, { responseMimeType: 'application/json', responseJsonSchema: schema });
  if (q.thinking) config.thinkingConfig = { thinkingBudget: 2000, includeThoughts: true };
  const contents = [{ role: 'user', parts }];
  const ask = async () => {
    const params = { model: q.model, contents, config };
    if (!q.stream) return client.models.generateContent(params);
    const whole = { candidates: [{ content: { role: 'model', parts: [] } }] };
    for await (const chunk of await client.models.generateContentStream(params)) {
      const candidate = chunk.candidates?.[0];
      whole.candidates[0].content.parts.push(...(candidate?.content?.parts ?? []));
      whole.candidates[0].finishReason = candidate?.finishReason ?? whole.candidates[0].finishReason;
      whole.usageMetadata = chunk.usageMetadata ?? whole.usageMetadata;
    }
    if (!whole.candidates[0].finishReason) throw new Error('the stream ended without a finish reason');
    return whole;
  };
  let response = await ask();
  if (q.echo) {
    const content = response.candidates[0].content;
    content.parts = content.parts.filter((p) => p.text !== '' || p.thoughtSignature); // which the API refuses
    const results = content.parts.filter((p) => p.functionCall)
      .map((p) => ({ functionResponse: { id: p.functionCall.id, name: p.functionCall.name, response: { output: result(p.functionCall.name) } } }));
    contents.push(content, { role: 'user', parts: results });
    response = await ask();
  }
  const candidate = response.candidates?.[0] ?? {};
  const all = candidate.content?.parts ?? [];
  const calls = all.filter((p) => p.functionCall)
    .map((p) => ({ id: p.functionCall.id ?? '', name: p.functionCall.name, args: JSON.stringify(p.functionCall.args ?? {}) }));
  const usage = response.usageMetadata ?? {};
  const cached = usage.cachedContentTokenCount ?? 0;
  let end = stop(candidate.finishReason);
  if (end === 'end' && calls.length > 0) end = 'tool';
  return {
    text: all.filter((p) => !p.thought).map((p) => p.text ?? '').join(''),
    reasoning: all.filter((p) => p.thought).map((p) => p.text ?? '').join(''),
    calls, stop: end, in: (usage.promptTokenCount ?? 0) - cached, cached,
    out: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
  };
}

export const official = { anthropic, chat, responses, genai };
