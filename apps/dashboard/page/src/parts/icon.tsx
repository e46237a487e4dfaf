/** Paths of 24 × 24, drawn with the text's colour. */
const PATHS = {
  mark: 'M4 7h10M7 12h13M4 17h7',
  out: 'M8 16 16.5 7.5M9.5 7.5h7v7',
  leave: 'M10 5H5.5v14H10M14 8l4 4-4 4M18 12H9.5',
  sun: 'M12 8.2a3.8 3.8 0 1 0 0 7.6 3.8 3.8 0 0 0 0-7.6M12 2.8v2M12 19.2v2M2.8 12h2M19.2 12h2M5.5 5.5l1.4 1.4M17.1 17.1l1.4 1.4M18.5 5.5l-1.4 1.4M6.9 17.1l-1.4 1.4',
  moon: 'M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7Z',
  auto: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 4v16M12 8h4.5M12 12h7M12 16h4.5',
  up: 'M12 19V6M6.5 11 12 5.5 17.5 11',
  down: 'M12 5v13M6.5 13l5.5 5.5 5.5-5.5',
  sort: 'M8 9.5 12 5.5l4 4M8 14.5l4 4 4-4',
  search: 'M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15 15l5 5',
  download: 'M12 4v11M7 10.5l5 5 5-5M5 19.5h14',
  print: 'M7 9V4h10v5M7 17H4.5V9.5h15V17H17M7 14h10v6H7z',
  close: 'M6 6l12 12M18 6 6 18',
  chevron: 'M7 10l5 5 5-5',
  back: 'M14.5 6 8.5 12l6 6',
  warn: 'M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.3',
  empty: 'M4 7.5h16v11H4zM4 12h4.5l1.5 2.5h4l1.5-2.5H20',
  hand: 'M8 12V6.5a1.4 1.4 0 0 1 2.8 0V11m0-5.5a1.4 1.4 0 0 1 2.8 0V11m0-4a1.4 1.4 0 0 1 2.8 0v7.5a6 6 0 0 1-6 6c-3 0-4.2-1.7-6.2-5.7-.5-1.2 1.3-2 2.3-.8l1.5 2',
  message: 'M4.5 5.5h15v10.5H11l-4 3.5V16H4.5z',
  smile: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M8.8 14a4 4 0 0 0 6.4 0M9.2 9.6v.4M14.8 9.6v.4',
} as const;

export type IconName = keyof typeof PATHS;

/** Says nothing by itself: what is beside it, or its button, has the words. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
