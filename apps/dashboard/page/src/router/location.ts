import { useSyncExternalStore } from 'react';

/** Where the page is: its path below `<base href>`, without a slash before it, and its query. */
export interface Place {
  readonly path: string;
  readonly search: string;
}

const BASE = new URL(document.baseURI).pathname;
const listeners = new Set<() => void>();
let place = readPlace();

addEventListener('popstate', moved);

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, currentPlace);
}

export function currentPlace(): Place {
  return place;
}

/**
 * Goes to a place of the page.
 *
 * @param to its path and query below `<base href>`, such as `meetings/12?view=timeline`; the empty text is the overview
 * @param replace whether the place that is left is forgotten
 */
export function navigate(to: string, replace = false): void {
  const path = place.path;
  history[replace ? 'replaceState' : 'pushState'](null, '', new URL(to, document.baseURI));
  moved();
  if (path !== place.path) scrollTo(0, 0);
}

/** What an `<a>` to a place of the page has as its href. */
export function hrefOf(to: string): string {
  return `${BASE}${to}`;
}

function moved(): void {
  place = readPlace();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function readPlace(): Place {
  const { pathname, search } = location;
  return { path: pathname.startsWith(BASE) ? pathname.slice(BASE.length) : '', search };
}
