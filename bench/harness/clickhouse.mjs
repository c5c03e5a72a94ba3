// The current ClickHouse, in a process that opens npm's library (peers/shop_clickhouse.c).
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { LineProcess, peakBytes } from './line_process.mjs';
import { CLICKHOUSE_CUSTOMERS, TABLES, clickhouseSchema } from './schema.mjs';

const library = createRequire(import.meta.url).resolve('@chdb/lib-linux-x64-gnu/libchdb.so');

/** The steps of loading that both ClickHouses share; `insert` gives the statement that loads a file. */
export async function loadClickhouse(engine, is18, insert) {
  for (const statement of clickhouseSchema(is18)) await engine.run(statement);
  const start = performance.now();
  for (const table of ['events', 'items', 'customers_file']) await insert(table);
  await engine.run(CLICKHOUSE_CUSTOMERS);
  const loaded = performance.now();
  for (const table of TABLES) await engine.run(`OPTIMIZE TABLE ${table} FINAL`);
  const merged = performance.now();
  await engine.run('DROP TABLE customers_file');
  if (await engine.run('SELECT count() FROM system.merges') !== '0') throw new Error(`${engine.name} still merges`);
  return { load: (loaded - start) / 1000, merge: (merged - loaded) / 1000 };
}

/** What the live parts take on disk: those that were merged away stay for a while. */
export async function clickhouseBytes(engine) {
  return Number(await engine.run("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'default'"));
}

export class ClickHouse {
  key = 'clickhouse';
  name = 'ClickHouse current';

  constructor(settings) {
    this.settings = settings;
    this.folder = path.join(settings.work, 'clickhouse');
  }

  async open() {
    mkdirSync(this.folder, { recursive: true });
    const program = path.join(this.settings.build, 'bench', 'peers', 'shop_clickhouse');
    this.process = await LineProcess.start(program, [library, this.folder, String(this.settings.threads)]);
    this.version = await this.run('SELECT version()');
  }

  async run(statement) {
    return (await this.process.ask('run', statement)).value;
  }

  async load(shop) {
    await this.open();
    const insert = (table) => this.run(
      `INSERT INTO ${table} SELECT * FROM file('${shop}/${table.replace('_file', '')}.csv', 'CSVWithNames')`);
    const { load, merge } = await loadClickhouse(this, false, insert);
    const peak = peakBytes(this.process.pid);
    const bytes = await clickhouseBytes(this);
    await this.close();
    return [{ step: 'load', seconds: load, peak }, { step: 'merge into one part', seconds: merge, peak, bytes }];
  }

  async ask(definition) {
    const { value, us } = await this.process.ask('ask', definition.clickhouse);
    return { answer: Number(value), us };
  }

  async askNothing() {
    return (await this.process.ask('ask', 'SELECT 1')).us;
  }

  async explain(definition) {
    return this.run(`EXPLAIN indexes = 1 ${definition.clickhouse}`);
  }

  async close() {
    await this.process.stop();
  }
}
