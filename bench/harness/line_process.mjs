// An engine as a process that answers lines (peers/answer_lines.h), and what the system knows of processes.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import readline from 'node:readline';

const POLL_MS = 20;

/** A field of /proc/PID/status in bytes; 0 where the process is gone. */
function statusBytes(pid, field) {
  try {
    const found = new RegExp(`^${field}:\\s+([0-9]+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found ? Number(found[1]) * 1024 : 0;
  } catch {
    return 0;
  }
}

/** The most memory that the process ever held. */
export const peakBytes = (pid) => statusBytes(pid, 'VmHWM');
/** What it holds now, without what it maps from files. */
export const anonymousBytes = (pid) => statusBytes(pid, 'RssAnon');

/** Runs a program to its end: { seconds, peak, output }. Throws where its status is not 0. */
export function runProgram(command, args, { stdio = ['ignore', 'pipe', 'inherit'] } = {}) {
  const start = performance.now();
  const child = spawn(command, args, { stdio });
  let output = '';
  let peak = 0;
  child.stdout?.on('data', (chunk) => { output += chunk; });
  const poll = setInterval(() => { peak = Math.max(peak, peakBytes(child.pid)); }, POLL_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      clearInterval(poll);
      const seconds = (performance.now() - start) / 1000;
      if (status === 0) resolve({ seconds, peak, output });
      else reject(new Error(`${command} ${args.join(' ')} ended with ${status}`));
    });
  });
}

export class LineProcess {
  /** Starts the program and waits until it says "ready". */
  static async start(command, args) {
    const it = new LineProcess();
    it.name = `${command} ${args.join(' ')}`;
    it.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    it.waiting = [];
    it.lines = readline.createInterface({ input: it.child.stdout });
    it.lines.on('line', (line) => it.waiting.shift()?.resolve(line));
    it.ended = new Promise((resolve) => { it.child.on('close', resolve); });
    it.ended.then((status) => it.waiting.forEach((w) => w.reject(new Error(`${it.name} ended with ${status}`))));
    const [word, us] = (await it.nextLine()).split('\t');
    if (word !== 'ready') throw new Error(`${it.name}: ${word}`);
    it.readyUs = Number(us);
    return it;
  }

  get pid() {
    return this.child.pid;
  }

  nextLine() {
    return new Promise((resolve, reject) => { this.waiting.push({ resolve, reject }); });
  }

  /** { value, us }; throws what the engine says where it fails. */
  async ask(verb, ...args) {
    const line = [verb, ...args].map((word) => word.replace(/\s+/g, ' ').trim()).join('\t');
    const next = this.nextLine();
    this.child.stdin.write(`${line}\n`);
    const [state, value, us] = (await next).split('\t');
    if (state !== 'ok') throw new Error(`${value}\nasked: ${line}`);
    return { value: value.replaceAll('\\n', '\n').trimEnd(), us: Number(us) };
  }

  async stop() {
    this.child.stdin.end();
    await this.ended;
  }
}
