import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A systemd unit: the values of each setting, by `Section.Setting`, in their order. */
export type Unit = ReadonlyMap<string, readonly string[]>;

/** The units of a folder by their file names. */
export async function readUnits(folder: string): Promise<ReadonlyMap<string, Unit>> {
  const names = (await readdir(folder)).filter((name) => /\.(service|target)$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return new Map(names.map((name, index) => [name, unitOf(texts[index] ?? '')]));
}

function unitOf(text: string): Unit {
  const unit = new Map<string, string[]>();
  let section = '';
  for (const line of text.split('\n')) {
    const heading = /^\[(\w+)\]$/.exec(line);
    if (heading !== null) section = heading[1] ?? '';
    const setting = /^(\w+)=(.*)$/.exec(line);
    if (setting === null) continue;
    const name = `${section}.${setting[1]}`;
    unit.set(name, [...(unit.get(name) ?? []), setting[2] ?? '']);
  }
  return unit;
}
