import { useMemo } from 'react';
import { currentPlace, navigate, usePlace } from './location.js';

/** What the address's query tells; a page keeps there whatever a link to it should show again. */
export function useSearchParams(): URLSearchParams {
  const { search } = usePlace();
  return useMemo(() => new URLSearchParams(search), [search]);
}

type Changes = Readonly<Record<string, string | null>>;

/** Addresses of a path with the query of now but for the changes: what was searched, sorted and chosen stays. */
export function useAddresses(path: string): (changes: Changes) => string {
  const { search } = usePlace();
  return (changes) => addressOf(path, search, changes);
}

/** Changes parts of the query; null or the empty text takes one out. What is typed letter by letter replaces, so that "back" leaves the page. */
export function setSearchParams(changes: Changes, replace = true): void {
  const { path, search } = currentPlace();
  navigate(addressOf(path, search, changes), replace);
}

function addressOf(path: string, search: string, changes: Changes): string {
  const params = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') params.delete(name);
    else params.set(name, value);
  }
  const rest = params.toString();
  return rest === '' ? path : `${path}?${rest}`;
}
