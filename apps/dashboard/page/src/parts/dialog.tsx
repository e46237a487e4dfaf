import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useWords } from '../words/words-context.js';
import { Icon } from './icon.js';

/** A window over the page, open as long as it is there; Escape, its button or a click beside it closes it. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  const { t } = useWords();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => current?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does what a click beside it does
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <div className="dialog-inner">
        <div className="dialog-head">
          <h2 id={id}>{title}</h2>
          <button type="button" className="button button-quiet button-icon" aria-label={t('dialog.close')} onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
