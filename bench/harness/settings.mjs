// What one run measures, where it works, and the few facts about the shop that everything needs.
import { mkdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import YAML from 'yaml';

export const BENCH = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const SEED = 20251231;
export const CUSTOMERS_PER_EVENT = 1 / 50;
const UNITS = { k: 1e3, M: 1e6 };

export const usage = `usage: node bench/harness/run.mjs --build DIR [--size 10M] [--threads 2,1] [--only ID,…] [--keep] [--shop DIR]
  --build DIR    a release build
  --size N       events, like 500k or 10M
  --threads N,…  of every engine; with more than one number everything is asked once for each
  --only ID,…    only these definitions; nothing is recorded
  --keep         leaves the data behind in DIR/bench/SIZE
  --shop DIR     the shop's files, which stay; they are made there if the folder is not there yet`;

/** @returns what `argv` asks for; throws where it is wrong. */
export function readSettings(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      build: { type: 'string' },
      size: { type: 'string', default: '10M' },
      threads: { type: 'string', default: '2' },
      only: { type: 'string' },
      keep: { type: 'boolean', default: false },
      shop: { type: 'string' },
    },
  });
  const [, count, unit] = /^([1-9][0-9]*)([kM])$/.exec(values.size) ?? [];
  if (!values.build || !count || !/^[1-9][0-9]*(,[1-9][0-9]*)*$/.test(values.threads)) throw new Error(usage);
  const threads = values.threads.split(',').map(Number);
  const build = path.resolve(values.build);
  const work = path.join(build, 'bench', values.size);
  mkdirSync(work, { recursive: true });
  return {
    build,
    work,
    size: values.size,
    events: Number(count) * UNITS[unit],
    threads: Math.max(...threads), // those in use; at first for loading
    threadCounts: threads,
    keep: values.keep,
    shop: path.resolve(values.shop ?? path.join(work, 'shop')),
    keepsShop: values.keep || values.shop !== undefined,
    only: values.only?.split(','),
  };
}

/** The definitions, in the order of the file, or those of them that are asked for. */
export function readDefinitions(only) {
  const all = YAML.parse(readFileSync(path.join(BENCH, 'definitions.yaml'), 'utf8'));
  const unknown = only?.find((id) => !all.some((definition) => definition.id === id));
  if (unknown) throw new Error(`there is no definition "${unknown}"`);
  return only ? all.filter((definition) => only.includes(definition.id)) : all;
}

/** The machine, as the results say it. */
export function describeMachine() {
  const [cpu] = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${os.cpus().length} × ${cpu.model.trim()}, ${memory} GB, Linux ${os.release()}`;
}
