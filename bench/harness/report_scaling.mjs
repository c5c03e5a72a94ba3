// How gyeol's times grow with the events and shrink with the threads.
import { count, fixed, table } from './table.mjs';

const timeOf = (result, id) => result?.rows.find((row) => row.id === id)?.engines.gyeol?.median ?? NaN;

function atSize(results, size, threads) {
  return results.find((result) => result.size === size && result.threads === threads);
}

/** The table over all recorded sizes and threads; nothing where there is but one. */
export function scalingSection(results) {
  if (results.length < 2) return '';
  const columns = [...results].sort((a, b) => a.threads - b.threads || a.events - b.events);
  const hundred = atSize(results, '100M', 2);
  const ten = atSize(results, '10M', 2);
  const head = ['definition', ...columns.map(({ size, threads }) => `${size}, ${threads}`),
    ...(hundred && ten ? ['100M / 10M'] : [])];
  const rows = columns[0].rows.map(({ id }) => [id, ...columns.map((result) => count(timeOf(result, id))),
    ...(hundred && ten ? [fixed(timeOf(hundred, id) / timeOf(ten, id))] : [])]);
  return `### Scaling

gyeol's medians in microseconds, by events and threads:

${table(head, rows, 'lr')}
`;
}
