import { readdir, readFile } from 'node:fs/promises';

const FOLDER = new URL('../../../deploy/grafana/dashboards/', import.meta.url);

/** What of a Grafana dashboard is looked at here. */
export interface Dashboard {
  readonly title: string;
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

export async function readDashboards(): Promise<Dashboard[]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));
  return Promise.all(files.map(async (name) => JSON.parse(await readFile(new URL(name, FOLDER), 'utf8')) as Dashboard));
}
