import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** The time in unix ms, each second anew; where `ticking` is false it stands still and nothing is drawn again. */
export function useNow(ticking: boolean): number {
  return useSyncExternalStore(ticking ? listen : never, () => now);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  now = Date.now();
  timer ??= setInterval(tick, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function never(): () => void {
  return () => undefined;
}

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}
