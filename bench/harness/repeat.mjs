// Times a question as peers/answer_lines.c does: one run, or, where that takes less than a millisecond, as many as fill 20.
const SHORT_MS = 1;
const REPEAT_MS = 20;

/** { value, us } of `run`, an asynchronous function that gives the same value every time. */
export async function timeRuns(run, repeats = true) {
  const start = performance.now();
  let value;
  let used;
  let n = 0;
  do {
    value = await run();
    used = performance.now() - start;
    n += 1;
  } while (repeats && used < (n === 1 ? SHORT_MS : REPEAT_MS));
  return { value, us: (used * 1000) / n };
}
