// What the tables rest on: node --test bench/harness
import assert from 'node:assert/strict';
import test from 'node:test';
import { faultsOf, measureDefinition, onlyCountsAndSums, spreadOf } from './measure.mjs';
import { geometricMean } from './report.mjs';
import { readDefinitions, readSettings } from './settings.mjs';
import { SHARES, shareFaults } from './shares.mjs';
import { count, fixed, table } from './table.mjs';

const engine = (key, answers) => ({ key, name: key, ask: async () => ({ answer: answers.shift(), us: 10 }) });

test('the median of five is the third, whatever the order', () => {
  assert.deepEqual(spreadOf([5, 100, 1, 3, 4]), { median: 4, low: 1, high: 100 });
});

test('answers that differ, nothing and everyone are faults', () => {
  assert.deepEqual(faultsOf({ a: 7, b: 7 }, 10), []);
  assert.match(faultsOf({ a: 7, b: 8 }, 10)[0], /differ: a 7, b 8/);
  assert.match(faultsOf({ a: 0, b: 0 }, 10)[0], /is 0/);
  assert.match(faultsOf({ a: NaN, b: NaN }, 10)[0], /is NaN/);
  assert.match(faultsOf({ a: 10, b: 10 }, 10)[0], /everyone/);
});

test('one other answer in the last of six runs is a fault, and so is an engine that fails', async () => {
  const same = () => engine('a', [7, 7, 7, 7, 7, 7]);
  const definition = { id: 'x', title: 'X' };
  assert.deepEqual((await measureDefinition(definition, [same(), same()], 10)).faults, []);
  const changed = await measureDefinition(definition, [same(), engine('b', [7, 7, 7, 7, 7, 8])], 10);
  assert.match(changed.faults[0], /b contradicts itself/);
  const failing = { key: 'c', name: 'c', ask: async () => { throw new Error('no such table'); } };
  assert.deepEqual((await measureDefinition(definition, [same(), failing], 10)).faults, ['no such table']);
});

test('shares are held to a factor of two from 10 M events on', () => {
  assert.deepEqual(shareFaults('recent-buyers', 4700, 100000, 1e7), []);
  assert.equal(shareFaults('recent-buyers', 4500, 100000, 1e7).length, 1);
  assert.equal(shareFaults('recent-buyers', 18500, 100000, 1e7).length, 1);
  assert.deepEqual(shareFaults('recent-buyers', 1, 100000, 1e6), []);
});

test('every definition has its texts and its share', () => {
  const definitions = readDefinitions();
  assert.equal(definitions.length, 24);
  assert.deepEqual(definitions.map(({ id }) => id).sort(), Object.keys(SHARES).sort());
  for (const { title, as_of: asOf, gyeol, duckdb, clickhouse } of definitions) {
    for (const text of [title, asOf, gyeol, duckdb, clickhouse]) assert.ok(text.length > 0);
  }
  assert.throws(() => readDefinitions(['nobody']), /no definition "nobody"/);
});

test('what only counts and sums is held against a plain read', () => {
  const chosen = readDefinitions().filter(({ gyeol }) => onlyCountsAndSums(gyeol)).map(({ id }) => id);
  assert.deepEqual(chosen, ['recent-buyers', 'frequent-and-valuable', 'viewed-not-bought', 'average-order-between',
    'discount-share', 'only-in-december', 'weekend-evenings', 'searched-for-presents', 'brand-buyers', 'email-not-opened',
    'growing-interest']);
});

test('a geometric mean counts a half and a double alike', () => {
  assert.ok(Math.abs(geometricMean([0.5, 2, 8]) - 2) < 1e-12);
});

test('numbers and tables', () => {
  assert.deepEqual([1234567.8, 0, NaN].map(count), ['1,234,568', '0', '']);
  assert.deepEqual([0.1234, 1.234, 12.34, 123.4, 1234, NaN].map(fixed), ['0.123', '1.23', '12.3', '123', '1,234', '']);
  assert.equal(table(['a', 'b'], [['x', '1']], 'lr'), '| a | b |\n| --- | ---: |\n| x | 1 |');
});

test('sizes are counts of thousands or millions', () => {
  for (const size of ['10', '0M', '1.5M', 'M', '10M ']) {
    assert.throws(() => readSettings(['--build', '/tmp', '--size', size]), /usage/);
  }
});
