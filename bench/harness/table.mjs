// Numbers and tables as Markdown has them.

/** 1234567.8 as 1,234,568; nothing for what is not there. */
export function count(n) {
  return Number.isFinite(n) ? Math.round(n).toLocaleString('en-US') : '';
}

/** Three digits that count: 0.123, 1.23, 12.3, 123. */
export function fixed(n) {
  if (!Number.isFinite(n)) return '';
  const digits = n === 0 ? 0 : 2 - Math.floor(Math.log10(Math.abs(n)));
  return digits <= 0 ? count(n) : n.toFixed(Math.min(digits, 3));
}

/** `aligned` has a letter a column, l or r; the last is for all that follow. */
export function table(head, rows, aligned) {
  const rule = head.map((_, i) => ((aligned[i] ?? aligned.at(-1)) === 'l' ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
