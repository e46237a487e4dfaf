import { useCallback, useSyncExternalStore } from 'react';

/** Where rows become cards: as in `styles/table.css`. */
export const PHONE = 'screen and (max-width: 44rem)';

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
