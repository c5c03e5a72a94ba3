// The reference of the tests, which evaluates row by row and shares no code with the engine, asked who the members are.
import path from 'node:path';
import { LineProcess } from './line_process.mjs';

const MOST_EVENTS = 1e5; // it tries every choice of events, and ranks by comparing everyone with everyone

/** Faults by definition: where gyeol, loaded from calls, has other members. The files must still be there. */
export async function compareWithReference(definitions, calls, shop, settings, say) {
  const faults = {};
  if (settings.events > MOST_EVENTS) return faults;
  const program = path.join(settings.build, 'bench', 'peers', 'shop_reference');
  const reference = await LineProcess.start(program, [path.join(shop.folder, 'calls.jsonl')]);
  await calls.open();
  try {
    for (const definition of definitions) {
      const { value } = await reference.ask('members', definition.as_of, definition.gyeol);
      const members = await calls.members(definition);
      if (value !== members) faults[definition.id] = `the members are not the reference's: ${members}, not ${value}`;
    }
  } finally {
    await calls.close();
    await reference.stop();
  }
  say(`members held against the reference: ${definitions.length} definitions, ${Object.keys(faults).length} differ`);
  return faults;
}
