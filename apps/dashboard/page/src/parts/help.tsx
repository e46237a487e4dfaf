import { type ReactNode, useId, useRef } from 'react';
import { useWords } from '../words/words-context.js';
import { placeBelow } from './place-below.js';

/** A question mark that opens how a number is counted; Escape or a click elsewhere closes it. */
export function Help({ about, children }: { about: string; children: ReactNode }) {
  const { t } = useWords();
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button ref={button} type="button" className="help" popoverTarget={id} aria-label={t('help.about', { about })}>
        ?
      </button>
      <div
        id={id}
        popover="auto"
        className="popover help-text"
        onToggle={(event) => placeBelow(event.currentTarget, button.current)}
      >
        <p className="help-title">{about}</p>
        {children}
      </div>
    </>
  );
}
