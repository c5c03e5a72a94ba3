// DuckDB, in the schema `arrival` (rows as they came) or `sorted`; each in a file and a process of its own.
import { statSync } from 'node:fs';
import path from 'node:path';
import { LineProcess, peakBytes } from './line_process.mjs';
import { ORDERS, TABLES, duckdbSchema } from './schema.mjs';
import { BENCH } from './settings.mjs';

export class DuckDb {
  constructor(settings, schema) {
    this.settings = settings;
    this.schema = schema;
    this.key = `duckdb_${schema}`;
    this.name = `DuckDB ${schema}`;
  }

  get file() {
    return path.join(this.settings.work, `${this.key}.db`);
  }

  async start() {
    const worker = path.join(BENCH, 'harness', 'duckdb_worker.mjs');
    this.process = await LineProcess.start(process.execPath, [worker, this.file, String(this.settings.threads)]);
    this.version = (await this.process.ask('run', 'SELECT version()')).value;
  }

  async runAll(statements) {
    let us = 0;
    for (const statement of statements) us += (await this.process.ask('run', statement)).us;
    return us / 1e6;
  }

  /** Into the tables: from the files, or sorted from those of the schema `arrival`. */
  fill(shop) {
    if (this.schema === 'arrival') {
      return TABLES.map((table) => `COPY ${table} FROM '${shop}/${table}.csv' (HEADER)`);
    }
    const arrival = path.join(this.settings.work, 'duckdb_arrival.db');
    return [
      `ATTACH '${arrival}' AS a (READ_ONLY)`,
      ...TABLES.map((table) => `INSERT INTO ${table} SELECT * FROM a.arrival.${table} ORDER BY ${ORDERS[table]}`),
      'DETACH a',
    ];
  }

  /** Loads, and gives { step, seconds, peak, bytes }. */
  async load(shop) {
    await this.start();
    await this.runAll(duckdbSchema(this.schema));
    const seconds = await this.runAll([...this.fill(shop), 'CHECKPOINT']);
    const peak = peakBytes(this.process.pid);
    await this.process.stop();
    const step = this.schema === 'arrival' ? 'load' : 'sort what was loaded';
    return [{ step, seconds, peak, bytes: statSync(this.file).size }];
  }

  async open() {
    await this.start();
    await this.process.ask('run', `USE ${this.schema}`);
  }

  async ask(definition) {
    const { value, us } = await this.process.ask('ask', definition.duckdb);
    return { answer: Number(value), us };
  }

  async askNothing() {
    return (await this.process.ask('ask', 'SELECT 1')).us;
  }

  async explain(definition) {
    return (await this.process.ask('run', `EXPLAIN ANALYZE ${definition.duckdb}`)).value;
  }

  async close() {
    await this.process.stop();
  }
}
