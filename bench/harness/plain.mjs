// What definitions cost on one thread beside a plain read of their columns (peers/bench_definitions.c):
//
//   node bench/harness/plain.mjs BUILD DIR [--cold] [ID...]
//
// BUILD is a folder of cmake's, DIR a data directory that holds the shop; without IDs all are asked.
import { spawnSync } from 'node:child_process';
import { readDefinitions } from './settings.mjs';

const [build, dir, ...rest] = process.argv.slice(2);
const flags = rest.filter((word) => word === '--cold');
const ids = rest.filter((word) => word !== '--cold');
if (dir === undefined) {
  console.error('usage: plain.mjs BUILD DIR [--cold] [ID...]');
  process.exit(2);
}
console.log('definition                  asked, us  read, us  ratio');
for (const definition of readDefinitions(ids.length > 0 ? ids : undefined)) {
  const text = definition.gyeol.trim().replace(/\s+/g, ' ');
  const run = spawnSync(`${build}/bench/peers/bench_definitions`, [...flags, dir, definition.as_of, text], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  console.log(definition.id.padEnd(26), run.stdout.split('\n')[1].slice(0, 26));
}
