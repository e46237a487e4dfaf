export interface Series {
  readonly name: string;
  readonly colour: string;
  /** Rising in x; all above 0. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Panel {
  readonly title: string;
  readonly xTitle: string;
  readonly series: readonly Series[];
}

const PANEL = { width: 440, height: 260, left: 58, right: 18, top: 34, bottom: 46 } as const;
const HEAD = 58;

/** Panels in two columns with logarithmic axes, as one SVG document that needs nothing from outside. */
export function svgOf(title: string, panels: readonly Panel[]): string {
  const rows = Math.ceil(panels.length / 2);
  const [width, height] = [2 * PANEL.width, HEAD + rows * PANEL.height];
  const names = new Map(panels.flatMap(({ series }) => series.map(({ name, colour }) => [name, colour] as const)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#1f2937">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(16, 22, title, 'font-size="15" font-weight="bold"'),
    ...[...names].flatMap(([name, colour], index) => [
      `<rect x="${16 + index * 170}" y="34" width="10" height="10" fill="${colour}"/>`,
      text(32 + index * 170, 43, name),
    ]),
    ...panels.map((panel, index) => {
      const [x, y] = [(index % 2) * PANEL.width, HEAD + Math.floor(index / 2) * PANEL.height];
      return `<g transform="translate(${x} ${y})">${drawPanel(panel)}</g>`;
    }),
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, xTitle, series }: Panel): string {
  const points = series.flatMap((one) => one.points);
  const bottom = PANEL.height - PANEL.bottom;
  if (points.length === 0) return text(PANEL.left, PANEL.top, `${title}: not measured`);
  const x = scaleOf(
    points.map((point) => point.x),
    PANEL.left,
    PANEL.width - PANEL.right,
  );
  const y = scaleOf(
    points.map((point) => point.y),
    bottom,
    PANEL.top,
  );
  return [
    text(PANEL.left, 20, title, 'font-weight="bold"'),
    ...x.ticks.flatMap((tick) => [
      line(x.at(tick), PANEL.top, x.at(tick), bottom, '#e5e7eb'),
      text(x.at(tick), bottom + 16, tick.toLocaleString('en'), 'text-anchor="middle"'),
    ]),
    ...y.ticks.flatMap((tick) => [
      line(PANEL.left, y.at(tick), PANEL.width - PANEL.right, y.at(tick), '#e5e7eb'),
      text(PANEL.left - 6, y.at(tick) + 4, tick.toLocaleString('en'), 'text-anchor="end"'),
    ]),
    text((PANEL.left + PANEL.width - PANEL.right) / 2, bottom + 36, xTitle, 'text-anchor="middle"'),
    ...series.flatMap((one) => drawSeries(one, x.at, y.at)),
  ].join('\n');
}

function drawSeries({ points, colour }: Series, x: (value: number) => number, y: (value: number) => number): string[] {
  const places = points.map((point) => `${round(x(point.x))},${round(y(point.y))}`);
  return [
    `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...points.map((point) => `<circle cx="${round(x(point.x))}" cy="${round(y(point.y))}" r="3.5" fill="${colour}"/>`),
  ];
}

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** From the power of ten below the least to the one above the greatest. */
function scaleOf(values: readonly number[], from: number, to: number): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    at: (value) => round(from + ((Math.log10(value) - low) / (high - low)) * (to - from)),
    ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
  };
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}"/>`;
}

function text(x: number, y: number, words: string, more = ''): string {
  return `<text x="${x}" y="${y}"${more === '' ? '' : ` ${more}`}>${escapeXml(words)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
