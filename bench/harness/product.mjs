// gyeol: imported by the program itself, asked through peers/shop_ask.c.
import path from 'node:path';
import { folderBytes } from './disk.mjs';
import { LineProcess, anonymousBytes, runProgram } from './line_process.mjs';

const POLL_MS = 2;

export class Product {
  /** `source` is what it is loaded from: "csv", or "calls" with a messageId each. */
  constructor(settings, source) {
    this.settings = settings;
    this.source = source;
    this.key = source === 'csv' ? 'gyeol' : `gyeol_${source}`;
    this.name = 'gyeol';
    this.folder = path.join(settings.work, `gyeol-${source}`);
  }

  gyeol(...args) {
    return runProgram(path.join(this.settings.build, 'gyeol'), ['--data', this.folder, ...args],
      { stdio: ['ignore', 'pipe', 'ignore'] });
  }

  importTable(file, as, map) {
    return this.gyeol('import', file, '--as', as, '--map', map, '--time-zone', 'UTC');
  }

  async load(shop) {
    await this.gyeol('init', '--time-zone', 'Asia/Seoul', '--currency', 'KRW');
    const steps = [];
    if (this.source === 'csv') {
      const customers = await this.importTable(`${shop}/customers.csv`, 'customers', 'customer_id=customer');
      const events = await this.importTable(`${shop}/products/events.csv`, 'events',
        'customer_id=customer,event=event,time=t');
      steps.push({ step: 'import customers, CSV', ...customers }, { step: 'import events, CSV', ...events });
    } else {
      steps.push({ step: 'import calls, JSON Lines', ...await this.gyeol('import', `${shop}/calls.jsonl`) });
    }
    steps.at(-1).bytes = folderBytes(this.folder);
    return steps.map(({ step, seconds, peak, bytes }) => ({ step, seconds, peak, bytes }));
  }

  async open() {
    const program = path.join(this.settings.build, 'bench', 'peers', 'shop_ask');
    const start = performance.now();
    this.process = await LineProcess.start(program, [this.folder, String(this.settings.threads)]);
    this.openMs = performance.now() - start;
    this.version = (await runProgram(path.join(this.settings.build, 'gyeol'), ['--version'])).output.trim();
  }

  async ask(definition) {
    const { value, us } = await this.process.ask('count', definition.as_of, definition.gyeol);
    return { answer: Number(value), us };
  }

  async askNothing() {
    return (await this.process.ask('count', '2025-12-31T00:00:00Z', 'everyone')).us;
  }

  /** The plain read of what a definition names: { bytes, us }. */
  async read(definition) {
    const { value, us } = await this.process.ask('read', definition.as_of, definition.gyeol);
    return { bytes: Number(value), us };
  }

  /** On how many customers the kernels and the row-at-a-time evaluator do not agree. */
  async differ(definition) {
    return Number((await this.process.ask('differ', definition.as_of, definition.gyeol)).value);
  }

  /** How many members, and a hash of their ids. */
  async members(definition) {
    return (await this.process.ask('members', definition.as_of, definition.gyeol)).value;
  }

  async explain(definition) {
    return (await this.gyeol('explain', '--as-of', definition.as_of, definition.gyeol)).output;
  }

  /** The most memory beyond mapped files while `definitions` are asked, in bytes. */
  async evaluationMemory(definitions) {
    let most = 0;
    const poll = setInterval(() => { most = Math.max(most, anonymousBytes(this.process.pid)); }, POLL_MS);
    for (const definition of definitions) await this.ask(definition);
    clearInterval(poll);
    return most;
  }

  /** The program from its start to the first number, in seconds. */
  async firstCount(definition) {
    return (await this.gyeol('count', '--as-of', definition.as_of, definition.gyeol)).seconds;
  }

  async close() {
    await this.process.stop();
  }
}
