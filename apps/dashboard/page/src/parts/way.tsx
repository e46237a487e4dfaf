import type { ReactNode } from 'react';
import { Link } from '../router/link.js';
import { useWords } from '../words/words-context.js';
import { Icon } from './icon.js';

/** The links back, above a page's title: the overview, and what is nearer to the page. */
export function Way({ children }: { children?: ReactNode }) {
  const { t } = useWords();
  return (
    <nav aria-label={t('meeting.way')} className="way">
      <WayLink to="">{t('nav.overview')}</WayLink>
      {children}
    </nav>
  );
}

export function WayLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link to={to}>
      <Icon name="back" /> {children}
    </Link>
  );
}
