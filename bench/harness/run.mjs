// Runs the benchmark once and writes its results: see README.md. Ends with 1 where an answer is wrong.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ClickHouse } from './clickhouse.mjs';
import { ClickHouse18 } from './clickhouse_18.mjs';
import { DuckDb } from './duckdb.mjs';
import { runProgram } from './line_process.mjs';
import { measureDefinition, measureRead, onlyCountsAndSums, spreadOf } from './measure.mjs';
import { Product } from './product.mjs';
import { compareWithReference } from './reference.mjs';
import { writeReport } from './report.mjs';
import { BENCH, CUSTOMERS_PER_EVENT, SEED, describeMachine, readDefinitions, readSettings } from './settings.mjs';
import { shareFaults } from './shares.mjs';

const RECORDED_FROM = 1e6; // smaller sizes measure how fast a question is parsed
const COMPARED_UP_TO = 1e6; // members one by one, row by row
const FIRST_COUNTS = 5;
const MADE = 'made.json';

const isRecorded = (settings) => settings.events >= RECORDED_FROM && !settings.only;
const resultsFolder = (settings) => (isRecorded(settings) ? path.join(BENCH, 'results') : path.join(settings.build, 'bench'));
const say = (text) => process.stderr.write(`${text}\n`);

// ---- the shop

/** Makes the files in settings.shop; the last one says what was made. */
async function makeFiles(settings) {
  const make = path.join(settings.build, 'bench', 'shop', 'shop_make');
  const folder = settings.shop;
  const options = ['--events', settings.size, '--seed', String(SEED)];
  const { output, seconds } = await runProgram(make, [...options, folder]);
  await runProgram(make, [...options, '--products', '--only', 'events', path.join(folder, 'products')]);
  const made = { size: settings.size, seed: SEED, nEvents: Number(output.split(' ')[0]), seconds };
  writeFileSync(path.join(folder, MADE), JSON.stringify(made));
}

/** What there is to load, made now or before; with the SHA-256 of the files. */
async function readyShop(settings) {
  const folder = settings.shop;
  if (!existsSync(folder)) await makeFiles(settings);
  const made = JSON.parse(readFileSync(path.join(folder, MADE), 'utf8'));
  if (made.size !== settings.size || made.seed !== SEED) {
    throw new Error(`${folder} holds a shop of ${made.size} events and seed ${made.seed}`);
  }
  const { output: sums } = await runProgram('sh', ['-c', 'cd "$0" && sha256sum *.csv *.jsonl', folder]);
  say(`shop: ${made.nEvents} events\n${sums}`);
  const digests = Object.fromEntries(sums.trim().split('\n').map((line) => line.split(/\s+/).reverse()));
  return { folder, nEvents: made.nEvents, seconds: made.seconds, digests };
}

// ---- loading, one engine after the other

async function loadAll(engines, shop) {
  const rows = [];
  for (const engine of engines) {
    for (const step of await engine.load(shop.folder)) {
      say(`${engine.name}: ${step.step}, ${step.seconds.toFixed(2)} s, peak ${(step.peak / 2 ** 20).toFixed(0)} MB`);
      rows.push({ engine: engine.key, name: engine.name, ...step });
    }
  }
  return rows;
}

// ---- asking

async function askAll(definitions, engines, settings, nEvents) {
  const rows = [];
  const nCustomers = Math.round(settings.events * CUSTOMERS_PER_EVENT);
  for (const definition of definitions) {
    const row = await measureDefinition(definition, engines, nCustomers);
    if (row.faults.length === 0) row.faults = shareFaults(row.id, row.answer, nCustomers, nEvents);
    const times = engines.map((engine) => ((row.engines[engine.key]?.median ?? NaN) / 1000).toFixed(2));
    say(`${row.id}: ${row.answer} (${((100 * row.answer) / nCustomers).toFixed(2)} %), ${times.join(' ')} ms`);
    row.faults.forEach((fault) => say(`  WRONG: ${fault}`));
    rows.push(row);
  }
  return rows;
}

/** What only the product is asked: the plain read, its other way of evaluating, and its store of calls. */
async function askProduct(definitions, rows, product, calls, settings) {
  for (const [i, definition] of definitions.entries()) {
    const row = rows[i];
    const read = await measureRead(definition, product);
    row.bytes = read.bytes;
    if (onlyCountsAndSums(definition.gyeol)) row.read = read;
    const { answer } = await calls.ask(definition);
    if (answer !== row.answer) row.faults.push(`${answer} where the data was loaded as calls`);
    const nDifferent = settings.events <= COMPARED_UP_TO ? await product.differ(definition) : 0;
    if (nDifferent > 0) row.faults.push(`${nDifferent} members differ when they are evaluated row by row`);
  }
}

/** Parsing and asking, without an answer to look for: what a way of asking costs. */
async function askNothing(engines) {
  const out = {};
  for (const engine of engines) out[engine.key] = await engine.askNothing();
  return out;
}

async function keepPlans(definitions, engines, settings) {
  const folder = path.join(resultsFolder(settings), 'plans', settings.size);
  mkdirSync(folder, { recursive: true });
  for (const definition of definitions) {
    let text = '';
    for (const engine of engines) {
      const plan = await engine.explain(definition);
      if (plan) text += `==== ${engine.name}\n${plan}\n\n`;
    }
    writeFileSync(path.join(folder, `${definition.id}.txt`), text);
  }
}

async function firstCounts(product, definition) {
  const times = [];
  for (let run = 0; run < FIRST_COUNTS; run += 1) times.push(await product.firstCount(definition));
  return spreadOf(times);
}

// ---- all

/** Everything that is asked with settings.threads threads. */
async function measureQueries(settings, definitions, { product, calls, engines }, nEvents) {
  const everyone = [...engines, calls];
  const machineLoad = os.loadavg()[0].toFixed(1);
  for (const engine of everyone) await engine.open();
  try {
    const rows = await askAll(definitions, engines, settings, nEvents);
    await askProduct(definitions, rows, product, calls, settings);
    const result = {
      rows, machineLoad, nothing: await askNothing(engines), openMs: product.openMs,
      engines: engines.map(({ key, name, version }) => ({ key, name, version })),
      memory: await product.evaluationMemory(definitions),
      firstCount: await firstCounts(product, definitions[0]),
    };
    if (settings.threads === settings.threadCounts[0]) await keepPlans(definitions, engines, settings);
    return result;
  } finally {
    for (const engine of everyone) await engine.close();
  }
}

async function measure(settings, definitions) {
  const product = new Product(settings, 'csv');
  const calls = new Product(settings, 'calls');
  const engines = [product, new DuckDb(settings, 'arrival'), new DuckDb(settings, 'sorted'),
    new ClickHouse18(settings), new ClickHouse(settings)];
  const shop = await readyShop(settings);
  const loads = await loadAll([...engines, calls], shop);
  const faults = await compareWithReference(definitions, calls, shop, settings, say);
  if (!settings.keepsShop) rmSync(shop.folder, { recursive: true });
  const { output: commit } = await runProgram('git', ['-C', BENCH, 'rev-parse', '--short', 'HEAD']);
  const results = [];
  for (const threads of settings.threadCounts) {
    settings.threads = threads;
    results.push({
      size: settings.size, threads, events: shop.nEvents, customers: Math.round(settings.events * CUSTOMERS_PER_EVENT),
      date: new Date().toISOString().slice(0, 10), commit: commit.trim(), machine: describeMachine(),
      node: process.version,
      shop: { nEvents: shop.nEvents, seconds: shop.seconds, digests: shop.digests }, // not where it was
      loads: results.length === 0 ? loads : [],
      ...await measureQueries(settings, definitions, { product, calls, engines }, shop.nEvents),
    });
  }
  for (const row of results[0].rows) row.faults.push(...(faults[row.id] ? [faults[row.id]] : []));
  return results;
}

function record(results, settings) {
  const folder = resultsFolder(settings);
  for (const result of results) {
    writeFileSync(path.join(folder, `${result.size}-${result.threads}.json`), `${JSON.stringify(result, null, 1)}\n`);
  }
  if (isRecorded(settings)) writeReport();
}

// Engines that read lines end with us; the server is ended on "exit", which a signal alone would not reach.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const settings = readSettings(process.argv.slice(2));
const definitions = readDefinitions(settings.only);
rmSync(settings.work, { recursive: true });
mkdirSync(settings.work, { recursive: true });
const results = await measure(settings, definitions);
record(results, settings);
if (!settings.keep) rmSync(settings.work, { recursive: true });
const wrong = results.flatMap(({ rows }) => rows).filter((row) => row.faults.length > 0);
say(wrong.length > 0 ? `wrong: ${wrong.map((row) => row.id).join(', ')}` : 'all answers are equal');
process.exitCode = wrong.length > 0 ? 1 : 0;
