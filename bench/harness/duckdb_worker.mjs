// DuckDB in process, asked by lines (peers/answer_lines.h): duckdb_worker.mjs FILE THREADS
//
//   ask STATEMENT    its one number; may be run more than once
//   run STATEMENT    its result, a line a row, once
import readline from 'node:readline';
import { DuckDBInstance } from '@duckdb/node-api';
import { timeRuns } from './repeat.mjs';

const [file, threads] = process.argv.slice(2);
const instance = await DuckDBInstance.create(file, { threads });
const connection = await instance.connect();

async function run(statement) {
  const reader = await connection.runAndReadAll(statement);
  return reader.getRows().map((row) => row.join(' ')).join('\n');
}

async function answer(line) {
  const [verb, statement] = line.split('\t');
  try {
    const { value, us } = await timeRuns(() => run(statement), verb === 'ask');
    return `ok\t${value.replaceAll('\n', '\\n').replaceAll('\t', ' ')}\t${us.toFixed(1)}`;
  } catch (error) {
    return `error\t${String(error.message).replaceAll('\n', ' ')}`;
  }
}

process.stdout.write('ready\t0\n');
for await (const line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(`${await answer(line)}\n`);
}
connection.closeSync();
instance.closeSync();
