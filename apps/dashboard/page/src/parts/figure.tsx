import type { ReactNode } from 'react';
import { Help } from './help.js';

interface FigureProps {
  readonly label: string;
  readonly value: ReactNode;
  /** A line below the number. */
  readonly detail?: ReactNode;
  /** How it is counted. */
  readonly help?: string;
}

/** A number with its name, in a row of {@link Figures}. */
export function Figure({ label, value, detail, help }: FigureProps) {
  return (
    <div className="figure">
      <dt>
        {label}
        {help !== undefined && <Help about={label}>{help}</Help>}
      </dt>
      <dd className="figure-value">{value}</dd>
      {detail !== undefined && <dd className="figure-detail">{detail}</dd>}
    </div>
  );
}

export function Figures({ children }: { children: ReactNode }) {
  return <dl className="figures">{children}</dl>;
}
