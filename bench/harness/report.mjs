// README.md's tables, made of all results that are recorded.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BENCH } from './settings.mjs';
import { scalingSection } from './report_scaling.mjs';
import { count, fixed, table } from './table.mjs';

const BEGIN = '<!-- results: written by the run -->';
const END = '<!-- end of results -->';
const PEERS = ['duckdb_arrival', 'duckdb_sorted', 'clickhouse_18', 'clickhouse'];
const MB = 2 ** 20;

// ---- ratios

const median = (row, key) => row.engines[key]?.median ?? NaN;
const fastest = (row, keys) => Math.min(...keys.map((key) => median(row, key)));

/** What gyeol is compared with: the columns of ratios, each a peer or the faster of some. */
const AGAINST = [
  ['DuckDB arrival', ['duckdb_arrival']],
  ['DuckDB sorted', ['duckdb_sorted']],
  ['ClickHouse', ['clickhouse_18', 'clickhouse']],
  ['the best', PEERS],
];
const ratio = (row, keys) => fastest(row, keys) / median(row, 'gyeol');

export function geometricMean(numbers) {
  return Math.exp(numbers.reduce((sum, n) => sum + Math.log(n), 0) / numbers.length);
}

// ---- sections

function segments(result) {
  const keys = result.engines.map(({ key }) => key);
  const head = ['definition', 'customers', ...result.engines.map(({ name }) => name),
    ...AGAINST.map(([name]) => `× ${name}`), 'bytes read'];
  const rows = result.rows.map((row) => [
    row.id,
    row.faults.length > 0 ? `**${row.faults.join('; ')}**` : count(row.answer),
    ...keys.map((key) => count(median(row, key))),
    ...AGAINST.map(([, peers]) => fixed(ratio(row, peers))),
    count(row.bytes),
  ]);
  const means = AGAINST.map(([, peers]) => `**${fixed(geometricMean(result.rows.map((row) => ratio(row, peers))))}**`);
  rows.push(['geometric mean', '', ...keys.map(() => ''), ...means, '']);
  const lowest = result.rows.reduce((least, row) => (ratio(row, PEERS) < ratio(least, PEERS) ? row : least));
  return `Medians in microseconds, and how many times longer than gyeol the others take:

${table(head, rows, 'lr')}

The lowest ratio against the best of the peers: ${lowest.id}, ${fixed(ratio(lowest, PEERS))}. An empty question takes, in
microseconds: ${result.engines.map(({ key, name }) => `${name} ${count(result.nothing[key])}`).join(', ')}.
`;
}

function spreads(result) {
  const head = ['definition', ...result.engines.map(({ name }) => name)];
  const rows = result.rows.map((row) => [row.id, ...result.engines.map(({ key }) => {
    const time = row.engines[key];
    return time ? `${count(time.low)} to ${count(time.high)}` : '';
  })]);
  return `<details><summary>Lowest and highest of five, in microseconds</summary>

${table(head, rows, 'lr')}

</details>
`;
}

function reads(result) {
  const rows = result.rows.filter((row) => row.read).map((row) => [row.id, count(row.read.bytes),
    count(row.read.median), count(median(row, 'gyeol')), fixed(median(row, 'gyeol') / row.read.median)]);
  return `Definitions that only count and sum, against a plain read of the columns they name (sum of 64-bit words, as many threads):

${table(['definition', 'bytes', 'plain read, µs', 'gyeol, µs', 'gyeol / read'], rows, 'lr')}
`;
}

function loads(result) {
  const digests = Object.entries(result.shop.digests).map(([file, digest]) => `    ${digest}  ${file}`).join('\n');
  const rows = result.loads.map((load) => [load.name, load.step, fixed(load.seconds),
    load.step.includes('customers') ? '' : count(result.events / load.seconds), count(load.peak / MB), load.bytes ? count(load.bytes / MB) : '', load.bytes ? fixed(load.bytes / result.events) : '']);
  return `${table(['engine', 'step', 'seconds', 'events/s', 'peak MB', 'disk MB', 'bytes/event'], rows, 'llr')}

CSV is without messageIds, each of the calls has one of its own. SHA-256 of what was loaded:

${digests}
`;
}

function ownFigures(result) {
  const { median: first, low, high } = result.firstCount;
  return `Opening the store took ${fixed(result.openMs)} ms; \`gyeol count\` from its start to the first number ${fixed(first * 1000)} ms
(${fixed(low * 1000)} to ${fixed(high * 1000)}). While all definitions were asked, gyeol held ${fixed(result.memory / MB)} MB beyond the files it maps.
`;
}

function header(result) {
  const versions = result.engines.map(({ name, version }) => `${name}: ${version.replace(/^gyeol /, '')}`).join(', ');
  return `### ${result.size} events, ${result.threads} thread${result.threads > 1 ? 's' : ''}

${count(result.events)} events of ${count(result.customers)} customers. ${result.date}, commit ${result.commit}, ${result.machine}; Node ${result.node};
${versions}. The load of the machine was ${result.machineLoad} when asking began.
`;
}

function section(result) {
  const parts = [header(result), segments(result), spreads(result), reads(result)];
  if (result.loads.length > 0) parts.push(loads(result), ownFigures(result));
  return parts.join('\n');
}

// ---- all

function readResults() {
  const folder = path.join(BENCH, 'results');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')))
    .sort((a, b) => b.events - a.events || b.threads - a.threads);
}

/** Puts the tables of all recorded results into README.md, between its two marks. */
export function writeReport() {
  const file = path.join(BENCH, 'README.md');
  const text = readFileSync(file, 'utf8');
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${file} has lost its marks "${BEGIN}" and "${END}"`);
  const results = readResults();
  const parts = [...results.map(section), scalingSection(results)].filter(Boolean);
  writeFileSync(file, `${text.slice(0, begin + BEGIN.length)}\n\n${parts.join('\n')}\n${text.slice(end)}`);
}
