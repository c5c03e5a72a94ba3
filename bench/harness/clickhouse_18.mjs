// ClickHouse 18.16 of Debian 12: a server on loopback, asked over HTTP with one connection that is kept open.
//
// The program is taken out of its package, and nothing is installed but the libraries it needs: the
// package would start a server of the system's own.
import { spawn } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clickhouseBytes, loadClickhouse } from './clickhouse.mjs';
import { peakBytes, runProgram } from './line_process.mjs';
import { timeRuns } from './repeat.mjs';

const PACKAGE = 'clickhouse-server';
const START_MS = 60000;

/** Unpacks the server beside the build, once; the path of the program. */
async function unpack(build) {
  const folder = path.join(build, 'bench', PACKAGE);
  const program = path.join(folder, 'usr', 'sbin', PACKAGE);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  await runProgram('sh', ['-c', 'cd "$0" && apt-get -q download "$1"', folder, PACKAGE]);
  const file = readdirSync(folder).find((name) => name.endsWith('.deb'));
  await runProgram('dpkg-deb', ['-x', path.join(folder, file), folder]);
  return program;
}

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

const configuration = (folder, port) => `<yandex>
  <logger><level>warning</level><log>${folder}/log</log><errorlog>${folder}/errors</errorlog></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${port}</http_port>
  <path>${folder}/data/</path>
  <tmp_path>${folder}/tmp/</tmp_path>
  <users_config>${folder}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <timezone>UTC</timezone>
  <mark_cache_size>5368709120</mark_cache_size>
</yandex>
`;

// No limit on memory, so that nothing spills or fails.
const users = (threads) => `<yandex>
  <profiles><default><max_threads>${threads}</max_threads><max_memory_usage>0</max_memory_usage></default></profiles>
  <users><default>
    <password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
  </default></users>
  <quotas><default></default></quotas>
</yandex>
`;

export class ClickHouse18 {
  key = 'clickhouse_18';
  name = 'ClickHouse 18.16';

  constructor(settings) {
    this.settings = settings;
    this.folder = path.join(settings.work, this.key);
  }

  async open() {
    const program = await unpack(this.settings.build);
    this.port = await freePort();
    for (const name of ['data', 'tmp']) mkdirSync(path.join(this.folder, name), { recursive: true });
    writeFileSync(path.join(this.folder, 'users.xml'), users(this.settings.threads));
    writeFileSync(path.join(this.folder, 'config.xml'), configuration(this.folder, this.port));
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    this.child = spawn(program, [`--config-file=${this.folder}/config.xml`], { stdio: 'ignore' });
    this.ended = new Promise((resolve) => { this.child.on('close', resolve); });
    process.once('exit', () => this.child.kill());
    await this.waitUntilReady();
  }

  async waitUntilReady() {
    for (const start = performance.now(); performance.now() - start < START_MS; await sleep(100)) {
      if (this.child.exitCode !== null) break;
      const version = await this.run('SELECT version()').catch(() => null);
      if (version) {
        this.version = version;
        return;
      }
    }
    throw new Error(`${this.name} did not start: see ${this.folder}/errors`);
  }

  /** One request; `body` is the statement, or what follows it: a stream. */
  request(body, statement = '') {
    return new Promise((resolve, reject) => {
      const query = statement ? `/?query=${encodeURIComponent(statement)}` : '/';
      const options = { host: '127.0.0.1', port: this.port, method: 'POST', path: query, agent: this.agent };
      const request = http.request(options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => { text += chunk; });
        response.on('end', () => {
          if (response.statusCode === 200) resolve(text.trimEnd());
          else reject(new Error(`${this.name}: ${text}`));
        });
      });
      request.on('error', reject);
      if (typeof body === 'string') request.end(body);
      else body.pipe(request);
    });
  }

  run(statement) {
    return this.request(statement);
  }

  async load(shop) {
    await this.open();
    const insert = (table) => this.request(
      createReadStream(`${shop}/${table.replace('_file', '')}.csv`, { highWaterMark: 1 << 20 }),
      `INSERT INTO ${table} FORMAT CSVWithNames`);
    const { load, merge } = await loadClickhouse(this, true, insert);
    const peak = peakBytes(this.child.pid);
    const bytes = await clickhouseBytes(this);
    await this.close();
    return [{ step: 'load', seconds: load, peak }, { step: 'merge into one part', seconds: merge, peak, bytes }];
  }

  async ask(definition) {
    const statement = definition.clickhouse_18 ?? definition.clickhouse;
    const { value, us } = await timeRuns(() => this.run(statement));
    return { answer: Number(value), us };
  }

  async askNothing() {
    return (await timeRuns(() => this.run('SELECT 1'))).us;
  }

  /** 18.16 has no EXPLAIN. */
  async explain() {
    return null;
  }

  async close() {
    this.agent.destroy();
    this.child.kill('SIGTERM');
    await this.ended;
  }
}
