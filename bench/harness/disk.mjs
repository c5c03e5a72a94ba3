// How much lies in a folder.
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** The bytes of all files in a folder and below. A hard link counts once for each of its names. */
export function folderBytes(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const at = path.join(folder, entry.name);
    return sum + (entry.isDirectory() ? folderBytes(at) : entry.isFile() ? statSync(at).size : 0);
  }, 0);
}
