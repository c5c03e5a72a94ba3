// Asks every engine every definition, in turns, and holds the answers against each other.

const RUNS = 5;

/** Median, lowest and highest. */
export function spreadOf(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], low: sorted[0], high: sorted.at(-1) };
}

/** { answers, times } by engine: one run that is not counted, then five, the engines taking turns. */
async function askInTurns(definition, engines) {
  const answers = {};
  const times = Object.fromEntries(engines.map((engine) => [engine.key, []]));
  for (let run = 0; run <= RUNS; run += 1) {
    for (const engine of engines) {
      const { answer, us } = await engine.ask(definition);
      if (run > 0) times[engine.key].push(us);
      answers[engine.key] ??= answer;
      if (answers[engine.key] !== answer) throw new Error(`${definition.id}: ${engine.name} contradicts itself`);
    }
  }
  return { answers, times };
}

/** What is wrong with the answers to a definition; empty where nothing is. */
export function faultsOf(answers, nCustomers) {
  const numbers = Object.values(answers);
  if (new Set(numbers).size > 1) {
    return [`the answers differ: ${Object.entries(answers).map(([key, answer]) => `${key} ${answer}`).join(', ')}`];
  }
  if (!(numbers[0] > 0)) return [`the answer is ${numbers[0]}`];
  return numbers[0] >= nCustomers ? ['the answer is everyone'] : [];
}

/** A row of the results: { id, answer, engines: { key: { median, low, high } }, faults }. An engine that fails is a fault. */
export async function measureDefinition(definition, engines, nCustomers) {
  const row = { id: definition.id, title: definition.title, engines: {}, faults: [] };
  try {
    const { answers, times } = await askInTurns(definition, engines);
    row.answer = answers[engines[0].key];
    row.faults = faultsOf(answers, nCustomers);
    for (const engine of engines) row.engines[engine.key] = spreadOf(times[engine.key]);
  } catch (error) {
    row.faults.push(error.message);
  }
  return row;
}

/** Whether a definition only counts and sums: those are held against a plain read of their columns. */
export function onlyCountsAndSums(text) {
  return !/\b(then|ntile|percentile|distinct|first|last|top|days|median|interval|days_since|last_time)\s*\(/.test(text)
    && !/\bthen\b/.test(text) && !/\btrait\./.test(text);
}

/** The plain read of a definition's columns: { bytes, median, low, high }. */
export async function measureRead(definition, product) {
  const { bytes } = await product.read(definition);
  const times = [];
  for (let run = 0; run < RUNS; run += 1) times.push((await product.read(definition)).us);
  return { bytes, ...spreadOf(times) };
}
