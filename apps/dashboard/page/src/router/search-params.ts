import { useMemo } from 'react';
import { currentPlace, navigate, usePlace } from './location.js';

/** What the address's query tells; a page keeps there whatever a link to it should show again. */
export function useSearchParams(): URLSearchParams {
  const { search } = usePlace();
  return useMemo(() => new URLSearchParams(search), [search]);
}

/** Changes parts of the query; null or the empty text takes one out. What is typed letter by letter replaces, so that "back" leaves the page. */
export function setSearchParams(changes: Readonly<Record<string, string | null>>, replace = true): void {
  const { path, search } = currentPlace();
  const params = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') params.delete(name);
    else params.set(name, value);
  }
  const rest = params.toString();
  navigate(rest === '' ? path : `${path}?${rest}`, replace);
}
