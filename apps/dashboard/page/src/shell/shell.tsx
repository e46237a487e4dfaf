import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { logout, SESSION_KEY } from '../api/session-api.js';
import { Icon } from '../parts/icon.js';
import { Link } from '../router/link.js';
import { hrefOf, navigate, usePlace } from '../router/location.js';
import { useWords } from '../words/words-context.js';
import { PAGES } from './pages.js';
import { Preferences } from './preferences.js';
import { rightsOf, useSession } from './session-context.js';

/** What is around every page: the way to the others, the reader's own settings, and the way out. */
export function Shell({ current, children }: { current: string | null; children: ReactNode }) {
  const { t } = useWords();
  const session = useSession();
  const rights = rightsOf(session);
  const { path } = usePlace();
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  useEffect(() => {
    // After a link was followed, reading goes on at the new page's beginning.
    if (before.current !== path) main.current?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);
  return (
    <div className="shell">
      <a className="skip" href={`${hrefOf(path)}#main`}>
        {t('nav.skip')}
      </a>
      <header className="topbar">
        <div className="topbar-inner">
          <Brand />
          <nav aria-label={t('nav.label')}>
            {rights.reader && (
              <ul className="nav">
                {PAGES.filter(({ nav, right }) => nav !== undefined && right !== 'meeting' && rights[right]).map(
                  ({ pattern, nav }) =>
                    nav && (
                      <li key={pattern}>
                        <Link to={pattern} aria-current={current === pattern ? 'page' : undefined}>
                          {t(nav)}
                        </Link>
                      </li>
                    ),
                )}
                {rights.admin && (
                  <li>
                    <a href={hrefOf('admin/queues')}>
                      {t('nav.queues')} <Icon name="out" />
                    </a>
                  </li>
                )}
              </ul>
            )}
          </nav>
          <Preferences />
          <Leave name={session.user.role === 'link' ? t('session.link') : session.user.name} />
        </div>
      </header>
      <main id="main" tabIndex={-1} ref={main}>
        {children}
      </main>
      <footer className="footer">bbb-activity {session.version}</footer>
    </div>
  );
}

export function Brand() {
  return (
    <Link className="brand" to="">
      <Icon name="mark" />
      <span>bbb-activity</span>
    </Link>
  );
}

function Leave({ name }: { name: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const leave = useMutation({
    mutationFn: logout,
    onSuccess() {
      navigate('login', true);
      client.setQueryData(SESSION_KEY, null);
      // What the one has read is not for the next.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
    },
  });
  return (
    <div className="leave">
      <span className="leave-name">{name}</span>
      <button
        type="button"
        className="button button-quiet"
        aria-label={t('session.logout')}
        disabled={leave.isPending}
        onClick={() => leave.mutate()}
      >
        <Icon name="leave" />
        <span className="leave-word">{t('session.logout')}</span>
      </button>
    </div>
  );
}
