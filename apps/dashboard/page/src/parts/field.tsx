import type { ReactNode } from 'react';

/** A control with its name above it. The control must be the only one in it. */
export function Field({ label, children, grow }: { label: string; children: ReactNode; grow?: boolean }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is what is put into it
    <label className={grow === true ? 'field field-grow' : 'field'}>
      <span className="field-label">{label}</span>
      {children}
    </label>
  );
}
