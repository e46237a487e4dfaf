import { type ReactNode, useId, useRef } from 'react';
import { Icon, type IconName } from './icon.js';
import { placeBelow } from './place-below.js';

/** A button that opens a small panel below it; Escape or a click elsewhere closes it. */
export function Menu({ label, icon, children }: { label: string; icon?: IconName; children: ReactNode }) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button ref={button} type="button" className="button" popoverTarget={id}>
        {icon !== undefined && <Icon name={icon} />}
        {label}
        <Icon name="chevron" />
      </button>
      <div
        id={id}
        popover="auto"
        role="dialog"
        aria-label={label}
        className="popover menu"
        onToggle={(event) => placeBelow(event.currentTarget, button.current)}
      >
        {children}
      </div>
    </>
  );
}
