import { setFlagsFromString } from 'node:v8';

/**
 * How far the heap grows beyond what is alive before V8 collects it, in percent. By itself V8 lets it become four times as large: a worker with 75 MB alive
 * held 350 MB after a long backlog (docs/decisions/heap-growth.md).
 */
const PERCENT = 40;

/** Has the heap of this process collected earlier. To be called before there is much on it. */
export function limitHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${PERCENT}`);
}
