// Reads questions, one JSON object per line, asks each with the SDK that it
// names, and writes what the SDK made of the answer, one JSON object per line.
import { createInterface } from 'node:readline';
import { official } from './official.mjs';
import { ai } from './ai.mjs';

const sdks = { ...official, ...ai };

// failure is what an SDK throws, in few words.
function failure(error) {
  const status = error.status ?? error.statusCode ?? error.code;
  return { problem: String(error.message ?? error), kind: error.constructor.name, status: Number(status) || -1 };
}

async function answer(q) {
  try {
    return await sdks[q.sdk](q);
  } catch (error) {
    return failure(error);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const reading = await answer(JSON.parse(line));
  process.stdout.write(JSON.stringify(reading) + '\n');
}
