// The providers of the AI SDK, below its own helpers: what they make of the
// wire and nothing else.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { pixel, result, schema, stop, tools } from './question.mjs';

const key = { apiKey: 'the-callers' };
const models = {
  'ai:anthropic': (q) => createAnthropic({ ...key, baseURL: q.url + '/v1' })(q.model),
  'ai:chat': (q) => createOpenAI({ ...key, baseURL: q.url + '/v1' }).chat(q.model),
  'ai:responses': (q) => createOpenAI({ ...key, baseURL: q.url + '/v1' }).responses(q.model),
  'ai:gemini': (q) => createGoogleGenerativeAI({ ...key, baseURL: q.url + '/v1beta' })(q.model),
};

function options(q) {
  const content = [{ type: 'text', text: q.text }];
  if (q.image) content.push({ type: 'file', mediaType: 'image/png', data: pixel });
  const o = { prompt: [{ role: 'user', content }] };
  if (q.system) o.prompt.unshift({ role: 'system', content: q.system });
  if (q.tools) o.tools = tools.map((t) => ({ type: 'function', name: t.name, description: t.description, inputSchema: t.schema }));
  if (q.format) o.responseFormat = { type: 'json', name: 'place', schema };
  if (q.thinking) {
    o.providerOptions = {
      anthropic: { thinking: { type: 'enabled', budgetTokens: 2000 } }, openai: { reasoningEffort: 'low', reasoningSummary: 'auto', store: false },
      google: { thinkingConfig: { thinkingBudget: 2000, includeThoughts: true } },
    };
  } else {
    o.providerOptions = { openai: { store: false } };
  }
  return o;
}

// collect puts the parts of a stream together.
async function collect(stream) {
  const whole = { content: [] };
  const open = new Map();
  let done = false;
  for await (const part of stream) {
    switch (part.type) {
      case 'text-start': case 'reasoning-start': {
        const block = { type: part.type.replace('-start', ''), text: '', providerMetadata: part.providerMetadata };
        open.set(block.type + part.id, block);
        whole.content.push(block);
        break;
      }
      case 'text-delta': case 'reasoning-delta': case 'text-end': case 'reasoning-end': {
        const block = open.get(part.type.split('-')[0] + part.id);
        block.text += part.delta ?? '';
        block.providerMetadata = part.providerMetadata ?? block.providerMetadata;
        break;
      }
      case 'tool-call': whole.content.push(part); break;
      case 'finish': done = true; whole.finishReason = part.finishReason; whole.usage = part.usage; break;
      case 'error': throw part.error instanceof Error ? part.error : Object.assign(new Error(JSON.stringify(part.error)), { status: part.error?.status });
    }
  }
  if (!done) throw new Error('the stream ended without a finish');
  return whole;
}

const ask = async (model, q, o) => (q.stream ? collect((await model.doStream(o)).stream) : model.doGenerate(o));

// echo is the answer as the history of the next call, and the tools' results.
function echo(content) {
  const said = content.filter((p) => ['text', 'reasoning', 'tool-call'].includes(p.type)).map((p) => (p.type === 'tool-call'
    ? { type: 'tool-call', toolCallId: p.toolCallId, toolName: p.toolName, input: JSON.parse(p.input), providerOptions: p.providerMetadata }
    : { type: p.type, text: p.text, providerOptions: p.providerMetadata }));
  const results = content.filter((p) => p.type === 'tool-call')
    .map((p) => ({ type: 'tool-result', toolCallId: p.toolCallId, toolName: p.toolName, output: { type: 'text', value: result(p.toolName) } }));
  return [{ role: 'assistant', content: said }, { role: 'tool', content: results }];
}

async function read(q) {
  const model = models[q.sdk](q);
  const o = options(q);
  let answer = await ask(model, q, o);
  if (q.echo) {
    o.prompt.push(...echo(answer.content));
    answer = await ask(model, q, o);
  }
  const of = (type) => answer.content.filter((p) => p.type === type).map((p) => p.text).join('');
  const usage = answer.usage;
  const cached = usage?.inputTokens?.cacheRead ?? 0;
  const write = usage?.inputTokens?.cacheWrite ?? 0;
  return {
    text: of('text'), reasoning: of('reasoning'),
    calls: answer.content.filter((p) => p.type === 'tool-call' && !p.providerExecuted).map((p) => ({ id: p.toolCallId, name: p.toolName, args: p.input || '{}' })),
    stop: stop(answer.finishReason?.unified), in: (usage?.inputTokens?.total ?? 0) - cached - write, cached, write, out: usage?.outputTokens?.total ?? 0,
  };
}

export const ai = Object.fromEntries(Object.keys(models).map((name) => [name, read]));
